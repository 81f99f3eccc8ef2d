//! Undoes encodings: what a client that decodes the output would read.

use std::collections::BTreeSet;

use base64::{Engine, alphabet, engine::DecodePaddingMode, engine::GeneralPurpose, engine::GeneralPurposeConfig};
use serde_json::Value;

use super::case::Format;

/// Encodings within encodings that are followed.
const DEPTH: usize = 4;

/// The text, and every text that decoding it one or several times yields.
pub fn readings(text: &str) -> Vec<String> {
    let mut seen = BTreeSet::from([text.to_owned()]);
    let mut latest = vec![text.to_owned()];
    for _ in 0..DEPTH {
        let decoders: [fn(&str) -> String; 6] = [json_scalars, unescaped, percent, entities, base64_words, hex_words];
        let decoded = latest.iter().flat_map(|text| decoders.iter().map(move |decode| decode(text)));
        latest = decoded.filter(|text| seen.insert(text.clone())).collect();
    }
    seen.into_iter().collect()
}

/// How many JSON documents a text holds: itself or the data of its frames, and those inside their strings. Text that
/// happens to be a lone number is no document.
pub fn documents(format: Format, text: &str) -> usize {
    match serde_json::from_str(text) {
        Ok(value) if format == Format::Json || text.starts_with(['{', '[']) => count(&value),
        _ => frames(text).iter().filter_map(|data| serde_json::from_str(data).ok()).map(|value| count(&value)).sum(),
    }
}

fn count(value: &Value) -> usize {
    match value {
        Value::Array(items) => 1 + items.iter().map(within).sum::<usize>(),
        Value::Object(members) => 1 + members.values().map(within).sum::<usize>(),
        Value::String(_) => 1 + within(value),
        _ => 1,
    }
}

/// Members are no documents of their own, only what their strings hold.
fn within(value: &Value) -> usize {
    match value {
        Value::String(text) if text.trim_start().starts_with(['{', '[', '"']) => {
            serde_json::from_str(text).map_or(0, |inner| count(&inner))
        }
        Value::Array(_) | Value::Object(_) => count(value) - 1,
        _ => 0,
    }
}

/// The data of each line of an event stream, and of each event as a whole.
fn frames(text: &str) -> Vec<String> {
    let data = |line: &str| line.strip_prefix("data:").map(|data| data.trim_start().to_owned());
    let lines: Vec<String> = text.lines().filter_map(data).collect();
    let events = text.split("\n\n").map(|event| event.lines().filter_map(data).collect::<Vec<_>>());
    let events: Vec<String> = events.filter(|lines| lines.len() > 1).map(|lines| lines.join("\n")).collect();
    lines.into_iter().chain(events).collect()
}

/// Keys, strings and numbers, each on a line of its own behind a bar that joins nothing.
fn json_scalars(text: &str) -> String {
    let mut scalars = Vec::new();
    let documents = std::iter::once(text.to_owned()).chain(frames(text)).chain(text.lines().map(str::to_owned));
    for value in documents.filter_map(|text| serde_json::from_str::<Value>(&text).ok()) {
        collect(&value, &mut scalars);
    }
    if scalars.is_empty() { text.to_owned() } else { scalars.join(" | ") }
}

fn collect(value: &Value, scalars: &mut Vec<String>) {
    match value {
        Value::String(text) => match serde_json::from_str::<Value>(text) {
            Ok(inner) => collect(&inner, scalars),
            Err(_) => scalars.push(text.clone()),
        },
        Value::Number(number) => scalars.push(number.to_string()),
        Value::Array(items) => items.iter().for_each(|item| collect(item, scalars)),
        Value::Object(members) => members.iter().for_each(|(key, member)| {
            scalars.push(key.clone());
            collect(member, scalars);
        }),
        Value::Null | Value::Bool(_) => {}
    }
}

