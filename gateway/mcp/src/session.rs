//! What streamable HTTP asks of a request before its body is read (`mcp-protocol.md` §2.2).

use http::{HeaderMap, Method, StatusCode, header};

use crate::{
    era::{LEGACY, MODERN, UNNAMED, VERSION},
    header::once,
};

pub const SESSION: &str = "mcp-session-id";
pub const LAST_EVENT: &str = "last-event-id";
/// Longest session id in bytes.
const ID_LIMIT: usize = 256;

/// A request that cannot be MCP.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum Refusal {
    #[error("MCP uses POST, GET and DELETE")]
    Method,
    #[error("send application/json")]
    ContentType,
    #[error("the Accept header must allow application/json and text/event-stream")]
    AcceptPost,
    #[error("the Accept header must allow text/event-stream")]
    AcceptGet,
    #[error("the Mcp-Session-Id header is missing; begin with initialize")]
    NoSession,
    #[error("the Mcp-Session-Id header is no session id: visible ASCII, at most {ID_LIMIT} bytes, sent once")]
    BadSession,
    #[error("this MCP-Protocol-Version is not spoken here; use one of 2025-11-25, 2025-06-18, 2025-03-26, 2024-11-05")]
    Version,
    #[error("the Last-Event-ID header is no event id: visible ASCII, sent once")]
    BadLastEvent,
    #[error("2026-07-28 has POST only")]
    PostOnly,
}

impl Refusal {
    pub fn status(self) -> StatusCode {
        match self {
            Self::Method | Self::PostOnly => StatusCode::METHOD_NOT_ALLOWED,
            Self::ContentType => StatusCode::UNSUPPORTED_MEDIA_TYPE,
            Self::AcceptPost | Self::AcceptGet => StatusCode::NOT_ACCEPTABLE,
            Self::NoSession | Self::BadSession | Self::Version | Self::BadLastEvent => StatusCode::BAD_REQUEST,
        }
    }
}

/// Method, `Accept` and `Content-Type`; without a body the revision too. The session id is looked at apart:
/// `initialize` comes without one.
pub fn check(method: &Method, headers: &HeaderMap) -> Result<(), Refusal> {
    match *method {
        Method::POST => {
            if !is_json(headers) {
                return Err(Refusal::ContentType);
            }
            if !(accepts(headers, "application/json") && accepts(headers, "text/event-stream")) {
                return Err(Refusal::AcceptPost);
            }
            Ok(())
        }
        Method::GET | Method::DELETE => {
            revision(headers)?;
            if *method == Method::GET && !accepts(headers, "text/event-stream") {
                return Err(Refusal::AcceptGet);
            }
            Ok(())
        }
        _ => Err(Refusal::Method),
    }
}

/// The revision of a request without a body.
fn revision(headers: &HeaderMap) -> Result<&'static str, Refusal> {
    match once(headers, VERSION).map_err(|()| Refusal::Version)? {
        None => Ok(UNNAMED),
        Some(MODERN) => Err(Refusal::PostOnly),
        Some(named) => LEGACY.into_iter().find(|known| *known == named).ok_or(Refusal::Version),
    }
}

/// The session that the request belongs to.
pub fn session_id(headers: &HeaderMap) -> Result<&str, Refusal> {
    let id = once(headers, SESSION).map_err(|()| Refusal::BadSession)?.ok_or(Refusal::NoSession)?;
    let visible = id.bytes().all(|byte| (0x21..=0x7e).contains(&byte));
    if id.is_empty() || id.len() > ID_LIMIT || !visible { Err(Refusal::BadSession) } else { Ok(id) }
}

/// The event after which a stream is to go on, where the request names one.
pub fn last_event(headers: &HeaderMap) -> Result<Option<&str>, Refusal> {
    once(headers, LAST_EVENT).map_err(|()| Refusal::BadLastEvent)
}

fn is_json(headers: &HeaderMap) -> bool {
    let Ok(Some(value)) = once(headers, header::CONTENT_TYPE.as_str()) else { return false };
    essence(value).eq_ignore_ascii_case("application/json")
}

