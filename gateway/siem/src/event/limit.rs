//! Events that are too long for a receiver: the longest of their parts are cut, and each cut says so.

use aws_lc_rs::digest::{SHA256, digest};
use data_encoding::HEXLOWER;
use serde_json::{Value, json};

/// What is left of a long text at the least, in bytes.
const KEPT: usize = 64;
/// What the words about a cut take at the most, in bytes.
const WORDS: usize = 110;
/// What telling of a place takes beside its path.
const PLACE: usize = 16;
/// Places that an event tells of: more are cut only where a limit is very low.
const TOLD: usize = 8;
/// What even the shortest event has.
const ALWAYS: [&str; 14] = [
    "class_uid",
    "class_name",
    "category_uid",
    "category_name",
    "activity_id",
    "activity_name",
    "type_uid",
    "type_name",
    "severity_id",
    "severity",
    "time",
    "message",
    "status_id",
    "metadata",
];

/// The event as `render` writes it, cut until that takes at most `longest` bytes.
pub(super) fn fitted<E>(
    mut event: Value,
    longest: usize,
    render: impl Fn(&Value) -> Result<String, E>,
) -> Result<String, E> {
    let mut text = render(&event)?;
    let mut told: Vec<String> = Vec::new();
    while text.len() > longest {
        match largest(&event) {
            Some((path, _)) => {
                // With the words about it, so that one cut is enough and its hash is that of the whole.
                let over = text.len() - longest + WORDS + path.len() + PLACE;
                if let Some(part) = event.pointer_mut(&path) {
                    cut(part, over, told.contains(&path));
                }
                if told.len() < TOLD && !told.contains(&path) {
                    told.push(path);
                }
            }
            None => {
                bare(&mut event);
                text = render(&event)?;
                break;
            }
        }
        if let Some(unmapped) = event.get_mut("unmapped").and_then(Value::as_object_mut) {
            unmapped.insert("cut".to_owned(), json!(told));
        }
        text = render(&event)?;
    }
    Ok(text)
}

/// The part that can be cut and is the largest: by JSON pointer, with its bytes.
fn largest(event: &Value) -> Option<(String, usize)> {
    let mut found = None;
    visit(event, &mut String::new(), &mut found);
    found
}

fn visit(value: &Value, path: &mut String, found: &mut Option<(String, usize)>) {
    let size = match value {
        Value::String(text) if text.len() > KEPT + WORDS => text.len(),
        Value::Array(list) if list.len() > 2 && !path.ends_with("/unmapped/cut") => weight(value),
        Value::Object(fields) if fields.len() > 2 && path.starts_with("/unmapped/") => weight(value),
        _ => 0,
    };
    if size > found.as_ref().map_or(0, |(_, most)| *most) {
        *found = Some((path.clone(), size));
    }
    let mut below = |name: &str, value: &Value| {
        let length = path.len();
        path.push('/');
        path.push_str(&name.replace('~', "~0").replace('/', "~1"));
        visit(value, path, found);
        path.truncate(length);
    };
    match value {
        Value::Array(list) => list.iter().enumerate().for_each(|(at, value)| below(&at.to_string(), value)),
        Value::Object(fields) => fields.iter().for_each(|(name, value)| below(name, value)),
        _ => {}
    }
}

/// Roughly the bytes of a list's or an object's own entries; long texts in it are cut by themselves, first.
fn weight(value: &Value) -> usize {
    match value {
        Value::String(text) => text.len().min(KEPT + WORDS) + 3,
        Value::Array(list) => list.iter().map(weight).sum::<usize>() + 2,
        Value::Object(fields) => fields.iter().map(|(name, value)| name.len() + 4 + weight(value)).sum::<usize>() + 2,
        other => other.to_string().len() + 1,
    }
}

/// Makes it `over` bytes shorter, or as short as it gets. `again`: it was cut before, and says of what.
fn cut(part: &mut Value, over: usize, again: bool) {
    match part {
        Value::String(text) => {
            let (body, words) = match text.rsplit_once("… [").filter(|_| again) {
                Some((body, words)) => (body, format!("… [{words}")),
                None => (text.as_str(), format!("… [{} bytes, sha256 {}]", text.len(), sha256(text))),
            };
            *text = format!("{}{words}", shortened(body, over));
        }
        Value::Array(list) => {
            let (mut saved, mut gone) = (0, 0_usize);
            let whole = list.first().is_some_and(Value::is_object);
            while saved < over && list.len() > 1 {
                saved += list.pop().map_or(0, |last| weight(&last));
                gone += 1;
            }
            let words = format!("… {gone} more");
            list.push(if whole { json!({ "name": words }) } else { words.into() });
        }
        Value::Object(fields) => {
            let (mut saved, mut gone) = (0, 0_usize);
            while saved < over && fields.len() > 1 {
                let Some(name) = fields.keys().next_back().cloned() else { break };
                saved += fields.remove(&name).map_or(0, |value| name.len() + 4 + weight(&value));
                gone += 1;
            }
            fields.insert("…".to_owned(), format!("{gone} more").into());
        }
        _ => {}
    }
}

/// The text without so much of its end as is written in `over` bytes.
fn shortened(text: &str, over: usize) -> &str {
    let (mut end, mut saved) = (text.len(), 0);
    for (at, c) in text.char_indices().rev() {
        if saved >= over || at < KEPT {
            break;
        }
        (end, saved) = (at, saved + width(c));
    }
    text.get(..end).unwrap_or_default()
}

/// The bytes that either format needs at the least.
fn width(c: char) -> usize {
    match c {
        '"' | '\\' | '\n' | '\r' | '\t' => 2,
        _ => c.len_utf8(),
    }
}

/// Only what tells which record it is.
fn bare(event: &mut Value) {
    let Some(fields) = event.as_object_mut() else { return };
    let hash = fields.get("unmapped").and_then(|unmapped| unmapped.get("record_hash")).cloned();
    fields.retain(|name, _| ALWAYS.contains(&name.as_str()));
    fields.insert("unmapped".to_owned(), json!({ "record_hash": hash, "cut": [""] }));
}

fn sha256(text: &str) -> String {
    HEXLOWER.encode(digest(&SHA256, text.as_bytes()).as_ref())
}
