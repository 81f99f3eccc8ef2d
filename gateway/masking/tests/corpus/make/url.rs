//! Percent encoding, query strings, form bodies.

use super::{fill, repeat};
use crate::corpus::{
    case::{Case, Format},
    pan,
    rng::Rng,
    spelling::{GROUPINGS, draw},
};

const PLACES: &[&str] = &[
    "https://shop.example/pay?card={}&city=Recife",
    "GET /v1/charge?number={}&amount=1250 HTTP/1.1",
    "name=Ana+Souza&number={}&exp=12%2F27",
    "https://shop.example/cards/{}/tokens",
    "https://shop.example/#n={}",
    "redirect=https%3A%2F%2Fshop.example%2Fpay%3Fcard%3D{}%26ok%3D1",
    "/search?q=%22{}%22",
    "/search?filter=%7B%22n%22%3A%22{}%22%7D",
    "/list?n=1%2C{}%2C2",
];

pub fn cases() -> Vec<Case> {
    let name = "url";
    let rng = &mut Rng::of(name);
    repeat(162, |turn| {
        let place = PLACES[turn % PLACES.len()];
        let groups = rng.pick(&GROUPINGS[..4]);
        let (pan, written) = match turn / PLACES.len() % 6 {
            0 => plain(rng),
            1 => draw(rng, groups, "%20"),
            2 if !place.contains("/cards/") => draw(rng, groups, "+"),
            2 | 3 => draw(rng, groups, "%2D"),
            4 => encoded(rng, 1),
            _ => encoded(rng, 3),
        };
        Case::hard(name, Format::Text, fill(place, &written)).hides(&pan)
    })
}

fn plain(rng: &mut Rng) -> (String, String) {
    let pan = pan::any(rng);
    (pan.clone(), pan)
}

/// One digit in `every` as `%34`.
fn encoded(rng: &mut Rng, every: usize) -> (String, String) {
    let pan = pan::any(rng);
    let written = pan.chars().map(|digit| if rng.below(every) == 0 { format!("%3{digit}") } else { digit.into() });
    let written = written.collect();
    (pan, written)
}
