//! Streamable HTTP downstream: what arrives at the local listener.

use std::{convert::Infallible, sync::Arc};

use ::http::{HeaderMap, Method, Request, Response, StatusCode, header};
use axum::body::Body;
use bytes::Bytes;
use futures_util::stream;
use hoop_mcp::{
    LIMIT, Message,
    session::{SESSION, check, session_id},
    sse,
};
use hoop_model::Fault;
use http_body_util::{BodyExt, Limited};
use hyper::body::Incoming;
use tokio::sync::mpsc;

use super::{
    answer,
    call::{self, Asked, Delivered, progress_token},
    command,
    end::end,
    held,
    held::Item,
    session::{McpSession, Memory},
    upstream::Upstream,
};
use crate::{
    Gateway,
    pipeline::{Authorized, Judgement, Protocol, permitted},
    session::Session,
    trail,
};

pub(crate) async fn http(gateway: Arc<Gateway>, session: Arc<Session>, request: Request<Incoming>) -> Response<Body> {
    if let Err(response) = admitted(&gateway, &session, &request).await {
        return response;
    }
    let method = request.method().clone();
    let (head, body) = request.into_parts();
    if let Err(refusal) = check(&method, &head.headers) {
        return plain(refusal.status(), &refusal.to_string());
    }
    match method {
        Method::POST => post(&gateway, &session, &head.headers, body).await,
        Method::GET => listen(&gateway, &session, &head.headers).await,
        Method::DELETE => close(&gateway, &session, &head.headers).await,
        _ => plain(StatusCode::METHOD_NOT_ALLOWED, "MCP uses POST, GET and DELETE"),
    }
}

/// The listener's secret, as bearer or as the first path segment.
async fn admitted(gateway: &Gateway, session: &Session, request: &Request<Incoming>) -> Result<(), Response<Body>> {
    let bearer = request.headers().get(header::AUTHORIZATION).and_then(|value| value.to_str().ok());
    let bearer = bearer.and_then(|value| value.strip_prefix("Bearer ")).map(str::trim);
    let path = request.uri().path();
    let in_path = path.strip_suffix("/mcp").map(|before| before.trim_start_matches('/')).unwrap_or_default();
    if !path.ends_with("/mcp") {
        return Err(plain(StatusCode::NOT_FOUND, "the MCP endpoint is /mcp"));
    }
    if [bearer, Some(in_path)].into_iter().flatten().any(|secret| session.admits(secret)) {
        return Ok(());
    }
    if let Err(fault) = trail::turned_away(gateway, session, "wrong_listener_secret").await {
        return Err(plain(StatusCode::SERVICE_UNAVAILABLE, &fault.text));
    }
    let mut response = plain(
        StatusCode::UNAUTHORIZED,
        "this listener wants its secret: Authorization: Bearer SECRET, as `hoopctl connect` printed it",
    );
    response.headers_mut().insert(header::WWW_AUTHENTICATE, ::http::HeaderValue::from_static("Bearer"));
    Err(response)
}

async fn post(gateway: &Arc<Gateway>, session: &Arc<Session>, headers: &HeaderMap, body: Incoming) -> Response<Body> {
    let Ok(body) = Limited::new(body, LIMIT).collect().await else {
        return plain(StatusCode::PAYLOAD_TOO_LARGE, "the message is over 16 MiB, or broke off");
    };
    let message = match Message::parse(&body.to_bytes()) {
        Ok(message) => message,
        Err(error) => return json(StatusCode::BAD_REQUEST, error.response()),
    };
    if message.method() == Some("initialize") && message.id().is_some() {
        return begin(gateway, session, message).await;
    }
    match find(session, headers) {
        Ok(mcp) => exchange(gateway, session, mcp, message).await,
        Err((status, text)) => plain(status, &text),
    }
}

