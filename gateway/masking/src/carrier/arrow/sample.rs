//! A look at a column's values, before all of them are read.

use arrow_array::{
    Array, ArrayRef,
    cast::AsArray,
    types::{Decimal128Type, Float64Type, Int64Type, UInt64Type},
};
use arrow_schema::DataType;

use crate::{ColumnKind, carrier::seen::Seen};

/// Takes the first values of `array` into account, as far as they are text or whole numbers.
pub(super) fn look(array: &ArrayRef, kind: ColumnKind, seen: &mut Seen) {
    let whole = matches!(kind, ColumnKind::Text | ColumnKind::Number { scale: 0 });
    let rows = (0..array.len()).filter(|row| array.is_valid(*row)).take(seen.wanted());
    match array.data_type() {
        DataType::Utf8 => {
            let Some(array) = array.as_string_opt::<i32>() else { return };
            rows.for_each(|row| seen.hear_text(array.value(row)));
        }
        DataType::LargeUtf8 => {
            let Some(array) = array.as_string_opt::<i64>() else { return };
            rows.for_each(|row| seen.hear_text(array.value(row)));
        }
        DataType::Utf8View => {
            let Some(array) = array.as_string_view_opt() else { return };
            rows.for_each(|row| seen.hear_text(array.value(row)));
        }
        DataType::Int64 if whole => {
            let Some(array) = array.as_primitive_opt::<Int64Type>() else { return };
            rows.for_each(|row| seen.hear_number(array.value(row).unsigned_abs().into()));
        }
        DataType::UInt64 if whole => {
            let Some(array) = array.as_primitive_opt::<UInt64Type>() else { return };
            rows.for_each(|row| seen.hear_number(array.value(row).into()));
        }
        DataType::Float64 => {
            let Some(array) = array.as_primitive_opt::<Float64Type>() else { return };
            let number = |value: f64| if value.fract() == 0.0 { value.abs() as u128 } else { 0 };
            rows.for_each(|row| seen.hear_number(number(array.value(row))));
        }
        DataType::Decimal128(_, 0) if whole => {
            let Some(array) = array.as_primitive_opt::<Decimal128Type>() else { return };
            rows.for_each(|row| seen.hear_number(array.value(row).unsigned_abs()));
        }
        _ => {}
    }
}
