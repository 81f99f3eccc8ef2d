//! What of an upstream's message may be shown at all, before masking.

use base64::{Engine, engine::general_purpose::STANDARD};
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

/// Base64 can hide a card from the masker. Text in it goes through `mask`, which gives back what may be shown; an image
/// or sound is shown only where the bytes are what the type says; anything else is replaced by a note. Looks at a result
/// and at what a server asks its client (sampling).
pub fn prepare(message: &mut Message, mask: &mut dyn FnMut(String) -> String) -> Vec<Blocked> {
    let mut look = Look { mask, blocked: Vec::new() };
    let holder = match message {
        Message::Response { answer: Ok(result), .. } => Some(result),
        Message::Request { params, .. } | Message::Notification { params, .. } => params.as_mut(),
        Message::Response { .. } => None,
    };
    if let Some(holder) = holder {
        look.through(holder);
        // What a server asks within a result (2026-07-28/basic/patterns/mrtr).
        if let Some(requests) = holder.get_mut("inputRequests").and_then(Value::as_object_mut) {
            requests
                .values_mut()
                .filter_map(|request| request.get_mut("params"))
                .for_each(|params| look.through(params));
        }
    }
    look.blocked
}

struct Look<'a> {
    mask: &'a mut dyn FnMut(String) -> String,
    blocked: Vec<Blocked>,
}

impl Look<'_> {
    fn through(&mut self, holder: &mut Value) {
        for name in ["content", "contents"] {
            self.each(holder.get_mut(name));
        }
        // A message of a prompt or a conversation holds its items under `content`.
        if let Some(messages) = holder.get_mut("messages").and_then(Value::as_array_mut) {
            for message in messages {
                self.each(message.get_mut("content"));
            }
        }
    }

    /// One item, or a list of them.
    fn each(&mut self, content: Option<&mut Value>) {
        match content {
            Some(Value::Array(items)) => items.iter_mut().for_each(|item| self.check(item)),
            Some(item @ Value::Object(_)) => self.check(item),
            _ => {}
        }
    }

    /// Depth is bounded by the parser's.
    fn check(&mut self, item: &mut Value) {
        // Any item with `data` is taken for media: a kind that is not known cannot be looked into.
        let kind = item.get("type").and_then(Value::as_str);
        let is_media = matches!(kind, Some("image" | "audio")) || item.get("data").is_some();
        if is_media && !genuine(item, "data") {
            return self.replace(item, "media");
        }
        if item.get("blob").is_some() && !self.readable(item) {
            self.blocked.push(Blocked { kind: "blob" });
            if let Some(members) = item.as_object_mut() {
                members.shift_remove("blob");
                members.insert("text".to_owned(), Value::from(NOTE));
            }
        }
        if let Some(resource) = item.get_mut("resource")
            && resource.get("blob").is_some()
            && !self.readable(resource)
        {
            return self.replace(item, "blob");
        }
        // A tool's result within a conversation.
        self.each(item.get_mut("content"));
    }

    /// Whether a blob may be shown: media that is what it says, or text, which is masked where it stands.
    fn readable(&mut self, holder: &mut Value) -> bool {
        if genuine(holder, "blob") {
            return true;
        }
        let Some(blob) = holder.get_mut("blob") else { return true };
        let text = blob.as_str().and_then(|blob| String::from_utf8(STANDARD.decode(blob).ok()?).ok());
        let Some(text) = text.filter(|text| !text.chars().any(is_binary)) else { return false };
        let masked = (self.mask)(text.clone());
        if masked != text {
            *blob = Value::from(STANDARD.encode(masked));
        }
        true
    }

    fn replace(&mut self, item: &mut Value, kind: &'static str) {
        self.blocked.push(Blocked { kind });
        *item = json!({ "type": "text", "text": NOTE });
    }
}

/// Characters that no text has.
fn is_binary(character: char) -> bool {
    character.is_control() && !matches!(character, '\t' | '\n' | '\r' | '\u{c}')
}

const NOTE: &str = "[blocked by the gateway: binary content cannot be masked (mcp_binary_blocked)]";

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

fn genuine(item: &Value, member: &str) -> bool {
    let (Some(mime), Some(data)) =
        (item.get("mimeType").and_then(Value::as_str), item.get(member).and_then(Value::as_str))
    else {
        return false;
    };
    MEDIA.iter().any(|(known, start)| *known == mime && data.starts_with(start))
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::indexing_slicing)]
    use super::*;

    fn masked(text: String) -> String {
        text.replace("4111111111111111", "411111******1111")
    }

    fn prepared(result: &str) -> (Value, usize) {
        let text = format!(r#"{{"jsonrpc":"2.0","id":1,"result":{result}}}"#);
        let mut message = Message::parse(text.as_bytes()).unwrap();
        let blocked = prepare(&mut message, &mut masked).len();
        (message.result().unwrap().clone(), blocked)
    }

    #[test]
    fn what_cannot_be_read_is_replaced() {
        let (result, blocked) = prepared(
            r#"{"content":[{"type":"text","text":"x"},{"type":"resource","resource":{"uri":"a","blob":"NDExMf8="}},{"type":"image","mimeType":"image/png","data":"iVBORw0KGgoAAA"},{"type":"image","mimeType":"image/png","data":"NDExMTEx"}]}"#,
        );
        assert_eq!(blocked, 2);
        assert!(!result.to_string().contains("NDEx"));
        assert!(result.to_string().contains("iVBORw0KGgoAAA"));
        for odd in ["NDExMf8=", "NDExMQA=", "%", "NDExMQ"] {
            let (result, blocked) = prepared(&format!(r#"{{"contents":[{{"uri":"a","blob":"{odd}"}}]}}"#));
            assert_eq!((blocked, result.pointer("/contents/0/blob")), (1, None), "{odd}");
        }
    }

    #[test]
    fn text_in_a_blob_is_masked_and_media_passes() {
        let of = |item: &str| prepared(&format!(r#"{{"contents":[{item}]}}"#));
        let plain = r#"{"uri":"a","mimeType":"text/plain","blob":"bm8gY2FyZA=="}"#;
        assert_eq!(of(plain), (serde_json::from_str(&format!(r#"{{"contents":[{plain}]}}"#)).unwrap(), 0));
        let card = STANDARD.encode("card 4111111111111111\r\n");
        let (result, blocked) = of(&format!(r#"{{"uri":"a","blob":"{card}"}}"#));
        assert_eq!(
            (blocked, &result["contents"][0]["blob"]),
            (0, &STANDARD.encode("card 411111******1111\r\n").into())
        );
        let (result, blocked) = of(&format!(r#"{{"type":"resource","resource":{{"uri":"a","blob":"{card}"}}}}"#));
        assert_eq!(blocked, 0);
        assert_eq!(result["contents"][0]["resource"]["blob"], STANDARD.encode("card 411111******1111\r\n"));
        assert_eq!(of(r#"{"uri":"a","mimeType":"image/png","blob":"iVBORw0KGgoAAA"}"#).1, 0);
        assert_eq!(of(r#"{"uri":"a","mimeType":"image/gif","blob":"iVBORw0KGgoAAA"}"#).1, 1);
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
            assert_eq!(prepare(&mut message, &mut masked).len(), 1, "{members}");
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
