//! What is to come of the double's generated payments, of which every row holds card numbers.

use std::sync::OnceLock;

use aws_lc_rs::digest::{Context, SHA256};
use hoop_tests::cards::{luhn, made, masked};

pub const ROWS: usize = 1_000_000;

/// How a client shows the amount 12.50.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Amount {
    /// `12.50`
    Exact,
    /// `12.5`
    Shortest,
    /// `12.5`, and `7.0` for a whole number.
    Float,
}

/// The digest of each column of [`ROWS`] rows, masked, each cell's text on a line: the number, the card number as text
/// and as a number, the note.
pub fn digests() -> &'static [String; 4] {
    static DIGESTS: OnceLock<[String; 4]> = OnceLock::new();
    DIGESTS.get_or_init(|| {
        [
            digest(|index| (index + 1).to_string()),
            digest(|index| masked(&made(index))),
            digest(|index| zeroed(&made(index))),
            digest(|index| match index % 10 {
                0 => format!("customer read out {} on the phone", masked(&made(index))),
                5 => "null".to_owned(),
                _ => format!("order {}", 100_000 + index),
            }),
        ]
    })
}

/// The digest of the amounts.
pub fn amounts(how: Amount) -> String {
    digest(|index| {
        let cents = (index % 500_000) * 7 + 99;
        let exact = format!("{}.{:02}", cents / 100, cents % 100);
        let shortest = exact.trim_end_matches('0').trim_end_matches('.');
        match how {
            Amount::Exact => exact,
            Amount::Float if !shortest.contains('.') => format!("{shortest}.0"),
            Amount::Shortest | Amount::Float => shortest.to_owned(),
        }
    })
}

fn digest(cell: impl Fn(usize) -> String) -> String {
    let mut context = Context::new(&SHA256);
    for index in 0..ROWS {
        context.update(cell(index).as_bytes());
        context.update(b"\n");
    }
    hex(context.finish().as_ref())
}

pub fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

/// As a number; where zeros alone would make a card number again, a digit differs.
fn zeroed(pan: &str) -> String {
    let with = |middle: &str| format!("{}{middle}{}", &pan[..6], &pan[12..]);
    Some(with("000000")).filter(|number| !luhn(number)).unwrap_or_else(|| with("000001"))
}
