//! One value, by its type in Arrow and the logical type that Snowflake declares in the field's metadata.

use arrow_array::{Array, cast::AsArray, types};
use arrow_schema::{DataType, Field};
use serde_json::{Map, Value};

use super::time;

/// Numbers that JSON can hold are numbers, other ones, points in time and the rest are text; lists and objects are JSON.
pub(super) fn shown(field: &Field, array: &dyn Array, row: usize) -> Value {
    if array.is_null(row) {
        return Value::Null;
    }
    let logical = field.metadata().get("logicalType").map(String::as_str).unwrap_or_default();
    let scale = field.metadata().get("scale").and_then(|scale| scale.parse().ok()).unwrap_or_default();
    let text = match array.data_type() {
        DataType::Boolean => return Value::Bool(array.as_boolean().value(row)),
        DataType::Utf8 => Some(array.as_string::<i32>().value(row).to_owned()),
        DataType::LargeUtf8 => Some(array.as_string::<i64>().value(row).to_owned()),
        DataType::Binary => Some(hex(array.as_binary::<i32>().value(row))),
        DataType::LargeBinary => Some(hex(array.as_binary::<i64>().value(row))),
        DataType::Float32 => return float(&array.as_primitive::<types::Float32Type>().value(row).to_string()),
        DataType::Float64 => return float(&array.as_primitive::<types::Float64Type>().value(row).to_string()),
        DataType::Date32 => time::date(array.as_primitive::<types::Date32Type>().value(row)),
        DataType::Decimal128(_, scale) => {
            Some(decimal(array.as_primitive::<types::Decimal128Type>().value(row), (*scale).into()))
        }
        DataType::Int8 | DataType::Int16 | DataType::Int32 | DataType::Int64 => match (integer(array, row), logical) {
            (Some(value), "TIME") => time::of_day(value.into(), scale),
            (Some(value), logical) if logical.starts_with("TIMESTAMP") => time::scaled(logical, value.into(), scale),
            (Some(value), _) if scale == 0 => return value.into(),
            (value, _) => value.map(|value| decimal(value.into(), scale)),
        },
        DataType::Struct(fields) if logical.starts_with("TIMESTAMP") => {
            let part = |name: &str| fields.find(name).and_then(|(at, _)| integer(array.as_struct().column(at), row));
            part("epoch").and_then(|epoch| time::stamp(logical, epoch, part("fraction"), part("timezone")))
        }
        DataType::Struct(_) if logical == "DECFLOAT" => decfloat(array, row),
        DataType::Struct(fields) => {
            let columns = fields.iter().zip(array.as_struct().columns());
            return Value::Object(
                columns.map(|(field, column)| (field.name().clone(), shown(field, column.as_ref(), row))).collect(),
            );
        }
        DataType::FixedSizeList(item, _) => return list(item, array.as_fixed_size_list().value(row).as_ref()),
        DataType::List(item) => return list(item, array.as_list::<i32>().value(row).as_ref()),
        DataType::LargeList(item) => return list(item, array.as_list::<i64>().value(row).as_ref()),
        DataType::Map(entries, _) => return map(entries, &array.as_map().value(row)),
        _ => None,
    };
    Value::String(text.unwrap_or_else(|| format!("[{}]", array.data_type())))
}

fn list(item: &Field, values: &dyn Array) -> Value {
    Value::Array((0..values.len()).map(|row| shown(item, values, row)).collect())
}

fn map(entries: &Field, values: &arrow_array::StructArray) -> Value {
    let (DataType::Struct(fields), [keys, items]) = (entries.data_type(), values.columns()) else { return Value::Null };
    let (Some(key), Some(item)) = (fields.first(), fields.get(1)) else { return Value::Null };
    let entry = |row: usize| {
        let name = match shown(key, keys.as_ref(), row) {
            Value::String(name) => name,
            other => other.to_string(),
        };
        (name, shown(item, items.as_ref(), row))
    };
    Value::Object((0..values.len()).map(entry).collect::<Map<_, _>>())
}

/// As it is written shortest; not a number and infinities are text.
fn float(written: &str) -> Value {
    let number = written.parse().ok().and_then(serde_json::Number::from_f64);
    number.map_or_else(|| Value::String(written.to_owned()), Value::Number)
}

fn integer(array: &dyn Array, row: usize) -> Option<i64> {
    match array.data_type() {
        DataType::Int8 => Some(array.as_primitive::<types::Int8Type>().value(row).into()),
        DataType::Int16 => Some(array.as_primitive::<types::Int16Type>().value(row).into()),
        DataType::Int32 => Some(array.as_primitive::<types::Int32Type>().value(row).into()),
        DataType::Int64 => Some(array.as_primitive::<types::Int64Type>().value(row)),
        _ => None,
    }
}

/// `value / 10^scale` in decimal.
fn decimal(value: i128, scale: i32) -> String {
    let (sign, digits) = (if value < 0 { "-" } else { "" }, value.unsigned_abs().to_string());
    let Some(places) = usize::try_from(scale).ok().filter(|places| *places > 0) else {
        let zeros = usize::try_from(scale.unsigned_abs()).unwrap_or_default();
        return format!("{sign}{digits}{}", if value == 0 { String::new() } else { "0".repeat(zeros.min(64)) });
    };
    let places = places.min(64);
    let digits = format!("{digits:0>width$}", width = places + 1);
    let (whole, fraction) = digits.split_at_checked(digits.len() - places).unwrap_or((&digits, ""));
    format!("{sign}{whole}.{fraction}")
}

/// Struct{exponent, significand}: the significand in two's complement, the highest byte first.
fn decfloat(array: &dyn Array, row: usize) -> Option<String> {
    let parts = array.as_struct();
    let exponent = integer(parts.column_by_name("exponent")?, row)?;
    let bytes = parts.column_by_name("significand")?.as_binary_opt::<i32>()?.value(row);
    if bytes.len() > 16 {
        return None;
    }
    let sign = if bytes.first().is_some_and(|first| first & 0x80 != 0) { -1i128 } else { 0 };
    let significand = bytes.iter().fold(sign, |value, byte| (value << 8) | i128::from(*byte));
    match exponent {
        0 => Some(significand.to_string()),
        -64..=-1 => Some(decimal(significand, i32::try_from(-exponent).ok()?)),
        _ => Some(format!("{significand}e{exponent}")),
    }
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02X}")).collect()
}

#[cfg(test)]
mod tests {
    use super::decimal;

    #[test]
    fn numbers_with_scales() {
        let cases = [(1234, 2, "12.34"), (-5, 2, "-0.05"), (7, 0, "7"), (7, -2, "700"), (0, 1, "0.0"), (0, -3, "0")];
        for (value, scale, text) in cases {
            assert_eq!(decimal(value, scale), text);
        }
    }
}