/// `\u0034` with any number of backslashes before it, as in JSON in JSON.
fn unescaped(text: &str) -> String {
    replaced(text, "\\u", |rest| {
        let code = rest.get(..4).and_then(|hex| u32::from_str_radix(hex, 16).ok())?;
        Some((char::from_u32(code)?.to_string(), 4))
    })
    .replace('\\', "")
}

/// `%34` and `+`.
fn percent(text: &str) -> String {
    replaced(&text.replace('+', " "), "%", |rest| {
        let byte = rest.get(..2).and_then(|hex| u8::from_str_radix(hex, 16).ok())?;
        byte.is_ascii().then(|| (char::from(byte).to_string(), 2))
    })
}

/// `&#52;`, `&#x34;` and the named spaces and dashes.
fn entities(text: &str) -> String {
    replaced(text, "&", |rest| {
        let (name, _) = rest.split_once(';')?;
        let code = match name {
            "nbsp" => 0xa0,
            "ensp" => 0x2002,
            "thinsp" => 0x2009,
            "ndash" => 0x2013,
            "mdash" => 0x2014,
            "shy" => 0xad,
            "quot" => 0x22,
            _ => match name.strip_prefix('#')? {
                hex if hex.starts_with(['x', 'X']) => u32::from_str_radix(&hex[1..], 16).ok()?,
                decimal => decimal.parse().ok()?,
            },
        };
        Some((char::from_u32(code)?.to_string(), name.len() + 1))
    })
}

/// Each `mark` replaced by what `decode` makes of the text behind it and how much of that it took.
fn replaced(text: &str, mark: &str, decode: impl Fn(&str) -> Option<(String, usize)>) -> String {
    let mut pieces = text.split(mark);
    let mut done = pieces.next().unwrap_or_default().to_owned();
    for piece in pieces {
        match decode(piece) {
            Some((decoded, taken)) => {
                done.push_str(&decoded);
                done.push_str(&piece[taken..]);
            }
            None => {
                done.push_str(mark);
                done.push_str(piece);
            }
        }
    }
    done
}

/// Words of base64 that decode to text.
fn base64_words(text: &str) -> String {
    let lenient = GeneralPurposeConfig::new()
        .with_decode_padding_mode(DecodePaddingMode::Indifferent)
        .with_decode_allow_trailing_bits(true);
    let engines = [&alphabet::STANDARD, &alphabet::URL_SAFE].map(|alphabet| GeneralPurpose::new(alphabet, lenient));
    words(
        text,
        |c| c.is_ascii_alphanumeric() || "+/-_=".contains(c),
        |word| engines.iter().find_map(|engine| readable(engine.decode(word).ok()?)),
    )
}

/// Words of hexadecimal that decode to text.
fn hex_words(text: &str) -> String {
    words(
        text,
        |c| c.is_ascii_hexdigit(),
        |word| {
            let bytes =
                word.as_bytes().chunks(2).map(|pair| u8::from_str_radix(std::str::from_utf8(pair).ok()?, 16).ok());
            readable(bytes.collect::<Option<_>>()?)
        },
    )
}

fn words(text: &str, belongs: impl Fn(char) -> bool, decode: impl Fn(&str) -> Option<String>) -> String {
    let mut done = String::new();
    let mut rest = text;
    while !rest.is_empty() {
        let end = rest.find(|c| !belongs(c)).unwrap_or(rest.len());
        let (word, tail) = rest.split_at(end);
        let decoded = (word.len() >= 16).then(|| decode(word)).flatten();
        done.push_str(decoded.as_deref().unwrap_or(word));
        let next = tail.chars().next().map_or(0, char::len_utf8);
        done.push_str(&tail[..next]);
        rest = &tail[next..];
    }
    done
}

fn readable(bytes: Vec<u8>) -> Option<String> {
    let text = String::from_utf8(bytes).ok()?;
    text.chars().all(|c| !c.is_control() || c.is_whitespace()).then_some(text)
}
