//! Arrays of strings and bytes.

use std::sync::Arc;

use arrow_array::{
    Array, ArrayRef, BinaryViewArray, GenericBinaryArray, GenericStringArray, OffsetSizeTrait, StringViewArray,
    cast::AsArray,
};

use super::{
    Place,
    array::Cells,
    rows::{Rows, rows},
};
use crate::{
    MaskError,
    carrier::{rowset::bytes_value, string},
    scan::chain,
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
