//! Pages in a browser: only those that the settings list may call, and they are told so (Fetch, "CORS protocol").

use axum::body::Body;
use hoop_mcp::session::SESSION;
use http::{HeaderMap, HeaderValue, Method, Request, Response, StatusCode, header};

/// How long a browser need not ask again, in seconds.
const REMEMBERED: HeaderValue = HeaderValue::from_static("600");

/// A page that is not listed.
pub(super) struct Foreign;

/// The listed page that a request comes from; `None` where it comes from no page.
pub(super) fn page(listed: &[String], headers: &HeaderMap) -> Result<Option<HeaderValue>, Foreign> {
    let mut origins = headers.get_all(header::ORIGIN).iter();
    match (origins.next(), origins.next()) {
        (None, _) => Ok(None),
        (Some(origin), None) if listed.iter().any(|one| origin == one.as_str()) => Ok(Some(origin.clone())),
        _ => Err(Foreign),
    }
}

/// The question a browser asks before a request.
pub(super) fn asks_first<B>(request: &Request<B>) -> bool {
    request.method() == Method::OPTIONS && request.headers().contains_key(header::ACCESS_CONTROL_REQUEST_METHOD)
}

/// The answer to [`asks_first`]; no secret of anybody's is in reach before there is a token.
pub(super) fn may_ask(headers: &HeaderMap) -> Response<Body> {
    let mut response = Response::new(Body::empty());
    *response.status_mut() = StatusCode::NO_CONTENT;
    let allowed = response.headers_mut();
    allowed.insert(header::ACCESS_CONTROL_ALLOW_METHODS, HeaderValue::from_static("GET, POST, DELETE"));
    if let Some(wanted) = headers.get(header::ACCESS_CONTROL_REQUEST_HEADERS) {
        allowed.insert(header::ACCESS_CONTROL_ALLOW_HEADERS, wanted.clone());
    }
    allowed.insert(header::ACCESS_CONTROL_MAX_AGE, REMEMBERED);
    response
}

/// Lets the page read the answer, and of its headers those that MCP needs.
pub(super) fn shown(page: HeaderValue, response: &mut Response<Body>) {
    let headers = response.headers_mut();
    headers.insert(header::ACCESS_CONTROL_ALLOW_ORIGIN, page);
    headers.append(header::VARY, HeaderValue::from_static("origin"));
    for exposed in [SESSION, header::WWW_AUTHENTICATE.as_str()] {
        if let Ok(exposed) = HeaderValue::from_str(exposed) {
            headers.append(header::ACCESS_CONTROL_EXPOSE_HEADERS, exposed);
        }
    }
}
