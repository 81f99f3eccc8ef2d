//! The body of a result chunk: rows without the outer brackets, read and written as the bytes they are.

use std::{borrow::Cow, ops::Range, sync::Arc};

use fearless_simd::{Level, Simd, dispatch};

use super::{lone_number, masked_cell, place_of};
use crate::{
    Column, ColumnKind, Declared, Findings, MaskError, block,
    carrier::{
        Place,
        json::glance::{self, Short},
        seen::Seen,
        string,
    },
    name::{self, Name},
    scan::chain::SHORTEST,
    view::{Ruling, View},
};

/// Masks the rows and counts them. All that is not hidden stays, byte for byte.
pub(crate) fn mask(
    body: Vec<u8>,
    columns: &[Column],
    view: &View,
    findings: &mut Findings,
) -> Result<(Vec<u8>, u64), MaskError> {
    let text = std::str::from_utf8(&body).ok().filter(|body| u32::try_from(body.len()).is_ok());
    let text = text.ok_or(MaskError::Rows)?;
    let mut reading = Read {
        columns: columns.iter().map(|column| Reading::new(column, view)).collect(),
        cells: Vec::with_capacity(body.len() / BYTES_PER_CELL),
    };
    let rows = dispatch!(Level::new(), simd => reading.rows(simd, text))?;
    let out = reading.write(text, view, findings)?;
    Ok((out.unwrap_or(body), rows))
}

/// Bytes of a body for each cell that there is room for at first.
const BYTES_PER_CELL: usize = 256;

/// What a string that may have to be read holds, between its quotes.
#[derive(Clone, Copy)]
struct Cell {
    column: u32,
    start: u32,
    length: u32,
    /// It has escapes, or may have.
    escaped: bool,
}

impl Cell {
    fn at(self) -> Range<usize> {
        self.start as usize..self.start as usize + self.length as usize
    }
}

/// One column on the way through the rows.
struct Reading<'c> {
    column: &'c Column,
    ruling: Arc<Ruling>,
    name: Name,
    seen: Seen,
    /// Its first values have said what they say, or nothing asks them.
    decided: bool,
    /// Every cell has to be read, whatever it looks like.
    every: bool,
}

impl<'c> Reading<'c> {
    fn new(column: &'c Column, view: &View) -> Self {
        let (ruling, name) = (Arc::new(view.at(&column.place())), name::of(&column.name));
        Self { column, ruling, name, seen: Seen::default(), decided: false, every: true }
    }

    fn decide(&mut self) {
        self.name = self.seen.name(self.name, &self.ruling);
        self.decided = true;
        // A number in hexadecimal does not look like one.
        self.every = self.column.kind == ColumnKind::Binary
            || string::is_telling(self.name)
            || !self.ruling.entities.is_empty()
            || self.ruling.declared != Declared::No;
    }

    /// Whether this cell has to be kept; `worth`: as text it may have to be read.
    #[inline(always)]
    fn wants(&self, cell: &[u8], worth: bool) -> bool {
        self.every || worth || self.is_numeric() && may_be_number(cell)
    }

    fn hear(&mut self, body: &str, cell: Cell) -> Result<(), MaskError> {
        self.seen.hear_text(&said(body, cell)?);
        if self.seen.wanted() == 0 {
            self.decide();
        }
        Ok(())
    }

    /// Nothing in it is looked at.
    fn is_cleared(&self) -> bool {
        self.name == Name::Cleared && self.ruling.entities.is_empty()
    }

    fn is_numeric(&self) -> bool {
        matches!(self.column.kind, ColumnKind::Number { .. } | ColumnKind::Real)
    }
}

/// What has been read of a body.
struct Read<'c> {
    columns: Vec<Reading<'c>>,
    /// In the order in which they stand.
    cells: Vec<Cell>,
}

/// Whether a short value can be a number of a card's length: `4.111e15` is.
fn may_be_number(cell: &[u8]) -> bool {
    cell.len() >= SHORTEST || cell.iter().any(|byte| matches!(byte, b'e' | b'E'))
}

/// What a string says.
fn said(body: &str, cell: Cell) -> Result<Cow<'_, str>, MaskError> {
    let at = cell.at();
    if cell.escaped {
        let quoted = body.get(at.start - 1..at.end + 1).unwrap_or_default();
        return serde_json::from_str(quoted).map(Cow::Owned).map_err(|_| MaskError::Rows);
    }
    Ok(Cow::Borrowed(body.get(at).unwrap_or_default()))
}

