//! One JSON-RPC message, whole: what the codec does not know stays as it came.

use serde_json::{Map, Number, Value, json};

use crate::json;

/// Largest message in bytes.
pub const LIMIT: usize = 16 * 1024 * 1024;

/// Most messages in one batch.
const BATCH: usize = 64;

/// A call's id. `1` and `"1"` are two ids.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum Id {
    Number(Number),
    Text(String),
}

impl Id {
    pub fn to_value(&self) -> Value {
        match self {
            Self::Number(number) => Value::Number(number.clone()),
            Self::Text(text) => Value::String(text.clone()),
        }
    }
}

/// A message by its kind; `rest` is every other top-level member, in order.
#[derive(Clone)]
pub enum Message {
    Request { id: Id, method: String, params: Option<Value>, rest: Map<String, Value> },
    Notification { method: String, params: Option<Value>, rest: Map<String, Value> },
    Response { id: Id, answer: Result<Value, Value>, rest: Map<String, Value> },
}

#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum MessageError {
    #[error("the message is over {LIMIT} bytes")]
    TooLong,
    #[error("the message is no JSON that can be read safely: {0}")]
    Json(#[from] serde_json::Error),
    #[error("batches are not part of this protocol revision; send one message at a time")]
    Batch,
    #[error("a batch has 1 to {BATCH} messages, and initialize is none of them")]
    BatchSize,
    #[error("the message is no JSON-RPC 2.0 request, notification or response")]
    Shape,
}

impl MessageError {
    /// The JSON-RPC error for whoever sent it.
    pub fn response(&self) -> Vec<u8> {
        let code = match self {
            Self::Json(_) => -32700,
            _ => -32600,
        };
        // serde_json's own words may quote what was sent.
        let text = match self {
            Self::Json(_) => "Parse error: the message is no JSON that can be read safely".to_owned(),
            other => other.to_string(),
        };
        json!({ "jsonrpc": "2.0", "id": null, "error": { "code": code, "message": text } }).to_string().into_bytes()
    }
}

impl Message {
    pub fn parse(bytes: &[u8]) -> Result<Self, MessageError> {
        if bytes.len() > LIMIT {
            return Err(MessageError::TooLong);
        }
        match json::parse(bytes)? {
            Value::Object(members) => Self::from_members(members),
            Value::Array(_) => Err(MessageError::Batch),
            _ => Err(MessageError::Shape),
        }
    }

    /// The messages of a batch, which only 2025-03-26 has. One that is no message refuses them all.
    pub fn parse_batch(bytes: &[u8]) -> Result<Vec<Self>, MessageError> {
        if bytes.len() > LIMIT {
            return Err(MessageError::TooLong);
        }
        let Value::Array(messages) = json::parse(bytes)? else { return Err(MessageError::Shape) };
        let messages = messages.into_iter().map(|message| match message {
            Value::Object(members) => Self::from_members(members),
            _ => Err(MessageError::Shape),
        });
        let messages = messages.collect::<Result<Vec<_>, _>>()?;
        let begins = messages.iter().any(|message| message.method() == Some("initialize"));
        if messages.is_empty() || messages.len() > BATCH || begins {
            Err(MessageError::BatchSize)
        } else {
            Ok(messages)
        }
    }

    fn from_members(mut members: Map<String, Value>) -> Result<Self, MessageError> {
        if members.shift_remove("jsonrpc").as_ref().and_then(Value::as_str) != Some("2.0") {
            return Err(MessageError::Shape);
        }
        let id = match members.shift_remove("id") {
            None => None,
            Some(value) => Some(json::id(&value).ok_or(MessageError::Shape)?),
        };
        let method = match members.shift_remove("method") {
            None => None,
            Some(Value::String(method)) => Some(method),
            Some(_) => return Err(MessageError::Shape),
        };
        let (result, error) = (members.shift_remove("result"), members.shift_remove("error"));
        match (id, method, result, error) {
            (Some(id), Some(method), None, None) => {
                let params = params(&mut members)?;
                Ok(Self::Request { id, method, params, rest: members })
            }
            (None, Some(method), None, None) => {
                let params = params(&mut members)?;
                Ok(Self::Notification { method, params, rest: members })
            }
            (Some(id), None, Some(result), None) => Ok(Self::Response { id, answer: Ok(result), rest: members }),
            (Some(id), None, None, Some(error)) => Ok(Self::Response { id, answer: Err(error), rest: members }),
            _ => Err(MessageError::Shape),
        }
    }

    pub fn id(&self) -> Option<&Id> {
        match self {
            Self::Request { id, .. } | Self::Response { id, .. } => Some(id),
            Self::Notification { .. } => None,
        }
    }

    pub fn method(&self) -> Option<&str> {
        match self {
            Self::Request { method, .. } | Self::Notification { method, .. } => Some(method),
            Self::Response { .. } => None,
        }
    }

