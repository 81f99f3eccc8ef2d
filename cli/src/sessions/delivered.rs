//! What was delivered, as people read it: a result as a table, an MCP answer as what it says.

use base64::{Engine, prelude::BASE64_STANDARD};
use serde_json::Value;

use super::arrow;
use crate::output::human;

/// Longest text shown of one thing, in characters.
const LONGEST: usize = 2000;
/// Longest cell of a table, in characters.
const CELL: usize = 60;

/// At most so many rows of a table.
pub(super) fn shown(bytes: &[u8], rows: usize) -> String {
    let Ok(document) = serde_json::from_slice::<Value>(bytes) else { return unread(bytes, rows) };
    if let Some(table) = snowflake(&document, rows) {
        return table;
    }
    if let Some(content) = document.pointer("/result/content").and_then(Value::as_array) {
        return content.iter().map(block).collect::<Vec<_>>().join("\n");
    }
    match document.pointer("/error/message").and_then(Value::as_str) {
        Some(message) => format!("error: {}", short(message)),
        None => short(&document.to_string()),
    }
}

/// The driver's answer, or a chunk of one.
fn snowflake(document: &Value, limit: usize) -> Option<String> {
    let data = document.get("data")?;
    let names: Vec<String> = data
        .get("rowtype")
        .and_then(Value::as_array)
        .into_iter()
        .flatten()
        .filter_map(|column| column.get("name").and_then(Value::as_str).map(human::plain))
        .collect();
    if let Some(rowset) = data.get("rowset").and_then(Value::as_array) {
        return Some(table(&names, rowset.get(..limit).unwrap_or(rowset), rowset.len()));
    }
    if let Some(stream) = data.get("rowsetBase64").and_then(Value::as_str) {
        let read = BASE64_STANDARD.decode(stream).ok().and_then(|stream| arrow::read(&stream, limit));
        return Some(match read {
            Some(read) => table(&names, &read.rows, read.total),
            None => format!("[{} characters of Arrow that cannot be read]", stream.len()),
        });
    }
    let message = document.get("message").and_then(Value::as_str)?;
    Some(format!("Snowflake: {}", short(message)))
}

/// The first rows of `total`.
fn table(names: &[String], first: &[Value], total: usize) -> String {
    let cell = |value: &Value| match value {
        Value::Null => "NULL".to_owned(),
        Value::String(text) => human::short(text, CELL),
        other => human::short(&other.to_string(), CELL),
    };
    let rows: Vec<Vec<String>> =
        first.iter().map(|row| row.as_array().into_iter().flatten().map(cell).collect()).collect();
    // A chunk's columns have no names.
    let width = rows.iter().map(Vec::len).max().unwrap_or_default();
    let numbered: Vec<String> = (names.len()..width).map(|column| (column + 1).to_string()).collect();
    let header: Vec<&str> = names.iter().chain(&numbered).map(String::as_str).collect();
    let mut text = human::aligned(&header, &rows);
    if total > first.len() {
        text.push_str(&format!("\n… {} more rows", total - first.len()));
    }
    text
}

/// A content block of an MCP answer.
fn block(block: &Value) -> String {
    let text = |field: &str| block.get(field).and_then(Value::as_str).unwrap_or_default();
    match text("type") {
        "text" => short(text("text")),
        kind @ ("image" | "audio") => {
            format!("[{kind}, {}, {} characters]", human::plain(text("mimeType")), text("data").len())
        }
        "resource_link" => format!("[link to {}]", human::plain(text("uri"))),
        kind => format!("[{}] {}", human::plain(kind), short(&block.to_string())),
    }
}

/// No JSON: rows of a chunk, which have no brackets around them, a stream's event, or Arrow.
fn unread(bytes: &[u8], rows: usize) -> String {
    let Ok(text) = std::str::from_utf8(bytes) else {
        return match arrow::read(bytes, rows) {
            Some(read) => {
                let names: Vec<_> = read.names.iter().map(|name| human::plain(name)).collect();
                table(&names, &read.rows, read.total)
            }
            None => format!("[{} bytes that are neither text nor Arrow]", bytes.len()),
        };
    };
    match serde_json::from_str::<Vec<Value>>(&format!("[{text}]")) {
        Ok(rowset) => table(&[], rowset.get(..rows).unwrap_or(&rowset), rowset.len()),
        Err(_) => short(text),
    }
}

fn short(text: &str) -> String {
    human::short(text, LONGEST)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn results_are_tables_and_answers_are_read_out() {
        let result = br#"{"data":{"rowtype":[{"name":"ID"},{"name":"PAN"}],"rowset":[["1","411111******1111"],["2",null],["3","x"]]},"success":true}"#;
        let table = shown(result, 2);
        assert!(table.contains("411111******1111") && table.contains("NULL"), "{table}");
        assert!(table.ends_with("… 1 more rows"), "{table}");
        let failed = br#"{"data":{},"message":"does not \u001b[31mexist","success":false}"#;
        assert_eq!(shown(failed, 2), r"Snowflake: does not \u{1b}[31mexist");
        let call = br#"{"jsonrpc":"2.0","id":1,"result":{"content":[{"type":"text","text":"two\nlines"},{"type":"image","mimeType":"image/png","data":"AAAA"}]}}"#;
        assert_eq!(shown(call, 2), "two⏎lines\n[image, image/png, 4 characters]");
        let chunk = shown(br#"["7","a"],["8","b"]"#, 9);
        assert!(["1", "2", "7", "a", "8", "b"].iter().all(|part| chunk.contains(part)), "{chunk}");
        assert_eq!(shown(&[0xff, 0xfe], 9), "[2 bytes that are neither text nor Arrow]");
    }
}
