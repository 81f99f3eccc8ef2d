use serde_json::{Value as Json, json};

use super::made::Made;

/// A Snowflake type, as a result's `rowtype` names it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Kind {
    Fixed { precision: u8, scale: i8 },
    Real,
    DecFloat,
    Text,
    Boolean,
    Date,
    Time,
    TimestampNtz,
    TimestampLtz,
    TimestampTz,
    Variant,
    Object,
    Array,
    Binary,
    Geography,
    Vector(i32),
}

impl Kind {
    pub(crate) const WHOLE: Self = Self::Fixed { precision: 38, scale: 0 };

    pub(crate) const fn name(self) -> &'static str {
        match self {
            Self::Fixed { .. } => "fixed",
            Self::Real => "real",
            Self::DecFloat => "decfloat",
            Self::Text => "text",
            Self::Boolean => "boolean",
            Self::Date => "date",
            Self::Time => "time",
            Self::TimestampNtz => "timestamp_ntz",
            Self::TimestampLtz => "timestamp_ltz",
            Self::TimestampTz => "timestamp_tz",
            Self::Variant => "variant",
            // GeoJSON is the default output of a GEOGRAPHY; `extTypeName` tells it apart.
            Self::Object | Self::Geography => "object",
            Self::Array => "array",
            Self::Binary => "binary",
            Self::Vector(_) => "vector",
        }
    }

    pub(crate) const fn precision(self) -> Option<u8> {
        match self {
            Self::Fixed { precision, .. } => Some(precision),
            Self::Time | Self::TimestampNtz | Self::TimestampLtz | Self::TimestampTz => Some(0),
            Self::DecFloat => Some(38),
            _ => None,
        }
    }

    pub(crate) const fn scale(self) -> Option<i8> {
        match self {
            Self::Fixed { scale, .. } => Some(scale),
            Self::Time | Self::TimestampNtz | Self::TimestampLtz | Self::TimestampTz => Some(9),
            _ => None,
        }
    }

    /// Characters, for the types that have a length.
    pub(crate) const fn length(self) -> Option<u32> {
        match self {
            Self::Text => Some(16_777_216),
            Self::Binary => Some(8_388_608),
            _ => None,
        }
    }

    pub(crate) const fn byte_length(self) -> Option<u32> {
        match self {
            Self::Text => Some(16_777_216),
            Self::Binary => Some(8_388_608),
            Self::TimestampTz => Some(16),
            _ => None,
        }
    }
}

/// How wide a FIXED column is in Arrow; the text form does not change.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) enum Width {
    #[default]
    Int64,
    Int8,
    Int16,
    Int32,
    Decimal128,
}

#[derive(Debug, Clone)]
pub(crate) struct Column {
    pub(crate) name: String,
    pub(crate) kind: Kind,
    pub(crate) width: Width,
}

impl Column {
    pub(crate) fn new(name: impl Into<String>, kind: Kind) -> Self {
        Self { name: name.into(), kind, width: Width::default() }
    }

    pub(crate) fn wide(mut self, width: Width) -> Self {
        self.width = width;
        self
    }

    pub(crate) fn row_type(&self) -> Json {
        let mut row_type = json!({
            "name": self.name, "database": "", "schema": "", "table": "", "nullable": true, "type": self.kind.name(),
            "length": self.kind.length(), "byteLength": self.kind.byte_length(), "precision": self.kind.precision(),
            "scale": self.kind.scale(), "collation": null,
        });
        if let (Kind::Geography, Some(fields)) = (self.kind, row_type.as_object_mut()) {
            fields.insert("extTypeName".to_owned(), json!("GEOGRAPHY"));
        }
        if let (Kind::Vector(dimension), Some(fields)) = (self.kind, row_type.as_object_mut()) {
            fields.insert("vectorDimension".to_owned(), json!(dimension));
            let element = json!([{ "name": "", "type": "real", "nullable": false, "precision": null, "scale": null, "length": null, "byteLength": null, "fields": null }]);
            fields.insert("fields".to_owned(), element);
        }
        row_type
    }
}

#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Value {
    Null,
    /// FIXED, unscaled: 12.50 at scale 2 is 1250.
    Fixed(i128),
    Real(f64),
    DecFloat {
        significand: i128,
        exponent: i16,
    },
    /// TEXT, and VARIANT, OBJECT, ARRAY and GEOGRAPHY as JSON text.
    Text(String),
    Boolean(bool),
    /// Days since 1970-01-01.
    Date(i32),
    /// Nanoseconds since midnight.
    Time(i64),
    /// Seconds since the epoch, nanoseconds, and minutes east of UTC.
    Timestamp {
        seconds: i64,
        nanos: i32,
        offset: i32,
    },
    Binary(Vec<u8>),
    Vector(Vec<f32>),
}

pub(crate) enum Rows {
    Listed(Vec<Vec<Value>>),
    Made(Made),
}

/// A result before it takes a wire form.
pub(crate) struct Table {
    pub(crate) columns: Vec<Column>,
    pub(crate) rows: Rows,
    /// `statementTypeId`: 0x1000 for a query, 0x3100 and up for DML, 0x6000 for the rest.
    pub(crate) statement_type: u32,
}

impl Table {
    pub(crate) const QUERY: u32 = 0x1000;
    pub(crate) const DEFINITION: u32 = 0x6000;

    pub(crate) fn query(columns: Vec<Column>, rows: Vec<Vec<Value>>) -> Self {
        Self { columns, rows: Rows::Listed(rows), statement_type: Self::QUERY }
    }

    /// One text row in a column named `status`, the answer of most statements that return no rows of their own.
    pub(crate) fn status(message: &str) -> Self {
        Self {
            columns: vec![Column::new("status", Kind::Text)],
            rows: Rows::Listed(vec![vec![Value::Text(message.to_owned())]]),
            statement_type: Self::DEFINITION,
        }
    }

    pub(crate) fn len(&self) -> usize {
        match &self.rows {
            Rows::Listed(rows) => rows.len(),
            Rows::Made(made) => made.rows,
        }
    }

    /// Rows `start..start + count`, or as many as there are.
    pub(crate) fn slice(&self, start: usize, count: usize) -> Vec<Vec<Value>> {
        match &self.rows {
            Rows::Listed(rows) => rows.iter().skip(start).take(count).cloned().collect(),
            Rows::Made(made) => {
                (start..start.saturating_add(count).min(made.rows)).map(|index| made.row(index)).collect()
            }
        }
    }
}
