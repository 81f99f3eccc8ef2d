//! What must hold of every adapter for any input. The fuzz targets and the ordinary tests run the same functions.

#![allow(clippy::unwrap_used, clippy::indexing_slicing, clippy::panic)]

mod aligned;
mod arrow;
mod command;
mod json;
mod rowset;
mod text;

pub use arrow::arrow;
pub use command::command;
pub use json::{json_bytes, json_tree};
pub use rowset::rowset;
pub use text::{sse, text};

/// Longest input looked at: what must hold of a long one must hold of a short one.
const LONGEST: usize = 4096;

/// For messages: what a person can read, byte for byte.
fn shown(bytes: &[u8]) -> String {
    bytes.escape_ascii().to_string()
}
