//! One request passed on and its answer passed back, both as streams.

use ::http::{
    HeaderMap, HeaderName, HeaderValue, Method, Response, StatusCode,
    header::{
        AUTHORIZATION, CONNECTION, CONTENT_LENGTH, HOST, PROXY_AUTHENTICATE, PROXY_AUTHORIZATION, TE, TRAILER,
        TRANSFER_ENCODING, UPGRADE,
    },
};
use hoop_model::{Fault, Retry, Side};
use hoop_wire::headers::FAULT;
use reqwest::{Body, Client};
use url::Url;

/// Headers of ours, never an upstream's.
const OWN: &str = "hoop-";

/// For one connection only, not end to end (RFC 9110 §7.6.1).
fn is_hop_by_hop(name: &HeaderName) -> bool {
    [CONNECTION, PROXY_AUTHENTICATE, PROXY_AUTHORIZATION, TE, TRAILER, TRANSFER_ENCODING, UPGRADE].contains(name)
        || matches!(name.as_str(), "keep-alive" | "proxy-connection")
}

/// Drops what must not pass: hop-by-hop headers, those that `Connection` names, and our own.
fn end_to_end(headers: &mut HeaderMap) {
    let named: Vec<HeaderName> = headers
        .get_all(CONNECTION)
        .iter()
        .filter_map(|value| value.to_str().ok())
        .flat_map(|value| value.split(','))
        .filter_map(|name| name.trim().parse().ok())
        .collect();
    let dropped: Vec<HeaderName> = headers
        .keys()
        .filter(|name| is_hop_by_hop(name) || name.as_str().starts_with(OWN) || named.contains(name))
        .cloned()
        .collect();
    for name in dropped {
        headers.remove(name);
    }
}

/// The client's headers as an upstream may see them: whoever the client is to us, it is nobody there.
pub(super) fn request_headers(mut headers: HeaderMap) -> HeaderMap {
    end_to_end(&mut headers);
    for name in [HOST, AUTHORIZATION, CONTENT_LENGTH] {
        headers.remove(name);
    }
    headers
}

/// Sends and waits for the answer's head.
pub(super) async fn send(
    client: &Client,
    method: Method,
    url: Url,
    headers: HeaderMap,
    body: Option<Body>,
) -> Result<reqwest::Response, Fault> {
    let mut request = client.request(method, url).headers(headers);
    if let Some(body) = body {
        request = request.body(body);
    }
    request.send().await.map_err(|error| failure(&error))
}

/// An upstream's answer as the gateway gets it.
pub(super) fn answer(response: reqwest::Response) -> Response<Body> {
    let mut answer = Response::<Body>::from(response);
    end_to_end(answer.headers_mut());
    answer
}

/// The failure as an answer: 502, no body, the fault in a header.
pub(super) fn fault_answer(fault: &Fault) -> Response<Body> {
    let mut answer = Response::new(Body::default());
    *answer.status_mut() = StatusCode::BAD_GATEWAY;
    let json = serde_json::to_string(fault).unwrap_or_default();
    // Header values are ASCII; JSON can say everything in it.
    let ascii: String = json.chars().flat_map(escape).collect();
    if let Ok(value) = HeaderValue::try_from(ascii) {
        answer.headers_mut().insert(FAULT, value);
    }
    answer
}

fn escape(c: char) -> Vec<char> {
    if c.is_ascii() {
        return vec![c];
    }
    let mut units = [0; 2];
    c.encode_utf16(&mut units).iter().flat_map(|unit| format!("\\u{unit:04x}").chars().collect::<Vec<_>>()).collect()
}

fn failure(error: &reqwest::Error) -> Fault {
    // The URL is the settings' own; what follows it in the text is ours or the operating system's.
    let detail = chain(error);
    if error.is_connect() {
        let text = "The agent could not connect to the upstream; nothing was sent. Check that the upstream is up.";
        return Fault::new(Side::Upstream, "upstream_unreachable", Retry::Safe, text).detail(detail);
    }
    let text = "The upstream broke off before it answered; the request may have run. Look before you repeat it.";
    Fault::new(Side::Upstream, "upstream_broken", Retry::Unsafe, text).detail(detail)
}

/// The causes without the URL, whose query may hold data.
fn chain(error: &reqwest::Error) -> String {
    let mut causes = Vec::new();
    let mut next = std::error::Error::source(error);
    while let Some(cause) = next {
        causes.push(cause.to_string());
        next = cause.source();
    }
    causes.join(": ")
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[test]
    fn hop_by_hop_and_our_own_headers_stay_behind() {
        let mut headers = HeaderMap::new();
        for (name, value) in [
            ("connection", "close, X-Hop"),
            ("x-hop", "1"),
            ("te", "trailers"),
            ("hoop-fault", "{}"),
            ("hoop-snowflake-login", "{}"),
            ("authorization", "Bearer user"),
            ("proxy-authorization", "x"),
            ("host", "gateway"),
            ("mcp-session-id", "kept"),
            ("accept", "text/event-stream"),
        ] {
            headers.insert(HeaderName::from_static(name), HeaderValue::from_static(value));
        }
        let passed = request_headers(headers);
        let mut names: Vec<&str> = passed.keys().map(HeaderName::as_str).collect();
        names.sort_unstable();
        assert_eq!(names, ["accept", "mcp-session-id"]);
    }

    #[test]
    fn a_fault_survives_its_header() {
        let fault = Fault::new(Side::Upstream, "x", Retry::Safe, "größer — 💳 \"quoted\"\n");
        let answer = fault_answer(&fault);
        let header = answer.headers().get(FAULT).unwrap().to_str().unwrap();
        assert_eq!(serde_json::from_str::<Fault>(header).unwrap(), fault);
    }
}
