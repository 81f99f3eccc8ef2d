//! Other numbers beside a card number, with nothing but a separator between them.

use super::repeat;
use crate::corpus::{
    case::{Case, Class, Format},
    pan,
    rng::Rng,
    spelling::{GROUPINGS, draw},
};

const PLACES: &[&str] = &[
    "{a}\n{b}\n{c}\n",
    "{a}\r\n{b}\r\n{c}",
    "{a} {b} {c}",
    "{a}, {b}, {c}",
    "{a};{b};{c};",
    "17\n{a}\n18\n{b}\n19\n{c}\n",
    "1 {a} 250\n2 {b} 300\n3 {c} 12\n",
    "0017  {a}  20240305\n0018  {b}  20240306\n0019  {c}  20240307\n",
    "{a} 12/27, {b} 01/28, {c} 03/29",
    "{a}|12|2027|{b}|01|2028|{c}|03|2029",
    "2024-03-05 {a} 2024-03-06 {b} 2024-03-07 {c}",
    "10:15:32 {a} 318\n10:15:33 {b} 318\n10:15:34 {c} 318\n",
    "{a}/1227 {b}/0128 {c}/0329",
    "2 x {a}, 3 x {b}, 4 x {c}",
    "1. {a}\n2. {b}\n3. {c}\n",
];

pub fn cases() -> Vec<Case> {
    let mut cases = every(Class::Plain, "number_beside_number", pan::any);
    cases.extend(every(Class::Hard, "groups_beside_number", |rng| {
        let groups = rng.pick(&GROUPINGS[..4]);
        draw(rng, groups, " ").1
    }));
    cases
}

fn every(class: Class, name: &'static str, write: impl Fn(&mut Rng) -> String) -> Vec<Case> {
    let rng = &mut Rng::of(name);
    repeat(PLACES.len() * 6, |turn| {
        let written = [write(rng), write(rng), write(rng)];
        let text = ["{a}", "{b}", "{c}"]
            .iter()
            .zip(&written)
            .fold(PLACES[turn % PLACES.len()].to_owned(), |text, (place, number)| text.replace(place, number));
        let case = Case::new(class, name, Format::Text, text);
        written.iter().fold(case, |case, number| case.hides(&number.replace(' ', "")))
    })
}
