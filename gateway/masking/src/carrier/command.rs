//! Commands as people and the trail see them. A statement does not say which of its literals belongs to which column:
//! where it names a verification code, a PIN or track data, every literal that could be one goes.

use std::ops::Range;

use serde_json::Value;

use super::{Place, json::tree, lines};
use crate::{
    Findings, MaskError,
    fold::{Glyph, glyph},
    name::{self, Name},
    reject, sad,
    scan::edit::{Edit, apply},
    view::View,
};

/// Longest name looked at, in bytes.
const LONGEST_NAME: usize = 128;

/// Most times a statement is looked at: what hiding wrote may end a comment (`/* 987/` is `/* ***/` then) or part a name
/// from its value (`cvv6123` is `cvv****`).
const LOOKS: usize = 4;

/// What the names in a text say is among its values.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
struct Named {
    /// Verification codes or PINs.
    code: bool,
    track: bool,
}

impl Named {
    fn by(text: &str) -> Self {
        let mut named = Self::default();
        if !sad::may_be_named(text) {
            return named;
        }
        let words = text.split(|c: char| !c.is_alphanumeric() && c != '_');
        let quoted = text.split(['\'', '"', '`']);
        for candidate in words.chain(quoted).filter(|name| (3..=LONGEST_NAME).contains(&name.len())) {
            match name::of(candidate) {
                Name::Code | Name::Pin | Name::PinCode => named.code = true,
                Name::Track => named.track = true,
                _ => {}
            }
        }
        named
    }

    fn or(self, other: Self) -> Self {
        Self { code: self.code || other.code, track: self.track || other.track }
    }

    fn any(self) -> bool {
        self.code || self.track
    }

    /// `text` without what could be such a value, and how many there were.
    fn hide(self, text: &str) -> Option<(String, u64)> {
        let mut stars = Vec::new();
        let mut count = 0;
        if self.code {
            count += codes(text, &mut stars);
        }
        for content in if self.any() { strings(text) } else { Vec::new() } {
            let value = text.get(content.clone()).unwrap_or_default();
            // What an escape stands for is the server's to say.
            if value.contains('\\') || self.track && sad::is_track(value) {
                stars.extend(sad::readable(text.as_bytes(), content));
                count += 1;
            }
        }
        (!stars.is_empty()).then(|| (starred(text, stars), count))
    }
}

/// `text` with `*` in place of each of `stars`.
fn starred(text: &str, stars: Vec<Range<usize>>) -> String {
    let mut edits = stars.into_iter().map(Edit::star).collect();
    let mut out = Vec::with_capacity(text.len());
    apply(text.as_bytes(), 0, text.len(), &mut edits, &mut out);
    String::from_utf8(out).unwrap_or_default()
}

/// A statement, and behind it the values bound to it.
pub(crate) fn statement(
    sql: &str,
    bound: Option<&Value>,
    view: &View,
    findings: &mut Findings,
) -> Result<String, MaskError> {
    let mut named = Named::default();
    let mut shown = sql.to_owned();
    for _ in 0..LOOKS {
        named = named.or(Named::by(&shown));
        let mut next = lines::body(&shown, view, findings)?;
        if let Some((hidden, count)) = named.hide(&next) {
            Place::new(view, findings, "text").count(Name::Plain, 0, count);
            next = hidden;
        }
        let done = next == shown;
        shown = next;
        if done {
            break;
        }
    }
    let Some(bound) = bound else { return Ok(shown) };
    let bound = if named.any() {
        let mut count = 0;
        let veiled = veiled(bound, &mut count);
        Place::new(view, findings, "bound").count(Name::Plain, 0, count);
        veiled.to_string()
    } else {
        lines::body(&bound.to_string(), view, findings)?
    };
    Ok(format!("{shown}\n-- bound: {bound}"))
}

/// The arguments of a call: by their keys, and where a text among them names such a value, all of them.
pub(crate) fn arguments(value: &mut Value, view: &View, findings: &mut Findings) -> Result<(), MaskError> {
    let named = named_within(value);
    tree::document(value, view, findings)?;
    if named.any() {
        let mut place = Place::new(view, findings, "$");
        hide_within(value, named, &mut place);
    }
    Ok(())
}

fn named_within(value: &Value) -> Named {
    match value {
        Value::String(text) => Named::by(text),
        Value::Array(items) => items.iter().map(named_within).fold(Named::default(), Named::or),
        Value::Object(members) => members.values().map(named_within).fold(Named::default(), Named::or),
        Value::Null | Value::Bool(_) | Value::Number(_) => Named::default(),
    }
}

