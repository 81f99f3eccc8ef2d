//! What the masker is measured against.

use std::{
    io::Write,
    path::Path,
    process::{Command, Stdio},
    sync::LazyLock,
};

/// A scan for card numbers as one writes it with the `regex` crate: a match, its brand, its check digit. It hides
/// nothing, and knows digits with single spaces or dashes only.
pub fn regex_scan(text: &[u8]) -> usize {
    static CARD: LazyLock<regex::bytes::Regex> =
        LazyLock::new(|| regex::bytes::Regex::new(r"(?-u)\b(?:\d[ -]?){11,18}\d\b").unwrap());
    static BRAND: LazyLock<regex::bytes::Regex> = LazyLock::new(|| {
        regex::bytes::Regex::new(r"(?-u)^(?:4|5[1-5]|2[2-7]|3[47]|3[0689]|35|6[0245]|81|50[1236]|58|63|67|9792)")
            .unwrap()
    });
    let is_card = |found: &regex::bytes::Match<'_>| BRAND.is_match(found.as_bytes()) && luhn(found.as_bytes());
    CARD.find_iter(text).filter(is_card).count()
}

fn luhn(text: &[u8]) -> bool {
    let digits = text.iter().rev().filter(|byte| byte.is_ascii_digit()).map(|byte| u32::from(byte - b'0'));
    let sum: u32 =
        digits.enumerate().map(|(place, digit)| if place % 2 == 0 { digit } else { digit * 2 % 10 + digit / 5 }).sum();
    sum.is_multiple_of(10)
}

/// Bytes per second of Presidio's card recogniser, analyze and anonymize, on the beginning of the text. `None`: it is
/// not installed (`tests/run --presidio` does it).
pub fn presidio(text: &[u8]) -> Option<f64> {
    /// Enough for some seconds.
    const BEGINNING: usize = 4 * 1024 * 1024;
    let peers = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../tests/peers");
    let python = peers.join(".venv-presidio/bin/python");
    if !python.exists() {
        return None;
    }
    let mut file = tempfile::NamedTempFile::new().ok()?;
    file.write_all(&text[..BEGINNING]).ok()?;
    let out = Command::new(python)
        .arg(peers.join("presidio_score.py"))
        .arg("--speed")
        .arg(file.path())
        .stderr(Stdio::null())
        .output()
        .ok()?;
    let text = String::from_utf8(out.stdout).ok()?;
    text.split_whitespace().find_map(|word| word.parse::<f64>().ok()).map(|rate| rate * 1e6)
}
