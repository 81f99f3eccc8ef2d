//! Every brand in every length that it issues.

use super::fill;
use crate::corpus::{
    case::{Case, Format},
    pan::{RANGES, draw},
    rng::Rng,
};

const AROUND: &[&str] = &["{}", "PAN: {}", "The card is {}.", "paid with {} today", "[{}]", "\"{}\"", "card={};"];

pub fn cases() -> Vec<Case> {
    let name = "brand_and_length";
    let rng = &mut Rng::of(name);
    let mut cases = Vec::new();
    for range in RANGES {
        for length in range.lengths {
            for _ in 0..2 {
                let pan = draw(rng, range, *length);
                let template = rng.pick(AROUND);
                let text = fill(template, &pan);
                cases.push(Case::plain(name, Format::Text, text).hides(&pan).keeps_around(template));
            }
        }
    }
    cases
}