fn hide_within(value: &mut Value, named: Named, place: &mut Place<'_>) {
    match value {
        Value::String(text) => {
            // The text that names the value is not the value.
            if named.track && sad::is_track(text) && !Named::by(text).any() {
                place.count(Name::Plain, 0, 1);
                sad::GONE.clone_into(text);
            } else if let Some((hidden, count)) = named.hide(text) {
                place.count(Name::Plain, 0, count);
                *text = hidden;
            }
        }
        Value::Number(number) => {
            if named.code && sad::is_code(number.as_str()) {
                place.count(Name::Plain, 0, 1);
                *value = Value::from(sad::GONE);
            }
        }
        Value::Array(items) => items.iter_mut().for_each(|item| hide_within(item, named, place)),
        Value::Object(members) => members.values_mut().for_each(|member| hide_within(member, named, place)),
        Value::Null | Value::Bool(_) => {}
    }
}

/// Bindings with their types and without their values.
fn veiled(value: &Value, count: &mut u64) -> Value {
    match value {
        Value::Null => Value::Null,
        Value::Array(items) => items.iter().map(|item| veiled(item, count)).collect(),
        Value::Object(members) => {
            let member = |(name, value): (&String, &Value)| {
                let is_type = name == "type" && value.as_str().is_some_and(is_word);
                (name.clone(), if is_type { value.clone() } else { veiled(value, count) })
            };
            Value::Object(members.iter().map(member).collect())
        }
        Value::Bool(_) | Value::Number(_) | Value::String(_) => {
            *count += 1;
            Value::from(sad::GONE)
        }
    }
}

fn is_word(text: &str) -> bool {
    text.bytes().all(|byte| byte.is_ascii_alphabetic() || byte == b'_')
}

/// Runs of three or four digits that are no part of a name or of a number already hidden.
fn codes(text: &str, stars: &mut Vec<Range<usize>>) -> u64 {
    let mut count = 0;
    let mut run: Vec<Range<usize>> = Vec::new();
    for (at, c) in text.char_indices().chain([(text.len(), '\0')]) {
        match glyph(c) {
            Glyph::Digit(_) => run.push(at..at + c.len_utf8()),
            Glyph::Invisible if !run.is_empty() => {}
            _ => {
                if let (3..=4, Some(first)) = (run.len(), run.first())
                    && stands_alone(text, first.start..at)
                {
                    stars.append(&mut run);
                    count += 1;
                }
                run.clear();
            }
        }
    }
    count
}

fn stands_alone(text: &str, at: Range<usize>) -> bool {
    let before = text.get(..at.start).unwrap_or_default();
    let after = text.get(at.end..).unwrap_or_default();
    let of_name = |c: char| c.is_ascii_alphanumeric() || c == '_';
    !reject::uuid(text.as_bytes(), &at)
        && !before.ends_with(of_name)
        && !after.starts_with(of_name)
        && !before.ends_with("**")
        && !after.starts_with("**")
}

/// What stands within quotes, `$$` included, outside of comments.
fn strings(sql: &str) -> Vec<Range<usize>> {
    let mut contents = Vec::new();
    let mut at = 0;
    while let Some(rest) = sql.get(at..).filter(|rest| !rest.is_empty()) {
        let (opening, closing) = match rest.as_bytes() {
            [b'-', b'-', ..] | [b'/', b'/', ..] => (0, "\n"),
            [b'/', b'*', ..] => (0, "*/"),
            [b'$', b'$', ..] => (2, "$$"),
            [b'\'', ..] => (1, "'"),
            [b'"', ..] => (1, "\""),
            _ => {
                at += rest.chars().next().map_or(1, char::len_utf8);
                continue;
            }
        };
        let inside = rest.get(opening..).unwrap_or_default();
        let end = if opening == 1 { quoted(inside, closing) } else { inside.find(closing).unwrap_or(inside.len()) };
        let start = at + opening;
        if opening > 0 {
            contents.push(start..start + end);
        }
        at = start + end + closing.len();
    }
    contents
}

/// Length of a quoted text: a doubled quote and one behind a backslash stay inside.
fn quoted(inside: &str, quote: &str) -> usize {
    let mut at = 0;
    while let Some(rest) = inside.get(at..).filter(|rest| !rest.is_empty()) {
        let doubled = rest.strip_prefix(quote).is_some_and(|next| next.starts_with(quote));
        if doubled {
            at += 2;
        } else if rest.starts_with(quote) {
            return at;
        } else if let Some(escaped) = rest.strip_prefix('\\') {
            at += 1 + escaped.chars().next().map_or(0, char::len_utf8);
        } else {
            at += rest.chars().next().map_or(1, char::len_utf8);
        }
    }
    inside.len()
}