    pub fn params(&self) -> Option<&Value> {
        match self {
            Self::Request { params, .. } | Self::Notification { params, .. } => params.as_ref(),
            Self::Response { .. } => None,
        }
    }

    /// Members that JSON-RPC does not know.
    pub fn rest(&self) -> &Map<String, Value> {
        match self {
            Self::Request { rest, .. } | Self::Notification { rest, .. } | Self::Response { rest, .. } => rest,
        }
    }

    pub fn result(&self) -> Option<&Value> {
        match self {
            Self::Response { answer: Ok(result), .. } => Some(result),
            _ => None,
        }
    }

    pub fn result_mut(&mut self) -> Option<&mut Value> {
        match self {
            Self::Response { answer: Ok(result), .. } => Some(result),
            _ => None,
        }
    }

    /// The call that a `notifications/cancelled` cancels.
    pub fn cancels(&self) -> Option<Id> {
        match self {
            Self::Notification { method, params, .. } if method == "notifications/cancelled" => {
                json::id(params.as_ref()?.get("requestId")?)
            }
            _ => None,
        }
    }

    /// The message as a JSON value, the known members first.
    pub fn into_value(self) -> Value {
        let mut members = Map::new();
        members.insert("jsonrpc".to_owned(), Value::from("2.0"));
        let mut put = |name: &str, value: Option<Value>| {
            if let Some(value) = value {
                members.insert(name.to_owned(), value);
            }
        };
        let rest = match self {
            Self::Request { id, method, params, rest } => {
                put("id", Some(id.to_value()));
                put("method", Some(Value::String(method)));
                put("params", params);
                rest
            }
            Self::Notification { method, params, rest } => {
                put("method", Some(Value::String(method)));
                put("params", params);
                rest
            }
            Self::Response { id, answer, rest } => {
                put("id", Some(id.to_value()));
                match answer {
                    Ok(result) => put("result", Some(result)),
                    Err(error) => put("error", Some(error)),
                }
                rest
            }
        };
        members.extend(rest);
        Value::Object(members)
    }

    /// Whether this is the response to the request `id`.
    pub fn answers(&self, id: &Id) -> bool {
        matches!(self, Self::Response { id: own, .. } if own == id)
    }

    /// What an approval binds: all of the message but what a client counts with. The same call is the same again,
    /// whatever its id, its progress token and its place in a trace.
    pub fn bound(&self) -> Result<Vec<u8>, serde_json::Error> {
        let mut value = self.clone().into_value();
        if let Some(members) = value.as_object_mut() {
            members.shift_remove("id");
        }
        if let Some(params) = value.get_mut("params") {
            without_counters(params);
        }
        serde_json::to_vec(&value)
    }

    /// One line of JSON.
    pub fn to_bytes(&self) -> Result<Vec<u8>, serde_json::Error> {
        serde_json::to_vec(&self.clone().into_value())
    }
}

/// Members of `_meta` that differ from one sending of a call to the next (`mcp-protocol.md` §2.3).
const COUNTERS: [&str; 3] = ["progressToken", "traceparent", "tracestate"];

/// Takes them out of `_meta`, and `_meta` if nothing else is in it.
pub(crate) fn without_counters(params: &mut Value) {
    let Some(params) = params.as_object_mut() else { return };
    if let Some(Value::Object(meta)) = params.get_mut("_meta") {
        for name in COUNTERS {
            meta.shift_remove(name);
        }
        if meta.is_empty() {
            params.shift_remove("_meta");
        }
    }
}