/// A new MCP session, which its `initialize` opens: judged and recorded before the upstream hears of it.
async fn begin(gateway: &Arc<Gateway>, session: &Arc<Session>, message: Message) -> Response<Body> {
    let Protocol::Mcp(memory) = &session.protocol else { return plain(StatusCode::NOT_FOUND, "no MCP here") };
    let classified = match command::listed(gateway, session, &message).await {
        Ok(classified) => classified,
        Err(instead) => return json(StatusCode::OK, instead.unwrap_or_default()),
    };
    let echo = message.clone();
    let refused = |fault: &Fault| json(StatusCode::OK, answer::refusal(&echo, fault));
    let authorized = match command::judged(gateway, session, message, &classified).await {
        Ok(Judgement::Go(authorized)) => authorized,
        Ok(Judgement::Wait(held)) => match held.decided().await {
            Ok(authorized) => authorized,
            Err(fault) => return refused(&fault),
        },
        Ok(Judgement::No(fault)) | Err(fault) => return refused(&fault),
    };
    let mcp = match begun(gateway, session, memory, &authorized).await {
        Ok(mcp) => mcp,
        Err(fault) => return refused(&fault),
    };
    match call::run(gateway, &mcp, authorized).await {
        Ok(delivered) => answered(&mcp, delivered).await,
        Err(fault) => {
            memory.close(&mcp.id);
            refused(&fault)
        }
    }
}

/// Opens the upstream for `first`, and the session over it.
pub(super) async fn begun(
    gateway: &Arc<Gateway>,
    session: &Arc<Session>,
    memory: &Memory,
    first: &Authorized<Message>,
) -> Result<Arc<McpSession>, Fault> {
    let upstream = match Upstream::open(gateway, first).await {
        Ok(upstream) => upstream,
        Err(fault) => {
            first.exchange().end(call::outcome(&fault)).await?;
            return Err(fault);
        }
    };
    let (mcp, gone) = memory.open(upstream);
    if let Some(gone) = gone {
        let (gateway, session) = (gateway.clone(), session.clone());
        tokio::spawn(async move { end(&gateway, &session, &gone).await });
    }
    Ok(mcp)
}

fn find(session: &Session, headers: &HeaderMap) -> Result<Arc<McpSession>, (StatusCode, String)> {
    let Protocol::Mcp(memory) = &session.protocol else {
        return Err((StatusCode::NOT_FOUND, "no MCP here".to_owned()));
    };
    let id = session_id(headers).map_err(|refusal| (refusal.status(), refusal.to_string()))?;
    let unknown = || (StatusCode::NOT_FOUND, "there is no such MCP session; begin with initialize".to_owned());
    memory.get(id).ok_or_else(unknown)
}

async fn exchange(
    gateway: &Arc<Gateway>,
    session: &Arc<Session>,
    mcp: Arc<McpSession>,
    message: Message,
) -> Response<Body> {
    if let Some(cancelled) = message.cancels()
        && mcp.cancel(&cancelled)
    {
        return accepted(&mcp);
    }
    let is_request = matches!(message, Message::Request { .. });
    let refused = |message: &Message, fault: &Fault| {
        if is_request { json(StatusCode::OK, answer::refusal(message, fault)) } else { accepted(&mcp) }
    };
    let classified = match command::listed(gateway, session, &message).await {
        Ok(classified) => classified,
        Err(Some(instead)) => return json(StatusCode::OK, instead),
        Err(None) => return accepted(&mcp),
    };
    let echo = message.clone();
    let (id, token) = (message.id().cloned(), progress_token(&message));
    match (command::judged(gateway, session, message, &classified).await, id) {
        (Ok(Judgement::Go(authorized)), _) => match call::run(gateway, &mcp, authorized).await {
            Ok(delivered) if is_request => answered(&mcp, delivered).await,
            Ok(mut delivered) => {
                delivered.messages.close();
                accepted(&mcp)
            }
            Err(fault) if fault.code == "session_gone" => plain(StatusCode::NOT_FOUND, &fault.text),
            Err(fault) => refused(&echo, &fault),
        },
        (Ok(Judgement::Wait(held)), Some(id)) => {
            let items = held::wait(gateway.clone(), mcp.clone(), id, token, held);
            event_stream(&mcp, items)
        }
        (Ok(Judgement::Wait(_)), None) => accepted(&mcp),
        (Ok(Judgement::No(fault)) | Err(fault), _) => refused(&echo, &fault),
    }
}

