//! What must hold of the codec for any input. The fuzz targets and the ordinary tests run the same functions.

#![allow(clippy::unwrap_used, clippy::indexing_slicing, clippy::panic)]

mod message;
mod sse;
mod stdio;

pub use message::message;
pub use sse::sse;
pub use stdio::stdio;

/// Longest input looked at: what must hold of a long one must hold of a short one.
const LONGEST: usize = 64 * 1024;

/// The ways in which bytes may arrive: whole, one by one, and in pieces whose lengths the input says itself.
fn splits(data: &[u8]) -> Vec<Vec<&[u8]>> {
    let mut uneven = Vec::new();
    let (mut rest, mut lengths) = (data, data.iter().cycle());
    while !rest.is_empty() {
        let length = lengths.next().map_or(1, |byte| 1 + usize::from(*byte) % 13).min(rest.len());
        let (piece, left) = rest.split_at(length);
        uneven.push(piece);
        // Nothing may arrive as well.
        uneven.push(&rest[..0]);
        rest = left;
    }
    vec![data.chunks(1).collect(), uneven]
}
