//! Glued to letters and underscores.

use super::{fill, repeat};
use crate::corpus::{
    case::{Case, Format},
    rng::Rng,
    spelling::everyday,
};

const PLACES: &[&str] = &[
    "PAN{}",
    "card{}expired",
    "card_{}_end",
    "x{}y",
    "CARDNO{}EXP1227",
    "a{}b",
    "__{}__",
    "ref:c{}",
    "/exports/card_{}.csv",
    "é{}ß",
    "No.{}",
    "#{}",
    "~{}~",
    "card\\{}\\",
];

pub fn cases() -> Vec<Case> {
    let name = "glued";
    let rng = &mut Rng::of(name);
    repeat(84, |turn| {
        let (pan, written) = everyday(rng);
        let place = PLACES[turn % PLACES.len()];
        Case::hard(name, Format::Text, fill(place, &written)).hides(&pan).keeps_around(place)
    })
}