impl Read<'_> {
    #[inline(always)]
    fn rows<S: Simd>(&mut self, simd: S, body: &str) -> Result<u64, MaskError> {
        let bytes = body.as_bytes();
        let mut rows = 0;
        let mut at = space(bytes, 0);
        if at == bytes.len() {
            return Ok(0);
        }
        loop {
            if bytes.get(at) != Some(&b'[') {
                return Err(MaskError::Rows);
            }
            at = space(bytes, at + 1);
            let mut cells = 0;
            if bytes.get(at) != Some(&b']') {
                loop {
                    at = self.cell(simd, body, at, cells)?;
                    cells += 1;
                    match bytes.get(at) {
                        Some(b',') => at = space(bytes, at + 1),
                        Some(b']') => break,
                        _ => return Err(MaskError::Rows),
                    }
                }
            }
            if cells != self.columns.len() {
                return Err(MaskError::RowWidth { row: rows, cells, columns: self.columns.len() });
            }
            rows += 1;
            at = space(bytes, at + 1);
            match bytes.get(at) {
                None => return Ok(rows as u64),
                Some(b',') => at = space(bytes, at + 1),
                Some(_) => return Err(MaskError::Rows),
            }
        }
    }

    /// Behind the cell that begins at `at`, and the space behind it.
    #[inline(always)]
    fn cell<S: Simd>(&mut self, simd: S, body: &str, at: usize, index: usize) -> Result<usize, MaskError> {
        let bytes = body.as_bytes();
        if bytes.get(at) == Some(&b'"') {
            let (end, worth, escaped) = match glance::short(simd, bytes, at) {
                Some(Short { end, worth }) => (end, worth, false),
                None => {
                    let (end, escaped) = closing(bytes, at + 1)?;
                    (end, true, escaped)
                }
            };
            let Some(column) = self.columns.get_mut(index) else { return Ok(space(bytes, end + 1)) };
            if column.wants(bytes.get(at + 1..end).unwrap_or_default(), worth) {
                // No body is longer.
                let (start, length) = ((at + 1) as u32, (end - at - 1) as u32);
                let cell = Cell { column: index as u32, start, length, escaped };
                self.cells.push(cell);
                if !column.decided {
                    column.hear(body, cell)?;
                }
            }
            return Ok(space(bytes, end + 1));
        }
        match bytes.get(at..at + 4) {
            Some(b"null") => Ok(space(bytes, at + 4)),
            _ => Err(MaskError::Rows),
        }
    }

    /// The body with its cells masked. `None`: no change.
    fn write(mut self, body: &str, view: &View, findings: &mut Findings) -> Result<Option<Vec<u8>>, MaskError> {
        self.columns.iter_mut().filter(|column| !column.decided).for_each(Reading::decide);
        // Cells come row by row, and findings are counted column by column.
        let mut found = vec![Findings::default(); self.columns.len()];
        let mut places: Vec<Option<Place<'_>>> = self
            .columns
            .iter()
            .zip(&mut found)
            .map(|(column, found)| {
                let path = place_of(&column.column.name);
                (!column.is_cleared()).then(|| Place::column(view, found, path, &column.ruling))
            })
            .collect();
        let bytes = body.as_bytes();
        let (mut out, mut written) = (Vec::new(), 0);
        let mut masked = Vec::new();
        for cell in &self.cells {
            let (column, place) = (self.columns.get(cell.column as usize), places.get_mut(cell.column as usize));
            let (Some(column), Some(Some(place))) = (column, place) else { continue };
            let at = cell.at();
            match mask_cell(&said(body, *cell)?, cell.escaped, column, place, &mut masked)? {
                Becomes::Same => continue,
                becomes => {
                    if out.capacity() == 0 {
                        out.reserve(bytes.len() + bytes.len() / 16);
                    }
                    out.extend_from_slice(bytes.get(written..at.start - 1).unwrap_or_default());
                    match becomes {
                        Becomes::Text => write_text(&masked, &mut out),
                        _ => out.extend_from_slice(b"null"),
                    }
                    written = at.end + 1;
                }
            }
        }
        drop(places);
        found.iter().for_each(|found| findings.merge(found));
        if written == 0 {
            return Ok(None);
        }
        out.extend_from_slice(bytes.get(written..).unwrap_or_default());
        Ok(Some(out))
    }
}

/// What a cell becomes.
enum Becomes {
    Same,
    Null,
    /// What is in the buffer.
    Text,
}

/// Masks one cell into `masked`.
fn mask_cell(
    said: &str,
    escaped: bool,
    column: &Reading<'_>,
    place: &mut Place<'_>,
    masked: &mut Vec<u8>,
) -> Result<Becomes, MaskError> {
    masked.clear();
    if column.column.kind == ColumnKind::Text {
        // The look at a short one has said already that it may hide something.
        let read = if said.len() < block::SIZE && !escaped { string::read_into } else { string::mask_into };
        return Ok(match read(said, column.name, 0, place, masked)? {
            false => Becomes::Same,
            true if masked.is_empty() && place.ruling().hides_whole() => Becomes::Null,
            true => Becomes::Text,
        });
    }
    if column.is_numeric()
        && let Some(lone) = lone_number(said, column.name, place)
    {
        return Ok(match lone? {
            None => Becomes::Same,
            Some(lone) => {
                masked.extend(lone.values().iter().map(|digit| b'0' + digit % 10));
                Becomes::Text
            }
        });
    }
    Ok(match masked_cell(said, column.column.kind, column.name, place)? {
        None => Becomes::Same,
        Some(None) => Becomes::Null,
        Some(Some(text)) => {
            masked.extend_from_slice(text.as_bytes());
            Becomes::Text
        }
    })
}

/// Writes a string of JSON.
fn write_text(text: &[u8], out: &mut Vec<u8>) {
    if text.iter().all(|byte| *byte >= b' ' && !matches!(byte, b'"' | b'\\')) {
        out.push(b'"');
        out.extend_from_slice(text);
        out.push(b'"');
    } else {
        // Whole characters went and text came; writing to memory cannot fail.
        let _ = serde_json::to_writer(out, &String::from_utf8_lossy(text));
    }
}

/// The quote that closes a string, and whether there are escapes before it.
fn closing(bytes: &[u8], start: usize) -> Result<(usize, bool), MaskError> {
    let (mut at, mut escaped) = (start, false);
    loop {
        let next = bytes.get(at..).and_then(|rest| memchr::memchr2(b'"', b'\\', rest)).ok_or(MaskError::Rows)?;
        at += next;
        if bytes.get(at) == Some(&b'"') {
            break;
        }
        escaped = true;
        at += 2;
    }
    let control = bytes.get(start..at).is_none_or(|inside| inside.iter().any(|byte| *byte < b' '));
    if control { Err(MaskError::Rows) } else { Ok((at, escaped)) }
}

#[inline(always)]
fn space(bytes: &[u8], mut at: usize) -> usize {
    while let Some(b' ' | b'\n' | b'\r' | b'\t') = bytes.get(at) {
        at += 1;
    }
    at
}
