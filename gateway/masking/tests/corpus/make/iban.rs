//! Account numbers of banks, with and without spaces.

use super::{fill, repeat};
use crate::corpus::{
    case::{Case, Format},
    rng::Rng,
};

/// Country, and its account number: `n` a digit, else itself.
const COUNTRIES: &[(&str, &str)] = &[
    ("DE", "nnnnnnnnnnnnnnnnnn"),
    ("ES", "nnnnnnnnnnnnnnnnnnnn"),
    ("CH", "nnnnnnnnnnnnnnnnn"),
    ("BE", "nnnnnnnnnnnn"),
    ("NL", "ABNAnnnnnnnnnn"),
    ("GB", "NWBKnnnnnnnnnnnnnn"),
    ("FR", "nnnnnnnnnnnnnnnnnnnnnnn"),
    ("PT", "nnnnnnnnnnnnnnnnnnnnn"),
];

const PLACES: &[&str] = &["IBAN: {}", "Please pay to {} by Friday.", "{}", "iban={};", "\"{}\""];

pub fn cases() -> Vec<Case> {
    let name = "iban";
    let rng = &mut Rng::of(name);
    repeat(COUNTRIES.len() * 10, |turn| {
        let (country, pattern) = COUNTRIES[turn % COUNTRIES.len()];
        let account: String = pattern.chars().map(|c| if c == 'n' { rng.digits(1) } else { c.into() }).collect();
        let iban = format!("{country}{:02}{account}", 98 - remainder(&format!("{account}{country}00")));
        let fours = || iban.as_bytes().chunks(4).map(|part| std::str::from_utf8(part).unwrap()).collect::<Vec<_>>();
        let written = if (turn / COUNTRIES.len()).is_multiple_of(2) { iban.clone() } else { fours().join(" ") };
        Case::decoy(name, Format::Text, fill(rng.pick(PLACES), &written))
    })
}

/// Modulo 97, a letter counting as two digits from 10 on.
fn remainder(text: &str) -> u32 {
    text.chars().fold(0, |rest, c| match c.to_digit(36).unwrap() {
        digit @ 0..=9 => (rest * 10 + digit) % 97,
        letter => (rest * 100 + letter) % 97,
    })
}
