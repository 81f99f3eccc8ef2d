//! Tables in text: lines of fields under a line of names, as in CSV, TSV and Markdown.

use std::ops::Range;

use super::{Place, string};
use crate::MaskError;
use crate::{
    name::{self, Name},
    scan::edit::Edit,
};

/// Longest line that is read as a line of a table, in bytes.
pub(crate) const LONGEST: usize = 4096;
/// Longest name of a column, in bytes.
const LONGEST_NAME: usize = 64;

/// The columns whose names say that their values are card data.
pub(crate) struct Table {
    delimiter: u8,
    columns: Vec<Name>,
}

impl Table {
    /// Reads a line of names. `None`: it is none, or none of its names says anything.
    pub(crate) fn read(line: &[u8]) -> Option<Self> {
        let delimiter = [b'\t', b'|', b';', b','].into_iter().find(|delimiter| line.contains(delimiter))?;
        let fields = fields(line, delimiter);
        let names: Option<Vec<&str>> = fields.iter().map(|field| is_name(line.get(field.clone())?)).collect();
        let columns: Vec<Name> = names?.into_iter().map(name::of).collect();
        let telling = |name: &Name| !matches!(name, Name::Plain | Name::Harmless);
        (columns.len() > 1 && columns.iter().any(telling)).then_some(Self { delimiter, columns })
    }

    /// Hides what stands under a telling name. `false`: the line is of another width, so the table has ended.
    pub(crate) fn mask(
        &self,
        line: &[u8],
        depth: usize,
        edits: &mut Vec<Edit>,
        place: &mut Place<'_>,
    ) -> Result<bool, MaskError> {
        let fields = fields(line, self.delimiter);
        if fields.len() != self.columns.len() {
            return Ok(false);
        }
        for (field, name) in fields.into_iter().zip(&self.columns) {
            if matches!(name, Name::Plain | Name::Harmless) {
                continue;
            }
            let before = edits.len();
            string::read(line.get(field.clone()).unwrap_or_default(), *name, depth + 1, edits, place)?;
            for edit in edits.iter_mut().skip(before) {
                edit.at = field.start + edit.at.start..field.start + edit.at.end;
            }
        }
        Ok(true)
    }
}

fn is_name(field: &[u8]) -> Option<&str> {
    let text = std::str::from_utf8(field).ok()?;
    let telling = text.len() <= LONGEST_NAME
        && text.chars().all(|c| c.is_alphanumeric() || matches!(c, ' ' | '_' | '-' | '.' | '#' | '(' | ')' | '/'))
        && !text.starts_with(|c: char| c.is_ascii_digit());
    telling.then_some(text)
}

/// The fields of a line without the quotes and spaces around them. A delimiter within quotes is none.
fn fields(line: &[u8], delimiter: u8) -> Vec<Range<usize>> {
    let mut fields = Vec::new();
    let (mut start, mut quoted) = (0, false);
    for (at, byte) in line.iter().enumerate() {
        if *byte == b'"' {
            quoted = !quoted;
        } else if *byte == delimiter && !quoted {
            fields.push(trimmed(line, start..at));
            start = at + 1;
        }
    }
    fields.push(trimmed(line, start..line.len()));
    fields
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
            let table = Table::read(header.as_bytes())?;
            let mut findings = Findings::default();
            let read =
                table.mask(line.as_bytes(), 0, &mut edits, &mut Place::new(&View::default(), &mut findings, "")).unwrap();
            let mut out = Vec::new();
            apply(line.as_bytes(), 0, line.len(), &mut edits, &mut out);
            read.then(|| String::from_utf8(out).unwrap())
        };
        assert_eq!(of("id,pan,cvv", "7,4111111111111112,123").unwrap(), "7,411111******1112,***");
        assert_eq!(of("\"id\";\"CVV\"", "7;\"123\"").unwrap(), "7;\"***\"");
        assert_eq!(of("| id | cvv |", "| 7 | 123 |").unwrap(), "| 7 | *** |");
        assert_eq!(of("id,cvv", "7,\"a,b\",123"), None);
        assert_eq!(of("id,amount", "7,123"), None);
        assert_eq!(of("the cvv, 123", "7,123"), None);
        assert_eq!(of("cvv", "123"), None);
    }
}
