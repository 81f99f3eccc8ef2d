//! What was delivered: rows as a table, an MCP answer as a card for each of its blocks.

use base64::{Engine, prelude::BASE64_STANDARD};
use hoop_audit::{Counts, MaskedAt};
use serde_json::Value;

use super::markup::{cut, escaped, line, lines, number};
use crate::{output::human, sessions::arrow};

/// Longest text shown of one thing, in characters.
const LONGEST: usize = 20_000;
/// Lines of a document beyond which it is set in one piece.
const LINES: usize = 24;
/// Longest cell of a table, in characters.
const CELL: usize = 300;

/// At most so many rows of a table. `counts`: of the record it was delivered with, for what of it is masked.
pub(super) fn shown(bytes: &[u8], rows: usize, counts: Option<&Counts>) -> String {
    let shown = Shown { rows, masked: counts.map_or(&[][..], |counts| counts.places.as_slice()) };
    let Ok(text) = std::str::from_utf8(bytes) else {
        return match arrow::read(bytes, rows) {
            Some(read) => {
                let names: Vec<_> = read.names.iter().map(String::as_str).collect();
                shown.table(&names, &read.rows, read.total)
            }
            None => format!("<p class=\"note\">{} bytes that are neither text nor Arrow</p>", bytes.len()),
        };
    };
    match serde_json::from_str::<Value>(text) {
        Ok(document) => shown.document(&document),
        Err(_) => shown.text(text),
    }
}

struct Shown<'a> {
    rows: usize,
    masked: &'a [MaskedAt],
}

impl Shown<'_> {
    fn document(&self, document: &Value) -> String {
        match document {
            // A chunk of one row has no brackets around it; answers sent together have.
            Value::Array(items) if items.iter().all(Value::is_object) => {
                items.iter().map(|item| self.document(item)).collect()
            }
            Value::Array(_) => self.table(&[], std::slice::from_ref(document), 1),
            _ => self.snowflake(document).unwrap_or_else(|| answer(document)),
        }
    }

    /// No JSON: rows of a chunk, which have no brackets around them, or a stream's event.
    fn text(&self, text: &str) -> String {
        if let Ok(rowset) = serde_json::from_str::<Vec<Value>>(&format!("[{text}]")) {
            return self.table(&[], self.first(&rowset), rowset.len());
        }
        let data: Vec<&str> = text.lines().filter_map(|line| line.strip_prefix("data:")).map(str::trim_start).collect();
        match serde_json::from_str::<Value>(&data.join("\n")) {
            Ok(document) => answer(&document),
            Err(_) => pre(text),
        }
    }

    /// The driver's answer, or a chunk of one.
    fn snowflake(&self, document: &Value) -> Option<String> {
        let data = document.get("data")?;
        let names: Vec<&str> = data
            .get("rowtype")
            .and_then(Value::as_array)
            .into_iter()
            .flatten()
            .map(|column| column.get("name").and_then(Value::as_str).unwrap_or_default())
            .collect();
        if let Some(rowset) = data.get("rowset").and_then(Value::as_array) {
            return Some(self.table(&names, self.first(rowset), rowset.len()));
        }
        if let Some(stream) = data.get("rowsetBase64").and_then(Value::as_str) {
            let read = BASE64_STANDARD.decode(stream).ok().and_then(|stream| arrow::read(&stream, self.rows));
            return Some(match read {
                Some(read) => self.table(&names, &read.rows, read.total),
                None => format!("<p class=\"note\">{} characters of Arrow that cannot be read</p>", stream.len()),
            });
        }
        let message = document.get("message").and_then(Value::as_str)?;
        Some(card(true, "Snowflake says", &pre(message)))
    }

    fn first<'r>(&self, rowset: &'r [Value]) -> &'r [Value] {
        rowset.get(..self.rows).unwrap_or(rowset)
    }

    /// The first rows of `total`.
    fn table(&self, names: &[&str], shown: &[Value], total: usize) -> String {
        let width = shown.iter().filter_map(Value::as_array).map(Vec::len).max().unwrap_or_default();
        let mut html = "<div class=\"wide\"><table>\n<thead><tr>".to_owned();
        for column in 0..width.max(names.len()) {
            // A chunk's columns have no names.
            let Some(name) = names.get(column) else {
                html.push_str(&format!("<th>{}</th>", column + 1));
                continue;
            };
            let rules: Vec<_> = self
                .masked
                .iter()
                .filter(|masked| masked.at.strip_prefix("column ") == Some(*name))
                .map(|masked| &*masked.rule)
                .collect();
            if rules.is_empty() {
                html.push_str(&format!("<th>{}</th>", line(name)));
            } else {
                let rules = line(&rules.join(", "));
                html.push_str(&format!("<th class=\"masked\">{} <small>{rules}</small></th>", line(name)));
            }
        }
        html.push_str("</tr></thead>\n<tbody>\n");
        for row in shown {
            html.push_str("<tr>");
            row.as_array().into_iter().flatten().for_each(|value| html.push_str(&cell(value)));
            html.push_str("</tr>\n");
        }
        html.push_str("</tbody>\n</table></div>");
        if total > shown.len() {
            html.push_str(&format!("<p class=\"note\">… {} more rows</p>", total - shown.len()));
        }
        html
    }
}

