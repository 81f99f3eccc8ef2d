//! The body of a result chunk: rows without the outer brackets, read and written as the bytes they are.

use std::{borrow::Cow, ops::Range, sync::Arc};

use fearless_simd::{Level, Simd, dispatch};

use super::{masked_cell, place_of};
use crate::{
    Column, ColumnKind, Declared, Findings, MaskError,
    carrier::{
        Place,
        json::glance::{self, Short},
        seen::Seen,
        string,
    },
    name::{self, Name},
    scan::{
        chain::SHORTEST,
        edit::{self, Edit},
    },
    view::{Ruling, View},
};

/// Masks the rows and counts them. All that is not hidden stays, byte for byte.
pub(crate) fn mask(
    body: Vec<u8>,
    columns: &[Column],
    view: &View,
    findings: &mut Findings,
) -> Result<(Vec<u8>, u64), MaskError> {
    if std::str::from_utf8(&body).is_err() || u32::try_from(body.len()).is_err() {
        return Err(MaskError::Rows);
    }
    let mut reading: Vec<Reading<'_>> = columns.iter().map(|column| Reading::new(column, view)).collect();
    let rows = dispatch!(Level::new(), simd => rows(simd, &body, &mut reading))?;
    let mut edits = Vec::new();
    for column in reading {
        column.mask(&body, view, findings, &mut edits)?;
    }
    if edits.is_empty() {
        return Ok((body, rows));
    }
    let mut out = Vec::with_capacity(body.len());
    edit::apply(&body, 0, body.len(), &mut edits, &mut out);
    Ok((out, rows))
}

/// What a string holds, between its quotes.
#[derive(Clone, Copy)]
struct Cell {
    start: u32,
    length: u32,
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
    /// Those that may have to be read.
    cells: Vec<Cell>,
}

impl<'c> Reading<'c> {
    fn new(column: &'c Column, view: &View) -> Self {
        let (ruling, name) = (Arc::new(view.at(&column.place())), name::of(&column.name));
        Self { column, ruling, name, seen: Seen::default(), decided: false, every: true, cells: Vec::new() }
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

    /// `worth`: as text it may have to be read.
    #[inline(always)]
    fn take(&mut self, bytes: &[u8], at: Range<usize>, worth: bool) -> Result<(), MaskError> {
        if !(self.every || worth || self.is_numeric() && may_be_number(bytes.get(at.clone()).unwrap_or_default())) {
            return Ok(());
        }
        // No body is longer.
        self.cells.push(Cell { start: at.start as u32, length: at.len() as u32 });
        if self.decided { Ok(()) } else { self.hear(bytes, at) }
    }

    fn hear(&mut self, bytes: &[u8], at: Range<usize>) -> Result<(), MaskError> {
        self.seen.hear_text(&text(bytes, at)?);
        if self.seen.wanted() == 0 {
            self.decide();
        }
        Ok(())
    }

    fn is_numeric(&self) -> bool {
        matches!(self.column.kind, ColumnKind::Number { .. } | ColumnKind::Real)
    }

    fn mask(
        mut self,
        bytes: &[u8],
        view: &View,
        findings: &mut Findings,
        edits: &mut Vec<Edit>,
    ) -> Result<(), MaskError> {
        if !self.decided {
            self.decide();
        }
        if self.name == Name::Cleared && self.ruling.entities.is_empty() {
            return Ok(());
        }
        let mut place = Place::column(view, findings, place_of(&self.column.name), &self.ruling);
        for cell in &self.cells {
            let at = cell.at();
            let masked = masked_cell(&text(bytes, at.clone())?, self.column.kind, self.name, &mut place)?;
            if let Some(masked) = masked {
                // Cannot fail: text is JSON.
                let written = serde_json::to_string(&masked).unwrap_or_default();
                edits.push(Edit::text(at.start - 1..at.end + 1, written));
            }
        }
        Ok(())
    }
}

/// Whether a short value can be a number of a card's length: `4.111e15` is.
fn may_be_number(cell: &[u8]) -> bool {
    cell.len() >= SHORTEST || cell.iter().any(|byte| matches!(byte, b'e' | b'E'))
}

/// What a string says.
fn text(bytes: &[u8], at: Range<usize>) -> Result<Cow<'_, str>, MaskError> {
    let inside = bytes.get(at.clone()).unwrap_or_default();
    if memchr::memchr(b'\\', inside).is_some() {
        let quoted = bytes.get(at.start - 1..at.end + 1).unwrap_or_default();
        return serde_json::from_slice(quoted).map(Cow::Owned).map_err(|_| MaskError::Rows);
    }
    std::str::from_utf8(inside).map(Cow::Borrowed).map_err(|_| MaskError::Rows)
}

#[inline(always)]
fn rows<S: Simd>(simd: S, bytes: &[u8], columns: &mut [Reading<'_>]) -> Result<u64, MaskError> {
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
                at = cell(simd, bytes, at, columns.get_mut(cells))?;
                cells += 1;
                match bytes.get(at) {
                    Some(b',') => at = space(bytes, at + 1),
                    Some(b']') => break,
                    _ => return Err(MaskError::Rows),
                }
            }
        }
        if cells != columns.len() {
            return Err(MaskError::RowWidth { row: rows, cells, columns: columns.len() });
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
fn cell<S: Simd>(simd: S, bytes: &[u8], at: usize, column: Option<&mut Reading<'_>>) -> Result<usize, MaskError> {
    if bytes.get(at) == Some(&b'"') {
        let (end, worth) = match glance::short(simd, bytes, at) {
            Some(Short { end, worth }) => (end, worth),
            None => (closing(bytes, at + 1)?, true),
        };
        if let Some(column) = column {
            column.take(bytes, at + 1..end, worth)?;
        }
        return Ok(space(bytes, end + 1));
    }
    match bytes.get(at..at + 4) {
        Some(b"null") => Ok(space(bytes, at + 4)),
        _ => Err(MaskError::Rows),
    }
}

/// The quote that closes a string.
fn closing(bytes: &[u8], start: usize) -> Result<usize, MaskError> {
    let mut at = start;
    loop {
        let next = bytes.get(at..).and_then(|rest| memchr::memchr2(b'"', b'\\', rest)).ok_or(MaskError::Rows)?;
        at += next;
        if bytes.get(at) == Some(&b'"') {
            break;
        }
        at += 2;
    }
    let control = bytes.get(start..at).is_none_or(|inside| inside.iter().any(|byte| *byte < b' '));
    if control { Err(MaskError::Rows) } else { Ok(at) }
}

#[inline(always)]
fn space(bytes: &[u8], mut at: usize) -> usize {
    while let Some(b' ' | b'\n' | b'\r' | b'\t') = bytes.get(at) {
        at += 1;
    }
    at
}
