//! The body of a result chunk: rows without the outer brackets, written as the bytes they are but for what is hidden.

use super::{
    cells::{Cell, Cells, Reading, said},
    masked_cell, place_of,
};
use crate::{
    Column, ColumnKind, Findings, MaskError, Released, Sink, block,
    carrier::{Place, string},
    view::{Cards, View},
};

/// Bytes that are read at a time: they stay in a core's own cache until they are masked.
const PIECE: usize = 512 * 1024;

/// A JSON chunk on its way through, piece by piece; [`crate::Masker::rowset_chunk`] makes one. All that is not hidden stays
/// as it is spelled. It holds the rows that are not whole yet, and as many as it takes to know what a column holds.
pub struct RowsetChunk {
    view: View,
    cells: Cells,
    /// As it came.
    held: Vec<u8>,
    /// How far of it is read, and known to be UTF-8.
    read: usize,
    valid: usize,
    /// Column by column: cells come row by row.
    found: Vec<Findings>,
    spare: Spare,
}

/// Used again and again.
#[derive(Default)]
struct Spare {
    /// What a cell becomes.
    cell: Vec<u8>,
    /// What rows become that get longer or shorter.
    rows: Vec<u8>,
}

impl RowsetChunk {
    pub(crate) fn new(columns: &[Column], view: &View) -> Self {
        let reading: Vec<_> = columns.iter().map(|column| Reading::new(column.clone(), view)).collect();
        Self {
            view: view.clone(),
            found: vec![Findings::default(); reading.len()],
            cells: Cells::new(reading),
            held: Vec::new(),
            read: 0,
            valid: 0,
            spare: Spare::default(),
        }
    }

    /// Takes the next bytes of the chunk, split wherever, and puts into `sink` what is masked.
    ///
    /// # Errors
    /// [`MaskError::Rows`] if they cannot be read; [`MaskError::RowWidth`] if a row is not as wide as the columns.
    pub fn write(&mut self, mut bytes: &[u8], sink: &mut impl Sink) -> Result<(), MaskError> {
        while !bytes.is_empty() {
            let (piece, more) = bytes.split_at(bytes.len().min(PIECE));
            self.held.extend_from_slice(piece);
            bytes = more;
            if self.held.len() - self.read >= PIECE {
                self.go_on(false, sink)?;
            }
        }
        Ok(())
    }

    /// Puts the rest into `sink`. The chunk's count of rows.
    ///
    /// # Errors
    /// As [`Self::write`]; [`MaskError::Rows`] also if it ends within a row.
    pub fn finish(mut self, sink: &mut impl Sink, findings: &mut Findings) -> Result<u64, MaskError> {
        self.go_on(true, sink)?;
        self.found.iter().for_each(|found| findings.merge(found));
        Ok(self.cells.rows)
    }

    fn go_on(&mut self, last: bool, sink: &mut impl Sink) -> Result<(), MaskError> {
        self.valid += match std::str::from_utf8(self.held.get(self.valid..).unwrap_or_default()) {
            Ok(text) => text.len(),
            // A character that is not whole yet.
            Err(error) if !last && error.error_len().is_none() => error.valid_up_to(),
            Err(_) => return Err(MaskError::Rows),
        };
        let body = self.held.get(..self.valid).unwrap_or_default();
        if u32::try_from(body.len()).is_err() {
            return Err(MaskError::Rows);
        }
        self.read = self.cells.read(body, self.read, last)?;
        if last {
            self.cells.columns.iter_mut().filter(|column| !column.decided).for_each(Reading::decide);
        }
        if self.cells.columns.iter().all(Reading::may_go_on) {
            let body = self.held.get_mut(..self.read).unwrap_or_default();
            self.spare.rows.clear();
            mask(&self.cells, body, &self.view, &mut self.found, &mut self.spare)?;
            self.cells.kept.clear();
            let rows = if self.spare.rows.is_empty() { body } else { self.spare.rows.as_slice() };
            sink.take(Released::seal(rows, self.view.cards() == Cards::Shown));
            self.held.drain(..self.read);
            self.valid -= self.read;
            self.read = 0;
        }
        Ok(())
    }
}

/// One column's place, and how many card numbers were hidden in it that are not counted yet.
struct Counted<'a> {
    place: Place<'a>,
    quick: u64,
}

