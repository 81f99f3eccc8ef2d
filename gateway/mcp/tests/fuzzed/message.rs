//! A message: what is taken is written again without loss, and read again as the same; what is refused is not repeated.

use hoop_mcp::{Era, Id, Message, classify, modern};
use http::HeaderMap;
use serde_json::Value;

use super::LONGEST;

pub fn message(data: &[u8]) {
    let data = &data[..data.len().min(LONGEST)];
    let message = match Message::parse(data) {
        Ok(message) => message,
        Err(error) => {
            let told: Value = serde_json::from_slice(&error.response()).unwrap();
            assert!(told["id"].is_null() && told["error"]["code"].is_i64(), "{told}");
            return;
        }
    };
    let sent: Value = serde_json::from_slice(data).unwrap();
    assert_eq!(message.clone().into_value(), sent, "nothing is lost, added or changed");

    let written = message.to_bytes().unwrap();
    assert!(!written.contains(&b'\n') && !written.contains(&b'\r'), "one line");
    let again = Message::parse(&written).unwrap();
    assert_eq!(again.to_bytes().unwrap(), written);
    assert_eq!(parts(&again), parts(&message));
    assert_eq!(again.rest(), message.rest());
    // Order too: two readers of an object may go by it.
    assert_eq!(again.into_value().to_string(), message.clone().into_value().to_string());

    same_command(&message);
    judged(&message, Era::Legacy);
    judged(&message, Era::Modern);
    mirrored(&message);
}

fn parts(message: &Message) -> (Option<&Id>, Option<&str>, Option<&Value>, Option<&Value>) {
    (message.id(), message.method(), message.params(), message.result())
}

/// The same call under another id is bound by the same approval, and no other is.
fn same_command(message: &Message) {
    let bound = message.bound().unwrap();
    if let Message::Request { method, params, rest, .. } = message {
        let id = Id::Text("another".to_owned());
        let other = Message::Request { id, method: method.clone(), params: params.clone(), rest: rest.clone() };
        assert_eq!(other.bound().unwrap(), bound);
        let (id, method) = (Id::Text("another".to_owned()), format!("{method}x"));
        let other = Message::Request { id, method, params: params.clone(), rest: rest.clone() };
        assert_ne!(other.bound().unwrap(), bound);
    }
}

/// What is classified tells all that would go up; what is not is answered only where somebody waits.
fn judged(message: &Message, era: Era) {
    match classify(message, era) {
        Ok(classified) => {
            if let Some(tool) = &classified.tool {
                assert_eq!(message.params().and_then(|params| params["name"].as_str()), Some(tool.as_str()));
                assert!(classified.arguments.is_some_and(|arguments| arguments.is_object()));
            } else {
                assert_eq!(classified.arguments.as_ref(), message.params());
            }
        }
        Err(unknown) => {
            assert_eq!(unknown.wants_answer(), matches!(message, Message::Request { .. }));
            let told: Value = serde_json::from_slice(&unknown.response()).unwrap();
            assert_eq!(&told["id"], &message.id().map_or(Value::Null, Id::to_value));
        }
    }
}

/// The headers that go up beside a message say what it says.
fn mirrored(message: &Message) {
    let mut headers = HeaderMap::new();
    headers.extend(modern::headers(message));
    assert_eq!(modern::check_headers(&headers, message), Ok(()));
}