fn params(members: &mut Map<String, Value>) -> Result<Option<Value>, MessageError> {
    match members.shift_remove("params") {
        None => Ok(None),
        Some(params @ (Value::Object(_) | Value::Array(_))) => Ok(Some(params)),
        Some(_) => Err(MessageError::Shape),
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::panic)]
    use proptest::prelude::*;

    use super::*;

    fn error(text: &str) -> String {
        match Message::parse(text.as_bytes()) {
            Err(error) => error.to_string(),
            Ok(_) => panic!("{text} was taken"),
        }
    }

    #[test]
    fn what_is_not_known_arrives_as_it_came() {
        let text = r#"{"jsonrpc":"2.0","id":"1","result":{"z":12345678901234567890123,"a":[1.50,{"x":null}],"b":1e+400},"extra":{"k":1}}"#;
        assert_eq!(String::from_utf8(Message::parse(text.as_bytes()).unwrap().to_bytes().unwrap()).unwrap(), text);
    }

    #[test]
    fn a_number_and_its_text_are_two_ids() {
        let one = Message::parse(br#"{"jsonrpc":"2.0","id":1,"method":"ping"}"#).unwrap();
        let text = Message::parse(br#"{"jsonrpc":"2.0","id":"1","method":"ping"}"#).unwrap();
        assert_ne!(one.id(), text.id());
    }

    #[test]
    fn an_approval_binds_all_but_id_and_progress_token() {
        let bound = |text: &str| String::from_utf8(Message::parse(text.as_bytes()).unwrap().bound().unwrap()).unwrap();
        let call = r#"{"jsonrpc":"2.0","method":"tools/call","params":{"name":"pay","arguments":{"a":1}}}"#;
        let with = |id: &str, more: &str, rest: &str| {
            let params = format!(r#"{{"name":"pay","arguments":{{"a":1}}{more}}}"#);
            bound(&format!(r#"{{"jsonrpc":"2.0","id":{id},"method":"tools/call","params":{params}{rest}}}"#))
        };
        assert_eq!(with("1", "", ""), call);
        assert_eq!(with("\"7\"", r#","_meta":{"progressToken":3,"traceparent":"00-1-2-01"}"#, ""), call);
        for (more, rest) in [
            (r#","_meta":{"progressToken":3,"x":1}"#, ""),
            (r#","task":{"ttl":1}"#, ""),
            (r#","inputResponses":{}"#, ""),
            ("", r#","extra":1"#),
        ] {
            assert_ne!(with("1", more, rest), call, "{more}{rest}");
        }
    }

    #[test]
    fn a_response_answers_its_own_request_only() {
        let response = Message::parse(br#"{"jsonrpc":"2.0","id":1,"result":{}}"#).unwrap();
        let request = Message::parse(br#"{"jsonrpc":"2.0","id":1,"method":"ping"}"#).unwrap();
        let one = request.id().unwrap();
        assert!(response.answers(one) && !request.answers(one));
        assert!(!response.answers(&Id::Text("1".to_owned())));
    }

    #[test]
    fn what_could_be_read_in_two_ways_is_refused() {
        assert!(error(r#"{"jsonrpc":"2.0","method":"a","method":"b"}"#).contains("twice"));
        assert!(error(r#"{"jsonrpc":"2.0","method":"a","params":{"q":{"sql":"x","sql":"y"}}}"#).contains("twice"));
        assert!(error(r#"[{"jsonrpc":"2.0","method":"a"}]"#).contains("batches"));
        for odd in [
            r#"{"id":1,"method":"a"}"#,
            r#"{"jsonrpc":"2.0","id":null,"method":"a"}"#,
            r#"{"jsonrpc":"2.0","id":1}"#,
            r#"{"jsonrpc":"2.0","id":1.5,"method":"a"}"#,
            r#"{"jsonrpc":"2.0","id":1,"result":1,"error":{}}"#,
            "7",
        ] {
            assert!(error(odd).contains("no JSON-RPC"), "{odd}");
        }
        assert!(Message::parse("[".repeat(100_000).as_bytes()).is_err());
    }

    #[test]
    fn a_batch_is_taken_whole_or_not_at_all() {
        let ping = r#"{"jsonrpc":"2.0","id":1,"method":"ping"}"#;
        let note = r#"{"jsonrpc":"2.0","method":"notifications/initialized"}"#;
        let of = |text: &str| Message::parse_batch(text.as_bytes()).map(|messages| messages.len()).ok();
        assert_eq!(of(&format!("[{ping},{note}]")), Some(2));
        assert_eq!(of(&format!("[{}]", vec![ping; BATCH].join(","))), Some(BATCH));
        let begin = r#"{"jsonrpc":"2.0","id":1,"method":"initialize"}"#;
        for odd in [
            "[]",
            ping,
            &format!("[{ping},7]"),
            &format!("[[{ping}]]"),
            &format!("[{begin}]"),
            &format!("[{}]", vec![ping; BATCH + 1].join(",")),
        ] {
            assert_eq!(of(odd), None, "{odd}");
        }
    }

    #[test]
    fn an_object_that_the_parser_takes_for_something_else_is_refused() {
        for params in [
            r#"{"$serde_json::private::RawValue":"{\"sql\":1,\"sql\":2}"}"#,
            r#"{"a":{"$serde_json::private::Number":"4111111111111111"}}"#,
            r#"{"a":[{"\u0024serde_json::private::Number":"1"}]}"#,
        ] {
            let text = format!(r#"{{"jsonrpc":"2.0","id":1,"method":"a","params":{params}}}"#);
            assert!(error(&text).contains("safely"), "{text}");
        }
    }

    proptest! {
        #[test]
        fn any_bytes_are_read_or_refused(bytes in prop::collection::vec(any::<u8>(), 0..300)) {
            let _ = Message::parse(&bytes);
        }

        #[test]
        fn parsing_what_was_written_changes_nothing(id in any::<i64>(), text in ".{0,60}", number in "[1-9][0-9]{0,40}") {
            let source = format!(
                r#"{{"jsonrpc":"2.0","id":{id},"method":"tools/call","params":{{"name":{},"n":{number}}}}}"#,
                Value::from(text)
            );
            let once = Message::parse(source.as_bytes()).unwrap().to_bytes().unwrap();
            prop_assert_eq!(String::from_utf8(once).unwrap(), source);
        }
    }
}
