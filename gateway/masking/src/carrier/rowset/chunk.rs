//! The body of a result chunk: rows without the outer brackets, written as the bytes they are but for what is hidden.

use super::{
    cells::{Cells, Reading, said},
    lone_number, masked_cell, place_of,
};
use crate::{
    Column, ColumnKind, Findings, MaskError, Released, block,
    carrier::{Place, string},
    view::{Cards, View},
};

/// Bytes that are read at a time: a piece and what becomes of it stay in a core's own cache.
const PIECE: usize = 512 * 1024;

/// A JSON chunk on its way through, piece by piece; [`crate::Masker::rowset_chunk`] makes one. All that is not hidden stays
/// as it is spelled. It holds the rows that are not whole yet, and as many as it takes to know what a column holds.
pub struct RowsetChunk {
    view: View,
    cells: Cells,
    /// What is not written yet, and how far of it has been read.
    rest: Vec<u8>,
    read: usize,
    out: Vec<u8>,
    /// Column by column: cells come row by row.
    found: Vec<Findings>,
    /// Used again and again.
    masked: Vec<u8>,
}

impl RowsetChunk {
    pub(crate) fn new(columns: &[Column], view: &View) -> Self {
        let reading: Vec<_> = columns.iter().map(|column| Reading::new(column.clone(), view)).collect();
        Self {
            view: view.clone(),
            found: vec![Findings::default(); reading.len()],
            cells: Cells::new(reading),
            rest: Vec::new(),
            read: 0,
            out: Vec::new(),
            masked: Vec::new(),
        }
    }

    /// Takes the next bytes of the chunk, split wherever.
    ///
    /// # Errors
    /// [`MaskError::Rows`] if they cannot be read; [`MaskError::RowWidth`] if a row is not as wide as the columns.
    pub fn write(&mut self, mut bytes: &[u8]) -> Result<(), MaskError> {
        while !bytes.is_empty() {
            let (piece, more) = bytes.split_at(bytes.len().min(PIECE));
            self.rest.extend_from_slice(piece);
            bytes = more;
            if self.rest.len() - self.read >= PIECE {
                self.go_on(false)?;
            }
        }
        Ok(())
    }

    /// The chunk as the client may have it, and its count of rows.
    ///
    /// # Errors
    /// As [`Self::write`]; [`MaskError::Rows`] also if it ends within a row.
    pub fn finish(mut self, findings: &mut Findings) -> Result<(Released<Vec<u8>>, u64), MaskError> {
        self.go_on(true)?;
        self.found.iter().for_each(|found| findings.merge(found));
        Ok((Released::seal(self.out, self.view.cards() == Cards::Shown), self.cells.rows))
    }

    fn go_on(&mut self, last: bool) -> Result<(), MaskError> {
        let body = match std::str::from_utf8(&self.rest) {
            Ok(body) => body,
            // A character that is not whole yet.
            Err(error) if !last && error.error_len().is_none() => {
                let whole = self.rest.get(..error.valid_up_to()).unwrap_or_default();
                std::str::from_utf8(whole).map_err(|_| MaskError::Rows)?
            }
            Err(_) => return Err(MaskError::Rows),
        };
        if u32::try_from(body.len()).is_err() {
            return Err(MaskError::Rows);
        }
        self.read = self.cells.read(body, self.read, last)?;
        if last {
            self.cells.columns.iter_mut().filter(|column| !column.decided).for_each(Reading::decide);
        }
        if self.cells.columns.iter().all(Reading::may_go_on) {
            let body = body.get(..self.read).unwrap_or_default();
            write(&self.cells, body, &self.view, &mut self.found, &mut self.masked, &mut self.out)?;
            self.cells.kept.clear();
            self.rest.drain(..self.read);
            self.read = 0;
        }
        Ok(())
    }
}

/// Writes `body` with the cells in it masked.
fn write(
    cells: &Cells,
    body: &str,
    view: &View,
    found: &mut [Findings],
    masked: &mut Vec<u8>,
    out: &mut Vec<u8>,
) -> Result<(), MaskError> {
    let place = |(column, found)| {
        let column: &Reading = column;
        let path = place_of(&column.column.name);
        (!column.is_cleared()).then(|| Place::column(view, found, path, &column.ruling))
    };
    let mut places: Vec<Option<Place<'_>>> = cells.columns.iter().zip(found).map(place).collect();
    let bytes = body.as_bytes();
    let mut written = 0;
    for cell in &cells.kept {
        let (column, place) = (cells.columns.get(cell.column as usize), places.get_mut(cell.column as usize));
        let (Some(column), Some(Some(place))) = (column, place) else { continue };
        let becomes = mask_cell(&said(body, *cell)?, cell.escaped, column, place, masked)?;
        if becomes == Becomes::Same {
            continue;
        }
        // With its quotes.
        let at = cell.at();
        out.extend_from_slice(bytes.get(written..at.start - 1).unwrap_or_default());
        match becomes {
            Becomes::Text => write_text(masked, out),
            _ => out.extend_from_slice(b"null"),
        }
        written = at.end + 1;
    }
    out.extend_from_slice(bytes.get(written..).unwrap_or_default());
    Ok(())
}

/// What a cell becomes.
#[derive(PartialEq, Eq)]
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
    column: &Reading,
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

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;
    use crate::{Masker, Table};

    #[test]
    fn a_column_without_any_value_holds_nothing_up() {
        let column = |name: &str| Column::snowflake(name, "text", None).of(None::<Table>);
        let mut chunk = Masker::default().rowset_chunk(&[column("A"), column("NOTHING"), column("LATE")]);
        let row = format!("[\"{}\",null,null],", "x".repeat(1000));
        for _ in 0..4 * PIECE / row.len() {
            chunk.write(row.as_bytes()).unwrap();
            assert!(chunk.rest.len() < 2 * PIECE, "{} bytes are held", chunk.rest.len());
        }
        // From its first value on it is waited for, as any other is: eight card numbers say what the ninth is.
        for _ in 0..8 {
            chunk.write(b"[null,null,\"4111111111111111\"],").unwrap();
        }
        chunk.write(b"[null,null,\"4111111111111112\"]").unwrap();
        let (released, _) = chunk.finish(&mut Findings::default()).unwrap();
        let end = String::from_utf8(released.into_inner()).unwrap().split_off(4 * PIECE - 2 * row.len());
        assert!(!end.contains("4111111111111111") && !end.contains("4111111111111112"), "{end}");
    }
}
