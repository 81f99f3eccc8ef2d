//! Error messages of upstreams that repeat the value.

use serde_json::json;

use super::{fill, repeat};
use crate::corpus::{
    case::{Case, Format},
    rng::Rng,
    spelling::everyday,
};

const MESSAGES: &[&str] = &[
    "Numeric value '{}' is not recognized",
    "100038 (22018): Numeric value '{}' is not recognized",
    "Duplicate row detected during DML action\nRow Values: [17, \"{}\", \"Ana\"]",
    "ERROR: duplicate key value violates unique constraint \"cards_pk\"\nDETAIL:  Key (number)=({}) already exists.",
    "String '{}' is too long and would be truncated",
    "invalid input syntax for type integer: \"{}\" at character 42",
    "Date '{}' is not recognized",
    "Error: card {} not found (404)\n    at charge (/srv/app/pay.js:118:9)",
    "ValueError: invalid literal for int() with base 10: '{}'",
    "panic: no token for {}",
    "Incorrect integer value: '{}' for column 'qty' at row 1",
    "ORA-00001: unique constraint violated ({})",
];

pub fn cases() -> Vec<Case> {
    let name = "error_message";
    let rng = &mut Rng::of(name);
    repeat(84, |turn| {
        let (pan, written) = everyday(rng);
        let message = fill(MESSAGES[turn % MESSAGES.len()], &written);
        let case = match turn % 4 {
            0 => {
                let document = json!({"code": "100038", "message": message, "success": false, "data": null});
                Case::plain(name, Format::Json, document.to_string()).keeps("\"success\":false")
            }
            _ => Case::plain(name, Format::Text, message).keeps_around(MESSAGES[turn % MESSAGES.len()]),
        };
        case.hides(&pan)
    })
}
