//! What must hold of the codec for any input. The fuzz targets and the ordinary tests run the same functions.

#![allow(clippy::unwrap_used, clippy::indexing_slicing, clippy::panic)]

mod answer;
mod arrow;
mod chunk;
mod login;
mod query;
mod route;

use hoop_masking::{Column, ColumnKind};

pub use answer::answer;
pub use chunk::chunk;
pub use login::login;
pub use query::query_request;
pub use route::route;

/// What must never come out.
const CARD: &str = "4111111111111111";

/// Longest input looked at: what must hold of a long one must hold of a short one.
const LONGEST: usize = 64 * 1024;

/// Whether a row holds the card number. In a column of bytes its digits are the hexadecimal of others.
fn in_row(row: &[Option<String>], columns: &[Column]) -> bool {
    let is_card =
        |(cell, column): (&Option<String>, &Column)| column.kind != ColumnKind::Binary && cell.as_deref() == Some(CARD);
    row.iter().zip(columns).any(is_card)
}

/// Whether a document holds `wanted` as a whole text, key or number.
fn holds(value: &serde_json::Value, wanted: &str) -> bool {
    use serde_json::Value::{Array, Number, Object, String};
    match value {
        String(text) => text == wanted,
        Number(number) => number.as_str() == wanted,
        Array(items) => items.iter().any(|item| holds(item, wanted)),
        Object(members) => members.iter().any(|(key, value)| key == wanted || holds(value, wanted)),
        _ => false,
    }
}
