//! What 2026-07-28 asks of a request: its `_meta`, and headers that mirror its body (`mcp-protocol.md` §2.3).

use http::{HeaderMap, HeaderName, HeaderValue, StatusCode};
use serde_json::{Value, json};

use crate::{
    Id, Message,
    era::{LEGACY, MODERN, VERSION, VERSION_META, named},
    header::{once, unwrap, wrap},
};

const METHOD: &str = "mcp-method";
const NAME: &str = "mcp-name";
/// Begins the name of a header that mirrors one of a call's arguments.
const PARAM: &str = "mcp-param-";
/// Holds what the client can do, in each request's `_meta`.
pub const CAPABILITIES_META: &str = "io.modelcontextprotocol/clientCapabilities";

/// The spec's own codes (2026-07-28/basic/index).
const HEADER_MISMATCH: i64 = -32020;
const MISSING_CAPABILITY: i64 = -32021;
const UNSUPPORTED_VERSION: i64 = -32022;
const METHOD_NOT_FOUND: i64 = -32601;
const INVALID_PARAMS: i64 = -32602;

/// A request that is not as the revision wants it.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum Refusal {
    #[error("Header mismatch: {0} is missing, sent twice, or not what the body says")]
    Header(&'static str),
    #[error("Invalid params: _meta lacks {0}")]
    Meta(&'static str),
    #[error("Unsupported protocol version")]
    Version { requested: String, supported: Vec<String> },
}

impl Refusal {
    /// A revision that nobody here speaks, with all that are spoken.
    pub fn version(requested: &str) -> Self {
        let supported = std::iter::once(MODERN).chain(LEGACY);
        Self::Version { requested: requested.to_owned(), supported: supported.map(str::to_owned).collect() }
    }

    pub fn status(&self) -> StatusCode {
        StatusCode::BAD_REQUEST
    }

    /// The JSON-RPC error.
    pub fn error(&self) -> Value {
        let message = self.to_string();
        match self {
            Self::Header(_) => json!({ "code": HEADER_MISMATCH, "message": message }),
            Self::Meta(_) => json!({ "code": INVALID_PARAMS, "message": message }),
            Self::Version { requested, supported } => json!({
                "code": UNSUPPORTED_VERSION,
                "message": message,
                "data": { "supported": supported, "requested": requested },
            }),
        }
    }

    /// The whole message for whoever sent the request.
    pub fn response(&self, id: Option<&Id>) -> Vec<u8> {
        let id = id.map_or(Value::Null, Id::to_value);
        json!({ "jsonrpc": "2.0", "id": id, "error": self.error() }).to_string().into_bytes()
    }
}

/// `_meta` as every request must carry it.
pub fn check_meta(message: &Message) -> Result<(), Refusal> {
    let Message::Request { params, .. } = message else { return Ok(()) };
    let meta = params.as_ref().and_then(|params| params.get("_meta"));
    let meta = meta.filter(|meta| meta.is_object()).ok_or(Refusal::Meta(VERSION_META))?;
    if !meta.get(VERSION_META).is_some_and(Value::is_string) {
        return Err(Refusal::Meta(VERSION_META));
    }
    if !meta.get(CAPABILITIES_META).is_some_and(Value::is_object) {
        return Err(Refusal::Meta(CAPABILITIES_META));
    }
    Ok(())
}

/// Headers that must say what the body says. A notification's may be left out.
pub fn check_headers(headers: &HeaderMap, message: &Message) -> Result<(), Refusal> {
    let required = matches!(message, Message::Request { .. });
    mirrors(headers, METHOD, message.method(), required)?;
    mirrors(headers, NAME, subject(message), required)
}

fn mirrors(headers: &HeaderMap, name: &'static str, said: Option<&str>, required: bool) -> Result<(), Refusal> {
    let header = once(headers, name).map_err(|()| Refusal::Header(name))?;
    match (header.map(|value| unwrap(value.trim())), said) {
        (None, Some(_)) if required => Err(Refusal::Header(name)),
        // What mirrors nothing is nobody's to judge by.
        (None, _) | (Some(_), None) => Ok(()),
        (Some(header), Some(said)) if header.as_deref() == Some(said) => Ok(()),
        (Some(_), Some(_)) => Err(Refusal::Header(name)),
    }
}

/// What `Mcp-Name` mirrors (SEP-2243, SEP-2663).
fn subject(message: &Message) -> Option<&str> {
    let member = match message.method()? {
        "tools/call" | "prompts/get" => "name",
        "resources/read" => "uri",
        "tasks/get" | "tasks/update" | "tasks/cancel" => "taskId",
        _ => return None,
    };
    message.params()?.get(member)?.as_str()
}

/// The headers beside a request that mirror its arguments: only the server, whose schema names them, can say whether
/// they do. Each at most once.
pub fn mirrored(headers: &HeaderMap) -> Result<Vec<(HeaderName, HeaderValue)>, Refusal> {
    let names = headers.keys().filter(|name| name.as_str().starts_with(PARAM));
    names
        .map(|name| match once(headers, name.as_str()) {
            Ok(Some(value)) => {
                HeaderValue::from_str(value).map(|value| (name.clone(), value)).map_err(|_| Refusal::Header(PARAM))
            }
            _ => Err(Refusal::Header(PARAM)),
        })
        .collect()
}

/// The headers that mirror `message`, for its way up.
pub fn headers(message: &Message) -> Vec<(HeaderName, HeaderValue)> {
    let of = |name: &'static str, said: Option<&str>| Some((HeaderName::from_static(name), wrap(said?)?));
    [of(VERSION, named(message)), of(METHOD, message.method()), of(NAME, subject(message))]
        .into_iter()
        .flatten()
        .collect()
}

/// The JSON-RPC error code of an answer that only a server of this revision gives, with that status.
pub fn is_modern_error(status: StatusCode, answer: &Message) -> bool {
    let Message::Response { answer: Err(error), .. } = answer else { return false };
    match error.get("code").and_then(Value::as_i64) {
        Some(HEADER_MISMATCH | MISSING_CAPABILITY | UNSUPPORTED_VERSION) => true,
        Some(METHOD_NOT_FOUND) => status == StatusCode::NOT_FOUND,
        Some(INVALID_PARAMS) => status == StatusCode::BAD_REQUEST,
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::indexing_slicing)]
    use super::*;

    fn request(method: &str, params: &str) -> Message {
        let text = format!(r#"{{"jsonrpc":"2.0","id":"7","method":"{method}","params":{params}}}"#);
        Message::parse(text.as_bytes()).unwrap()
    }

    fn sent(pairs: &[(&'static str, &str)]) -> HeaderMap {
        let mut headers = HeaderMap::new();
        for (name, value) in pairs {
            headers.append(HeaderName::from_static(name), HeaderValue::from_str(value).unwrap());
        }
        headers
    }

    #[test]
    fn a_request_tells_revision_and_capabilities() {
        let whole = r#"{"_meta":{"io.modelcontextprotocol/protocolVersion":"2026-07-28","io.modelcontextprotocol/clientCapabilities":{}}}"#;
        assert_eq!(check_meta(&request("tools/list", whole)), Ok(()));
        for odd in ["{}", r#"{"_meta":7}"#, r#"{"_meta":{"io.modelcontextprotocol/clientCapabilities":{}}}"#] {
            assert_eq!(check_meta(&request("tools/list", odd)), Err(Refusal::Meta(VERSION_META)), "{odd}");
        }
        let versioned = r#"{"_meta":{"io.modelcontextprotocol/protocolVersion":"2026-07-28"}}"#;
        assert_eq!(check_meta(&request("tools/list", versioned)), Err(Refusal::Meta(CAPABILITIES_META)));
    }

    #[test]
    fn a_header_says_what_the_body_says() {
        let call = request("tools/call", r#"{"name":"größer"}"#);
        let fits = [(METHOD, "tools/call"), (NAME, "=?base64?Z3LDtsOfZXI=?=")];
        assert_eq!(check_headers(&sent(&fits), &call), Ok(()));
        for odd in [
            &[(NAME, "=?base64?Z3LDtsOfZXI=?=")] as &[_],
            &[(METHOD, "tools/list"), (NAME, "=?base64?Z3LDtsOfZXI=?=")],
            &[(METHOD, "tools/call"), (METHOD, "tools/call"), (NAME, "=?base64?Z3LDtsOfZXI=?=")],
        ] {
            assert_eq!(check_headers(&sent(odd), &call), Err(Refusal::Header(METHOD)), "{odd:?}");
        }
        for odd in [&[(METHOD, "tools/call")] as &[_], &[(METHOD, "tools/call"), (NAME, "other")]] {
            assert_eq!(check_headers(&sent(odd), &call), Err(Refusal::Header(NAME)), "{odd:?}");
        }
    }

    #[test]
    fn the_way_up_mirrors_the_body() {
        let read = request(
            "resources/read",
            r#"{"uri":"file:///ä","_meta":{"io.modelcontextprotocol/protocolVersion":"2026-07-28"}}"#,
        );
        let mut up = HeaderMap::new();
        up.extend(headers(&read));
        assert_eq!(check_headers(&up, &read), Ok(()));
        assert_eq!(up.get(VERSION).unwrap(), MODERN);
        assert_eq!(up.len(), 3);
    }

    #[test]
    fn arguments_beside_the_body_come_once_each() {
        let one = mirrored(&sent(&[("mcp-param-region", "eu"), ("mcp-name", "x")])).unwrap();
        assert_eq!(one, [(HeaderName::from_static("mcp-param-region"), HeaderValue::from_static("eu"))]);
        let twice = sent(&[("mcp-param-region", "eu"), ("mcp-param-region", "us")]);
        assert_eq!(mirrored(&twice), Err(Refusal::Header(PARAM)));
    }

    #[test]
    fn a_refused_revision_names_those_that_are_spoken() {
        let refusal = Refusal::version("v9");
        let response: Value = serde_json::from_slice(&refusal.response(Some(&Id::Text("7".to_owned())))).unwrap();
        assert_eq!(response["id"], "7");
        assert_eq!(response["error"]["data"]["requested"], "v9");
        assert_eq!(response["error"]["data"]["supported"][0], MODERN);
    }
}
