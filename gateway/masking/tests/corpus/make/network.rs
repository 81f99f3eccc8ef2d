//! Phone numbers and addresses of machines.

use serde_json::json;

use super::{fill, repeat};
use crate::corpus::{
    case::{Case, Format},
    pan,
    rng::Rng,
    spelling::grouped,
};

const PLACES: &[&str] = &["{}", "call {} now", "tel:{}", "Phone: {}, mail: ana@example.com", "from {} to home"];

pub fn cases() -> Vec<Case> {
    let mut cases = written("phone_e164", 60, |rng, turn| match turn % 4 {
        0 => format!("+4915{}", rng.digits(9)),
        1 => format!("+1415{}", rng.digits(7)),
        // Thirteen digits that begin with 4 and pass Luhn.
        2 => {
            let body = format!("4917{}", rng.digits(8));
            format!("+{body}{}", pan::check_digit(&body))
        }
        _ => format!("+5581{}", rng.digits(9)),
    });
    cases.extend(written("phone_national", 60, |rng, turn| match turn % 5 {
        0 => format!("(415) 555-{}", rng.digits(4)),
        1 => format!("0151 {}", rng.digits(8)),
        2 => format!("+44 20 {} {}", rng.digits(4), rng.digits(4)),
        3 => format!("+49 151 {}", rng.digits(8)),
        _ => {
            let number = grouped(&rng.digits(10), &[3, 3, 4], "-");
            format!("1-{number}")
        }
    }));
    cases.extend(written("ip_address", 50, |rng, turn| {
        let part = |rng: &mut Rng| rng.within(100, 255).to_string();
        let v4 = [part(rng), part(rng), part(rng), part(rng)].join(".");
        match turn % 4 {
            0 => v4,
            1 => format!("{v4}:{}", rng.within(1024, 65_535)),
            2 => format!("{v4} {v4}"),
            _ => (0..8).map(|_| rng.hex(4)).collect::<Vec<_>>().join(":"),
        }
    }));
    cases
}

fn written(name: &'static str, count: usize, make: impl Fn(&mut Rng, usize) -> String) -> Vec<Case> {
    let rng = &mut Rng::of(name);
    repeat(count, |turn| {
        let value = make(rng, turn);
        match rng.below(3) {
            0 => Case::decoy(name, Format::Json, json!({"contact": value, "name": "Ana"}).to_string()),
            _ => Case::decoy(name, Format::Text, fill(rng.pick(PLACES), &value)),
        }
    })
}
