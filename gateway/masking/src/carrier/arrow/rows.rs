//! Rows of bytes that lie one behind the other.

use std::ops::Range;

use arrow_array::{Array, GenericByteArray, OffsetSizeTrait, types::ByteArrayType};
use arrow_buffer::{NullBuffer, OffsetBuffer};
use fearless_simd::{Level, Simd, dispatch};

use super::{Place, array::Cells};
use crate::{
    MaskError, block,
    carrier::string,
    scan::{
        edit::{self, Edit},
        worth,
    },
};

/// Rows written anew, one behind the other.
pub(super) struct Rows<O: OffsetSizeTrait> {
    pub values: Vec<u8>,
    pub offsets: OffsetBuffer<O>,
    pub nulls: Option<NullBuffer>,
}

/// Masks every row. `None`: no change.
pub(super) fn rows<T: ByteArrayType>(
    array: &GenericByteArray<T>,
    cells: Cells,
    place: &mut Place<'_>,
) -> Result<Option<Rows<T::Offset>>, MaskError> {
    let (bytes, offsets, nulls) = (array.values().as_slice(), array.offsets(), array.nulls());
    let plain = place.is_plain() && !string::is_telling(cells.name);
    let mut edits = Vec::new();
    let mut out = has_stray(offsets, bytes.len()).then(|| Builder::<T::Offset>::new(array.len(), bytes.len()));
    let mut row = 0;
    while row < array.len() {
        if plain && nulls.is_none() {
            let dull = dispatch!(Level::new(), simd => dull(simd, bytes, offsets, row));
            if let Some(out) = &mut out {
                out.copy(bytes, offsets, row..dull);
            }
            row = dull;
            if row == array.len() {
                break;
            }
        }
        let null = array.is_null(row);
        let value = value(bytes, offsets, row);
        if !null && (!plain || string::may_hide(value)) {
            string::read(value, cells.name, 0, &mut edits, place)?;
        }
        if out.is_none() && (!edits.is_empty() || null && !value.is_empty()) {
            let mut builder = Builder::<T::Offset>::new(array.len(), bytes.len());
            builder.copy(bytes, offsets, 0..row);
            out = Some(builder);
        }
        if let Some(out) = &mut out {
            let nothing = out.push(if null { &[] } else { value }, &mut edits) && !value.is_empty() && !null;
            if nothing && place.ruling().hides_whole() {
                out.gone.push(row);
            }
        }
        edits.clear();
        row += 1;
    }
    out.map(|out| out.finish(nulls, array.len())).transpose()
}

fn value<'v, O: OffsetSizeTrait>(bytes: &'v [u8], offsets: &[O], row: usize) -> &'v [u8] {
    bytes.get(edge(offsets.get(row))..edge(offsets.get(row + 1))).unwrap_or_default()
}

/// The first row from `row` on that may have to be read.
#[inline(always)]
fn dull<S: Simd, O: OffsetSizeTrait>(simd: S, bytes: &[u8], offsets: &[O], mut row: usize) -> usize {
    while let Some([start, end]) = offsets.get(row..).and_then(<[O]>::first_chunk) {
        let (start, length) = (start.as_usize(), end.as_usize().wrapping_sub(start.as_usize()));
        if length > block::SIZE {
            break;
        }
        let Some(blocks) = block::overlapping(simd, bytes, start) else { break };
        if !worth::is_dull(simd, blocks, length as u32) {
            break;
        }
        row += 1;
    }
    row
}

struct Builder<O> {
    values: Vec<u8>,
    offsets: Vec<O>,
    /// Rows of which nothing is left.
    gone: Vec<usize>,
}

impl<O: OffsetSizeTrait> Builder<O> {
    fn new(rows: usize, bytes: usize) -> Self {
        let mut builder =
            Self { values: Vec::with_capacity(bytes), offsets: Vec::with_capacity(rows + 1), gone: Vec::new() };
        builder.offsets.push(O::default());
        builder
    }

    /// Takes rows as they are.
    fn copy(&mut self, bytes: &[u8], offsets: &[O], rows: Range<usize>) {
        let Some(offsets) = offsets.get(rows.start..=rows.end) else { return };
        let (from, to, length) = (edge(offsets.first()), edge(offsets.last()), self.values.len());
        self.values.extend_from_slice(bytes.get(from..to).unwrap_or_default());
        let moved = |offset: &O| O::from_usize(offset.as_usize().saturating_sub(from) + length).unwrap_or_default();
        self.offsets.extend(offsets.iter().skip(1).map(moved));
    }

    /// `true` if nothing of the value is left.
    fn push(&mut self, value: &[u8], edits: &mut Vec<Edit>) -> bool {
        let start = self.values.len();
        edit::apply(value, 0, value.len(), edits, &mut self.values);
        self.offsets.push(O::from_usize(self.values.len()).unwrap_or_default());
        self.values.len() == start
    }

    fn finish(self, nulls: Option<&NullBuffer>, rows: usize) -> Result<Rows<O>, MaskError> {
        // Offsets that did not fit are out of order.
        if O::from_usize(self.values.len()).is_none() {
            return Err(MaskError::Arrow { reason: "a column is too long" });
        }
        let nulls = if self.gone.is_empty() {
            nulls.cloned()
        } else {
            let mut valid: Vec<bool> = (0..rows).map(|row| nulls.is_none_or(|nulls| nulls.is_valid(row))).collect();
            self.gone.iter().for_each(|row| valid.get_mut(*row).map_or((), |valid| *valid = false));
            Some(valid.into())
        };
        Ok(Rows { values: self.values, offsets: OffsetBuffer::new(self.offsets.into()), nulls })
    }
}

fn has_stray<O: OffsetSizeTrait>(offsets: &[O], bytes: usize) -> bool {
    edge(offsets.first()) != 0 || edge(offsets.last()) != bytes
}

fn edge<O: OffsetSizeTrait>(offset: Option<&O>) -> usize {
    offset.map_or(0, |offset| offset.as_usize())
}
