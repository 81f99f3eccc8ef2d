//! Names that say "card" over numbers which alone would not pass.

use serde_json::json;

use super::{fill, repeat};
use crate::corpus::{
    case::{Case, Format},
    pan,
    rng::Rng,
    spelling::{GROUPINGS, grouped},
};

const KEYS: &[&str] = &[
    "pan",
    "PAN",
    "card_number",
    "cardNumber",
    "CARD_NO",
    "cc",
    "cc_number",
    "creditCard",
    "primary_account_number",
    "account_number",
    "accountNumber",
    "cardPan",
    "card",
    "customer_card_number",
    "CC_NUM",
    "card-number",
];

const TEXTS: &[&str] = &[
    "pan: {}",
    "Card number: {}",
    "card_number={}",
    "cc={}&city=Recife",
    "<pan>{}</pan>",
    "<card number=\"{}\"/>",
    "PAN = {}",
    "cardNumber: '{}'",
];

pub fn cases() -> Vec<Case> {
    let mut cases = named("name_over_failing_luhn", 120, |rng| pan::mistyped(rng, 16));
    cases.extend(named("name_over_no_brand", 40, |rng| pan::brandless(rng, 16)));
    cases.extend(named("name_over_unionpay", 40, unionpay));
    cases.extend(named("name_over_uatp", 40, |rng| pan::draw(rng, &pan::UATP, 15)));
    cases.extend(headers());
    cases
}

/// A number of UnionPay that fails Luhn, as some issued ones do.
fn unionpay(rng: &mut Rng) -> String {
    loop {
        let digits = format!("62{}", rng.digits(14));
        if !pan::luhn(&digits) {
            return digits;
        }
    }
}

fn named(name: &'static str, count: usize, number: impl Fn(&mut Rng) -> String) -> Vec<Case> {
    let rng = &mut Rng::of(name);
    repeat(count, |turn| {
        let pan = number(rng);
        let key = KEYS[turn / 4 % KEYS.len()];
        let case = match turn % 4 {
            0 => Case::hard(name, Format::Json, json!({"id": 3, key: pan}).to_string()),
            1 => Case::hard(name, Format::Json, format!(r#"{{"rows":[{{"{key}":{pan},"n":1}}]}}"#)),
            2 if pan.len() == 16 => {
                Case::hard(name, Format::Json, json!({key: grouped(&pan, GROUPINGS[0], " ")}).to_string())
            }
            _ => Case::hard(name, Format::Text, fill(rng.pick(TEXTS), &pan)),
        };
        case.hides(&pan)
    })
}

/// Names in the first line of a table.
fn headers() -> Vec<Case> {
    let name = "name_in_header";
    let rng = &mut Rng::of(name);
    repeat(40, |turn| {
        let (first, second) = (pan::mistyped(rng, 16), pan::mistyped(rng, 16));
        let key = rng.pick(KEYS);
        let comma = ["\t", ",", ";"][turn % 3];
        let rows = [["id", key, "city"], ["1", &first, "Recife"], ["2", &second, "Porto"]];
        let text: String = rows.iter().map(|row| row.join(comma) + "\n").collect();
        Case::hard(name, Format::Text, text).hides(&first).hides(&second).keeps("Recife").keeps("Porto")
    })
}
