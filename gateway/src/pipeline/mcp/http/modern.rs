//! 2026-07-28: every request stands for itself, and closing its stream cancels it.

use std::sync::Arc;

use ::http::{HeaderMap, Response, StatusCode};
use axum::body::Body;
use hoop_mcp::{
    Era, Id, Message,
    modern::{Refusal, check_headers, check_meta, mirrored},
};
use hoop_model::Fault;

use super::{
    super::{
        answer,
        asked::{Asked, progress_token},
        call, command, held,
        posted::Posted,
        session::Memory,
        supported,
    },
    reply::{accepted, answered, event_stream, json, unavailable},
};
use crate::{Gateway, pipeline::Judgement, session::Session, trail};

pub(super) async fn post(
    gateway: &Arc<Gateway>,
    session: &Arc<Session>,
    memory: &Memory,
    headers: &HeaderMap,
    message: Message,
) -> Response<Body> {
    let id = message.id().cloned();
    match read(headers, message) {
        Ok(posted) => exchange(gateway, session, memory, posted).await,
        Err(refusal) => refused(gateway, session, memory, id.as_ref(), refusal).await,
    }
}

/// What no revision allows, written down and told; with the revisions that would do where that is the trouble.
pub(super) async fn refused(
    gateway: &Arc<Gateway>,
    session: &Arc<Session>,
    memory: &Memory,
    id: Option<&Id>,
    refusal: Refusal,
) -> Response<Body> {
    if let Err(fault) = trail::turned_away(gateway, session, "bad_request").await {
        return unavailable(&fault);
    }
    let refusal = supported::named(gateway, session, &memory.stateless(), refusal).await;
    json(refusal.status(), refusal.response(id))
}

/// The message, once its `_meta` and the headers beside it are as they must be.
fn read(headers: &HeaderMap, message: Message) -> Result<Posted, Refusal> {
    check_meta(&message)?;
    check_headers(headers, &message)?;
    Ok(Posted::new(Era::Modern, message, mirrored(headers)?))
}

async fn exchange(gateway: &Arc<Gateway>, session: &Arc<Session>, memory: &Memory, posted: Posted) -> Response<Body> {
    let is_request = matches!(posted.message, Message::Request { .. });
    let refused = |posted: &Posted, fault: &Fault| {
        if is_request { json(StatusCode::OK, answer::refusal(posted, fault)) } else { accepted() }
    };
    let classified = match command::listed(gateway, session, &posted).await {
        Ok(classified) => classified,
        Err(Some(instead)) => return json(instead.status, instead.bytes),
        Err(None) => return accepted(),
    };
    let echo = posted.clone();
    let (asked, token) = (Asked::of(&posted), progress_token(&posted.message));
    let mcp = memory.stateless();
    match (command::judged(gateway, session, posted, &classified).await, asked.id) {
        (Ok(Judgement::Go(authorized)), _) => match call::run(gateway, &mcp, authorized).await {
            Ok(delivered) if is_request => answered(delivered).await,
            Ok(mut delivered) => {
                delivered.items.close();
                accepted()
            }
            Err(fault) => refused(&echo, &fault),
        },
        (Ok(Judgement::Wait(held)), Some(id)) => {
            event_stream(held::wait(gateway.clone(), mcp, id, Era::Modern, token, held))
        }
        (Ok(Judgement::Wait(_)), None) => accepted(),
        (Ok(Judgement::No(fault)) | Err(fault), _) => refused(&echo, &fault),
    }
}
