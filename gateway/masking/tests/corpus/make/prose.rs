//! Sentences of mails, chats and tickets.

use super::{fill, repeat};
use crate::corpus::{
    case::{Case, Format},
    rng::Rng,
    spelling::everyday,
};

const SENTENCES: &[&str] = &[
    "Customer called about card {} and wants a refund for order 318.",
    "My card number is {} and it expires 12/27.",
    "hi, {} got charged twice on 2024-03-05, ticket #48213",
    "The charge of 1,249.90 EUR on {} was reversed.",
    "Card: {}, holder: Ana Souza, city: Recife",
    "Declined: {} (insufficient funds).",
    "Please replace {}; it was lost in Lisbon.",
    "{} is the corporate card of the Berlin office",
    "I typed {}\nand nothing happened.",
    "Tokens issued for {} and 3 more cards at 10:15:32.",
    "Was it {}? Or another one?",
    "Refund REF-2024-118 to {} approved by J. Doe",
    "Card on file={} status=active retries=3",
    "**{}** was used in 14 countries",
    "- {} (primary)\n- none (backup)",
];

const PAIRS: &[&str] = &["Move the balance from {} to {}.", "Cards: {}, {}", "{} replaced {} in May", "old={} new={}"];

pub fn cases() -> Vec<Case> {
    let name = "prose";
    let rng = &mut Rng::of(name);
    let mut cases = repeat(120, |turn| {
        let (pan, written) = everyday(rng);
        let sentence = SENTENCES[turn % SENTENCES.len()];
        Case::plain(name, Format::Text, fill(sentence, &written)).hides(&pan).keeps_around(sentence)
    });
    cases.extend(repeat(40, |turn| {
        let ((first, a), (second, b)) = (everyday(rng), everyday(rng));
        let sentence = PAIRS[turn % PAIRS.len()];
        let text = sentence.replacen("{}", &a, 1).replacen("{}", &b, 1);
        Case::plain(name, Format::Text, text).hides(&first).hides(&second)
    }));
    cases
}
