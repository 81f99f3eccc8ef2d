//! TOML: a server is a table of its own at the file's end, where TOML lets it stand whatever is before it.

use std::ops::Range;

use serde_json::{Map, Value, json};
use toml_edit::{Document, Item, Table};

use super::{
    error::Problem,
    splice::{line_number, newline, splice},
};

pub(super) fn meaning(text: &str) -> Result<Map<String, Value>, Problem> {
    let read: toml::Table = toml::from_str(text).map_err(|error| Problem::Broken {
        line: line_number(text, error.span().map_or(0, |span| span.start)),
        why: error.message().to_owned(),
    })?;
    match serde_json::to_value(read) {
        Ok(Value::Object(table)) => Ok(table),
        _ => Err(Problem::NotEdited),
    }
}

pub(super) fn insert(text: &str, key: &str, name: &str, entry: &Value) -> Result<String, Problem> {
    let newline = newline(text);
    let table = pretty(key, name, entry)?;
    let before = match text {
        "" => "",
        ended if ended.ends_with('\n') => newline,
        _ => &newline.repeat(2),
    };
    let text = format!("{text}{before}{}", table.replace('\n', newline));
    // Servers written as an inline table cannot be added to from outside of it.
    meaning(&text).map_err(|_| Problem::NotEdited)?;
    Ok(text)
}

fn pretty(key: &str, name: &str, entry: &Value) -> Result<String, Problem> {
    let table = written(&json!({ key: { name: entry } })).ok_or(Problem::NotEdited)?;
    toml::to_string(&table).map_err(|_| Problem::NotEdited)
}

/// serde would write a number of any precision as a table.
fn written(value: &Value) -> Option<toml::Value> {
    Some(match value {
        Value::Null => return None,
        Value::Bool(value) => toml::Value::Boolean(*value),
        Value::Number(value) => match value.as_i64() {
            Some(value) => toml::Value::Integer(value),
            None => toml::Value::Float(value.as_f64()?),
        },
        Value::String(value) => toml::Value::String(value.clone()),
        Value::Array(values) => toml::Value::Array(values.iter().map(written).collect::<Option<_>>()?),
        Value::Object(fields) => {
            let fields = fields.iter().map(|(name, value)| Some((name.clone(), written(value)?)));
            toml::Value::Table(fields.collect::<Option<_>>()?)
        }
    })
}

pub(super) fn repoint(text: &str, key: &str, name: &str, command: &str) -> Result<String, Problem> {
    let document = Document::parse(text).map_err(|_| Problem::NotEdited)?;
    let there = document.get(key).and_then(|servers| servers.get(name)).and_then(|entry| entry.get("command"));
    let span = there.and_then(Item::span).ok_or(Problem::NotEdited)?;
    let command = toml::Value::from(command).to_string();
    splice(text, &[(span, &command)])
}

/// The entry's table and those below it, each from its header to the line of its last value; comments stay.
pub(super) fn remove(text: &str, key: &str, name: &str) -> Result<String, Problem> {
    let document = Document::parse(text).map_err(|_| Problem::NotEdited)?;
    let entry = document.get(key).and_then(|servers| servers.get(name)).and_then(Item::as_table);
    let mut tables = Vec::new();
    blocks(entry.ok_or(Problem::NotEdited)?, &mut tables)?;
    tables.sort_by_key(|block| block.start);
    let edits: Vec<_> = tables.into_iter().map(|block| (lines(text, block), "")).collect();
    splice(text, &edits)
}

fn blocks(table: &Table, found: &mut Vec<Range<usize>>) -> Result<(), Problem> {
    // None: only tables below it are written down.
    let header = table.span().filter(|_| !table.is_implicit());
    let at = found.len();
    let mut end = header.as_ref().map_or(0, |header| header.end);
    within(table, &mut end, found)?;
    if let Some(header) = header {
        found.insert(at, header.start..end);
    }
    Ok(())
}

/// Moves `end` behind what stands under the header itself.
fn within(table: &Table, end: &mut usize, found: &mut Vec<Range<usize>>) -> Result<(), Problem> {
    for (_, item) in table {
        match item {
            Item::Table(below) if below.is_dotted() => within(below, end, found)?,
            Item::Table(below) => blocks(below, found)?,
            Item::ArrayOfTables(tables) => tables.iter().try_for_each(|below| blocks(below, found))?,
            Item::Value(value) => *end = value.span().map_or(*end, |span| span.end.max(*end)),
            Item::None => {}
        }
    }
    Ok(())
}

/// With the rest of the last line, and the blank one that sets the table off.
fn lines(text: &str, block: Range<usize>) -> Range<usize> {
    let before = text.get(..block.start).unwrap_or_default();
    let blank = ["\r\n", "\n"].into_iter().find(|end| before.ends_with(&end.repeat(2)) || before == *end);
    let rest = text.get(block.end..).unwrap_or_default();
    let end = rest.find('\n').map_or(text.len(), |line| block.end + line + 1);
    block.start - blank.map_or(0, str::len)..end
}
