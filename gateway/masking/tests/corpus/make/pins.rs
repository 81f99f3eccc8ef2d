//! PINs and PIN blocks.

use serde_json::json;

use super::{code_keys::code, repeat};
use crate::corpus::{
    case::{Case, Format, Kind},
    pan,
    rng::Rng,
};

const SENTENCES: &[&str] = &[
    "{p}, PIN {c}",
    "card {p} pin: {c}",
    "The PIN is {c} for card {p}.",
    "my pin code is {c}, card {p}",
    "PIN={c} PAN={p}",
    "Card: {p}\nPIN: {c}",
    "use {p} with PIN code {c}",
    "{p} / PIN number {c}",
    "pin for {p} is {c}",
    "{p} (pin {c})",
];

const KEYS: &[&str] = &["pin", "PIN", "pin_code", "pinCode", "card_pin", "cardPin", "atm_pin", "new_pin"];
const BLOCKS: &[&str] = &["pin_block", "pinBlock", "PINBLOCK", "encrypted_pin_block", "pin-block"];

pub fn cases() -> Vec<Case> {
    let mut cases = prose();
    cases.extend(keys());
    cases.extend(blocks());
    cases
}

fn prose() -> Vec<Case> {
    let name = "pin_prose";
    let rng = &mut Rng::of(name);
    repeat(SENTENCES.len() * 8, |turn| {
        let pan = pan::any(rng);
        let pin = code(rng, if turn % 5 == 4 { 6 } else { 4 }, &pan);
        let text = SENTENCES[turn % SENTENCES.len()].replace("{c}", &pin).replace("{p}", &pan);
        Case::sad(name, Format::Text, text).hides(&pan).secret(Kind::Code, &pin)
    })
}

fn keys() -> Vec<Case> {
    let name = "pin_key";
    let rng = &mut Rng::of(name);
    repeat(KEYS.len() * 8, |turn| {
        let pan = pan::any(rng);
        let pin = code(rng, 4, &pan);
        let key = KEYS[turn % KEYS.len()];
        let (format, text) = match turn / KEYS.len() {
            0 => (Format::Json, json!({"pan": pan, key: pin}).to_string()),
            1 => (Format::Json, format!(r#"{{"pan":"{pan}","{key}":{pin}}}"#)),
            2 => (Format::Json, json!({"card": {key: pin}, "pan": pan}).to_string()),
            3 => (Format::Json, json!({"body": json!({key: pin, "n": pan}).to_string()}).to_string()),
            4 => (Format::Text, format!("<card><pan>{pan}</pan><{key}>{pin}</{key}></card>")),
            5 => (Format::Text, format!("pan: {pan}\n{key}: \"{pin}\"\n")),
            6 => (Format::Text, format!("pan={pan}&{key}={pin}")),
            _ => (Format::Text, format!("name,pan,{key}\nAna,{pan},{pin}\n")),
        };
        Case::sad(name, format, text).hides(&pan).secret(Kind::Code, &pin)
    })
}

fn blocks() -> Vec<Case> {
    let name = "pin_block";
    let rng = &mut Rng::of(name);
    repeat(BLOCKS.len() * 10, |turn| {
        let block = rng.hex(16).to_uppercase();
        let key = BLOCKS[turn % BLOCKS.len()];
        let (format, text) = match turn / BLOCKS.len() % 5 {
            0 => (Format::Json, json!({key: block, "format": "ISO-0"}).to_string()),
            1 => (Format::Json, json!({"de52": {key: block.to_lowercase()}, "mti": "0200"}).to_string()),
            2 => (Format::Text, format!("<{key}>{block}</{key}>")),
            3 => (Format::Text, format!("{key}={block}&format=0")),
            _ => (Format::Text, format!("{key}: {block}\n")),
        };
        Case::sad(name, format, text).secret(Kind::PinBlock, &block)
    })
}
