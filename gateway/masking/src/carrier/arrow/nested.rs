//! Arrays of arrays: dictionaries, runs, lists, structs and maps.

use std::sync::Arc;

use arrow_array::{
    Array, ArrayRef, FixedSizeListArray, GenericListArray, MapArray, OffsetSizeTrait, PrimitiveArray, RunArray,
    StructArray,
    cast::AsArray,
    types::{Int16Type, Int32Type, Int64Type, RunEndIndexType},
};
use arrow_schema::{DataType, FieldRef, Fields};

use super::{
    Place,
    array::{self, Cells},
};
use crate::MaskError;

pub(super) fn dictionary(array: &ArrayRef, cells: Cells, place: &mut Place<'_>) -> Result<Option<ArrayRef>, MaskError> {
    let dictionary = array.as_any_dictionary_opt().ok_or_else(|| cells.refuse(array.data_type()))?;
    let masked = array::masked(dictionary.values(), cells.element(None), place)?;
    Ok(masked.map(|values| dictionary.with_values(values)))
}

/// The value of each run is masked once.
pub(super) fn runs(
    array: &ArrayRef,
    ends: &FieldRef,
    cells: Cells,
    place: &mut Place<'_>,
) -> Result<Option<ArrayRef>, MaskError> {
    match ends.data_type() {
        DataType::Int16 => runs_of::<Int16Type>(array, cells, place),
        DataType::Int32 => runs_of::<Int32Type>(array, cells, place),
        DataType::Int64 => runs_of::<Int64Type>(array, cells, place),
        _ => Err(cells.refuse(array.data_type())),
    }
}

fn runs_of<R: RunEndIndexType>(
    array: &ArrayRef,
    cells: Cells,
    place: &mut Place<'_>,
) -> Result<Option<ArrayRef>, MaskError> {
    let runs = array.as_run_opt::<R>().filter(|runs| runs.run_ends().offset() == 0);
    let runs = runs.ok_or_else(|| cells.refuse(array.data_type()))?;
    let Some(values) = array::masked(runs.values(), cells.element(None), place)? else { return Ok(None) };
    let ends = PrimitiveArray::<R>::try_new(runs.run_ends().inner().clone(), None)?;
    Ok(Some(Arc::new(RunArray::try_new(&ends, &values)?)))
}

pub(super) fn list<O: OffsetSizeTrait>(
    array: &ArrayRef,
    field: &FieldRef,
    cells: Cells,
    place: &mut Place<'_>,
) -> Result<Option<ArrayRef>, MaskError> {
    let list = array.as_list_opt::<O>().ok_or_else(|| cells.refuse(array.data_type()))?;
    let Some(values) = elements(list.values(), field, cells, place)? else { return Ok(None) };
    let masked = GenericListArray::<O>::try_new(field.clone(), list.offsets().clone(), values, list.nulls().cloned())?;
    Ok(Some(Arc::new(masked)))
}

pub(super) fn fixed_list(
    array: &ArrayRef,
    field: &FieldRef,
    size: i32,
    cells: Cells,
    place: &mut Place<'_>,
) -> Result<Option<ArrayRef>, MaskError> {
    let list = array.as_fixed_size_list_opt().ok_or_else(|| cells.refuse(array.data_type()))?;
    let Some(values) = elements(list.values(), field, cells, place)? else { return Ok(None) };
    let nulls = list.nulls().cloned();
    let masked = FixedSizeListArray::try_new_with_length(field.clone(), size, values, nulls, list.len())?;
    Ok(Some(Arc::new(masked)))
}

pub(super) fn structure(
    array: &ArrayRef,
    fields: &Fields,
    cells: Cells,
    place: &mut Place<'_>,
) -> Result<Option<ArrayRef>, MaskError> {
    let members = array.as_struct_opt().ok_or_else(|| cells.refuse(array.data_type()))?;
    let mut changed = false;
    let mut columns = Vec::with_capacity(fields.len());
    for (field, column) in fields.iter().zip(members.columns()) {
        let masked = place.within(&[".", field.name()], |place| array::masked(column, cells.member(field), place))?;
        changed |= masked.is_some();
        columns.push(masked.unwrap_or_else(|| column.clone()));
    }
    if !changed {
        return Ok(None);
    }
    let nulls = members.nulls().cloned();
    Ok(Some(Arc::new(StructArray::try_new_with_length(fields.clone(), columns, nulls, members.len())?)))
}

/// Keys are text of their own; values are what the map is.
pub(super) fn map(
    array: &ArrayRef,
    field: &FieldRef,
    sorted: bool,
    cells: Cells,
    place: &mut Place<'_>,
) -> Result<Option<ArrayRef>, MaskError> {
    let map = array.as_map_opt().ok_or_else(|| cells.refuse(array.data_type()))?;
    let DataType::Struct(fields) = field.data_type() else { return Err(cells.refuse(array.data_type())) };
    let mut changed = false;
    let mut columns = Vec::with_capacity(2);
    for (field, column) in fields.iter().zip(map.entries().columns()) {
        let masked = elements(column, field, cells, place)?;
        changed |= masked.is_some();
        columns.push(masked.unwrap_or_else(|| column.clone()));
    }
    if !changed {
        return Ok(None);
    }
    let entries = map.entries();
    let entries = StructArray::try_new_with_length(fields.clone(), columns, entries.nulls().cloned(), entries.len())?;
    let masked = MapArray::try_new(field.clone(), map.offsets().clone(), entries, map.nulls().cloned(), sorted)?;
    Ok(Some(Arc::new(masked)))
}

fn elements(
    values: &ArrayRef,
    field: &FieldRef,
    cells: Cells,
    place: &mut Place<'_>,
) -> Result<Option<ArrayRef>, MaskError> {
    place.within(&["[]"], |place| array::masked(values, cells.element(Some(field)), place))
}
