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

/// The digests of the columns of [`ROWS`] rows, each cell's text on a line.
pub struct Digests {
    /// The card number as text and as a number, and the note: directly.
    pub clear: [String; 3],
    /// The same through the gateway.
    pub masked: [String; 3],
    /// The row's number.
    pub id: String,
}

pub fn digests() -> &'static Digests {
    static DIGESTS: OnceLock<Digests> = OnceLock::new();
    DIGESTS.get_or_init(|| {
        let pans: Vec<_> = (0..ROWS).map(made).collect();
        let note = |index: usize, card: &str| match index % 10 {
            0 => format!("customer read out {card} on the phone"),
            5 => "null".to_owned(),
            _ => format!("order {}", 100_000 + index),
        };
        let clear = digest(|index| pans[index].clone());
        Digests {
            clear: [clear.clone(), clear, digest(|index| note(index, &pans[index]))],
            masked: [
                digest(|index| masked(&pans[index])),
                digest(|index| zeroed(&pans[index])),
                digest(|index| note(index, &masked(&pans[index]))),
            ],
            id: digest(|index| (index + 1).to_string()),
        }
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
