//! Every grouping with every separator of ASCII.

use super::fill;
use crate::corpus::{
    case::{Case, Class, Format},
    rng::Rng,
    spelling::{ASCII_SEPARATORS, GROUPINGS, WIDE_SEPARATORS, draw},
};

const AROUND: &[&str] =
    &["{}", "Card: {}", "Please charge {}, thanks.", "(on file: {})", "number '{}' was declined", "> {}"];

pub fn cases() -> Vec<Case> {
    let mut cases = every(Class::Plain, "group_space_dash", &[" ", "-"], 12);
    cases.extend(every(Class::Hard, "separator_ascii", ASCII_SEPARATORS, 7));
    cases.extend(every(Class::Hard, "separator_wide", WIDE_SEPARATORS, 4));
    cases
}

fn every(class: Class, name: &'static str, separators: &[&str], times: usize) -> Vec<Case> {
    let rng = &mut Rng::of(name);
    let mut cases = Vec::new();
    for separator in separators {
        // Six digits, a point and thirteen digits are a decimal number.
        for groups in GROUPINGS.iter().filter(|groups| *separator != "." || groups.len() > 2) {
            for _ in 0..times {
                let (pan, written) = draw(rng, groups, separator);
                let template = rng.pick(AROUND);
                let text = fill(template, &written);
                cases.push(Case::new(class, name, Format::Text, text).hides(&pan).keeps_around(template));
            }
        }
    }
    cases
}