fn cell(value: &Value) -> String {
    let text = match value {
        Value::Null => return "<td class=\"null\">NULL</td>".to_owned(),
        Value::String(text) => text.clone(),
        other => other.to_string(),
    };
    let class = if text.contains("***") { " class=\"masked\"" } else { "" };
    let (shown, more) = cut(&text, CELL);
    format!("<td{class}>{}{}</td>", escaped(&human::plain(shown)), if more > 0 { "…" } else { "" })
}

/// A JSON-RPC message of an MCP server, or whatever else is JSON.
fn answer(document: &Value) -> String {
    if let Some(error) = document.get("error") {
        let text = error.get("message").and_then(Value::as_str).map(str::to_owned);
        return card(true, "error", &pre(&text.unwrap_or_else(|| error.to_string())));
    }
    let Some(result) = document.get("result") else { return json(document) };
    let failed = result.get("isError") == Some(&Value::Bool(true));
    let blocks = result.get("content").and_then(Value::as_array);
    let mut html: String = blocks.into_iter().flatten().map(|content| block(content, failed)).collect();
    if let Some(structured) = result.get("structuredContent") {
        html.push_str(&card(failed, "structured content", &json(structured)));
    }
    for tool in result.get("tools").and_then(Value::as_array).into_iter().flatten() {
        let text = |field: &str| tool.get(field).and_then(Value::as_str).unwrap_or_default();
        let title = format!("tool {}", line(text("name")));
        html.push_str(&titled(false, &title, &pre(text("description"))));
    }
    if html.is_empty() { json(result) } else { html }
}

/// A content block. Nothing in it is drawn or linked to.
fn block(content: &Value, failed: bool) -> String {
    let text = |field: &str| content.get(field).and_then(Value::as_str).unwrap_or_default();
    match text("type") {
        "text" => card(failed, if failed { "error" } else { "text" }, &pre(text("text"))),
        kind @ ("image" | "audio") => {
            let of = format!("{} characters of base64, not shown", number(text("data").len() as u64));
            card(failed, kind, &format!("<p>{} <small>{of}</small></p>", line(text("mimeType"))))
        }
        "resource_link" => card(failed, "link", &format!("<p>{} {}</p>", line(text("name")), line(text("uri")))),
        kind => card(failed, kind, &json(content)),
    }
}

fn card(failed: bool, title: &str, body: &str) -> String {
    titled(failed, &line(title), body)
}

/// `title` is HTML already, as `body` is.
fn titled(failed: bool, title: &str, body: &str) -> String {
    let class = if failed { "card bad" } else { "card" };
    format!("<div class=\"{class}\"><h4>{title}</h4>{body}</div>")
}

/// Each field on a line of its own, where these are few.
fn json(value: &Value) -> String {
    let pretty = serde_json::to_string_pretty(value).ok().filter(|text| text.lines().count() <= LINES);
    pre(&pretty.unwrap_or_else(|| value.to_string()))
}

fn pre(text: &str) -> String {
    format!("<pre>{}</pre>", lines(text, LONGEST))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn results_are_tables_with_what_is_masked_marked() {
        let result = br#"{"data":{"rowtype":[{"name":"ID"},{"name":"<b>PAN"}],"rowset":[["1","411111******1111"],["</td>",null],["3","x"]]},"success":true}"#;
        let counts = Counts {
            places: vec![MaskedAt { at: "column <b>PAN".into(), rule: "pan".into(), count: 1 }],
            ..Counts::default()
        };
        let html = shown(result, 2, Some(&counts));
        for part in [
            "<th class=\"masked\"><bdi>&lt;b&gt;PAN</bdi> <small><bdi>pan</bdi></small></th>",
            "<td class=\"masked\">411111******1111</td>",
            "<td>&lt;/td&gt;</td><td class=\"null\">NULL</td>",
            "… 1 more rows",
        ] {
            assert!(html.contains(part), "{part}: {html}");
        }
        let chunk = shown(br#"["7","a"],["8","b"]"#, 9, None);
        assert!(chunk.contains("<th>2</th>") && chunk.contains("<td>8</td><td>b</td>"), "{chunk}");
        assert!(shown(br#"["7","a"]"#, 9, None).contains("<td>7</td><td>a</td>"));
        assert!(shown(br#"{"data":{},"message":"no \u001b[31m","success":false}"#, 2, None).contains(r"no \u{1b}[31m"));
        assert!(shown(&[0xff, 0xfe], 9, None).contains("2 bytes that are neither"));
    }

    #[test]
    fn answers_are_cards_and_nothing_in_them_is_drawn() {
        let call = br#"{"result":{"content":[{"type":"text","text":"two\n<i>lines"},{"type":"image","mimeType":"image/png\"onerror=","data":"AAAA"},
            {"type":"resource_link","uri":"javascript:alert(1)"},{"type":"<script>"}],"isError":true,"structuredContent":{"a":1}}}"#;
        let html = shown(call, 2, None);
        for part in [
            "two\n&lt;i&gt;lines",
            "image/png&quot;onerror=",
            "javascript:alert(1)",
            "&lt;script&gt;",
            "structured",
            "card bad",
        ] {
            assert!(html.contains(part), "{part}: {html}");
        }
        assert!(!html.contains("<i>") && !html.contains("<a") && !html.contains("<img") && !html.contains("<script"));
        let event = shown(b"event: message\ndata: {\"error\":{\"message\":\"gone\"}}\n\n", 2, None);
        assert!(event.contains("<pre>gone</pre>"), "{event}");
        let listed = shown(br#"{"result":{"tools":[{"name":"charge","description":"takes money"}]}}"#, 2, None);
        assert!(listed.contains("charge") && listed.contains("takes money"), "{listed}");
    }
}
