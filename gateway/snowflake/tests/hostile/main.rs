//! What no honest driver or upstream sends, and exactly what becomes of it.
#![allow(clippy::unwrap_used, clippy::indexing_slicing, clippy::panic)]

mod arrow;
mod chunks;
mod client;
mod upstream;

use std::{fmt::Debug, io::Write};

use flate2::{Compression, write::GzEncoder};

/// What must never come out, and what does in its place, as text and as a number.
const CARD: &str = "4111111111111111";
const MASKED: &str = "411111******1111";
const ZEROED: &str = "4111110000001111";

/// Runs every case, and names those that came out otherwise.
fn each<I, O: PartialEq + Debug>(cases: impl IntoIterator<Item = (&'static str, I, O)>, run: impl Fn(I) -> O) {
    let wrong = |(name, input, expected)| {
        let found = run(input);
        (found != expected).then(|| format!("{name}: {found:?}, and not {expected:?}"))
    };
    let wrong: Vec<String> = cases.into_iter().filter_map(wrong).collect();
    assert!(wrong.is_empty(), "{wrong:#?}");
}

fn gzip(bytes: &[u8]) -> Vec<u8> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::best());
    encoder.write_all(bytes).unwrap();
    encoder.finish().unwrap()
}
