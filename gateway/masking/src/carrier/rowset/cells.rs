//! Rows without the outer brackets, as bytes: where the cells are that may have to be read.

use std::{borrow::Cow, ops::Range, sync::Arc};

use fearless_simd::{Level, Simd, dispatch};

use crate::{
    Column, ColumnKind, Declared, MaskError,
    carrier::{
        json::glance::{self, Closed},
        quick::Quick,
        seen::Seen,
        string,
    },
    name::{self, Name},
    scan::chain::{LONGEST, SHORTEST},
    view::{Ruling, View},
};

/// What a string that may have to be read holds, between its quotes.
#[derive(Clone, Copy)]
pub(super) struct Cell {
    pub column: u32,
    start: u32,
    length: u32,
    /// It has escapes, or may have.
    pub escaped: bool,
    /// It is as many digits as a card number has, and nothing else.
    pub lone: bool,
}

impl Cell {
    /// Between its quotes.
    pub(super) fn at(self) -> Range<usize> {
        self.start as usize..self.start as usize + self.length as usize
    }
}

/// What becomes of a cell that was looked at.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Look {
    Pass,
    Keep,
    /// It is kept; see [`Cell::lone`].
    Lone,
}

/// One column on the way through the rows.
pub(super) struct Reading {
    pub column: Column,
    pub ruling: Arc<Ruling>,
    pub name: Name,
    seen: Seen,
    /// Its first values have said what they say, or nothing asks them.
    pub decided: bool,
    /// Every cell has to be read, whatever it looks like.
    every: bool,
    numeric: bool,
    /// How cells of nothing but digits are hidden, once that is decided.
    pub quick: Option<Quick>,
}

impl Reading {
    pub(super) fn new(column: Column, view: &View) -> Self {
        let (ruling, name) = (Arc::new(view.at(&column.place())), name::of(&column.name));
        let numeric = matches!(column.kind, ColumnKind::Number { .. } | ColumnKind::Real);
        Self { column, ruling, name, seen: Seen::default(), decided: false, every: true, numeric, quick: None }
    }

    pub(super) fn decide(&mut self) {
        self.name = self.seen.name(self.name, &self.ruling);
        self.decided = true;
        // A number in hexadecimal does not look like one.
        self.every = self.column.kind == ColumnKind::Binary
            || string::is_telling(self.name)
            || !self.ruling.entities.is_empty()
            || self.ruling.declared != Declared::No;
        let is_read_so = self.numeric || self.column.kind == ColumnKind::Text;
        self.quick = is_read_so.then(|| Quick::of(self.name, &self.ruling)).flatten();
    }

    /// Nothing of what has been read so far depends on what the column turns out to hold.
    pub(super) fn may_go_on(&self) -> bool {
        self.decided || self.seen.is_empty()
    }

    /// Whether a cell without escapes has to be kept.
    #[inline(always)]
    fn look<S: Simd>(&self, simd: S, closed: &Closed<S>, bytes: &[u8], start: usize) -> Look {
        let length = closed.length as usize;
        let inside = 1u32.unbounded_shl(closed.length).wrapping_sub(1);
        let [block, ..] = closed.blocks;
        let others = !block.digits() & inside;
        if others == 0 && self.quick.is_some() && (SHORTEST..=LONGEST).contains(&length) {
            return Look::Lone;
        }
        if self.every {
            return Look::Keep;
        }
        // Fewer digits than a card number has, a point and a sign.
        if length < SHORTEST && others & !(block.is(b'.') | block.is(b'-')) == 0 {
            return Look::Pass;
        }
        let cell = || bytes.get(start..start + length).unwrap_or_default();
        match self.numeric && may_be_number(cell()) || closed.is_worth(simd, cell()) {
            true => Look::Keep,
            false => Look::Pass,
        }
    }

    fn hear(&mut self, body: &[u8], cell: Cell) -> Result<(), MaskError> {
        self.seen.hear_text(&said(body, cell)?);
        if self.seen.wanted() == 0 {
            self.decide();
        }
        Ok(())
    }

    /// Nothing in it is looked at.
    pub(super) fn is_cleared(&self) -> bool {
        self.name == Name::Cleared && self.ruling.entities.is_empty()
    }

    pub(super) fn is_numeric(&self) -> bool {
        self.numeric
    }
}

/// What has been read of rows.
pub(super) struct Cells {
    pub columns: Vec<Reading>,
    /// Those that may have to be read, in the order in which they stand.
    pub kept: Vec<Cell>,
    pub rows: u64,
    /// What is to come.
    next: Next,
    /// Columns that are not [decided](Reading::decided).
    waiting: usize,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Next {
    /// A row, or nothing at all.
    First,
    /// A row, after a comma.
    Row,
    /// A comma, or the end.
    Comma,
}

/// Why reading stopped.
enum Stop {
    /// There are no more bytes.
    End,
    Wrong(MaskError),
}

const UNREADABLE: Stop = Stop::Wrong(MaskError::Rows);

/// Whether a short value can be a number of a card's length: `4.111e15` is.
fn may_be_number(cell: &[u8]) -> bool {
    cell.len() >= SHORTEST || cell.iter().any(|byte| matches!(byte, b'e' | b'E'))
}

/// What a string says.
pub(super) fn said(body: &[u8], cell: Cell) -> Result<Cow<'_, str>, MaskError> {
    let at = cell.at();
    if cell.escaped {
        let quoted = body.get(at.start - 1..at.end + 1).unwrap_or_default();
        return serde_json::from_slice(quoted).map(Cow::Owned).map_err(|_| MaskError::Rows);
    }
    std::str::from_utf8(body.get(at).unwrap_or_default()).map(Cow::Borrowed).map_err(|_| MaskError::Rows)
}

