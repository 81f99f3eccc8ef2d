//! Revisions up to 2025-11-25: sessions that `initialize` opens, the stream beside the calls, DELETE.

use std::sync::Arc;

use ::http::{HeaderMap, Response, StatusCode};
use axum::body::Body;
use hoop_mcp::{
    Era, Message,
    session::{last_event, session_id},
};
use hoop_model::Fault;

use super::{
    super::{
        answer,
        asked::Asked,
        call::{self, Delivered},
        command,
        end::end,
        posted::Posted,
        session::{McpSession, Memory},
    },
    exchange::reply,
    reply::{accepted, answered, event_stream, json, plain, unavailable, with_session},
};
use crate::{
    Gateway,
    pipeline::{Judgement, permitted},
    session::Session,
};

pub(super) async fn post(
    gateway: &Arc<Gateway>,
    session: &Arc<Session>,
    memory: &Memory,
    headers: &HeaderMap,
    message: Message,
) -> Response<Body> {
    let posted = Posted::alone(Era::Legacy, message);
    if posted.message.method() == Some("initialize") && posted.message.id().is_some() {
        return begin(gateway, session, memory, posted).await;
    }
    match find(memory, headers) {
        Ok(mcp) => with_session(&mcp, reply(gateway, session, &mcp, posted).await.response().await),
        Err((status, text)) => plain(status, &text),
    }
}

/// A new MCP session, which its `initialize` opens: judged and recorded before the upstream hears of it.
async fn begin(gateway: &Arc<Gateway>, session: &Arc<Session>, memory: &Memory, posted: Posted) -> Response<Body> {
    let classified = match command::listed(gateway, session, &posted).await {
        Ok(classified) => classified,
        Err(instead) => return instead.map_or_else(accepted, |instead| json(StatusCode::OK, instead.bytes)),
    };
    let echo = posted.clone();
    let refused = |fault: &Fault| json(StatusCode::OK, answer::refusal(&echo, fault));
    let authorized = match command::judged(gateway, session, posted, &classified).await {
        Ok(Judgement::Go(authorized)) => authorized,
        Ok(Judgement::Wait(held)) => match held.decided().await {
            Ok(authorized) => authorized,
            Err(fault) => return refused(&fault),
        },
        Ok(Judgement::No(fault)) | Err(fault) => return refused(&fault),
    };
    let mcp = begun(gateway, session, memory);
    match call::run(gateway, &mcp, authorized).await {
        Ok(delivered) => {
            // A server that refuses has opened nothing.
            if !delivered.status.is_success() {
                memory.close(&mcp.id);
                return answered(delivered).await;
            }
            with_session(&mcp, answered(delivered).await)
        }
        Err(fault) => {
            memory.close(&mcp.id);
            refused(&fault)
        }
    }
}

/// A session for a client; the one that had to make room is ended.
pub(in super::super) fn begun(gateway: &Arc<Gateway>, session: &Arc<Session>, memory: &Memory) -> Arc<McpSession> {
    let (mcp, gone) = memory.open();
    if let Some(gone) = gone {
        let (gateway, session) = (gateway.clone(), session.clone());
        tokio::spawn(async move { end(&gateway, &session, &gone).await });
    }
    mcp
}

pub(super) fn find(memory: &Memory, headers: &HeaderMap) -> Result<Arc<McpSession>, (StatusCode, String)> {
    let id = session_id(headers).map_err(|refusal| (refusal.status(), refusal.to_string()))?;
    let unknown = || (StatusCode::NOT_FOUND, "there is no such MCP session; begin with initialize".to_owned());
    memory.get(id).ok_or_else(unknown)
}

/// The stream of messages that answer no call, or the rest of one that broke off.
pub(super) async fn listen(
    gateway: &Arc<Gateway>,
    session: &Arc<Session>,
    memory: &Memory,
    headers: &HeaderMap,
) -> Response<Body> {
    let mcp = match find(memory, headers) {
        Ok(mcp) => mcp,
        Err((status, text)) => return plain(status, &text),
    };
    let from = match last_event(headers) {
        Ok(from) => from,
        Err(refusal) => return plain(refusal.status(), &refusal.to_string()),
    };
    if from.is_some_and(|from| !mcp.resumption.gave(from)) {
        return plain(StatusCode::BAD_REQUEST, "no event of this session had the id that Last-Event-ID names");
    }
    match opened(gateway, session, &mcp, from).await {
        Ok(Some(delivered)) => with_session(&mcp, event_stream(delivered.items)),
        Ok(None) => plain(StatusCode::METHOD_NOT_ALLOWED, "this MCP server offers no such stream"),
        Err(fault) if fault.code == "session_gone" => plain(StatusCode::NOT_FOUND, &fault.text),
        Err(fault) => unavailable(&fault),
    }
}

/// Opens the listening stream as an exchange of its own; `from` is the mark to go on from.
pub(in super::super) async fn opened(
    gateway: &Arc<Gateway>,
    session: &Arc<Session>,
    mcp: &Arc<McpSession>,
    from: Option<&str>,
) -> Result<Option<Delivered>, Fault> {
    let Some(upstream) = mcp.open() else { return Ok(None) };
    let listening = permitted(gateway, session, command::plumbing(session, "listen")).await?;
    let incoming = upstream.listen(gateway, listening, mcp.revision(), from).await?;
    Ok(incoming.map(|incoming| call::deliver(gateway.clone(), mcp.clone(), Asked::nothing(), incoming)))
}

pub(super) async fn close(
    gateway: &Arc<Gateway>,
    session: &Arc<Session>,
    memory: &Memory,
    headers: &HeaderMap,
) -> Response<Body> {
    let mcp = match find(memory, headers) {
        Ok(mcp) => mcp,
        Err((status, text)) => return plain(status, &text),
    };
    memory.close(&mcp.id);
    match end(gateway, session, &mcp).await {
        Ok(()) => plain(StatusCode::OK, "closed"),
        Err(fault) => unavailable(&fault),
    }
}
