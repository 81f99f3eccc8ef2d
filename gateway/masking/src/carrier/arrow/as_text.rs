//! Columns of numbers that become text: they are known to hold card numbers, and the operator wants them readable.

use std::sync::Arc;

use arrow_array::{
    Array, ArrayRef, ArrowPrimitiveType, StringArray,
    cast::AsArray,
    types::{
        Decimal32Type, Decimal64Type, Decimal128Type, Int8Type, Int16Type, Int32Type, Int64Type, UInt8Type, UInt16Type,
        UInt32Type, UInt64Type,
    },
};
use arrow_schema::{DataType, Field, Metadata};

use super::{Place, array::Cells};
use crate::{ColumnKind, MaskError, carrier::rowset};

/// Whether a column of this type can become text.
pub(super) fn can_be(data_type: &DataType) -> bool {
    use DataType::{Decimal32, Decimal64, Decimal128, Int8, Int16, Int32, Int64, UInt8, UInt16, UInt32, UInt64};
    matches!(
        data_type,
        Int8 | Int16
            | Int32
            | Int64
            | UInt8
            | UInt16
            | UInt32
            | UInt64
            | Decimal32(..)
            | Decimal64(..)
            | Decimal128(..)
    )
}

/// The field of such a column, as Snowflake declares one of text.
pub(super) fn field(field: &Field) -> Field {
    let metadata = field.metadata().iter().filter(|(key, _)| !matches!(key.as_str(), "scale" | "precision"));
    let text = |key: &str, value: &str| if key == "logicalType" { "TEXT".to_owned() } else { value.to_owned() };
    let metadata: Metadata = metadata.map(|(key, value)| (key.clone(), text(key, value))).collect();
    field.clone().with_data_type(DataType::Utf8).with_metadata(metadata)
}

/// The numbers of `array` as text, masked.
pub(super) fn masked(array: &ArrayRef, cells: Cells, place: &mut Place<'_>) -> Result<ArrayRef, MaskError> {
    match array.data_type() {
        DataType::Int8 => integers::<Int8Type>(array, None, cells, place),
        DataType::Int16 => integers::<Int16Type>(array, None, cells, place),
        DataType::Int32 => integers::<Int32Type>(array, None, cells, place),
        DataType::Int64 => integers::<Int64Type>(array, None, cells, place),
        DataType::UInt8 => integers::<UInt8Type>(array, None, cells, place),
        DataType::UInt16 => integers::<UInt16Type>(array, None, cells, place),
        DataType::UInt32 => integers::<UInt32Type>(array, None, cells, place),
        DataType::UInt64 => integers::<UInt64Type>(array, None, cells, place),
        DataType::Decimal32(_, scale) => integers::<Decimal32Type>(array, Some(*scale), cells, place),
        DataType::Decimal64(_, scale) => integers::<Decimal64Type>(array, Some(*scale), cells, place),
        DataType::Decimal128(_, scale) => integers::<Decimal128Type>(array, Some(*scale), cells, place),
        other => Err(cells.refuse(other)),
    }
}

fn integers<T>(array: &ArrayRef, scale: Option<i8>, cells: Cells, place: &mut Place<'_>) -> Result<ArrayRef, MaskError>
where
    T: ArrowPrimitiveType,
    T::Native: Into<i128>,
{
    let array = array.as_primitive_opt::<T>().ok_or_else(|| cells.refuse(array.data_type()))?;
    let scale = match (scale, cells.kind) {
        (Some(scale), _) | (None, ColumnKind::Number { scale }) => scale,
        (None, _) => 0,
    };
    let cell = |row: usize| -> Result<Option<String>, MaskError> {
        if array.is_null(row) {
            return Ok(None);
        }
        let text = spelled(array.value(row).into(), scale);
        let kind = ColumnKind::Number { scale };
        Ok(rowset::masked_cell(&text, kind, cells.name, place)?.unwrap_or(Some(text)))
    };
    let cells: Vec<Option<String>> = (0..array.len()).map(cell).collect::<Result<_, _>>()?;
    Ok(Arc::new(cells.into_iter().collect::<StringArray>()))
}

/// `value / 10^scale` in decimal.
fn spelled(value: i128, scale: i8) -> String {
    let digits = value.unsigned_abs().to_string();
    let sign = if value < 0 { "-" } else { "" };
    let Ok(scale) = usize::try_from(scale) else {
        return format!("{sign}{digits}{}", "0".repeat(usize::from(scale.unsigned_abs())));
    };
    let digits = format!("{digits:0>width$}", width = scale + 1);
    let (whole, fraction) = digits.split_at_checked(digits.len() - scale).unwrap_or((&digits, ""));
    let point = if fraction.is_empty() { "" } else { "." };
    format!("{sign}{whole}{point}{fraction}")
}

#[cfg(test)]
mod tests {
    use super::spelled;

    #[test]
    fn numbers_with_scales() {
        let cases = [(1234, 2, "12.34"), (-5, 2, "-0.05"), (7, 0, "7"), (7, -2, "700"), (0, 1, "0.0")];
        for (value, scale, text) in cases {
            assert_eq!(spelled(value, scale), text);
        }
    }
}
