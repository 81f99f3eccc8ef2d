//! Decimals, places on earth, money, lists, versions.

use serde_json::json;

use super::repeat;
use crate::corpus::{
    case::{Case, Format},
    pan,
    rng::Rng,
};

pub fn cases() -> Vec<Case> {
    let mut cases = fractions();
    cases.extend(places());
    cases.extend(money());
    cases.extend(lists());
    cases.extend(versions());
    cases
}

/// The fraction is a valid card number.
fn fractions() -> Vec<Case> {
    let name = "decimal_fraction";
    let rng = &mut Rng::of(name);
    repeat(48, |turn| {
        let (whole, pan) = (rng.below(180), pan::any(rng));
        match turn % 3 {
            0 => Case::decoy(name, Format::Json, format!(r#"{{"score":{whole}.{pan},"n":1}}"#)),
            1 => Case::decoy(name, Format::Json, format!(r#"[0.{pan},-{whole}.{pan}]"#)),
            _ => Case::decoy(name, Format::Text, format!("mean={whole}.{pan} n=40")),
        }
    })
}

fn places() -> Vec<Case> {
    let name = "latitude";
    let rng = &mut Rng::of(name);
    repeat(40, |turn| {
        let (lat, lon) =
            (format!("{}.{}", rng.below(90), rng.digits(13)), format!("-{}.{}", rng.below(180), rng.digits(14)));
        match turn % 3 {
            0 => Case::decoy(name, Format::Json, format!(r#"{{"lat":{lat},"lon":{lon}}}"#)),
            1 => Case::decoy(name, Format::Text, format!("geo:{lat},{lon}")),
            _ => Case::decoy(name, Format::Json, json!({"type": "Point", "at": format!("{lat} {lon}")}).to_string()),
        }
    })
}

/// Commas between thousands: never a separator of cards.
fn money() -> Vec<Case> {
    let name = "money";
    let rng = &mut Rng::of(name);
    repeat(36, |turn| {
        let amount = match turn % 3 {
            0 => {
                let digits = pan::of_length(rng, 16);
                let (head, rest) = digits.split_at(1);
                let threes: Vec<&str> =
                    rest.as_bytes().chunks(3).map(|part| std::str::from_utf8(part).unwrap()).collect();
                format!("{head},{}", threes.join(","))
            }
            1 => format!("{},{}.{}", rng.within(1, 999), rng.digits(3), rng.digits(2)),
            _ => format!("{}.{},{}", rng.within(1, 999), rng.digits(3), rng.digits(2)),
        };
        Case::decoy(name, Format::Text, format!("Total: {amount} EUR incl. 19% VAT"))
    })
}

fn lists() -> Vec<Case> {
    let name = "list_of_numbers";
    let rng = &mut Rng::of(name);
    repeat(60, |turn| {
        let small: Vec<String> = (0..24).map(|_| rng.below(100).to_string()).collect();
        let years: Vec<String> = (0..4).map(|_| rng.within(1990, 2029).to_string()).collect();
        match turn % 6 {
            0 => Case::decoy(name, Format::Json, format!("[{}]", small.join(","))),
            1 => Case::decoy(name, Format::Text, small.join(", ")),
            2 => Case::decoy(name, Format::Text, format!("shape: {}", small.join(" "))),
            3 => Case::decoy(name, Format::Text, format!("years {}", years.join(" "))),
            4 => {
                let fours: Vec<String> = (0..8).map(|_| rng.within(1000, 9999).to_string()).collect();
                Case::decoy(name, Format::Json, format!("[{}]", fours.join(",")))
            }
            // The four groups of a valid number, but a list.
            _ => {
                let pan = pan::of_length(rng, 16);
                let text = crate::corpus::spelling::grouped(&pan, &[4, 4, 4, 4], ", ");
                Case::decoy(name, Format::Text, format!("ports: {text}"))
            }
        }
    })
}

fn versions() -> Vec<Case> {
    let name = "version";
    let rng = &mut Rng::of(name);
    repeat(30, |turn| {
        let text = match turn % 3 {
            0 => format!(
                "Chrome/{}.0.{}.{} Safari/537.36",
                rng.within(90, 140),
                rng.within(1000, 9999),
                rng.within(10, 200)
            ),
            1 => format!("v{}.{}.{}-rc.{}", rng.below(30), rng.below(30), rng.below(30), rng.below(9)),
            _ => format!("build 10.0.{}.{}", rng.within(10_000, 29_999), rng.within(1000, 9999)),
        };
        Case::decoy(name, Format::Text, text)
    })
}
