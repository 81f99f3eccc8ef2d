//! The two eras on the wire (`mcp-protocol.md` §0, §1): with a handshake and sessions up to 2025-11-25, stateless from
//! 2026-07-28 on.

use http::HeaderMap;
use serde_json::Value;

use crate::{Message, header::once, modern::Refusal};

/// The stateless revision.
pub const MODERN: &str = "2026-07-28";
/// Revisions that begin with `initialize`, newest first.
pub const LEGACY: [&str; 4] = ["2025-11-25", "2025-06-18", "2025-03-26", "2024-11-05"];
/// What a client that names no revision speaks.
pub const UNNAMED: &str = "2025-03-26";
/// The one revision that has batches.
pub const BATCHES: &str = "2025-03-26";
/// Names the revision of an HTTP request.
pub const VERSION: &str = "mcp-protocol-version";
/// Names the revision of a message, in its `_meta`.
pub const VERSION_META: &str = "io.modelcontextprotocol/protocolVersion";

#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Era {
    Legacy,
    Modern,
}

impl Era {
    /// The era of a message that came without headers.
    pub fn of(message: &Message) -> Result<Self, Refusal> {
        match named(message) {
            None => Ok(Self::Legacy),
            Some(MODERN) => Ok(Self::Modern),
            Some(other) => Err(Refusal::version(other)),
        }
    }

    /// The era of a POST. Header and body must not name two revisions.
    pub fn of_post(headers: &HeaderMap, message: &Message) -> Result<Self, Refusal> {
        let header = once(headers, VERSION).map_err(|()| Refusal::Header(VERSION))?;
        match (header, named(message)) {
            (Some(MODERN), None | Some(MODERN)) => Ok(Self::Modern),
            (Some(header), Some(body)) if header != body => Err(Refusal::Header(VERSION)),
            (None, Some(_)) => Err(Refusal::Header(VERSION)),
            (Some(header), _) if LEGACY.contains(&header) => Ok(Self::Legacy),
            (Some(header), _) => Err(Refusal::version(header)),
            (None, None) => Ok(Self::Legacy),
        }
    }
}

/// The revision that a message names itself.
pub fn named(message: &Message) -> Option<&str> {
    message.params()?.get("_meta")?.get(VERSION_META).and_then(Value::as_str)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use http::HeaderValue;

    use super::*;

    fn message(version: Option<&str>) -> Message {
        let meta = version.map_or_else(String::new, |version| format!(r#""{VERSION_META}":"{version}""#));
        let text = format!(r#"{{"jsonrpc":"2.0","id":1,"method":"tools/list","params":{{"_meta":{{{meta}}}}}}}"#);
        Message::parse(text.as_bytes()).unwrap()
    }

    fn post(header: Option<&'static str>, body: Option<&str>) -> Result<Era, Refusal> {
        let mut headers = HeaderMap::new();
        if let Some(header) = header {
            headers.insert(VERSION, HeaderValue::from_static(header));
        }
        Era::of_post(&headers, &message(body))
    }

    #[test]
    fn a_post_is_of_the_era_that_header_and_body_name() {
        assert_eq!(post(None, None), Ok(Era::Legacy));
        assert_eq!(post(Some("2025-06-18"), None), Ok(Era::Legacy));
        assert_eq!(post(Some(MODERN), Some(MODERN)), Ok(Era::Modern));
        // Its `_meta` is looked at next.
        assert_eq!(post(Some(MODERN), None), Ok(Era::Modern));
        assert_eq!(post(Some("v999"), Some("v999")), Err(Refusal::version("v999")));
        assert_eq!(post(Some("v999"), None), Err(Refusal::version("v999")));
        for (header, body) in [(None, MODERN), (Some(MODERN), "v999"), (Some("2025-06-18"), MODERN)] {
            assert_eq!(post(header, Some(body)), Err(Refusal::Header(VERSION)), "{header:?} {body}");
        }
        let mut twice = HeaderMap::new();
        twice.append(VERSION, HeaderValue::from_static(MODERN));
        twice.append(VERSION, HeaderValue::from_static("2025-06-18"));
        assert_eq!(Era::of_post(&twice, &message(Some(MODERN))), Err(Refusal::Header(VERSION)));
    }

    #[test]
    fn without_headers_the_message_says_it() {
        assert_eq!(Era::of(&message(None)), Ok(Era::Legacy));
        assert_eq!(Era::of(&message(Some(MODERN))), Ok(Era::Modern));
        assert_eq!(Era::of(&message(Some("2030-01-01"))), Err(Refusal::version("2030-01-01")));
    }
}
