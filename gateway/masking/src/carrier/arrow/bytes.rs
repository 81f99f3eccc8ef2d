//! Arrays of strings and bytes.

use std::sync::Arc;

use arrow_array::{
    Array, ArrayRef, BinaryViewArray, GenericBinaryArray, GenericByteArray, GenericStringArray, OffsetSizeTrait,
    StringViewArray, cast::AsArray, types::ByteArrayType,
};
use arrow_buffer::{ArrowNativeType, NullBuffer, OffsetBuffer};

use super::{Place, array::Cells};
use crate::{
    MaskError,
    carrier::{rowset::bytes_value, string},
    scan::{
        chain,
        edit::{self, Edit},
    },
};

pub(super) fn strings<O: OffsetSizeTrait>(
    array: &ArrayRef,
    cells: Cells,
    place: &mut Place<'_>,
) -> Result<Option<ArrayRef>, MaskError> {
    let array = array.as_string_opt::<O>().ok_or_else(|| cells.refuse(array.data_type()))?;
    let Some(Rows { values, offsets, nulls }) = rows(array, cells, place)? else { return Ok(None) };
    Ok(Some(Arc::new(GenericStringArray::<O>::try_new(offsets, values.into(), nulls)?)))
}

pub(super) fn string_views(
    array: &ArrayRef,
    cells: Cells,
    place: &mut Place<'_>,
) -> Result<Option<ArrayRef>, MaskError> {
    let array = array.as_string_view_opt().ok_or_else(|| cells.refuse(array.data_type()))?;
    let values = (0..array.len()).map(|row| (array.value(row), array.is_null(row)));
    let stray = array.data_buffers().iter().any(|buffer| chain::any_in(buffer));
    let masked = each(values, stray, str::len, |value| string::masked(value, cells.name, 0, place))?;
    Ok(masked.map(|masked| Arc::new(masked.iter().map(Option::as_deref).collect::<StringViewArray>()) as ArrayRef))
}

pub(super) fn binaries<O: OffsetSizeTrait>(
    array: &ArrayRef,
    cells: Cells,
    place: &mut Place<'_>,
) -> Result<Option<ArrayRef>, MaskError> {
    let array = array.as_binary_opt::<O>().ok_or_else(|| cells.refuse(array.data_type()))?;
    let Some(Rows { values, offsets, nulls }) = rows(array, cells, place)? else { return Ok(None) };
    Ok(Some(Arc::new(GenericBinaryArray::<O>::try_new(offsets, values.into(), nulls)?)))
}

/// Rows written anew, one behind the other.
struct Rows<O: OffsetSizeTrait> {
    values: Vec<u8>,
    offsets: OffsetBuffer<O>,
    nulls: Option<NullBuffer>,
}

/// Masks every row. `None`: no change.
fn rows<T: ByteArrayType>(
    array: &GenericByteArray<T>,
    cells: Cells,
    place: &mut Place<'_>,
) -> Result<Option<Rows<T::Offset>>, MaskError> {
    let (bytes, offsets) = (array.values().as_slice(), array.offsets());
    let plain = place.is_plain() && !string::is_telling(cells.name);
    let row_at = |row: usize| {
        let at = |row: usize| offsets.get(row).map_or(0, |offset| offset.as_usize());
        bytes.get(at(row)..at(row + 1)).unwrap_or_default()
    };
    let changes = |row: usize, value: &[u8]| array.is_null(row) && !value.is_empty();
    let mut edits = Vec::new();
    let mut out = None;
    // Where one row holds a card, the next mostly does.
    let mut likely = false;
    for row in 0..array.len() {
        let value = row_at(row);
        let null = array.is_null(row);
        if !null && (likely || !plain || string::may_hide(value)) {
            string::read(value, cells.name, 0, &mut edits, place)?;
            likely = !edits.is_empty();
        }
        if out.is_none()
            && (likely && !edits.is_empty() || changes(row, value) || row == 0 && has_stray(offsets, bytes.len()))
        {
            out = Some(Builder::<T::Offset>::new(array.len(), bytes.len(), (0..row).map(row_at)));
        }
        if let Some(out) = &mut out {
            let nothing = out.push(if null { &[] } else { value }, &mut edits) && !value.is_empty() && !null;
            if nothing && place.ruling().hides_whole() {
                out.gone.push(row);
            }
        }
        edits.clear();
    }
    out.map(|out| out.finish(array.nulls(), array.len())).transpose()
}

struct Builder<O> {
    values: Vec<u8>,
    offsets: Vec<O>,
    /// Rows of which nothing is left.
    gone: Vec<usize>,
}

impl<O: OffsetSizeTrait> Builder<O> {
    fn new<'v>(rows: usize, bytes: usize, before: impl Iterator<Item = &'v [u8]>) -> Self {
        let mut builder =
            Self { values: Vec::with_capacity(bytes), offsets: Vec::with_capacity(rows + 1), gone: Vec::new() };
        builder.offsets.push(O::default());
        before.for_each(|value| {
            builder.push(value, &mut Vec::new());
        });
        builder
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

pub(super) fn binary_views(
    array: &ArrayRef,
    cells: Cells,
    place: &mut Place<'_>,
) -> Result<Option<ArrayRef>, MaskError> {
    let array = array.as_binary_view_opt().ok_or_else(|| cells.refuse(array.data_type()))?;
    let values = (0..array.len()).map(|row| (array.value(row), array.is_null(row)));
    let stray = array.data_buffers().iter().any(|buffer| chain::any_in(buffer));
    let masked = each(values, stray, <[u8]>::len, |value| bytes_value(value, cells.name, place))?;
    Ok(masked.map(|masked| Arc::new(masked.iter().map(Option::as_deref).collect::<BinaryViewArray>()) as ArrayRef))
}

/// Masks every value. `None`: no change. `stray`: there are bytes that no value shows, so the array is built anew.
fn each<'a, V: ToOwned + ?Sized + 'a>(
    values: impl Iterator<Item = (&'a V, bool)>,
    stray: bool,
    length: impl Fn(&V) -> usize,
    mut mask: impl FnMut(&V) -> Result<Option<V::Owned>, MaskError>,
) -> Result<Option<Vec<Option<V::Owned>>>, MaskError> {
    let mut changed = stray;
    let mut out = Vec::with_capacity(values.size_hint().0);
    for (value, is_null) in values {
        if is_null {
            // A null may drag a value along.
            changed |= length(value) > 0;
            out.push(None);
            continue;
        }
        let masked = mask(value)?;
        changed |= masked.is_some();
        out.push(Some(masked.unwrap_or_else(|| value.to_owned())));
    }
    Ok(changed.then_some(out))
}

fn has_stray<O: OffsetSizeTrait>(offsets: &[O], bytes: usize) -> bool {
    let edge = |offset: Option<&O>| offset.map_or(0, |offset| offset.as_usize());
    edge(offsets.first()) != 0 || edge(offsets.last()) != bytes
}
