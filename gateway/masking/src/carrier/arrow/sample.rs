//! A look at a column's values, before all of them are read.

use arrow_array::{
    Array, ArrayRef,
    cast::AsArray,
    types::{Decimal128Type, Float64Type, Int64Type, UInt64Type},
};
use arrow_schema::DataType;

use super::numbers::whole_of;
use crate::{ColumnKind, carrier::seen::Seen};

/// Takes the first values of `array` into account, as far as they are text or numbers.
pub(super) fn look(array: &ArrayRef, kind: ColumnKind, seen: &mut Seen) {
    let scale = match kind {
        ColumnKind::Text => Some(0),
        ColumnKind::Number { scale } => Some(scale),
        _ => None,
    };
    let rows = (0..array.len()).filter(|row| array.is_valid(*row)).take(seen.wanted());
    match (array.data_type(), scale) {
        (DataType::Utf8, _) => {
            let Some(array) = array.as_string_opt::<i32>() else { return };
            rows.for_each(|row| seen.hear_text(array.value(row)));
        }
        (DataType::LargeUtf8, _) => {
            let Some(array) = array.as_string_opt::<i64>() else { return };
            rows.for_each(|row| seen.hear_text(array.value(row)));
        }
        (DataType::Utf8View, _) => {
            let Some(array) = array.as_string_view_opt() else { return };
            rows.for_each(|row| seen.hear_text(array.value(row)));
        }
        (DataType::Int64, Some(scale)) => {
            let Some(array) = array.as_primitive_opt::<Int64Type>() else { return };
            rows.for_each(|row| seen.hear_number(whole_of(array.value(row).into(), scale)));
        }
        (DataType::UInt64, Some(scale)) => {
            let Some(array) = array.as_primitive_opt::<UInt64Type>() else { return };
            rows.for_each(|row| seen.hear_number(whole_of(array.value(row).into(), scale)));
        }
        (DataType::Decimal128(_, scale), Some(_)) => {
            let Some(array) = array.as_primitive_opt::<Decimal128Type>() else { return };
            rows.for_each(|row| seen.hear_number(whole_of(array.value(row), *scale)));
        }
        (DataType::Float64, _) => {
            let Some(array) = array.as_primitive_opt::<Float64Type>() else { return };
            let number = |value: f64| if value.fract() == 0.0 { value.abs() as u128 } else { 0 };
            rows.for_each(|row| seen.hear_number(number(array.value(row))));
        }
        // Each value once, however many rows have it.
        (DataType::Dictionary(..), _) => {
            let Some(array) = array.as_any_dictionary_opt() else { return };
            look(array.values(), kind, seen);
        }
        (DataType::List(_), _) => {
            let Some(array) = array.as_list_opt::<i32>() else { return };
            look(array.values(), kind, seen);
        }
        (DataType::LargeList(_), _) => {
            let Some(array) = array.as_list_opt::<i64>() else { return };
            look(array.values(), kind, seen);
        }
        _ => {}
    }
}