/// The stream of messages that answer no call.
async fn listen(gateway: &Arc<Gateway>, session: &Arc<Session>, headers: &HeaderMap) -> Response<Body> {
    let mcp = match find(session, headers) {
        Ok(mcp) => mcp,
        Err((status, text)) => return plain(status, &text),
    };
    match opened(gateway, session, &mcp).await {
        Ok(Some(delivered)) => event_stream(&mcp, items(delivered)),
        Ok(None) => plain(StatusCode::METHOD_NOT_ALLOWED, "this MCP server offers no such stream"),
        Err(fault) => unavailable(&fault),
    }
}

/// Opens the listening stream as an exchange of its own.
pub(super) async fn opened(
    gateway: &Arc<Gateway>,
    session: &Arc<Session>,
    mcp: &McpSession,
) -> Result<Option<Delivered>, Fault> {
    let listening = permitted(gateway, session, command::plumbing(session, "listen")).await?;
    let incoming = mcp.upstream.listen(gateway, listening).await?;
    Ok(incoming.map(|incoming| call::deliver(gateway.clone(), Asked::nothing(), incoming)))
}

async fn close(gateway: &Arc<Gateway>, session: &Arc<Session>, headers: &HeaderMap) -> Response<Body> {
    let mcp = match find(session, headers) {
        Ok(mcp) => mcp,
        Err((status, text)) => return plain(status, &text),
    };
    if let Protocol::Mcp(memory) = &session.protocol {
        memory.close(&mcp.id);
    }
    match end(gateway, session, &mcp).await {
        Ok(()) => plain(StatusCode::OK, "closed"),
        Err(fault) => unavailable(&fault),
    }
}

async fn answered(mcp: &McpSession, mut delivered: Delivered) -> Response<Body> {
    if delivered.streamed {
        return event_stream(mcp, items(delivered));
    }
    match delivered.messages.recv().await {
        Some(bytes) => with_session(mcp, json(StatusCode::OK, bytes)),
        None => accepted(mcp),
    }
}

fn items(mut delivered: Delivered) -> mpsc::Receiver<Item> {
    let (sender, items) = mpsc::channel(1);
    tokio::spawn(async move {
        loop {
            tokio::select! {
                bytes = delivered.messages.recv() => {
                    let Some(bytes) = bytes else { return };
                    if sender.send(Item::Message(bytes)).await.is_err() {
                        return;
                    }
                }
                () = sender.closed() => return,
            }
        }
    });
    items
}

fn event_stream(mcp: &McpSession, items: mpsc::Receiver<Item>) -> Response<Body> {
    let frames = stream::unfold(items, |mut items| async move {
        let item = items.recv().await?;
        let bytes = match item {
            Item::Message(bytes) => sse::encode(&bytes),
            Item::LifeSign => sse::comment(),
        };
        Some((Ok::<_, Infallible>(Bytes::from(bytes)), items))
    });
    let mut response = Response::new(Body::from_stream(frames));
    let headers = response.headers_mut();
    headers.insert(header::CONTENT_TYPE, ::http::HeaderValue::from_static("text/event-stream"));
    headers.insert(header::CACHE_CONTROL, ::http::HeaderValue::from_static("no-store"));
    with_session(mcp, response)
}

fn with_session(mcp: &McpSession, mut response: Response<Body>) -> Response<Body> {
    if let Ok(id) = ::http::HeaderValue::from_str(&mcp.id) {
        response.headers_mut().insert(SESSION, id);
    }
    response
}

fn accepted(mcp: &McpSession) -> Response<Body> {
    let mut response = Response::new(Body::empty());
    *response.status_mut() = StatusCode::ACCEPTED;
    with_session(mcp, response)
}

fn json(status: StatusCode, bytes: Vec<u8>) -> Response<Body> {
    let mut response = Response::new(Body::from(bytes));
    *response.status_mut() = status;
    response.headers_mut().insert(header::CONTENT_TYPE, ::http::HeaderValue::from_static("application/json"));
    response
}

fn unavailable(fault: &Fault) -> Response<Body> {
    tracing::info!(code = %fault.code, detail = fault.detail, "an MCP request failed");
    plain(StatusCode::BAD_GATEWAY, &fault.text)
}

fn plain(status: StatusCode, text: &str) -> Response<Body> {
    let mut response = Response::new(Body::from(format!("{text}\n")));
    *response.status_mut() = status;
    response
}
