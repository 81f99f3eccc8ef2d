//! What of an upstream's message may be shown at all, before masking.

use serde_json::{Value, json};

use crate::{
    era::{LEGACY, MODERN},
    message::Message,
};

/// Content that was taken out, by its kind.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Blocked {
    pub kind: &'static str,
}

/// Keeps the tools that `shown` says yes to.
pub fn retain_tools(result: &mut Value, shown: impl Fn(&str) -> bool) {
    if let Some(tools) = result.get_mut("tools").and_then(Value::as_array_mut) {
        tools.retain(|tool| tool.get("name").and_then(Value::as_str).is_some_and(&shown));
    }
}

/// What was filtered or masked for one person is nobody else's: no cache between may share it.
pub fn keep_private(result: &mut Value) {
    if let Some(scope) = result.get_mut("cacheScope") {
        *scope = Value::from("private");
    }
}

/// Keeps the revisions that this gateway speaks too, of those that a server says it supports.
pub fn retain_revisions(result: &mut Value) {
    if let Some(versions) = result.get_mut("supportedVersions").and_then(Value::as_array_mut) {
        versions.retain(|version| version.as_str().is_some_and(|named| named == MODERN || LEGACY.contains(&named)));
    }
}

/// Base64 can hide a card from the masker. An image or sound is shown only where the bytes are what the type says; any
/// other blob is replaced by a note. Looks at a result and at what a server asks its client (sampling).
pub fn prepare(message: &mut Message) -> Vec<Blocked> {
    let mut blocked = Vec::new();
    let holder = match message {
        Message::Response { answer: Ok(result), .. } => Some(result),
        Message::Request { params, .. } | Message::Notification { params, .. } => params.as_mut(),
        Message::Response { .. } => None,
    };
    let Some(holder) = holder else { return blocked };
    prepare_in(holder, &mut blocked);
    // What a server asks within a result (2026-07-28/basic/patterns/mrtr).
    if let Some(requests) = holder.get_mut("inputRequests").and_then(Value::as_object_mut) {
        for params in requests.values_mut().filter_map(|request| request.get_mut("params")) {
            prepare_in(params, &mut blocked);
        }
    }
    blocked
}

fn prepare_in(holder: &mut Value, blocked: &mut Vec<Blocked>) {
    for name in ["content", "contents"] {
        each(holder.get_mut(name), blocked);
    }
    // A message of a prompt or a conversation holds its items under `content`.
    if let Some(messages) = holder.get_mut("messages").and_then(Value::as_array_mut) {
        for message in messages {
            each(message.get_mut("content"), blocked);
        }
    }
}

/// One item, or a list of them.
fn each(content: Option<&mut Value>, blocked: &mut Vec<Blocked>) {
    match content {
        Some(Value::Array(items)) => items.iter_mut().for_each(|item| check(item, blocked)),
        Some(item @ Value::Object(_)) => check(item, blocked),
        _ => {}
    }
}

/// Depth is bounded by the parser's.
fn check(item: &mut Value, blocked: &mut Vec<Blocked>) {
    // Any item with `data` is taken for media: a kind that is not known cannot be looked into.
    let kind = item.get("type").and_then(Value::as_str);
    let is_media = matches!(kind, Some("image" | "audio")) || item.get("data").is_some();
    if is_media && !genuine(item) {
        return replace(item, "media", blocked);
    }
    if item.get("blob").is_some() {
        blocked.push(Blocked { kind: "blob" });
        if let Some(members) = item.as_object_mut() {
            members.shift_remove("blob");
            members.insert("text".to_owned(), Value::from(NOTE));
        }
    }
    if item.pointer("/resource/blob").is_some() {
        return replace(item, "blob", blocked);
    }
    // A tool's result within a conversation.
    each(item.get_mut("content"), blocked);
}

const NOTE: &str = "[blocked by the gateway: binary content cannot be masked (mcp_binary_blocked)]";

fn replace(item: &mut Value, kind: &'static str, blocked: &mut Vec<Blocked>) {
    blocked.push(Blocked { kind });
    *item = json!({ "type": "text", "text": NOTE });
}

