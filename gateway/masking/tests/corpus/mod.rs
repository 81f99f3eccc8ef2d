//! A labelled corpus, built from the published rules of card numbers and not from what the masker does.

#![allow(clippy::unwrap_used, clippy::indexing_slicing)]

pub mod case;
mod decode;
pub mod engine;
mod make;
pub mod pan;
mod reading;
pub mod report;
pub mod rng;
pub mod score;
pub mod spelling;

use case::Case;

/// Every case, always the same ones in the same order.
pub fn corpus() -> Vec<Case> {
    let mut cases = make::all();
    let (mut category, mut number) = ("", 0);
    for case in &mut cases {
        number = if case.category == category { number + 1 } else { 1 };
        category = case.category;
        case.id = format!("{category}-{number:03}");
    }
    cases
}
