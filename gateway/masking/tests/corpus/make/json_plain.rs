//! JSON strings and whole numbers under everyday keys.

use serde_json::json;

use super::repeat;
use crate::corpus::{
    case::{Case, Format},
    pan,
    rng::Rng,
    spelling::everyday,
};

const KEYS: &[&str] =
    &["pan", "card_number", "number", "value", "account", "ref", "cardNumber", "payment_method", "col7"];

const NAME: &str = "Ana Souza";

pub fn cases() -> Vec<Case> {
    let mut cases = strings();
    cases.extend(numbers());
    cases
}

fn strings() -> Vec<Case> {
    let name = "json_string";
    let rng = &mut Rng::of(name);
    repeat(120, |turn| {
        let (pan, written) = everyday(rng);
        let key = rng.pick(KEYS);
        let document = match turn % 4 {
            0 => json!({"id": 17, key: written, "name": "Ana Souza"}),
            1 => json!({"rows": [[1, "Ana Souza", written], [2, "Li", null]]}),
            2 => json!({"data": {"payment": {"source": {key: written}}, "note": "Ana Souza"}}),
            _ => json!(["Ana Souza", format!("paid with {written}"), true]),
        };
        let pretty = || serde_json::to_string_pretty(&document).unwrap();
        let text = if turn % 5 == 0 { pretty() } else { document.to_string() };
        Case::plain(name, Format::Json, text).hides(&pan).keeps(NAME)
    })
}

fn numbers() -> Vec<Case> {
    let name = "json_number";
    let rng = &mut Rng::of(name);
    repeat(100, |turn| {
        let pan = pan::any(rng);
        let key = rng.pick(KEYS);
        let text = match turn % 4 {
            0 => format!(r#"{{"id":17,"{key}":{pan},"name":"Ana Souza"}}"#),
            1 => format!(r#"[[1,{pan},"Ana Souza"],[2,null,"Li"]]"#),
            2 => format!(r#"{{"name":"Ana Souza","cards":[{pan}]}}"#),
            _ => format!(r#"{{"result":{{"{key}":{pan},"amount":12.50}},"by":"Ana Souza"}}"#),
        };
        Case::plain(name, Format::Json, text).hides(&pan).keeps(NAME)
    })
}
