//! What is masked already stays as it is.

use serde_json::json;

use super::{fill, repeat};
use crate::corpus::{
    case::{Case, Format},
    pan,
    rng::Rng,
};

const PLACES: &[&str] = &["{}", "card {} was charged", "pan={}&ok=1", "| 1 | {} |", "<pan>{}</pan>"];

pub fn cases() -> Vec<Case> {
    let name = "already_masked";
    let rng = &mut Rng::of(name);
    repeat(72, |turn| {
        let pan = readable(rng);
        let (bin, last) = (&pan[..6], &pan[12..]);
        let written = match turn % 8 {
            0 => format!("{bin}******{last}"),
            1 => format!("{} {}** **** {last}", &pan[..4], &pan[4..6]),
            2 => format!("****-****-****-{last}"),
            3 => format!("XXXX XXXX XXXX {last}"),
            4 => format!("•••• {last}"),
            5 => format!("{bin}xxxxxx{last}"),
            6 => format!("************{last}"),
            _ => return Case::decoy(name, Format::Json, format!(r#"{{"pan":{bin}000000{last},"cvv":"***"}}"#)),
        };
        match turn / 8 % 2 {
            0 => Case::decoy(name, Format::Json, json!({"pan": written, "cvv": "***"}).to_string()),
            _ => Case::decoy(name, Format::Text, fill(rng.pick(PLACES), &written)),
        }
    })
}

/// A number that fails Luhn once its middle is zeroed: else that could be a card's number too.
fn readable(rng: &mut Rng) -> String {
    loop {
        let pan = pan::of_length(rng, 16);
        if !pan::luhn(&format!("{}000000{}", &pan[..6], &pan[12..])) {
            return pan;
        }
    }
}