/// Masks the cells in `body` where they stand, as long as they keep their lengths; all of it is in `spare.rows` otherwise.
fn mask(
    cells: &Cells,
    body: &mut [u8],
    view: &View,
    found: &mut [Findings],
    spare: &mut Spare,
) -> Result<(), MaskError> {
    let place = |(column, found)| {
        let column: &Reading = column;
        let path = place_of(&column.column.name);
        let place = || Place::column(view, found, path, &column.ruling);
        (!column.is_cleared()).then(|| Counted { place: place(), quick: 0 })
    };
    let mut places: Vec<Option<Counted<'_>>> = cells.columns.iter().zip(found).map(place).collect();
    let mut written = 0;
    for cell in &cells.kept {
        let (column, place) = (cells.columns.get(cell.column as usize), places.get_mut(cell.column as usize));
        let (Some(column), Some(Some(Counted { place, quick }))) = (column, place) else { continue };
        let at = cell.at();
        if cell.lone
            && let Some(hidden) = hide_lone(body.get_mut(at.clone()).unwrap_or_default(), column)
        {
            *quick += u64::from(hidden);
            continue;
        }
        place.count(column.name, std::mem::take(quick), 0);
        let becomes = mask_cell(&said(body, *cell)?, *cell, column, place, &mut spare.cell)?;
        let text = match becomes {
            Becomes::Same => continue,
            Becomes::Null => None,
            Becomes::Text => Some(&spare.cell),
        };
        if let Some(text) = text.filter(|text| text.len() == at.len() && !cell.escaped && is_plain(text)) {
            body.get_mut(at).ok_or(MaskError::Rows)?.copy_from_slice(text);
            continue;
        }
        // With its quotes.
        spare.rows.extend_from_slice(body.get(written..at.start - 1).unwrap_or_default());
        match text {
            Some(text) => write_text(text, &mut spare.rows),
            None => spare.rows.extend_from_slice(b"null"),
        }
        written = at.end + 1;
    }
    if written > 0 {
        spare.rows.extend_from_slice(body.get(written..).unwrap_or_default());
    }
    for (column, counted) in cells.columns.iter().zip(&mut places) {
        if let Some(Counted { place, quick }) = counted {
            place.count(column.name, std::mem::take(quick), 0);
        }
    }
    Ok(())
}

/// Whether a cell of nothing but digits was hidden where it stands. `None`: it takes the long way.
#[inline(always)]
fn hide_lone(cell: &mut [u8], column: &Reading) -> Option<bool> {
    let quick = column.quick.as_ref()?;
    if column.is_numeric() { quick.number(cell) } else { quick.text(cell) }
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
    cell: Cell,
    column: &Reading,
    place: &mut Place<'_>,
    masked: &mut Vec<u8>,
) -> Result<Becomes, MaskError> {
    masked.clear();
    if column.column.kind == ColumnKind::Text {
        // The look at a short one has said already that it may hide something.
        let read = if said.len() < block::SIZE && !cell.escaped { string::read_into } else { string::mask_into };
        return Ok(match read(said, column.name, 0, place, masked)? {
            false => Becomes::Same,
            true if masked.is_empty() && place.ruling().hides_whole() => Becomes::Null,
            true => Becomes::Text,
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

/// Whether a string of JSON spells it as it is.
fn is_plain(text: &[u8]) -> bool {
    text.iter().all(|byte| *byte >= b' ' && !matches!(byte, b'"' | b'\\'))
}

/// Writes a string of JSON.
fn write_text(text: &[u8], out: &mut Vec<u8>) {
    if is_plain(text) {
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
        let mut released = Released::within(Vec::new());
        for _ in 0..4 * PIECE / row.len() {
            chunk.write(row.as_bytes(), &mut released).unwrap();
            let held = chunk.held.len();
            assert!(held < 2 * PIECE, "{held} bytes are held");
        }
        // From its first value on it is waited for, as any other is: eight card numbers say what the ninth is.
        for _ in 0..8 {
            chunk.write(b"[null,null,\"4111111111111111\"],", &mut released).unwrap();
        }
        chunk.write(b"[null,null,\"4111111111111112\"]", &mut released).unwrap();
        chunk.finish(&mut released, &mut Findings::default()).unwrap();
        let end = String::from_utf8(released.into_inner()).unwrap().split_off(4 * PIECE - 2 * row.len());
        assert!(!end.contains("4111111111111111") && !end.contains("4111111111111112"), "{end}");
    }
}
