//! Rows that hold card numbers, and what is to come of them through the gateway.

use std::collections::BTreeSet;

use serde_json::Value;

use crate::cards;

/// Makes the tables that [`READ`] reads, in fakesnow.
pub const SETUP: &str = include_str!("../tests/parity/setup.sql");
pub const READ: &str = include_str!("../tests/parity/read.sql");
/// Every card number of the setup, as it stands there.
pub const PANS: [&str; 7] = [
    cards::VISA,
    cards::MASTERCARD,
    cards::AMEX,
    "4012888888881881",
    "6011111111111117",
    "5555 5555 5555 4444",
    "6011-1111-1111-1117",
];
/// What every token, chunk URL and chunk key of our double contains.
pub const MARKER: &str = "UPSTREAMONLY";

pub fn statements(text: &str) -> Vec<Value> {
    text.split(";\n").map(str::trim).filter(|sql| !sql.is_empty()).map(Value::from).collect()
}

fn digits(text: &str) -> String {
    text.chars().filter(char::is_ascii_digit).collect()
}

/// First 6 and last 4, with `middle` for each digit between.
pub fn masked(pan: &str, middle: char) -> String {
    let count = digits(pan).len();
    let mut seen = 0;
    pan.chars()
        .map(|char| {
            seen += usize::from(char.is_ascii_digit());
            if char.is_ascii_digit() && (7..=count - 4).contains(&seen) { middle } else { char }
        })
        .collect()
}

/// The event as it is to come through the gateway: card numbers masked, and without what differs from run to run.
pub fn expected(event: &Value, found: &mut BTreeSet<&'static str>) -> Value {
    let mut event = event.clone();
    for part in ["sfqid", "ms"] {
        event.as_object_mut().expect("an object").remove(part);
    }
    if let Some(error) = event.get_mut("error") {
        error.as_object_mut().expect("an object").remove("sfqid");
    }
    // The statement is the client's own.
    let sql = event.as_object_mut().expect("an object").remove("sql");
    mask(&mut event, found);
    if let Some(sql) = sql {
        event["sql"] = sql;
    }
    event
}

fn mask(value: &mut Value, found: &mut BTreeSet<&'static str>) {
    match value {
        Value::Array(cell) if matches!(cell.first().and_then(Value::as_str), Some("int" | "float" | "Decimal")) => {
            replace(&mut cell[1], '0', found);
        }
        Value::Array(list) => list.iter_mut().for_each(|value| mask(value, found)),
        Value::Object(map) => map.values_mut().for_each(|value| mask(value, found)),
        Value::String(_) => replace(value, '*', found),
        _ => {}
    }
}

fn replace(value: &mut Value, middle: char, found: &mut BTreeSet<&'static str>) {
    let Some(mut text) = value.as_str().map(str::to_owned) else { return };
    for pan in PANS {
        if text.contains(pan) {
            found.insert(pan);
            text = text.replace(pan, &masked(pan, middle));
        }
    }
    *value = text.into();
}

#[track_caller]
pub fn nothing_in_clear(events: &[Value]) {
    for event in events {
        let mut event = event.clone();
        event.as_object_mut().expect("an object").remove("sql");
        let text = event.to_string();
        for pan in PANS {
            assert!(!text.contains(pan), "{pan} in {text}");
        }
        assert!(!text.contains(MARKER), "{text}");
    }
}

/// Query and request ids stand in some clients' messages.
pub fn without_ids(text: &str) -> String {
    let id = |piece: &str| {
        piece.len() == 36
            && piece.split('-').map(str::len).eq([8, 4, 4, 4, 12])
            && !piece.contains(|c: char| !c.is_ascii_hexdigit() && c != '-')
    };
    let edge = |c: char| !c.is_ascii_alphanumeric() && c != '-';
    text.split_inclusive(edge)
        .map(|piece| {
            let word = piece.trim_end_matches(edge);
            if id(word) { piece.replace(word, "ID") } else { piece.to_owned() }
        })
        .collect()
}
