//! Results as Snowflake's Arrow: one IPC stream per batch, the logical type in each field's metadata.

use std::collections::HashMap;
use std::sync::Arc;

use arrow_array::builder::{BinaryBuilder, FixedSizeListBuilder, Float32Builder};
use arrow_array::types::{Date32Type, Decimal128Type, Float64Type, Int8Type, Int16Type, Int32Type, Int64Type};
use arrow_array::{
    ArrayRef, ArrowPrimitiveType, BinaryArray, BooleanArray, PrimitiveArray, RecordBatch, StringArray, StructArray,
};
use arrow_ipc::writer::StreamWriter;
use arrow_schema::{ArrowError, DataType, Field, Fields, Schema};

use super::table::{Column, Kind, Value, Width};

/// One IPC stream with one batch of these rows.
pub(crate) fn stream(columns: &[Column], rows: &[Vec<Value>]) -> Result<Vec<u8>, ArrowError> {
    let mut fields = Vec::new();
    let mut arrays = Vec::new();
    for (place, column) in columns.iter().enumerate() {
        let cells: Vec<&Value> = rows.iter().map(|row| row.get(place).unwrap_or(&Value::Null)).collect();
        let array = array(column, &cells)?;
        fields.push(Field::new(&column.name, array.data_type().clone(), true).with_metadata(metadata(column)));
        arrays.push(array);
    }
    let schema = Arc::new(Schema::new(fields));
    let batch = RecordBatch::try_new(Arc::clone(&schema), arrays)?;
    let mut writer = StreamWriter::try_new(Vec::new(), &schema)?;
    writer.write(&batch)?;
    writer.finish()?;
    writer.into_inner()
}

fn metadata(column: &Column) -> HashMap<String, String> {
    let number = |value: Option<i64>| value.unwrap_or(0).to_string();
    let mut metadata = HashMap::from([
        ("logicalType".to_owned(), column.kind.name().to_uppercase()),
        ("precision".to_owned(), number(column.kind.precision().map(i64::from))),
        ("scale".to_owned(), number(column.kind.scale().map(i64::from))),
        ("charLength".to_owned(), number(column.kind.length().map(i64::from))),
        ("byteLength".to_owned(), number(column.kind.byte_length().map(i64::from))),
        ("finalType".to_owned(), "T".to_owned()),
    ]);
    if let Kind::Vector(dimension) = column.kind {
        metadata.insert("dimension".to_owned(), dimension.to_string());
    }
    metadata
}

fn array(column: &Column, cells: &[&Value]) -> Result<ArrayRef, ArrowError> {
    Ok(match column.kind {
        Kind::Fixed { precision, scale } => fixed(column.width, precision, scale, cells)?,
        Kind::Real => primitive::<Float64Type>(cells, |value| match value {
            Value::Real(real) => Some(*real),
            _ => None,
        }),
        Kind::Date => primitive::<Date32Type>(cells, |value| match value {
            Value::Date(days) => Some(*days),
            _ => None,
        }),
        Kind::Time => primitive::<Int64Type>(cells, |value| match value {
            Value::Time(nanos) => Some(*nanos),
            _ => None,
        }),
        Kind::Boolean => Arc::new(BooleanArray::from_iter(cells.iter().map(|value| match value {
            Value::Boolean(flag) => Some(*flag),
            _ => None,
        }))),
        Kind::Text | Kind::Variant | Kind::Object | Kind::Array | Kind::Geography => {
            Arc::new(StringArray::from_iter(cells.iter().map(|value| match value {
                Value::Text(text) => Some(text.as_str()),
                _ => None,
            })))
        }
        Kind::Binary => Arc::new(BinaryArray::from_iter(cells.iter().map(|value| match value {
            Value::Binary(bytes) => Some(bytes.as_slice()),
            _ => None,
        }))),
        Kind::TimestampNtz | Kind::TimestampLtz => timestamp(cells, false)?,
        Kind::TimestampTz => timestamp(cells, true)?,
        Kind::DecFloat => decfloat(cells)?,
        Kind::Vector(dimension) => vector(dimension, cells),
    })
}

fn primitive<T: ArrowPrimitiveType>(cells: &[&Value], pick: impl Fn(&Value) -> Option<T::Native>) -> ArrayRef {
    Arc::new(cells.iter().map(|value| pick(value)).collect::<PrimitiveArray<T>>())
}

