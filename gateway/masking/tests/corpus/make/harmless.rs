//! Harmless names over valid numbers: masked all the same.

use serde_json::json;

use super::repeat;
use crate::corpus::{
    case::{Case, Format},
    pan,
    rng::Rng,
    spelling::{GROUPINGS, grouped},
};

const KEYS: &[&str] = &[
    "order_id",
    "trace_id",
    "ts",
    "phone",
    "imei",
    "tracking_number",
    "id",
    "timestamp",
    "session",
    "customer_id",
    "invoice",
    "sku",
    "created_at",
    "reference",
    "zip",
    "description",
];

pub fn cases() -> Vec<Case> {
    let name = "harmless_name";
    let rng = &mut Rng::of(name);
    repeat(96, |turn| {
        let pan = pan::of_length(rng, if turn % 3 == 0 { 15 } else { 16 });
        let key = KEYS[turn / 4 % KEYS.len()];
        let written = if pan.len() == 16 { grouped(&pan, GROUPINGS[0], "-") } else { pan.clone() };
        let case = match turn % 4 {
            0 => Case::hard(name, Format::Json, json!({key: pan, "city": "Recife"}).to_string()),
            1 => Case::hard(name, Format::Json, format!(r#"[{{"{key}":{pan},"city":"Recife"}}]"#)),
            2 => Case::hard(name, Format::Text, format!("{key}={pan} city=Recife")),
            _ => Case::hard(name, Format::Json, json!({"rows": [{key: written, "city": "Recife"}]}).to_string()),
        };
        case.hides(&pan).keeps("Recife")
    })
}
