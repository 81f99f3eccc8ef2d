//! Card numbers and authentication data that must not come through under any rules, over every carrier.

use std::sync::Arc;

use arrow_array::{
    ArrayRef, BinaryArray, Decimal128Array, DictionaryArray, Float64Array, Int64Array, LargeStringArray, ListArray,
    StringArray, StringViewArray, UInt64Array,
    types::{Int32Type, Int64Type},
};
use serde_json::json;

use super::{
    ProofFailure,
    engine::{chunk, hold, written},
};
use crate::{Column, ColumnKind, Findings, Form, MaskError, Masker};

const PAN: &str = "4111111111111111";
const NUMBER: i64 = 4_111_111_111_111_111;

/// Texts, and what of them must be gone: the digits of a card, or authentication data.
const TEXTS: [(&str, &str, &str); 18] = [
    ("plain", "card 4111111111111111", PAN),
    ("groups", "4111 1111 1111 1111", PAN),
    ("fullwidth", "４１１１１１１１１１１１１１１１", PAN),
    ("invisible", "4111\u{200b}1111\u{200b}11111111", PAN),
    ("line break", "4111 1111\n1111 1111", PAN),
    ("exponent", "4.111111111111111e15", "4.111111111111111e15"),
    ("url", "q=4111%201111%201111%201111", PAN),
    ("html", "4111&nbsp;1111&nbsp;1111&nbsp;1111", PAN),
    ("csv", "id,pan,cvv\n7,4111111111111112,987\n", "987"),
    ("event", "data: {\"n\":\"4111111111111111\"}\n\n", PAN),
    ("document", "{\"n\":4111111111111111}", PAN),
    ("document in a document", "{\"t\":\"{\\\"n\\\":4111111111111111}\"}", PAN),
    ("error message", "Numeric value '4111111111111111' is not recognized", PAN),
    ("track 1", "%B4111111111111111^DOE/J^25121019876543210?", "9876543210"),
    ("track 2", ";4111111111111111=25121019876543210?", "9876543210"),
    ("chip", "57134111111111111111D25121019876543210F", "9876543210"),
    ("code", "4111111111111111 cvv 987", "987"),
    ("code in a document", "{\"cvv\":\"987\"}", "987"),
];

pub(super) fn prove(masker: &Masker) -> Result<(), ProofFailure> {
    for (sample, clear, secret) in TEXTS {
        let stream = || -> Result<Vec<u8>, MaskError> {
            let mut stream = masker.stream(Form::Auto);
            let mut out = Vec::new();
            for piece in clear.as_bytes().chunks(5) {
                out.extend(stream.write(piece)?.into_inner());
            }
            out.extend(stream.finish()?.0.into_inner());
            Ok(out)
        };
        hold("a stream", sample, is_gone(&stream(), secret))?;
        let findings = &mut Findings::default();
        hold("text", sample, is_gone(&Ok(masker.text(clear, findings).into_inner().into_bytes()), secret))?;
        answers(masker, sample, clear, secret)?;
        // Who may see card numbers sees those and no more.
        if !secret.starts_with('4') {
            answers(&masker.revealing(), sample, clear, secret)?;
        }
    }
    for (sample, array) in arrays() {
        let stream = written(array).map_err(MaskError::from);
        let masked = stream.and_then(|stream| masker.arrow_stream(&stream, None, &mut Findings::default()));
        hold("arrow", sample, has_no_card(&masked.map(|(masked, _)| masked.into_inner())))?;
    }
    Ok(())
}

fn answers(masker: &Masker, sample: &'static str, clear: &str, secret: &str) -> Result<(), ProofFailure> {
    let findings = &mut Findings::default();
    let read = masker.json(json!({"content": [clear]}), findings);
    hold("json", sample, is_gone(&read.map(|masked| masked.to_bytes().into_inner()), secret))?;
    let columns = [Column::new("V", ColumnKind::Text)];
    let rows = masker.rowset(vec![vec![Some(clear.to_owned())]], &columns, findings);
    hold("a rowset", sample, is_gone(&rows.map(|rows| rows.into_json().to_bytes().into_inner()), secret))?;
    let row = serde_json::to_vec(&[clear]).unwrap_or_default();
    hold("a rowset as bytes", sample, is_gone(&chunk(masker, &row, &columns), secret))
}

/// Whether the secret cannot be read in what came out. That nothing came out is as good.
fn is_gone(out: &Result<Vec<u8>, MaskError>, secret: &str) -> bool {
    let out = match out {
        Ok(out) => String::from_utf8_lossy(out),
        Err(MaskError::Blocked { .. }) => return true,
        Err(_) => return false,
    };
    let digits: String = out.chars().filter(char::is_ascii_digit).collect();
    !out.contains(secret) && (secret != PAN || !digits.contains(PAN))
}

fn arrays() -> Vec<(&'static str, ArrayRef)> {
    let decimal = Decimal128Array::from(vec![i128::from(NUMBER) * 100]).with_precision_and_scale(38, 2);
    let list = ListArray::from_iter_primitive::<Int64Type, _, _>([Some([Some(NUMBER)])]);
    let mut arrays: Vec<(&str, ArrayRef)> = vec![
        ("text", Arc::new(StringArray::from(vec![PAN]))),
        ("large text", Arc::new(LargeStringArray::from(vec![PAN]))),
        ("text view", Arc::new(StringViewArray::from(vec![PAN]))),
        ("bytes", Arc::new(BinaryArray::from(vec![PAN.as_bytes()]))),
        ("dictionary", Arc::new([PAN, PAN].into_iter().collect::<DictionaryArray<Int32Type>>())),
        ("list", Arc::new(list)),
        ("integer", Arc::new(Int64Array::from(vec![NUMBER]))),
        ("unsigned integer", Arc::new(UInt64Array::from(vec![NUMBER.unsigned_abs()]))),
        ("float", Arc::new(Float64Array::from(vec![NUMBER as f64]))),
    ];
    arrays.extend(decimal.map(|decimal| ("decimal", Arc::new(decimal) as ArrayRef)));
    arrays
}

/// As text, as an integer, with two digits after the point, as a float.
fn has_no_card(out: &Result<Vec<u8>, MaskError>) -> bool {
    let out = match out {
        Ok(out) => out,
        Err(MaskError::Blocked { .. }) => return true,
        Err(_) => return false,
    };
    let holds = |spelling: &[u8]| out.windows(spelling.len()).any(|window| window == spelling);
    let float = NUMBER as f64;
    !holds(PAN.as_bytes())
        && !holds(&NUMBER.to_le_bytes())
        && !holds(&(NUMBER * 100).to_le_bytes())
        && !holds(&float.to_le_bytes())
}
