//! Answers on the HTTP leg.

use std::convert::Infallible;

use ::http::{HeaderName, HeaderValue, Response, StatusCode, header};
use axum::body::Body;
use bytes::Bytes;
use futures_util::stream;
use hoop_mcp::{session::SESSION, sse};
use hoop_model::Fault;
use tokio::sync::mpsc;

use super::super::{call::Delivered, item::Item, session::McpSession};

/// Asks proxies to pass a stream on as it comes (2026-07-28/basic/transports/streamable-http).
const UNBUFFERED: HeaderName = HeaderName::from_static("x-accel-buffering");

pub(super) async fn answered(mut delivered: Delivered) -> Response<Body> {
    if delivered.streamed {
        return event_stream(delivered.items);
    }
    match delivered.items.recv().await {
        Some(Item::Message { bytes, .. }) => json(delivered.status, bytes),
        _ => accepted(),
    }
}

pub(super) fn event_stream(items: mpsc::Receiver<Item>) -> Response<Body> {
    let frames = stream::unfold(items, |mut items| async move {
        let bytes = match items.recv().await? {
            Item::Message { bytes, mark } => sse::encode(&bytes, mark.as_deref()),
            Item::Mark(mark) => sse::mark(mark.id.as_deref(), mark.retry),
            Item::LifeSign => sse::comment(),
        };
        Some((Ok::<_, Infallible>(Bytes::from(bytes)), items))
    });
    let mut response = Response::new(Body::from_stream(frames));
    let headers = response.headers_mut();
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("text/event-stream"));
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    headers.insert(UNBUFFERED, HeaderValue::from_static("no"));
    response
}

pub(super) fn with_session(mcp: &McpSession, mut response: Response<Body>) -> Response<Body> {
    if let Ok(id) = HeaderValue::from_str(&mcp.id) {
        response.headers_mut().insert(SESSION, id);
    }
    response
}

pub(super) fn accepted() -> Response<Body> {
    let mut response = Response::new(Body::empty());
    *response.status_mut() = StatusCode::ACCEPTED;
    response
}

pub(super) fn json(status: StatusCode, bytes: Vec<u8>) -> Response<Body> {
    let mut response = Response::new(Body::from(bytes));
    *response.status_mut() = status;
    response.headers_mut().insert(header::CONTENT_TYPE, HeaderValue::from_static("application/json"));
    response
}

pub(super) fn unavailable(fault: &Fault) -> Response<Body> {
    tracing::info!(code = %fault.code, detail = fault.detail, "an MCP request failed");
    plain(StatusCode::BAD_GATEWAY, &fault.text)
}

pub(super) fn plain(status: StatusCode, text: &str) -> Response<Body> {
    let mut response = Response::new(Body::from(format!("{text}\n")));
    *response.status_mut() = status;
    response
}
