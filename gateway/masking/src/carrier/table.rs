//! Tables in text: lines of fields under a line of names, as in CSV, TSV and Markdown.

use std::ops::Range;

use super::{Place, seen::Seen, string};
use crate::{
    MaskError,
    name::{self, Name},
    scan::edit::Edit,
};

/// Longest line that is read as a line of a table, in bytes.
pub(crate) const LONGEST: usize = 4096;
/// Longest name of a column, in bytes.
pub(super) const LONGEST_NAME: usize = 40;
/// Most words of a name.
pub(super) const WORDS: usize = 3;

/// A table's columns: what their names say, and their values so far.
pub(crate) struct Table {
    delimiter: u8,
    columns: Vec<(Name, Seen)>,
}

impl Table {
    /// Reads a line of names. `None`: it is none.
    pub(crate) fn read(line: &[u8], delimiter: u8) -> Option<Self> {
        // Mostly it is a sentence with a comma in it.
        if !Fields::of_names(line, delimiter).all(|field| line.get(field).is_some_and(may_be_name)) {
            return None;
        }
        let column = |field: Range<usize>| Some((name::of(is_name(line.get(field)?)?), Seen::default()));
        let columns: Option<Vec<_>> = Fields::of(line, delimiter).map(column).collect();
        columns.filter(|columns| columns.len() > 1).map(|columns| Self { delimiter, columns })
    }

    /// Hides what stands under a telling name. `false`: the line is of another width, so the table has ended.
    pub(crate) fn mask(
        &mut self,
        line: &[u8],
        depth: usize,
        edits: &mut Vec<Edit>,
        place: &mut Place<'_>,
    ) -> Result<bool, MaskError> {
        if Fields::of(line, self.delimiter).count() != self.columns.len() {
            return Ok(false);
        }
        let ruling = place.ruling();
        for (field, (name, seen)) in Fields::of(line, self.delimiter).zip(&mut self.columns) {
            let value = line.get(field.clone()).unwrap_or_default();
            let name = seen.name(*name, &ruling);
            if !matches!(name, Name::Plain | Name::Harmless | Name::Cleared) {
                let before = edits.len();
                string::read(value, name, depth + 1, edits, place)?;
                for edit in edits.iter_mut().skip(before) {
                    edit.at = field.start + edit.at.start..field.start + edit.at.end;
                }
            }
            if seen.wanted() > 0 && !value.is_empty() {
                seen.hear_text(std::str::from_utf8(value).unwrap_or_default());
            }
        }
        Ok(true)
    }
}

/// Whether a field may be a name of a few words. Of a sentence only the first few bytes are looked at.
fn may_be_name(field: &[u8]) -> bool {
    let mut spaces = 0;
    let of_name = |byte: &u8| {
        spaces += usize::from(*byte == b' ');
        spaces < WORDS && IN_NAMES.get(usize::from(*byte)) == Some(&true)
    };
    field.len() <= LONGEST_NAME && !field.first().is_some_and(u8::is_ascii_digit) && field.iter().all(of_name)
}

/// A name of a few words.
fn is_name(field: &[u8]) -> Option<&str> {
    may_be_name(field).then(|| std::str::from_utf8(field).ok())?
}

/// What a column's name is made of, its quotes apart.
static IN_NAMES: [bool; 256] = in_names();

// Runs in the compiler, which takes no index out of bounds.
#[allow(clippy::indexing_slicing)]
const fn in_names() -> [bool; 256] {
    let mut table = [false; 256];
    let mut place = 0;
    while place < table.len() {
        let byte = place as u8;
        table[place] = byte.is_ascii_alphanumeric()
            || byte >= 0x80
            || matches!(byte, b' ' | b'_' | b'-' | b'.' | b'#' | b'(' | b')' | b'/');
        place += 1;
    }
    table
}

/// Whether `byte` may be in the first name of a line.
pub(super) fn begins_header(byte: u8) -> bool {
    byte < 0x80 && IN_NAMES.get(usize::from(byte)) == Some(&true) || matches!(byte, b'"' | b'\'')
}

/// The fields of a line without the quotes and spaces around them. A delimiter within quotes is none.
struct Fields<'l> {
    line: &'l [u8],
    delimiter: u8,
    /// A longer field is cut off, and ends them.
    longest: usize,
    /// Where the next one begins; `None` behind the last.
    start: Option<usize>,
}

impl<'l> Fields<'l> {
    fn of(line: &'l [u8], delimiter: u8) -> Self {
        Self { line, delimiter, longest: usize::MAX, start: Some(0) }
    }

    fn of_names(line: &'l [u8], delimiter: u8) -> Self {
        // With quotes and spaces around it.
        Self { longest: LONGEST_NAME + 8, ..Self::of(line, delimiter) }
    }
}

impl Iterator for Fields<'_> {
    type Item = Range<usize>;

    fn next(&mut self) -> Option<Range<usize>> {
        let start = self.start.take()?;
        let rest = self.line.get(start..)?;
        let reach = rest.get(..self.longest).unwrap_or(rest);
        let mut quoted = false;
        let end = memchr::memchr2_iter(b'"', self.delimiter, reach).find(|at| {
            let quote = reach.get(*at) == Some(&b'"');
            quoted ^= quote;
            !quote && !quoted
        });
        self.start = end.map(|end| start + end + 1);
        let end = end.unwrap_or_else(|| rest.len().min(self.longest.saturating_add(1)));
        Some(trimmed(self.line, start..start + end))
    }
}

fn trimmed(line: &[u8], field: Range<usize>) -> Range<usize> {
    let around = |byte: &u8| matches!(byte, b' ' | b'"' | b'\'' | b'\r' | b'`');
    let bytes = line.get(field.clone()).unwrap_or_default();
    let front = bytes.iter().take_while(|byte| around(byte)).count();
    let back = bytes.iter().skip(front).rev().take_while(|byte| around(byte)).count();
    field.start + front..field.end - back
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;
    use crate::{Findings, scan::edit::apply, view::View};

    #[test]
    fn values_go_by_the_name_above_them() {
        let of = |header: &str, line: &str| {
            let mut edits = Vec::new();
            let delimiter = header.bytes().find(|byte| b",;|\t".contains(byte)).unwrap_or(b',');
            let mut table = Table::read(header.as_bytes(), delimiter)?;
            let mut findings = Findings::default();
            let read = table
                .mask(line.as_bytes(), 0, &mut edits, &mut Place::new(&View::default(), &mut findings, ""))
                .unwrap();
            let mut out = Vec::new();
            apply(line.as_bytes(), 0, line.len(), &mut edits, &mut out);
            read.then(|| String::from_utf8(out).unwrap())
        };
        assert_eq!(of("id,pan,cvv", "7,4111111111111112,123").unwrap(), "7,411111******1112,***");
        assert_eq!(of("\"id\";\"CVV\"", "7;\"123\"").unwrap(), "7;\"***\"");
        assert_eq!(of("| id | cvv |", "| 7 | 123 |").unwrap(), "| 7 | *** |");
        assert_eq!(of("id,cvv", "7,\"a,b\",123"), None);
        assert_eq!(of("id,amount", "7,123").unwrap(), "7,123");
        assert_eq!(of("the cvv, 123", "7,123"), None);
        assert_eq!(of("the first line of prose, cvv", "7,123"), None);
        assert_eq!(of("cvv", "123"), None);
    }
}
