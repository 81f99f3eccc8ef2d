//! How our types lie in columns: ids and times as text, documents as JSON.

use std::str::FromStr;

use hoop_model::{Subject, Timestamp};
use serde::{Serialize, de::DeserializeOwned};
use sqlx::{Row, sqlite::SqliteRow};

use crate::StoreError;

/// Fixed width, so that text sorts as time does.
pub(crate) fn time(at: Timestamp) -> String {
    format!("{at:.9}")
}

pub(crate) fn json<T: Serialize>(what: &'static str, value: &T) -> Result<String, StoreError> {
    serde_json::to_string(value).map_err(|error| StoreError::Unreadable { what, detail: error.to_string() })
}

/// One text for issuer and name, which cannot run together.
pub(crate) fn subject(subject: &Subject) -> Result<String, StoreError> {
    json("subject", &(&subject.issuer, &subject.sub))
}

/// SQLite's integers are signed.
pub(crate) fn count(what: &'static str, count: u64) -> Result<i64, StoreError> {
    i64::try_from(count).map_err(|error| StoreError::Unreadable { what, detail: error.to_string() })
}

pub(crate) fn document<T: DeserializeOwned>(row: &SqliteRow, column: &'static str) -> Result<T, StoreError> {
    let text: String = row.try_get(column)?;
    serde_json::from_str(&text).map_err(|error| StoreError::Unreadable { what: column, detail: error.to_string() })
}

pub(crate) fn parsed<T: FromStr>(row: &SqliteRow, column: &'static str) -> Result<T, StoreError>
where
    T::Err: std::fmt::Display,
{
    let text: String = row.try_get(column)?;
    text.parse().map_err(|error: T::Err| StoreError::Unreadable { what: column, detail: error.to_string() })
}

pub(crate) fn optional_time(row: &SqliteRow, column: &'static str) -> Result<Option<Timestamp>, StoreError> {
    let text: Option<String> = row.try_get(column)?;
    text.map(|text| text.parse()).transpose().map_err(|error: <Timestamp as FromStr>::Err| StoreError::Unreadable {
        what: column,
        detail: error.to_string(),
    })
}
