//! Base64 and hexadecimal in fields that say so.

use base64::{
    Engine,
    engine::general_purpose::{STANDARD, STANDARD_NO_PAD, URL_SAFE_NO_PAD},
};
use serde_json::json;

use super::repeat;
use crate::corpus::{
    case::{Case, Format},
    rng::Rng,
    spelling::everyday,
};

pub fn cases() -> Vec<Case> {
    let mut cases = base64();
    cases.extend(hexadecimal());
    cases
}

/// A body and the number in it.
fn body(rng: &mut Rng) -> (String, String) {
    let (pan, card) = everyday(rng);
    let body = match rng.below(5) {
        0 => format!("Please charge {card} for Ana."),
        1 => json!({"id": 17, "pan": card}).to_string(),
        2 => format!("id,name,number\n17,Ana,{card}\n"),
        3 => format!("<card>{card}</card>"),
        _ => card,
    };
    (pan, body)
}

fn base64() -> Vec<Case> {
    let name = "base64";
    let rng = &mut Rng::of(name);
    repeat(100, |turn| {
        let (pan, body) = body(rng);
        let encoded = STANDARD.encode(&body);
        let document = match turn % 6 {
            0 => {
                json!({"jsonrpc": "2.0", "id": 7, "result": {"contents": [{"uri": "file:///a", "mimeType": "text/plain", "blob": encoded}]}})
            }
            1 => json!({"id": 3, "data_base64": encoded}),
            2 => {
                json!({"result": {"content": [{"type": "resource", "resource": {"uri": "file:///a.json", "blob": encoded}}]}})
            }
            3 => json!({"encoding": "base64", "content_base64": STANDARD_NO_PAD.encode(&body)}),
            4 => json!({"payload_base64": URL_SAFE_NO_PAD.encode(&body), "ok": true}),
            _ => json!({"href": format!("data:text/plain;base64,{encoded}")}),
        };
        Case::hard(name, Format::Json, document.to_string()).hides(&pan)
    })
}

fn hexadecimal() -> Vec<Case> {
    let name = "hex";
    let rng = &mut Rng::of(name);
    repeat(60, |turn| {
        let (pan, body) = body(rng);
        let lower: String = body.bytes().map(|byte| format!("{byte:02x}")).collect();
        let document = match turn % 4 {
            0 => json!({"id": 3, "payload_hex": lower}),
            1 => json!({"data_hex": lower.to_uppercase()}),
            2 => json!({"rows": [{"body_hex": lower, "n": 1}]}),
            _ => json!({"hex": lower}),
        };
        Case::hard(name, Format::Json, document.to_string()).hides(&pan)
    })
}
