//! One array, by its type. Every type is named: what is not is refused.

use arrow_array::{
    ArrayRef,
    types::{
        Decimal32Type, Decimal64Type, Decimal128Type, Int8Type, Int16Type, Int32Type, Int64Type, UInt8Type, UInt16Type,
        UInt32Type, UInt64Type,
    },
};
use arrow_schema::{DataType, Field};

use super::{Place, bytes, decfloat, nested, numbers};
use crate::{
    Column, ColumnKind, MaskError,
    name::{self, Name},
};

/// What is known of an array's values.
#[derive(Debug, Clone, Copy)]
pub(super) struct Cells {
    /// The column they belong to, for errors.
    pub column: usize,
    pub name: Name,
    pub kind: ColumnKind,
    /// Nested this deep.
    pub depth: usize,
}

impl Cells {
    /// Of a column: what the caller declares, else what the field's metadata does.
    pub(super) fn of(index: usize, field: &Field, column: Option<&Column>) -> Self {
        let name = name::of(column.map_or(field.name(), |column| &column.name));
        let kind = column.map(|column| column.kind).or_else(|| declared_kind(field)).unwrap_or_default();
        Self { column: index, name, kind, depth: 0 }
    }

    /// Of the values of a list, a map or a dictionary: they are what the whole is.
    pub(super) fn element(self, field: Option<&Field>) -> Self {
        let kind = field.and_then(declared_kind).unwrap_or(self.kind);
        Self { kind, depth: self.depth + 1, ..self }
    }

    /// Of a struct's member: it has a name of its own.
    pub(super) fn member(self, field: &Field) -> Self {
        Self { name: name::of(field.name()), ..self.element(Some(field)) }
    }

    pub(super) fn refuse(self, data_type: &DataType) -> MaskError {
        MaskError::ArrowType { column: self.column, data_type: kind_of(data_type).to_owned() }
    }
}

fn declared_kind(field: &Field) -> Option<ColumnKind> {
    let scale = field.metadata().get("scale").and_then(|scale| scale.parse().ok());
    field.metadata().get("logicalType").map(|kind| ColumnKind::snowflake(kind, scale))
}

/// `None`: no change. The type stays.
pub(super) fn masked(array: &ArrayRef, cells: Cells, place: &mut Place<'_>) -> Result<Option<ArrayRef>, MaskError> {
    /// Struct, List and Map nest by recursion; no table nests this deep.
    const DEEPEST: usize = 32;
    if cells.depth > DEEPEST {
        return Err(cells.refuse(array.data_type()));
    }
    match array.data_type() {
        // Decimal32 has 9 digits, Float32 has 8: no card number fits.
        DataType::Null | DataType::Boolean | DataType::Float16 | DataType::Float32 => Ok(None),
        DataType::Date32
        | DataType::Date64
        | DataType::Time32(_)
        | DataType::Time64(_)
        | DataType::Timestamp(..)
        | DataType::Duration(_)
        | DataType::Interval(_) => Ok(None),
        DataType::Int8 => numbers::integers::<Int8Type>(array, cells, place),
        DataType::Int16 => numbers::integers::<Int16Type>(array, cells, place),
        DataType::Int32 => numbers::integers::<Int32Type>(array, cells, place),
        DataType::Int64 => numbers::integers::<Int64Type>(array, cells, place),
        DataType::UInt8 => numbers::integers::<UInt8Type>(array, cells, place),
        DataType::UInt16 => numbers::integers::<UInt16Type>(array, cells, place),
        DataType::UInt32 => numbers::integers::<UInt32Type>(array, cells, place),
        DataType::UInt64 => numbers::integers::<UInt64Type>(array, cells, place),
        DataType::Decimal32(_, scale) => numbers::decimals::<Decimal32Type>(array, *scale, cells, place),
        DataType::Decimal64(_, scale) => numbers::decimals::<Decimal64Type>(array, *scale, cells, place),
        DataType::Decimal128(_, scale) => numbers::decimals::<Decimal128Type>(array, *scale, cells, place),
        DataType::Decimal256(_, scale) => numbers::wide_decimals(array, *scale, cells, place),
        DataType::Float64 => numbers::floats(array, cells, place),
        DataType::Utf8 => bytes::strings::<i32>(array, cells, place),
        DataType::LargeUtf8 => bytes::strings::<i64>(array, cells, place),
        DataType::Utf8View => bytes::string_views(array, cells, place),
        DataType::Binary => bytes::binaries::<i32>(array, cells, place),
        DataType::LargeBinary => bytes::binaries::<i64>(array, cells, place),
        DataType::BinaryView => bytes::binary_views(array, cells, place),
        DataType::Dictionary(..) => nested::dictionary(array, cells, place),
        DataType::List(field) => nested::list::<i32>(array, field, cells, place),
        DataType::LargeList(field) => nested::list::<i64>(array, field, cells, place),
        DataType::FixedSizeList(field, size) => nested::fixed_list(array, field, *size, cells, place),
        DataType::Struct(fields) if decfloat::is(fields) => decfloat::masked(array, cells, place),
        DataType::Struct(fields) => nested::structure(array, fields, cells, place),
        DataType::RunEndEncoded(ends, _) => nested::runs(array, ends, cells, place),
        DataType::Map(field, sorted) => nested::map(array, field, *sorted, cells, place),
        other => Err(cells.refuse(other)),
    }
}

/// The name of a type without its fields, whose names are the upstream's.
pub(super) fn kind_of(data_type: &DataType) -> &'static str {
    match data_type {
        DataType::List(_) | DataType::LargeList(_) | DataType::FixedSizeList(..) => "list",
        DataType::Struct(_) => "struct",
        DataType::Map(..) => "map",
        DataType::Dictionary(..) => "dictionary",
        DataType::ListView(_) | DataType::LargeListView(_) => "list view",
        DataType::Union(..) => "union",
        DataType::RunEndEncoded(..) => "run-end encoded",
        DataType::FixedSizeBinary(_) => "fixed-size binary",
        _ => "unknown",
    }
}