impl Cells {
    pub(super) fn new(columns: Vec<Reading>) -> Self {
        let waiting = columns.len();
        Self { columns, kept: Vec::new(), rows: 0, next: Next::First, waiting }
    }

    /// Reads rows of `bytes`, which are UTF-8, from `at` on, as far as they are whole; where it stopped. `last`: there is
    /// no more of them.
    pub(super) fn read(&mut self, bytes: &[u8], at: usize, last: bool) -> Result<usize, MaskError> {
        let at = dispatch!(Level::new(), simd => self.by_block(simd, bytes, at))?;
        let whole = at == bytes.len() && self.next != Next::Row;
        if last && !whole { Err(MaskError::Rows) } else { Ok(at) }
    }

    #[inline(always)]
    fn by_block<S: Simd>(&mut self, simd: S, bytes: &[u8], mut at: usize) -> Result<usize, MaskError> {
        loop {
            at = space(bytes, at);
            let Some(first) = bytes.get(at) else { return Ok(at) };
            match (self.next, first) {
                (Next::Comma, b',') => (at, self.next) = (at + 1, Next::Row),
                (Next::First | Next::Row, b'[') => {
                    let kept = self.kept.len();
                    match self.row(simd, bytes, at + 1) {
                        Ok(end) => at = end,
                        Err(Stop::End) => {
                            self.kept.truncate(kept);
                            return Ok(at);
                        }
                        Err(Stop::Wrong(error)) => return Err(error),
                    }
                    if self.waiting > 0 {
                        self.hear(bytes, kept)?;
                    }
                    self.rows += 1;
                    self.next = Next::Comma;
                }
                _ => return Err(MaskError::Rows),
            }
        }
    }

    /// What the cells of a row say of their columns.
    fn hear(&mut self, bytes: &[u8], from: usize) -> Result<(), MaskError> {
        for cell in self.kept.get(from..).unwrap_or_default() {
            if let Some(column) = self.columns.get_mut(cell.column as usize).filter(|column| !column.decided) {
                column.hear(bytes, *cell)?;
                self.waiting -= usize::from(column.decided);
            }
        }
        Ok(())
    }

    /// Behind the row whose first cell is at `at`.
    #[inline(always)]
    fn row<S: Simd>(&mut self, simd: S, bytes: &[u8], at: usize) -> Result<usize, Stop> {
        let mut at = space(bytes, at);
        let mut cells = 0;
        if bytes.get(at) != Some(&b']') {
            loop {
                at = self.cell(simd, bytes, at, cells)?;
                cells += 1;
                match bytes.get(at) {
                    Some(b',') => at = space(bytes, at + 1),
                    Some(b']') => break,
                    Some(_) => return Err(UNREADABLE),
                    None => return Err(Stop::End),
                }
            }
        }
        if cells != self.columns.len() {
            let row = usize::try_from(self.rows).unwrap_or(usize::MAX);
            return Err(Stop::Wrong(MaskError::RowWidth { row, cells, columns: self.columns.len() }));
        }
        Ok(at + 1)
    }

    /// Behind the cell that begins at `at`, and the space behind it.
    #[inline(always)]
    fn cell<S: Simd>(&mut self, simd: S, bytes: &[u8], at: usize, index: usize) -> Result<usize, Stop> {
        if bytes.get(at) == Some(&b'"') {
            let Some(column) = self.columns.get(index) else {
                let (end, _) = closing(bytes, at + 1)?;
                return Ok(space(bytes, end + 1));
            };
            let short = glance::closed(simd, bytes, at);
            let (length, look, escaped) = match &short {
                Some(short) => (short.length as usize, column.look(simd, short, bytes, at + 1), false),
                None => {
                    let (end, escaped) = closing(bytes, at + 1)?;
                    (end - at - 1, Look::Keep, escaped)
                }
            };
            if look != Look::Pass {
                // No piece is longer.
                let (column, start, length) = (index as u32, (at + 1) as u32, length as u32);
                self.kept.push(Cell { column, start, length, escaped, lone: look == Look::Lone });
            }
            return Ok(space(bytes, at + length + 2));
        }
        match bytes.get(at..at + 4) {
            Some(b"null") => Ok(space(bytes, at + 4)),
            Some(_) => Err(UNREADABLE),
            None if b"null".starts_with(bytes.get(at..).unwrap_or_default()) => Err(Stop::End),
            None => Err(UNREADABLE),
        }
    }
}

/// The quote that closes a string, and whether there are escapes before it.
fn closing(bytes: &[u8], start: usize) -> Result<(usize, bool), Stop> {
    let (mut at, mut escaped) = (start, false);
    loop {
        let next = bytes.get(at..).and_then(|rest| memchr::memchr2(b'"', b'\\', rest)).ok_or(Stop::End)?;
        at += next;
        if bytes.get(at) == Some(&b'"') {
            break;
        }
        escaped = true;
        at += 2;
    }
    let control = bytes.get(start..at).is_none_or(|inside| inside.iter().any(|byte| *byte < b' '));
    if control { Err(UNREADABLE) } else { Ok((at, escaped)) }
}

#[inline(always)]
fn space(bytes: &[u8], mut at: usize) -> usize {
    while let Some(b' ' | b'\n' | b'\r' | b'\t') = bytes.get(at) {
        at += 1;
    }
    at
}
