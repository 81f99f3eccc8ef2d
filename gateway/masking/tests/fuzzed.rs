//! The fuzz targets over their seeds and over some thousands of mutations of them, always the same ones.
#![allow(clippy::unwrap_used, clippy::indexing_slicing)]

#[allow(dead_code)]
mod corpus;
#[path = "fuzzed/mod.rs"]
mod fuzzed;
#[path = "fuzzed/mutation.rs"]
mod mutation;
#[path = "fuzzed/seeds.rs"]
mod seeds;

use corpus::rng::Rng;
use mutation::run;

#[test]
fn text() {
    run("text", fuzzed::text, 16_000);
}

#[test]
fn json_bytes() {
    run("json_bytes", fuzzed::json_bytes, 24_000);
}

#[test]
fn json_tree() {
    run("json_tree", fuzzed::json_tree, 24_000);
}

#[test]
fn sse() {
    run("sse", fuzzed::sse, 12_000);
}

#[test]
fn rowset() {
    run("rowset", fuzzed::rowset, 48_000);
}

#[test]
fn arrow() {
    run("arrow", fuzzed::arrow, 800);
}

#[test]
fn command() {
    run("command", fuzzed::command, 12_000);
}

/// Writes the seeds anew: `cargo test -p masking --test fuzzed -- --ignored`.
#[test]
#[ignore = "it writes into the source tree"]
fn write_seeds() {
    mutation::write(seeds::all());
}
