//! Text of any kind, line by line: JSON documents, server-sent events and tables are read as what they are, the rest as
//! plain text.

use super::{
    Place, entities, evidence,
    json::walk::{Walked, Walker},
    table::{self, Table},
};
use std::sync::Arc;

use crate::{
    Findings, MaskError,
    name::Name,
    scan::{
        Scanner,
        edit::{self, Edit},
        screen::{self, DullLine},
    },
    view::{Ruling, View},
};

/// A text body on its own.
pub(crate) fn body(text: &str, view: &View, findings: &mut Findings) -> Result<String, MaskError> {
    let mut edits = Vec::new();
    read(text.as_bytes(), Name::Plain, 0, &mut edits, &mut Place::new(view, findings, "text"))?;
    let mut out = Vec::with_capacity(text.len());
    edit::apply(text.as_bytes(), 0, text.len(), &mut edits, &mut out);
    // Whole characters went and text came.
    Ok(String::from_utf8(out).unwrap_or_default())
}

/// Whether a value has to be read by its lines.
pub(super) fn is_more_than_text(bytes: &[u8]) -> bool {
    begins_document(bytes) || memchr::memchr(b'\n', bytes).is_some()
}

/// Whether a value may be a document.
pub(super) fn begins_document(bytes: &[u8]) -> bool {
    let first = bytes.iter().find(|byte| !byte.is_ascii_whitespace());
    matches!(first, Some(b'{' | b'[' | b'"'))
}

/// Finds what must be hidden in a whole text under a name.
pub(super) fn read(
    bytes: &[u8],
    name: Name,
    depth: usize,
    edits: &mut Vec<Edit>,
    place: &mut Place<'_>,
) -> Result<(), MaskError> {
    let mut lines = Lines::new(place.ruling().to_arc(), name, depth, true);
    let _ = lines.read(bytes, 0, false, edits, place)?;
    Ok(())
}

/// What the text at hand is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Within {
    LineStart,
    Text,
    Document,
}

/// Reads text in as many pieces as it comes.
pub(crate) struct Lines {
    scanner: Scanner,
    ruling: Arc<Ruling>,
    walker: Walker,
    table: Option<Table>,
    within: Within,
    name: Name,
    depth: usize,
    /// Documents, events and tables are looked for.
    structured: bool,
    /// The line at hand is one of a table: nothing in it goes on in the next.
    row: bool,
    /// Before it the rules' entities have been looked for.
    named: usize,
}

impl Lines {
    pub(crate) fn new(ruling: Arc<Ruling>, name: Name, depth: usize, structured: bool) -> Self {
        Self {
            scanner: Scanner::new(evidence(name, &ruling), ruling.hiding.clone()),
            ruling,
            walker: Walker::new(depth),
            table: None,
            within: Within::LineStart,
            name,
            depth,
            structured,
            row: false,
            named: 0,
        }
    }

    /// Reads on from byte `from`. `open`: there may be more text than `bytes`. Returns the place before which all is
    /// decided.
    ///
    /// # Errors
    /// [`MaskError::Blocked`]
    pub(crate) fn read(
        &mut self,
        bytes: &[u8],
        from: usize,
        open: bool,
        edits: &mut Vec<Edit>,
        place: &mut Place<'_>,
    ) -> Result<usize, MaskError> {
        let mut at = from;
        while at < bytes.len() {
            match self.within {
                Within::LineStart => {
                    if let Some(next) = self.dull_line(bytes, at) {
                        at = next;
                        continue;
                    }
                    match self.line(bytes, at, open, edits, place)? {
                        Some(next) => at = next,
                        None => break,
                    }
                }
                Within::Document => {
                    let walked = place.within(&["(json)"], |place| self.walker.walk(bytes, at, open, edits, place));
                    match walked {
                        Ok(Walked::Whole(end)) => (at, self.within) = (end, Within::Text),
                        Ok(Walked::Wrong(end)) => (at, self.within) = (end, Within::Text),
                        Ok(Walked::Cut(end)) => return Ok(end),
                        // The same digits are there for who reads it as text.
                        Err(MaskError::TooDeep { .. }) => self.within = Within::Text,
                        Err(error) => return Err(error),
                    }
                }
                Within::Text => {
                    let end = memchr::memchr(b'\n', bytes.get(at..).unwrap_or_default()).map(|end| at + end + 1);
                    let mut until = end.unwrap_or(bytes.len());
                    if !self.ruling.entities.is_empty() {
                        let Some(line) = self.line_for_entities(bytes, at, end, open, edits, place)? else { break };
                        until = line;
                    }
                    let read = match std::mem::take(&mut self.row) {
                        true => self.scanner.scan(bytes.get(..until).unwrap_or_default(), at, until, false),
                        false => self.scanner.scan(bytes, at, until, open),
                    };
                    edits.append(&mut self.scanner.edits);
                    place.take(&mut self.scanner, self.name)?;
                    at = read;
                    if Some(read) == end {
                        self.within = Within::LineStart;
                    }
                    if read < until {
                        break;
                    }
                }
            }
        }
        Ok(at)
    }

    /// The end of a line in which nothing has to be looked for. What it holds may be the names of a table's columns.
    fn dull_line(&mut self, bytes: &[u8], at: usize) -> Option<usize> {
        let first = bytes.get(at).filter(|first| first.is_ascii_alphabetic() && **first != b'd');
        if first.is_none() || self.table.is_some() || !self.ruling.entities.is_empty() || self.scanner.is_amid_digits()
        {
            return None;
        }
        let DullLine { end, may_be_header } = screen::dull_line(bytes, at)?;
        let line = bytes.get(at..end - 1).unwrap_or_default();
        if self.structured
            && may_be_header
            && line.len() < table::LONGEST
            && let Header::Perhaps(delimiter) = header(line, false)
        {
            self.table = Table::read(line, delimiter);
        }
        Some(end)
    }

