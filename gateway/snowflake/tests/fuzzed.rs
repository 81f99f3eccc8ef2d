//! The fuzz targets over their seeds and over some thousands of mutations of them, always the same ones.
#![allow(clippy::unwrap_used, clippy::indexing_slicing)]

#[path = "fuzzed/mod.rs"]
mod fuzzed;
#[path = "../../masking/tests/fuzzed/mutation.rs"]
mod mutation;
#[allow(dead_code)]
#[path = "../../masking/tests/corpus/rng.rs"]
mod rng;
#[path = "fuzzed/seeds.rs"]
mod seeds;

use mutation::run;
use rng::Rng;

#[test]
fn login() {
    run("login", fuzzed::login, 40_000);
}

#[test]
fn query_request() {
    run("query_request", fuzzed::query_request, 40_000);
}

#[test]
fn answer() {
    run("answer", fuzzed::answer, 24_000);
}

#[test]
fn chunk() {
    run("chunk", fuzzed::chunk, 24_000);
}

#[test]
fn route() {
    run("route", fuzzed::route, 80_000);
}

/// Writes the seeds anew: `cargo test -p hoop-snowflake --test fuzzed -- --ignored`.
#[test]
#[ignore = "it writes into the source tree"]
fn write_seeds() {
    mutation::write(seeds::all());
}
