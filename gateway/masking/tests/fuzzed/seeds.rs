//! What fuzzing begins with: a case of each category of the labelled corpus, and inputs made to be nasty.

use std::sync::Arc;

use arrow_array::{types::Int32Type, *};
use arrow_ipc::writer::StreamWriter;
use serde_json::{Value, json};

use crate::corpus::{case::Format, corpus};

const NASTY: &[&str] = &[
    "4111111111111111411111111111111141111111111111114111111111111111",
    "4111 1111\u{200b} 1111-\n1111 5555.5555.5555.4444/378282246310005",
    "\u{ff14}111 1111 %31111 &#49;111 \\u0031111 \u{1d7d2}111111111111111",
    ";4111111111111111=25121010000012345?%B4111111111111111^DOE/J^2512101? cvv 123 pin 1234",
    "4.111111111111111E+15,411111******1111,4111110000001111,+4111111111111111",
    "550e8400-e29b-41d4-a716-676100000006 a4111111111111111b00b204e9800998 d41d8cd98f00b204e9800998ecf8427e",
    "id,pan,cvv\n7,4111111111111112,123\n8,\"5555 5555 5555 4444\",\"0123\"\n| id | cvv |\n|---|---|\n| 1 | 123 |\n",
    "{\"n\":4111111111111111.0,\"cvv\":\"123\"}\n[4.111111111111111e15,\n-6212345678901234569]\n@@CASE 12ab@@\n",
    "[\"\\\"{\\\\\\\"n\\\\\\\":4111111111111111}\\\"\",{\"4111111111111111\":1,\"4111110000001111\":2,\"4111111234561111\":3}]",
    "{\"a\":{\"pan\":[4111111111111112,\"\\u0034111111111111111\"],\"pin\":1234,\"track2\":\"4111111111111111=2512101\"}}",
    "{\"b\":\"NDExMTExMTExMTExMTExMQ==\",\"h\":\"34313131313131313131313131313131\",\"e\":1e400,\"z\":-0}",
    "\"4111111111111111\" [\"[\\\"[4111111111111111]\\\"]\"] {\"card_number\":\"1234567890123\",\"\":null",
];
const STATEMENTS: &[&str] = &[
    "update payments set cvv = '123', note = 'it''s \\x31\\x32\\x33' -- was 456\nwhere pan = 4111111111111111",
    "select $$123$$, \"Security Code\" /* 987 */ from t1234 where track_2_data = '4111111111111112=2512'",
    "{\"sql\":\"select * from t where cvv = ?\",\"binds\":[123,\"4111111111111111\",{\"pin\":\"0000\"}]}",
];

/// Target, file name, content.
pub fn all() -> Vec<(&'static str, String, Vec<u8>)> {
    let mut seeds = Vec::new();
    let mut add = |target, name: &str, bytes: Vec<u8>| seeds.push((target, name.to_owned(), bytes));
    for case in corpus().into_iter().filter(|case| case.id.ends_with("-007") && case.text.len() <= 1024) {
        let text = case.text.into_bytes();
        let is_json = serde_json::from_slice::<Value>(&text).is_ok();
        match case.format {
            Format::Sse => add("sse", &case.id, text.clone()),
            _ if is_json => {
                add("json_bytes", &case.id, text.clone());
                add("json_tree", &case.id, text.clone());
            }
            _ => add("text", &case.id, text.clone()),
        }
        let kind = case.id.len() as u8;
        add("rowset", &case.id, [&[kind % 6, kind % 5], text.as_slice()].concat());
        if case.category.contains("sql") || case.category.contains("code") || case.category.contains("pin") {
            add("command", &case.id, text);
        }
    }
    for (number, text) in NASTY.iter().enumerate() {
        let name = format!("nasty-{number:02}");
        for target in ["text", "sse"] {
            add(target, &name, text.as_bytes().to_vec());
        }
        let is_json = serde_json::from_str::<Value>(text).is_ok();
        let document = if is_json { (*text).to_owned() } else { json!({ "n": text, "cvv": 123 }).to_string() };
        add("json_bytes", &name, document.clone().into_bytes());
        add("json_tree", &name, document.clone().into_bytes());
        add("command", &name, document.into_bytes());
        add("rowset", &name, [&[number as u8, 0], text.as_bytes()].concat());
        add("arrow", &name, stream(text, number));
    }
    for (number, text) in STATEMENTS.iter().enumerate() {
        add("command", &format!("statement-{number:02}"), text.as_bytes().to_vec());
    }
    for (number, cells) in
        ["4111111111111111.50\n-4111111111111111\n12.5\n4e15", "123\n0123\n\nnone"].iter().enumerate()
    {
        for name in 0..6 {
            let bytes = [&[1 + number as u8, name], cells.as_bytes()].concat();
            add("rowset", &format!("numbers-{number}{name}"), bytes);
        }
    }
    seeds
}

/// Two columns that take turns in their types, two batches.
fn stream(text: &str, number: usize) -> Vec<u8> {
    let values = || vec![Some(text), None, Some("x"), Some("4111111111111111")];
    let pan = 4_111_111_111_111_111_i64;
    let left: ArrayRef = match number % 4 {
        0 => Arc::new(StringArray::from(values())),
        1 => Arc::new(LargeStringArray::from(values())),
        2 => Arc::new(StringViewArray::from(values())),
        _ => Arc::new(values().into_iter().collect::<DictionaryArray<Int32Type>>()),
    };
    let right: ArrayRef = match number % 3 {
        0 => Arc::new(Int64Array::from(vec![Some(pan), None, Some(-pan), Some(7)])),
        1 => Arc::new(Decimal128Array::from(vec![i128::from(pan), 1, 2, 3])),
        _ => Arc::new(Float64Array::from(vec![pan as f64, 0.5, f64::NAN, -1e300])),
    };
    let name = ["n", "CVV", "CARD_NUMBER"][number / 4 % 3];
    let batch = RecordBatch::try_from_iter([("s", left), (name, right)]).unwrap();
    let mut writer = StreamWriter::try_new(Vec::new(), &batch.schema()).unwrap();
    writer.write(&batch).unwrap();
    writer.write(&batch.slice(1, 2)).unwrap();
    writer.finish().unwrap();
    writer.into_inner().unwrap()
}