/// Whether any `Accept` names the type or a range around it. No header accepts everything (RFC 9110 §12.5.1).
fn accepts(headers: &HeaderMap, wanted: &str) -> bool {
    let mut values = headers.get_all(header::ACCEPT).iter().peekable();
    if values.peek().is_none() {
        return true;
    }
    let group = wanted.split('/').next().unwrap_or_default();
    values.filter_map(|value| value.to_str().ok()).flat_map(|value| value.split(',')).any(|range| {
        let range = essence(range);
        range == "*/*"
            || range.eq_ignore_ascii_case(wanted)
            || range.strip_suffix("/*").is_some_and(|named| named.eq_ignore_ascii_case(group))
    })
}

/// The type without its parameters.
fn essence(value: &str) -> &str {
    value.split(';').next().unwrap_or_default().trim()
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use http::{HeaderName, HeaderValue};

    use super::*;

    fn headers(pairs: &[(&str, &str)]) -> HeaderMap {
        let pair = |(name, value): &(&str, &str)| {
            (HeaderName::from_bytes(name.as_bytes()).unwrap(), HeaderValue::from_str(value).unwrap())
        };
        let mut map = HeaderMap::new();
        for (name, value) in pairs.iter().map(pair) {
            map.append(name, value);
        }
        map
    }

    const JSON: (&str, &str) = ("content-type", "application/json; charset=utf-8");
    const BOTH: (&str, &str) = ("accept", "application/json, text/event-stream;q=0.9");

    #[test]
    fn a_post_says_what_it_sends_and_takes() {
        let post = |pairs: &[(&str, &str)]| check(&Method::POST, &headers(pairs));
        assert_eq!(post(&[JSON, BOTH]), Ok(()));
        assert_eq!(post(&[JSON, ("accept", "application/json"), ("accept", "text/*")]), Ok(()));
        assert_eq!(post(&[JSON, ("accept", "*/*")]), Ok(()));
        assert_eq!(post(&[JSON]), Ok(()));
        assert_eq!(post(&[JSON, ("accept", "application/json")]), Err(Refusal::AcceptPost));
        assert_eq!(post(&[BOTH]), Err(Refusal::ContentType));
        assert_eq!(post(&[("content-type", "application/jsonp"), BOTH]), Err(Refusal::ContentType));
        assert_eq!(post(&[JSON, JSON, BOTH]), Err(Refusal::ContentType));
    }

    #[test]
    fn a_get_takes_a_stream_and_other_methods_are_not_mcp() {
        assert_eq!(check(&Method::GET, &headers(&[("accept", "text/event-stream")])), Ok(()));
        assert_eq!(check(&Method::GET, &headers(&[("accept", "text/html")])), Err(Refusal::AcceptGet));
        assert_eq!(check(&Method::DELETE, &HeaderMap::new()), Ok(()));
        let refused = check(&Method::PUT, &HeaderMap::new()).unwrap_err();
        assert_eq!((refused, refused.status()), (Refusal::Method, StatusCode::METHOD_NOT_ALLOWED));
    }

    #[test]
    fn a_revision_is_known_or_not_named() {
        assert_eq!(revision(&HeaderMap::new()), Ok("2025-03-26"));
        assert_eq!(revision(&headers(&[(VERSION, "2025-11-25")])), Ok("2025-11-25"));
        assert_eq!(revision(&headers(&[(VERSION, MODERN)])), Err(Refusal::PostOnly));
        for odd in [&[(VERSION, "2027-01-01")] as &[_], &[(VERSION, "")], &[(VERSION, UNNAMED), (VERSION, UNNAMED)]] {
            assert_eq!(revision(&headers(odd)), Err(Refusal::Version));
        }
    }

    #[test]
    fn a_session_id_is_visible_text_sent_once() {
        assert_eq!(session_id(&headers(&[(SESSION, "a1-b2")])), Ok("a1-b2"));
        assert_eq!(session_id(&HeaderMap::new()), Err(Refusal::NoSession));
        let long = "x".repeat(ID_LIMIT + 1);
        for odd in
            [&[(SESSION, "a b")] as &[_], &[(SESSION, "")], &[(SESSION, &long)], &[(SESSION, "a"), (SESSION, "a")]]
        {
            assert_eq!(session_id(&headers(odd)), Err(Refusal::BadSession));
        }
    }
}
