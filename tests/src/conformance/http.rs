//! The one endpoint: who may speak to it, and which era a message belongs to.

use std::{net::IpAddr, sync::Arc};

use axum::{
    Json, Router,
    extract::{Request, State},
    http::{HeaderMap, StatusCode, Uri, header, uri::Authority},
    middleware::{self, Next},
    response::{IntoResponse, Response},
    routing::post,
};
use bytes::Bytes;
use serde_json::Value;

use super::{Fixture, headers, legacy, modern, rpc};

pub fn router(fixture: Arc<Fixture>) -> Router {
    Router::new()
        .route("/mcp", post(receive).get(listen).delete(end))
        .layer(middleware::from_fn(from_this_machine))
        .with_state(fixture)
}

/// As JSON with this status, for an answer that is no stream.
pub fn answer(status: StatusCode, message: Value) -> Response {
    (status, Json(message)).into_response()
}

pub fn refuse(status: StatusCode, error: rpc::Error) -> Response {
    answer(status, rpc::response(&Value::Null, Err(error)))
}

/// What could have something to tell before its result is answered on a stream, anything else as one object: so a
/// client meets both.
pub fn is_streamed(method: &str) -> bool {
    method.starts_with("tools/") || method.starts_with("prompts/")
}

async fn receive(State(fixture): State<Arc<Fixture>>, headers: HeaderMap, body: Bytes) -> Response {
    let message = match rpc::Message::read(&body) {
        Ok(message) => message,
        Err(error) => return refuse(StatusCode::BAD_REQUEST, error),
    };
    match message {
        rpc::Message::Request(request) if is_modern(&headers) || !request.meta(modern::VERSION_KEY).is_null() => {
            modern::post(fixture, &headers, request).await
        }
        rpc::Message::Notification if is_modern(&headers) => StatusCode::ACCEPTED.into_response(),
        message => legacy::post(&fixture, &headers, message),
    }
}

async fn listen(State(fixture): State<Arc<Fixture>>, headers: HeaderMap) -> Response {
    if is_modern(&headers) { only_post() } else { legacy::get(&fixture, &headers) }
}

async fn end(State(fixture): State<Arc<Fixture>>, headers: HeaderMap) -> Response {
    if is_modern(&headers) { only_post() } else { legacy::delete(&fixture, &headers) }
}

fn only_post() -> Response {
    (StatusCode::METHOD_NOT_ALLOWED, [(header::ALLOW, "POST")]).into_response()
}

/// A version that nobody knows is refused as 2026-07-28 says it must be.
fn is_modern(headers: &HeaderMap) -> bool {
    headers.get(headers::PROTOCOL_VERSION).is_some_and(|version| {
        !legacy::VERSIONS.iter().chain(&legacy::OLDER_VERSIONS).any(|one| version.as_bytes() == one.as_bytes())
    })
}

/// A page in a browser on this machine reaches the port too, under the name that its own site resolves to.
async fn from_this_machine(request: Request, next: Next) -> Response {
    let headers = request.headers();
    let host = headers.get(header::HOST).and_then(|host| host.to_str().ok()?.parse().ok());
    let host_is_local = host.as_ref().is_some_and(is_loopback);
    let origin_is_local = headers.get(header::ORIGIN).is_none_or(|origin| {
        let origin = origin.to_str().ok().and_then(|origin| origin.parse::<Uri>().ok());
        origin.as_ref().and_then(Uri::authority).is_some_and(is_loopback)
    });
    if host_is_local && origin_is_local {
        next.run(request).await
    } else {
        let error = rpc::Error::new(rpc::INVALID_REQUEST, "Host and Origin must be this machine");
        refuse(StatusCode::FORBIDDEN, error)
    }
}

fn is_loopback(authority: &Authority) -> bool {
    let host = authority.host().trim_start_matches('[').trim_end_matches(']');
    host.eq_ignore_ascii_case("localhost") || host.parse().is_ok_and(|address: IpAddr| address.is_loopback())
}
