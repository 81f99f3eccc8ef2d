//! Card verification codes in sentences near a card number.

use serde_json::json;

use super::repeat;
use crate::corpus::{
    case::{Case, Format, Kind},
    make::code_keys::pair,
    rng::Rng,
};

const SENTENCES: &[&str] = &[
    "My card is {p}, cvv {c}.",
    "{p} CVV {c}",
    "{p} exp 12/27 CVV: {c}",
    "card {p}, security code {c}",
    "Card {p} with security code: {c}",
    "the CVV is {c} and the number is {p}",
    "cvc2 {c} for {p}",
    "{p} 12/27 (cvc {c})",
    "Number: {p}\nExpiry: 12/27\nCVV: {c}\nName: Ana",
    "{p}; CVV2={c}",
    "please use {p}, the security code is {c}, thanks",
    "CID {c}, card {p}",
    "{p}, CAV2 {c}",
    "card verification code {c} of card {p}",
    "{p} / card verification value: {c}",
    "{p}, CVV/CVC: {c}",
    "{p} cvv#{c}",
    "{p} - CVC - {c}",
    "CVV code: {c}. Card number: {p}.",
    "{p} and my cvv code is {c}",
    "card security code = {c} (card {p})",
    "{p}. Its cvv number is {c}.",
    "the verification code for {p} is {c}",
    "**CVV:** {c}\n**Card:** {p}",
    "- card: {p}\n- cvv: {c}",
    "{p}, CSC {c}",
];

/// Without any of the abbreviations.
const DESCRIBED: &[&str] = &[
    "{p}, the {n} digits on the back are {c}",
    "{p} and the code on the back is {c}",
    "code on the back of {p}: {c}",
    "{p}, {n}-digit code {c}",
];

pub fn cases() -> Vec<Case> {
    let mut cases = written("cvv_prose", SENTENCES, 8);
    cases.extend(written("cvv_described", DESCRIBED, 6));
    cases
}

/// Every other one as the text of a tool's result.
fn written(name: &'static str, sentences: &[&str], times: usize) -> Vec<Case> {
    let rng = &mut Rng::of(name);
    repeat(sentences.len() * times, |turn| {
        let (pan, code) = pair(rng);
        let text = sentences[turn % sentences.len()].replace("{c}", &code).replace("{p}", &pan);
        let text = text.replace("{n}", &code.len().to_string());
        let case = if (turn / sentences.len()).is_multiple_of(2) {
            Case::sad(name, Format::Text, text)
        } else {
            Case::sad(name, Format::Json, json!({"content": [{"type": "text", "text": text}]}).to_string())
        };
        case.hides(&pan).secret(Kind::Code, &code)
    })
}