/// Values that outgrow the column's width take the whole batch to Decimal128, as the server does.
fn fixed(width: Width, precision: u8, scale: i8, cells: &[&Value]) -> Result<ArrayRef, ArrowError> {
    let unscaled = |value: &Value| match value {
        Value::Fixed(unscaled) => Some(*unscaled),
        _ => None,
    };
    let (least, most) = match width {
        Width::Int8 => (i128::from(i8::MIN), i128::from(i8::MAX)),
        Width::Int16 => (i128::from(i16::MIN), i128::from(i16::MAX)),
        Width::Int32 => (i128::from(i32::MIN), i128::from(i32::MAX)),
        Width::Int64 => (i128::from(i64::MIN), i128::from(i64::MAX)),
        Width::Decimal128 => (0, -1),
    };
    if !cells.iter().filter_map(|value| unscaled(value)).all(|number| (least..=most).contains(&number))
        || width == Width::Decimal128
    {
        let numbers = cells.iter().map(|value| unscaled(value)).collect::<PrimitiveArray<Decimal128Type>>();
        return Ok(Arc::new(numbers.with_precision_and_scale(precision, scale)?));
    }
    Ok(match width {
        Width::Int8 => primitive::<Int8Type>(cells, |value| unscaled(value).and_then(|number| number.try_into().ok())),
        Width::Int16 => {
            primitive::<Int16Type>(cells, |value| unscaled(value).and_then(|number| number.try_into().ok()))
        }
        Width::Int32 => {
            primitive::<Int32Type>(cells, |value| unscaled(value).and_then(|number| number.try_into().ok()))
        }
        _ => primitive::<Int64Type>(cells, |value| unscaled(value).and_then(|number| number.try_into().ok())),
    })
}

/// Struct{epoch, fraction[, timezone]}; the zone is minutes east of UTC plus 1440.
fn timestamp(cells: &[&Value], zoned: bool) -> Result<ArrayRef, ArrowError> {
    let part = |pick: fn(i64, i32, i32) -> i32| {
        primitive::<Int32Type>(cells, move |value| match value {
            Value::Timestamp { seconds, nanos, offset } => Some(pick(*seconds, *nanos, *offset)),
            _ => None,
        })
    };
    let epoch = primitive::<Int64Type>(cells, |value| match value {
        Value::Timestamp { seconds, .. } => Some(*seconds),
        _ => None,
    });
    let mut fields = vec![Field::new("epoch", DataType::Int64, true), Field::new("fraction", DataType::Int32, true)];
    let mut arrays = vec![epoch, part(|_, nanos, _| nanos)];
    if zoned {
        fields.push(Field::new("timezone", DataType::Int32, true));
        arrays.push(part(|_, _, offset| offset + 1_440));
    }
    structure(fields, arrays, cells)
}

fn decfloat(cells: &[&Value]) -> Result<ArrayRef, ArrowError> {
    let exponent = primitive::<Int16Type>(cells, |value| match value {
        Value::DecFloat { exponent, .. } => Some(*exponent),
        _ => None,
    });
    let mut significands = BinaryBuilder::new();
    for value in cells {
        match value {
            Value::DecFloat { significand, .. } => significands.append_value(significand.to_be_bytes()),
            _ => significands.append_null(),
        }
    }
    let fields = vec![Field::new("exponent", DataType::Int16, true), Field::new("significand", DataType::Binary, true)];
    structure(fields, vec![exponent, Arc::new(significands.finish())], cells)
}

fn structure(fields: Vec<Field>, arrays: Vec<ArrayRef>, cells: &[&Value]) -> Result<ArrayRef, ArrowError> {
    let present = cells.iter().map(|value| **value != Value::Null).collect::<Vec<bool>>();
    Ok(Arc::new(StructArray::try_new(Fields::from(fields), arrays, Some(present.into()))?))
}

fn vector(dimension: i32, cells: &[&Value]) -> ArrayRef {
    let mut lists = FixedSizeListBuilder::new(Float32Builder::new(), dimension);
    let empty = vec![0.0; usize::try_from(dimension).unwrap_or(0)];
    for value in cells {
        let (points, present) = match value {
            Value::Vector(points) => (points, true),
            _ => (&empty, false),
        };
        lists.values().append_slice(points);
        lists.append(present);
    }
    Arc::new(lists.finish())
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use arrow_ipc::reader::StreamReader;

    use super::*;
    use crate::snowflake::made::{Made, What};

    fn read(columns: &[Column], rows: &[Vec<Value>]) -> RecordBatch {
        let bytes = stream(columns, rows).unwrap();
        StreamReader::try_new(bytes.as_slice(), None).unwrap().next().unwrap().unwrap()
    }

    #[test]
    fn every_type_makes_a_readable_batch_with_its_logical_type() {
        let made = Made { rows: 5, what: What::Types };
        let columns = made.columns(Width::Int64);
        let batch = read(&columns, &made.clone().table(Width::Int64).slice(0, 5));
        assert_eq!((batch.num_rows(), batch.num_columns()), (5, columns.len()));
        assert!(batch.columns().iter().all(|array| array.is_null(4) && !array.is_null(0)));
        assert_eq!(batch.schema().field(3).metadata().get("logicalType").unwrap(), "FIXED");
        assert_eq!(batch.schema().field(4).data_type(), &DataType::Decimal128(38, 0));
    }

    #[test]
    fn a_number_beyond_the_width_widens_its_column() {
        let columns = [Column::new("N", Kind::WHOLE).wide(Width::Int8)];
        let narrow = read(&columns, &[vec![Value::Fixed(-128)], vec![Value::Null]]);
        let wide = read(&columns, &[vec![Value::Fixed(4_111_111_111_111_111)]]);
        assert_eq!(narrow.schema().field(0).data_type(), &DataType::Int8);
        assert_eq!(wide.schema().field(0).data_type(), &DataType::Decimal128(38, 0));
    }
}
