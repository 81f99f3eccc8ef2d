//! What a column of a table is, as its protocol declares it.

use crate::PlaceName;

/// A column by name and type.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Column {
    pub name: String,
    pub kind: ColumnKind,
    /// The table it is of; `None` for an expression.
    pub table: Option<Table>,
}

/// A table by its full name, as far as the protocol says it.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Table {
    pub database: Option<String>,
    pub schema: Option<String>,
    pub name: String,
}

/// How a column's values are spelled, which decides what may stand in a masked one's place.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
#[non_exhaustive]
pub enum ColumnKind {
    /// Strings, and everything whose values are spelled as text: VARIANT, OBJECT, ARRAY, MAP, GEOGRAPHY, unknown types.
    #[default]
    Text,
    /// Exact numbers. `scale` digits stand after the point, or, in an Arrow integer, make up its last places.
    Number {
        scale: i8,
    },
    /// Floating and decimal-floating numbers.
    Real,
    /// Dates, times, timestamps and intervals: never card data, passed as they are.
    Temporal,
    Boolean,
    /// Bytes; hexadecimal where the carrier is text.
    Binary,
}

impl Column {
    pub fn new(name: impl Into<String>, kind: ColumnKind) -> Self {
        Self { name: name.into(), kind, table: None }
    }

    #[must_use]
    pub fn of(self, table: Option<Table>) -> Self {
        Self { table, ..self }
    }

    /// Its place, as rules name it.
    pub(crate) fn place(&self) -> PlaceName<'_> {
        let table = self.table.as_ref();
        PlaceName::Column {
            database: table.and_then(|table| table.database.as_deref()),
            schema: table.and_then(|table| table.schema.as_deref()),
            table: table.map(|table| table.name.as_str()),
            column: &self.name,
        }
    }

    /// A column of a Snowflake result, by `rowtype[].name`, `.type` and `.scale` (or an Arrow field's `logicalType` and
    /// `scale`). An unknown type is read as text.
    pub fn snowflake(name: impl Into<String>, kind: &str, scale: Option<i64>) -> Self {
        Self::new(name, ColumnKind::snowflake(kind, scale))
    }
}

impl ColumnKind {
    /// See [`Column::snowflake`].
    pub fn snowflake(kind: &str, scale: Option<i64>) -> Self {
        let kind = kind.to_ascii_lowercase();
        match kind.as_str() {
            "fixed" => Self::Number { scale: scale.and_then(|scale| i8::try_from(scale).ok()).unwrap_or(0) },
            "real" | "decfloat" => Self::Real,
            "date" | "time" => Self::Temporal,
            "boolean" => Self::Boolean,
            "binary" => Self::Binary,
            other if other.starts_with("timestamp_") || other.starts_with("interval_") => Self::Temporal,
            _ => Self::Text,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn snowflake_types() {
        let kind = ColumnKind::snowflake;
        assert_eq!(kind("fixed", Some(2)), ColumnKind::Number { scale: 2 });
        assert_eq!(kind("FIXED", None), ColumnKind::Number { scale: 0 });
        assert_eq!(kind("TIMESTAMP_NTZ", Some(9)), ColumnKind::Temporal);
        assert_eq!(kind("decfloat", None), ColumnKind::Real);
        assert_eq!(kind("variant", None), ColumnKind::Text);
        assert_eq!(kind("something new", None), ColumnKind::Text);
    }
}
