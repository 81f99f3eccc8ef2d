//! JSON in the strings of JSON, and deep nesting.

use serde_json::{Value, json};

use super::repeat;
use crate::corpus::{
    case::{Case, Format},
    pan,
    rng::Rng,
    spelling::everyday,
};

pub fn cases() -> Vec<Case> {
    let mut cases = wrapped("json_in_json", 1, 90);
    cases.extend(wrapped("json_in_json_twice", 2, 60));
    cases.extend(nested());
    cases
}

fn wrapped(name: &'static str, times: usize, count: usize) -> Vec<Case> {
    let rng = &mut Rng::of(name);
    repeat(count, |turn| {
        let (pan, written) = if turn % 3 == 0 { as_number(rng) } else { everyday(rng) };
        let inner = match turn % 3 {
            0 => format!(r#"{{"number":{written},"city":"Recife"}}"#),
            1 => json!({"card": {"number": written}, "list": [1, 2]}).to_string(),
            _ => json!([{"text": format!("paid with {written}")}]).to_string(),
        };
        let text = (0..times).fold(inner, |inner, _| json!({"v": 1, "payload": inner}).to_string());
        let format = if turn % 4 == 3 { Format::Text } else { Format::Json };
        Case::hard(name, format, text).hides(&pan)
    })
}

fn as_number(rng: &mut Rng) -> (String, String) {
    let pan = pan::any(rng);
    (pan.clone(), pan)
}

fn nested() -> Vec<Case> {
    let name = "json_nested";
    let rng = &mut Rng::of(name);
    repeat(48, |turn| {
        let (pan, written) = everyday(rng);
        let depth = 4 + turn;
        let document = (0..depth).fold(Value::String(written), |inner, level| match level % 3 {
            0 => json!([inner]),
            1 => json!({"inner": inner, "level": level}),
            _ => json!([level, {"x": inner}]),
        });
        Case::hard(name, Format::Json, document.to_string()).hides(&pan)
    })
}
