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

use hoop_mcp::{LIMIT, Message, MessageError, sse, stdio};
use mutation::run;
use rng::Rng;

#[test]
fn message() {
    run("message", fuzzed::message, 40_000);
}

#[test]
fn sse() {
    run("sse", fuzzed::sse, 24_000);
}

#[test]
fn stdio() {
    run("stdio", fuzzed::stdio, 40_000);
}

/// The bounds themselves, which no input of a fuzzer is long enough for.
#[test]
fn the_limit_is_the_last_that_passes() {
    let message = |length: usize| {
        let (head, tail) = (r#"{"jsonrpc":"2.0","method":"a","x":""#, r#""}"#);
        format!("{head}{}{tail}", "x".repeat(length - head.len() - tail.len())).into_bytes()
    };
    assert!(Message::parse(&message(LIMIT)).is_ok());
    assert!(matches!(Message::parse(&message(LIMIT + 1)), Err(MessageError::TooLong)));

    let line = |length: usize| stdio::Decoder::new().push(&vec![b'x'; length]);
    assert!(line(LIMIT).is_ok());
    assert!(matches!(line(LIMIT + 1), Err(MessageError::TooLong)));

    let field = |length: usize| sse::Decoder::new().push(&vec![b'x'; length]);
    assert!(field(LIMIT).is_ok());
    assert_eq!(field(LIMIT + 1), Err(sse::SseError::TooLong));
    // Lines that are short each add up all the same.
    let mut decoder = sse::Decoder::new();
    let lines = "data: x\n".repeat(1024 * 1024).into_bytes();
    assert!((0..=LIMIT / (2 * 1024 * 1024)).any(|_| decoder.push(&lines).is_err()));
}

/// Writes the seeds anew: `cargo test -p hoop-mcp --test fuzzed -- --ignored`.
#[test]
#[ignore = "it writes into the source tree"]
fn write_seeds() {
    mutation::write(seeds::all());
}
