use std::ops::Range;

use jsonc_parser::ast::Object;
use serde::Serialize;
use serde_json::{Value, json, ser::PrettyFormatter};

use super::{Document, member};
use crate::mcp_config::{
    error::Problem,
    splice::{indent, margin, newline, part, splice},
};

/// Where the file does not show another.
const INDENT: &str = "  ";

pub(in crate::mcp_config) fn insert(
    text: &str,
    key: &'static str,
    name: &str,
    entry: &Value,
) -> Result<String, Problem> {
    let document = Document::parse(text)?;
    let Some(root) = document.root(key)? else { return append(text, &json!({ key: { name: entry } })) };
    match document.servers(key)? {
        Some(servers) if member(servers, name).is_some() => Err(Problem::NotEdited),
        Some(servers) => add(&document, root, servers, name, entry),
        None => add(&document, root, root, key, &json!({ name: entry })),
    }
}

/// To a text without any value.
fn append(text: &str, root: &Value) -> Result<String, Problem> {
    let newline = newline(text);
    let before = if text.is_empty() || text.ends_with('\n') { "" } else { newline };
    Ok(format!("{text}{before}{}{newline}", pretty(root, INDENT, newline, "")?))
}

/// As the last member of `object`.
fn add(
    document: &Document<'_>,
    root: &Object<'_>,
    object: &Object<'_>,
    name: &str,
    value: &Value,
) -> Result<String, Problem> {
    let text = document.text;
    let inside = object.range.start..object.range.end.saturating_sub(1);
    // After all comments: those behind the last member are about it.
    let at = document.tokens(inside.clone()).next_back().map_or(inside.start + 1, |token| token.range.end);
    let last = object.properties.last();
    let comma = last.map(|last| document.commas(last.range.end..inside.end).next_back().is_some());
    let (name, newline) = (Value::from(name), newline(text));
    let added = if on_one_line(text, root, object)? {
        let before = if last.is_some() { " " } else { "" };
        format!("{before}{name}: {}{}", compact(value)?, if comma == Some(true) { "," } else { "" })
    } else {
        let unit = unit(text, root);
        let outer = margin(text, object.range.start);
        let inner =
            last.and_then(|last| indent(text, last.range.start)).map_or(format!("{outer}{unit}"), str::to_owned);
        let mut added = format!("{newline}{inner}{name}: {}", pretty(value, unit, newline, &inner)?);
        if comma == Some(true) {
            added.push(',');
        }
        if !part(text, at..inside.end)?.contains('\n') {
            added.push_str(newline);
            added.push_str(outer);
        }
        added
    };
    match (last, comma) {
        (Some(last), Some(false)) => splice(text, &[(empty(last.range.end), ","), (empty(at), &added)]),
        _ => splice(text, &[(empty(at), &added)]),
    }
}

fn empty(at: usize) -> Range<usize> {
    at..at
}

/// Whether a member joins its neighbours on their line. An empty table follows the file around it.
fn on_one_line(text: &str, root: &Object<'_>, object: &Object<'_>) -> Result<bool, Problem> {
    let decides = if object.properties.is_empty() { root } else { object };
    Ok(!decides.properties.is_empty() && !part(text, decides.range.start..decides.range.end)?.contains('\n'))
}

/// By how much the file indents.
fn unit<'a>(text: &'a str, root: &Object<'_>) -> &'a str {
    let first = root.properties.first().and_then(|first| indent(text, first.range.start));
    first
        .and_then(|first| first.strip_prefix(margin(text, root.range.start)))
        .filter(|unit| !unit.is_empty())
        .unwrap_or(INDENT)
}

fn compact(value: &Value) -> Result<String, Problem> {
    serde_json::to_string(value).map_err(|_| Problem::NotEdited)
}

/// Over several lines, the first of which is begun already.
fn pretty(value: &Value, unit: &str, newline: &str, outer: &str) -> Result<String, Problem> {
    let mut bytes = Vec::new();
    let formatter = PrettyFormatter::with_indent(unit.as_bytes());
    value
        .serialize(&mut serde_json::Serializer::with_formatter(&mut bytes, formatter))
        .map_err(|_| Problem::NotEdited)?;
    let text = String::from_utf8(bytes).map_err(|_| Problem::NotEdited)?;
    Ok(text.replace('\n', &format!("{newline}{outer}")))
}
