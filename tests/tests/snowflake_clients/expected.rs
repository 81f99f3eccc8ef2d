//! What is to come of the double's generated payments, of which every row holds card numbers.

use std::sync::OnceLock;

use aws_lc_rs::digest::{Context, SHA256};
use hoop_tests::cards::{luhn, made, masked};

/// Through the gateway.
pub const ROWS: usize = 1_000_000;
/// Directly: what a client makes of a row is the same in a tenth of them, and takes it a tenth of the time.
pub const DIRECT_ROWS: usize = 100_000;

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

/// The digests of the columns: the row's number, the card number as text and as a number, the amount, and the note. Each
/// cell's text is on a line.
pub type Digests = [String; 5];

/// Of [`DIRECT_ROWS`].
pub fn clear(amount: Amount) -> Digests {
    let pan = digest(DIRECT_ROWS, made);
    let note = digest(DIRECT_ROWS, |index| note(index, &made(index)));
    [ids(DIRECT_ROWS), pan.clone(), pan, amounts(DIRECT_ROWS, amount), note]
}

/// Of [`ROWS`].
pub fn hidden(amount: Amount) -> Digests {
    static HIDDEN: OnceLock<[String; 4]> = OnceLock::new();
    let [id, text, number, note] = HIDDEN.get_or_init(|| {
        let pans: Vec<_> = (0..ROWS).map(made).collect();
        [
            ids(ROWS),
            digest(ROWS, |index| masked(&pans[index])),
            digest(ROWS, |index| zeroed(&pans[index])),
            digest(ROWS, |index| note(index, &masked(&pans[index]))),
        ]
    });
    [id.clone(), text.clone(), number.clone(), amounts(ROWS, amount), note.clone()]
}

fn ids(rows: usize) -> String {
    digest(rows, |index| (index + 1).to_string())
}

fn note(index: usize, card: &str) -> String {
    match index % 10 {
        0 => format!("customer read out {card} on the phone"),
        5 => "null".to_owned(),
        _ => format!("order {}", 100_000 + index),
    }
}

fn amounts(rows: usize, how: Amount) -> String {
    digest(rows, |index| {
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

fn digest(rows: usize, cell: impl Fn(usize) -> String) -> String {
    let mut context = Context::new(&SHA256);
    for index in 0..rows {
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