    /// What begins at the beginning of a line. `None`: more text is needed to tell.
    fn line(
        &mut self,
        bytes: &[u8],
        at: usize,
        open: bool,
        edits: &mut Vec<Edit>,
        place: &mut Place<'_>,
    ) -> Result<Option<usize>, MaskError> {
        /// What stands before the data of a server-sent event.
        const DATA: &[u8] = b"data:";
        self.within = Within::Text;
        if !self.structured {
            return Ok(Some(at));
        }
        let rest = bytes.get(at..).unwrap_or_default();
        if open && rest.len() < DATA.len() && DATA.starts_with(rest) {
            self.within = Within::LineStart;
            return Ok(None);
        }
        let start = at + if rest.starts_with(DATA) { DATA.len() } else { 0 };
        let space = |byte: &&u8| matches!(byte, b' ' | b'\t');
        let front = bytes.get(start..).unwrap_or_default().iter().take(SPACES).take_while(space).count();
        match bytes.get(start + front) {
            None if open => {
                self.within = Within::LineStart;
                return Ok(None);
            }
            Some(b'{' | b'[') => return Ok(Some(self.document(start + front))),
            // A whole value may be a document that is one string.
            Some(b'"') if at == 0 && self.depth > 0 => return Ok(Some(self.document(start + front))),
            _ => {}
        }
        self.row(bytes, at, open, edits, place)
    }

    /// Finds what the rules name in the line at hand, or as much of it as is read at a time, and says where that ends.
    /// `None`: more text is needed.
    fn line_for_entities(
        &mut self,
        bytes: &[u8],
        at: usize,
        end: Option<usize>,
        open: bool,
        edits: &mut Vec<Edit>,
        place: &mut Place<'_>,
    ) -> Result<Option<usize>, MaskError> {
        /// Longest line that is read as one, in bytes.
        const LONGEST: usize = 64 * 1024;
        // Of this much a part was read already, with a number that reached into it.
        if at < self.named {
            return Ok(Some(self.named));
        }
        let until = match end {
            Some(end) if end - at <= LONGEST => end,
            _ if bytes.len() - at >= LONGEST => at + LONGEST,
            _ if open => return Ok(None),
            _ => bytes.len(),
        };
        let before = edits.len();
        entities::read(bytes.get(at..until).unwrap_or_default(), &self.ruling, edits, place)?;
        for edit in edits.iter_mut().skip(before) {
            edit.at = at + edit.at.start..at + edit.at.end;
        }
        self.named = until;
        Ok(Some(until))
    }

    fn document(&mut self, at: usize) -> usize {
        self.walker.restart(self.name);
        self.within = Within::Document;
        at
    }

    /// A line that may be one of a table.
    fn row(
        &mut self,
        bytes: &[u8],
        at: usize,
        open: bool,
        edits: &mut Vec<Edit>,
        place: &mut Place<'_>,
    ) -> Result<Option<usize>, MaskError> {
        let rest = bytes.get(at..).unwrap_or_default();
        let header = header(rest, open);
        match header {
            Header::No if self.table.is_none() => return Ok(Some(at)),
            Header::Cut if self.table.is_none() => {
                self.within = Within::LineStart;
                return Ok(None);
            }
            _ => {}
        }
        let reach = rest.get(..table::LONGEST.min(rest.len())).unwrap_or_default();
        let line = match memchr::memchr(b'\n', reach) {
            Some(end) => reach.get(..end).unwrap_or_default(),
            None if rest.len() >= table::LONGEST => {
                self.table = None;
                return Ok(Some(at));
            }
            None if open => {
                self.within = Within::LineStart;
                return Ok(None);
            }
            None => reach,
        };
        if let Some(table) = &mut self.table {
            let before = edits.len();
            // The rest of the line is read as text like any other.
            if table.mask(line, self.depth, edits, place)? {
                for edit in edits.iter_mut().skip(before) {
                    edit.at = at + edit.at.start..at + edit.at.end;
                }
                self.row = true;
                return Ok(Some(at));
            }
        }
        self.table = match header {
            Header::Perhaps(delimiter) => Table::read(line, delimiter),
            Header::No | Header::Cut => None,
        };
        Ok(Some(at))
    }

    /// The text has moved `by` bytes to the front.
    pub(crate) fn move_back(&mut self, by: usize) {
        self.scanner.move_back(by);
        self.named = self.named.saturating_sub(by);
    }
}

/// Most spaces before what a line holds.
const SPACES: usize = 64;

/// Whether a line may hold the names of a table's columns: a few words, and a delimiter.
fn header(line: &[u8], open: bool) -> Header {
    let line = line.get(..table::LONGEST_NAME).unwrap_or(line);
    let front = line.iter().take_while(|byte| matches!(byte, b' ' | b'"' | b'|' | b'\'')).count();
    if line.get(front).is_some_and(|first| !first.is_ascii_alphabetic()) {
        return Header::No;
    }
    let mut spaces = 0;
    let name = |byte: &&u8| {
        spaces += u32::from(**byte == b' ');
        spaces <= screen::MOST_SPACES && table::begins_header(**byte)
    };
    let length = front + line.iter().skip(front).take_while(name).count();
    match line.get(length) {
        Some(byte) if b",;|\t".contains(byte) => Header::Perhaps(*byte),
        Some(_) => Header::No,
        None if open && line.len() < table::LONGEST_NAME => Header::Cut,
        None => Header::No,
    }
}

/// Whether a line may be one of names.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Header {
    No,
    /// With this between them.
    Perhaps(u8),
    /// More of it is needed.
    Cut,
}
