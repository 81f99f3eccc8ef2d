//! Streamable HTTP downstream: what arrives at the local listener or from a remote client, of either era.

mod batch;
mod exchange;
mod legacy;
mod modern;
mod reply;

use std::sync::Arc;

use ::http::{Method, Request, Response, StatusCode, header};
use axum::body::Body;
use hoop_mcp::{Era, LIMIT, Message, MessageError, session::check};
use http_body_util::{BodyExt, Limited};
use hyper::body::Incoming;
pub(super) use legacy::{begun, opened};

use crate::{Gateway, pipeline::Protocol, session::Session, trail};

/// From the local listener, which everybody on that machine reaches: with its secret, or not at all.
pub(crate) async fn http(gateway: Arc<Gateway>, session: Arc<Session>, request: Request<Incoming>) -> Response<Body> {
    match admitted(&gateway, &session, &request).await {
        Ok(()) => identified(gateway, session, request).await,
        Err(response) => response,
    }
}

/// From somebody who is known to be the session's.
pub(crate) async fn identified(
    gateway: Arc<Gateway>,
    session: Arc<Session>,
    request: Request<Incoming>,
) -> Response<Body> {
    let Protocol::Mcp(memory) = &session.protocol else { return reply::plain(StatusCode::NOT_FOUND, "no MCP here") };
    let method = request.method().clone();
    let (head, body) = request.into_parts();
    if let Err(refusal) = check(&method, &head.headers) {
        return reply::plain(refusal.status(), &refusal.to_string());
    }
    match method {
        Method::GET => return legacy::listen(&gateway, &session, memory, &head.headers).await,
        Method::DELETE => return legacy::close(&gateway, &session, memory, &head.headers).await,
        _ => {}
    }
    let Ok(body) = Limited::new(body, LIMIT).collect().await else {
        return reply::plain(StatusCode::PAYLOAD_TOO_LARGE, "the message is over 16 MiB, or broke off");
    };
    let body = body.to_bytes();
    let message = match Message::parse(&body) {
        Ok(message) => message,
        Err(MessageError::Batch) => return batch::post(&gateway, &session, memory, &head.headers, &body).await,
        Err(error) => return reply::json(StatusCode::BAD_REQUEST, error.response()),
    };
    match Era::of_post(&head.headers, &message) {
        Ok(Era::Legacy) => legacy::post(&gateway, &session, memory, &head.headers, message).await,
        Ok(Era::Modern) => modern::post(&gateway, &session, memory, &head.headers, message).await,
        Err(refusal) => modern::refused(&gateway, &session, memory, message.id(), refusal).await,
    }
}

/// The listener's secret, as bearer or as the first path segment.
async fn admitted(gateway: &Gateway, session: &Session, request: &Request<Incoming>) -> Result<(), Response<Body>> {
    let bearer = request.headers().get(header::AUTHORIZATION).and_then(|value| value.to_str().ok());
    let bearer = bearer.and_then(|value| value.strip_prefix("Bearer ")).map(str::trim);
    let path = request.uri().path();
    let in_path = path.strip_suffix("/mcp").map(|before| before.trim_start_matches('/')).unwrap_or_default();
    if !path.ends_with("/mcp") {
        return Err(reply::plain(StatusCode::NOT_FOUND, "the MCP endpoint is /mcp"));
    }
    if [bearer, Some(in_path)].into_iter().flatten().any(|secret| session.admits(secret)) {
        return Ok(());
    }
    if let Err(fault) = trail::turned_away(gateway, session, "wrong_listener_secret").await {
        return Err(reply::plain(StatusCode::SERVICE_UNAVAILABLE, &fault.text));
    }
    let mut response = reply::plain(
        StatusCode::UNAUTHORIZED,
        "this listener wants its secret: Authorization: Bearer SECRET, as `hoopctl connect` printed it",
    );
    response.headers_mut().insert(header::WWW_AUTHENTICATE, ::http::HeaderValue::from_static("Bearer"));
    Err(response)
}
