//! Revisions up to 2025-11-25: sessions that `initialize` opens, the stream beside the calls, DELETE.

use std::sync::Arc;

use ::http::{HeaderMap, Response, StatusCode};
use axum::body::Body;
use hoop_mcp::{
    Era, Message,
    session::{last_event, session_id},
};
use hoop_model::Fault;
use tokio::sync::mpsc;

use super::{
    super::{
        answer,
        asked::{Asked, progress_token},
        call::{self, Delivered},
        command,
        end::end,
        held,
        item::Item,
        posted::Posted,
        session::{McpSession, Memory},
    },
    reply::{accepted, answered, event_stream, json, plain, unavailable, with_session},
};
use crate::{
    Gateway,
    pipeline::{Judgement, permitted},
    session::Session,
    trail,
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
        Ok(mcp) => exchange(gateway, session, &mcp, posted).await,
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

async fn exchange(
    gateway: &Arc<Gateway>,
    session: &Arc<Session>,
    mcp: &Arc<McpSession>,
    posted: Posted,
) -> Response<Body> {
    let response = match reply(gateway, session, mcp, posted).await {
        Reply::Accepted => accepted(),
        Reply::Message(bytes) => json(StatusCode::OK, bytes),
        Reply::Delivered(delivered) => answered(delivered).await,
        Reply::Held(items) => event_stream(items),
        Reply::Refused(status, text) => return plain(status, &text),
    };
    with_session(mcp, response)
}

/// What one message is answered with.
pub(super) enum Reply {
    Accepted,
    Message(Vec<u8>),
    Delivered(Delivered),
    Held(mpsc::Receiver<Item>),
    Refused(StatusCode, String),
}

pub(super) async fn reply(
    gateway: &Arc<Gateway>,
    session: &Arc<Session>,
    mcp: &Arc<McpSession>,
    posted: Posted,
) -> Reply {
    if let Some(cancelled) = posted.message.cancels()
        && mcp.cancel(&cancelled)
    {
        return Reply::Accepted;
    }
    if let Message::Response { id, .. } = &posted.message
        && !mcp.answer(id)
    {
        let text = "the server has asked nothing with this id, or has its answer";
        return match trail::turned_away(gateway, session, "unknown_id").await {
            Ok(()) => Reply::Refused(StatusCode::BAD_REQUEST, text.to_owned()),
            Err(fault) => Reply::Refused(StatusCode::BAD_GATEWAY, fault.text),
        };
    }
    let is_request = matches!(posted.message, Message::Request { .. });
    let refused = |posted: &Posted, fault: &Fault| {
        if is_request { Reply::Message(answer::refusal(posted, fault)) } else { Reply::Accepted }
    };
    let classified = match command::listed(gateway, session, &posted).await {
        Ok(classified) => classified,
        Err(Some(instead)) => return Reply::Message(instead.bytes),
        Err(None) => return Reply::Accepted,
    };
    let echo = posted.clone();
    let (asked, token) = (Asked::of(&posted), progress_token(&posted.message));
    match (command::judged(gateway, session, posted, &classified).await, &asked.id) {
        (Ok(Judgement::Go(authorized)), _) => match call::run(gateway, mcp, authorized).await {
            Ok(delivered) if is_request => Reply::Delivered(delivered),
            Ok(mut delivered) => {
                delivered.items.close();
                Reply::Accepted
            }
            Err(fault) if fault.code == "session_gone" => Reply::Refused(StatusCode::NOT_FOUND, fault.text),
            Err(fault) => refused(&echo, &fault),
        },
        (Ok(Judgement::Wait(held)), Some(id)) => {
            Reply::Held(held::wait(gateway.clone(), mcp.clone(), id.clone(), Era::Legacy, token, held))
        }
        (Ok(Judgement::Wait(_)), None) => Reply::Accepted,
        (Ok(Judgement::No(fault)) | Err(fault), _) => refused(&echo, &fault),
    }
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
