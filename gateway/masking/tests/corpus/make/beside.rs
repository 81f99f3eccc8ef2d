//! What must stay of a text that does hold a card number.

use super::repeat;
use crate::corpus::{
    case::{Case, Format},
    rng::Rng,
    spelling::everyday,
};

const SENTENCES: &[&str] = &[
    "{} was charged 318 EUR; the CVV matched.",
    "CVV mismatch on {}, 482 retries so far",
    "{}: PIN tries left 2, opened 1204 days ago",
    "PIN required for {} above 1500 EUR",
    "Connect pin 13 and pin 14, then swipe {}.",
    "order 4821, card {}, total 1,249.90 EUR",
    "{} was issued in 2019 by bank 1024, branch 318",
    "trace 550e8400-e29b-41d4-a716-446655440000: {} declined",
    "1700000000000 {} approved, code 00",
    "call +49 151 23456789 about {}, room 318",
    "{} (Recife, -8.0475622) paid 12.50 on 2024-03-05",
];

pub fn cases() -> Vec<Case> {
    let name = "beside_a_card";
    let rng = &mut Rng::of(name);
    repeat(SENTENCES.len() * 5, |turn| {
        let (_, written) = everyday(rng);
        let sentence = SENTENCES[turn % SENTENCES.len()];
        let mut case = Case::decoy(name, Format::Text, super::fill(sentence, &written));
        case.keep.clear();
        case.keeps_around(sentence)
    })
}
