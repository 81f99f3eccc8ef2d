//! An upstream that lies and clients that want what is not theirs, against the programs themselves: refused in words that
//! a driver reads, bounded, in the trail, and no reason for the session to end.

mod client;
mod crooked;
mod upstream;

use hoop_tests::cards;
use serde_json::Value;

/// What no client may ever get a byte of.
const NEVER: [&str; 4] = [cards::VISA, "UPSTREAMONLY", "4111 1111 1111 1111", "NDExMTExMTExMTExMTExMQ"];

/// A refusal as a driver raises it at once: HTTP 200, a code and words.
#[track_caller]
fn refused(answer: &Value, code: &str, words: &str) {
    assert_eq!(answer["success"], false, "{answer}");
    assert_eq!(answer["code"], code, "{answer}");
    assert!(answer["message"].as_str().unwrap().contains(words), "{words:?} in {answer}");
}