/// Beginnings of base64 of the formats that pass: PNG, JPEG, GIF, WebP/WAV (RIFF), MP3, Ogg.
const MEDIA: &[(&str, &str)] = &[
    ("image/png", "iVBORw0KGgo"),
    ("image/jpeg", "/9j/"),
    ("image/gif", "R0lGOD"),
    ("image/webp", "UklGR"),
    ("audio/wav", "UklGR"),
    ("audio/mpeg", "SUQz"),
    ("audio/mpeg", "//"),
    ("audio/ogg", "T2dnUw"),
];

fn genuine(item: &Value) -> bool {
    let (Some(mime), Some(data)) =
        (item.get("mimeType").and_then(Value::as_str), item.get("data").and_then(Value::as_str))
    else {
        return false;
    };
    MEDIA.iter().any(|(known, start)| *known == mime && data.starts_with(start))
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    fn prepared(result: &str) -> (Value, usize) {
        let text = format!(r#"{{"jsonrpc":"2.0","id":1,"result":{result}}}"#);
        let mut message = Message::parse(text.as_bytes()).unwrap();
        let blocked = prepare(&mut message).len();
        (message.result().unwrap().clone(), blocked)
    }

    #[test]
    fn a_blob_is_replaced_and_text_stays() {
        let (result, blocked) = prepared(
            r#"{"content":[{"type":"text","text":"x"},{"type":"resource","resource":{"uri":"a","blob":"NDExMQ=="}},{"type":"image","mimeType":"image/png","data":"iVBORw0KGgoAAA"},{"type":"image","mimeType":"image/png","data":"NDExMTEx"}]}"#,
        );
        assert_eq!(blocked, 2);
        assert!(!result.to_string().contains("NDEx"));
        assert!(result.to_string().contains("iVBORw0KGgoAAA"));
        assert_eq!(prepared(r#"{"contents":[{"uri":"a","blob":"NDExMQ=="}]}"#).1, 1);
    }

    #[test]
    fn what_a_server_asks_its_client_is_looked_at_too() {
        let hidden = r#"{"type":"image","mimeType":"image/png","data":"NDExMTEx"}"#;
        for members in [
            format!(
                r#""id":1,"method":"sampling/createMessage","params":{{"messages":[{{"role":"user","content":{hidden}}}]}}"#
            ),
            format!(
                r#""id":1,"method":"sampling/createMessage","params":{{"messages":[{{"role":"user","content":[{hidden}]}}]}}"#
            ),
            format!(
                r#""id":1,"result":{{"messages":[{{"role":"user","content":[{{"type":"tool_result","content":[{hidden}]}}]}}]}}"#
            ),
            format!(
                r#""id":1,"result":{{"inputRequests":{{"a":{{"method":"sampling/createMessage","params":{{"messages":[{{"role":"user","content":{hidden}}}]}}}}}}}}"#
            ),
            r#""id":1,"result":{"content":[{"type":"hologram","data":"NDExMTEx","mimeType":"x/y"}]}"#.to_owned(),
        ] {
            let mut message = Message::parse(format!(r#"{{"jsonrpc":"2.0",{members}}}"#).as_bytes()).unwrap();
            assert_eq!(prepare(&mut message).len(), 1, "{members}");
            assert!(!message.into_value().to_string().contains("NDEx"), "{members}");
        }
    }

    #[test]
    fn what_was_made_for_one_person_is_not_shared() {
        let mut result = json!({ "tools": [], "ttlMs": 1, "cacheScope": "public" });
        keep_private(&mut result);
        assert_eq!(result["cacheScope"], "private");
        let mut without = json!({ "tools": [] });
        keep_private(&mut without);
        assert_eq!(without, json!({ "tools": [] }));
    }

    #[test]
    fn a_revision_that_is_not_spoken_here_is_not_offered() {
        let mut result = json!({ "supportedVersions": ["2030-01-01", MODERN, "2025-11-25"] });
        retain_revisions(&mut result);
        assert_eq!(result["supportedVersions"], json!([MODERN, "2025-11-25"]));
    }

    #[test]
    fn hidden_tools_are_not_listed() {
        let mut result = json!({ "tools": [{ "name": "a" }, { "name": "b" }, {}] });
        retain_tools(&mut result, |name| name == "a");
        assert_eq!(result, json!({ "tools": [{ "name": "a" }] }));
    }
}
