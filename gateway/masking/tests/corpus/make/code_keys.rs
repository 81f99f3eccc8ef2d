//! Card verification codes under their names.

use base64::{Engine, engine::general_purpose::STANDARD};
use serde_json::json;

use super::repeat;
use crate::corpus::{
    case::{Case, Format, Kind},
    pan,
    rng::Rng,
};

const KEYS: &[&str] = &[
    "cvv",
    "cvc",
    "cvv2",
    "cvc2",
    "cid",
    "cav2",
    "security_code",
    "CVV",
    "CVC2",
    "cardCvv",
    "card_cvv",
    "securityCode",
    "cvvCode",
    "security-code",
    "card_security_code",
    "cvv_code",
    "Cvv2",
];

pub fn cases() -> Vec<Case> {
    let mut cases = json();
    cases.extend(templates("cvv_xml", 60, XML));
    cases.extend(templates("cvv_yaml", 50, YAML));
    cases.extend(templates("cvv_query", 50, QUERY));
    cases.extend(templates("cvv_sql", 36, SQL));
    cases.extend(table());
    cases.extend(encoded());
    cases
}

/// A code that does not stand in `beside`.
pub fn code(rng: &mut Rng, length: usize, beside: &str) -> String {
    loop {
        let code = format!("{}{}", rng.within(1, 9), rng.digits(length - 1));
        if !beside.contains(&code) {
            return code;
        }
    }
}

/// A number and its code: four digits with Amex.
pub fn pair(rng: &mut Rng) -> (String, String) {
    let pan = pan::any(rng);
    let code = code(rng, if pan.len() == 15 { 4 } else { 3 }, &pan);
    (pan, code)
}

fn json() -> Vec<Case> {
    let name = "cvv_json";
    let rng = &mut Rng::of(name);
    repeat(KEYS.len() * 8, |turn| {
        let (pan, code) = pair(rng);
        let key = KEYS[turn % KEYS.len()];
        let (text, with_pan) = match turn / KEYS.len() {
            0 => (json!({"number": pan, key: code}).to_string(), true),
            1 => (format!(r#"{{"number":"{pan}","{key}":{code}}}"#), true),
            2 => (json!({key: code, "id": "x"}).to_string(), false),
            3 => (json!({"card": {"n": {key: code}}, "pan": pan}).to_string(), true),
            4 => (json!({"payload": json!({key: code, "pan": pan}).to_string()}).to_string(), true),
            5 => (json!([{key: code}, {key: null}]).to_string(), false),
            6 => {
                let result = json!({"content": [], "structuredContent": {"pan": pan, key: code}});
                (json!({"jsonrpc": "2.0", "id": 7, "result": result}).to_string(), true)
            }
            _ => (format!("data: {}\n\n", json!({"pan": pan, key: code})), true),
        };
        let format = if turn / KEYS.len() == 7 { Format::Sse } else { Format::Json };
        let case = Case::sad(name, format, text).secret(Kind::Code, &code);
        if with_pan { case.hides(&pan) } else { case }
    })
}

const XML: &[&str] = &[
    "<card><number>{p}</number><{k}>{c}</{k}></card>",
    "<card number=\"{p}\" {k}=\"{c}\"/>",
    "<{k}>{c}</{k}><n>{p}</n>",
    "<a:Card {k}='{c}' pan='{p}' />",
    "<input name=\"{k}\" value=\"{c}\"><input name=\"n\" value=\"{p}\">",
];

const YAML: &[&str] = &[
    "card:\n  number: {p}\n  {k}: {c}\n",
    "{k}: '{c}'\npan: \"{p}\"\n",
    "- pan: {p}\n  {k}: \"{c}\"\n  holder: Ana\n",
    "{k} = {c}\nnumber = {p}\n",
];

const SQL: &[&str] = &[
    "UPDATE cards SET {k}='{c}' WHERE number='{p}'",
    "SELECT 1 FROM cards WHERE number = '{p}' AND {k} = {c}",
    "update t set n = '{p}', {k} = '{c}' where id = 7",
];

const QUERY: &[&str] = &[
    "number={p}&{k}={c}&city=Recife",
    "https://shop.example/pay?{k}={c}&card={p}",
    "POST /pay {k}={c};n={p}",
    "{k}={c}&number={p}",
];

fn templates(name: &'static str, count: usize, templates: &[&str]) -> Vec<Case> {
    let rng = &mut Rng::of(name);
    repeat(count, |turn| {
        let (pan, code) = pair(rng);
        let template = templates[turn % templates.len()];
        let text = template.replace("{k}", rng.pick(KEYS)).replace("{c}", &code).replace("{p}", &pan);
        Case::sad(name, Format::Text, text).hides(&pan).secret(Kind::Code, &code)
    })
}

fn table() -> Vec<Case> {
    let name = "cvv_csv_header";
    let rng = &mut Rng::of(name);
    repeat(60, |turn| {
        let (first, second) = (pair(rng), pair(rng));
        let key = KEYS[turn % KEYS.len()];
        let comma = [",", ";", "\t"][turn % 3];
        let row = |pair: &(String, String)| ["Ana", &pair.0, &pair.1, "Recife"].join(comma);
        let header = ["name", "number", key, "city"].join(comma);
        let text = format!("{header}\n{}\n{}\n", row(&first), row(&second));
        let case = Case::sad(name, Format::Text, text).keeps("Recife");
        [first, second].iter().fold(case, |case, (pan, code)| case.hides(pan).secret(Kind::Code, code))
    })
}

/// A document with both, in a field that says how it is encoded.
fn encoded() -> Vec<Case> {
    let name = "cvv_encoded";
    let rng = &mut Rng::of(name);
    repeat(48, |turn| {
        let (pan, code) = pair(rng);
        let key = KEYS[turn % KEYS.len()];
        let document = json!({"pan": pan, key: code}).to_string();
        let outer = match turn % 4 {
            0 => json!({"uri": "file:///a.json", "blob": STANDARD.encode(document)}),
            1 => json!({"data_base64": STANDARD.encode(document), "n": 1}),
            2 => json!({"payload_hex": document.bytes().map(|byte| format!("{byte:02x}")).collect::<String>()}),
            _ => json!({"body": json!({"message": document}).to_string()}),
        };
        Case::sad(name, Format::Json, outer.to_string()).hides(&pan).secret(Kind::Code, &code)
    })
}
