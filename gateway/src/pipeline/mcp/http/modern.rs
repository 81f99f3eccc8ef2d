//! 2026-07-28: every request stands for itself, and closing its stream cancels it.

use std::sync::Arc;

use ::http::{HeaderMap, Response};
use axum::body::Body;
use hoop_mcp::{
    Era, Id, Message,
    modern::{Refusal, check_headers, check_meta, mirrored},
};

use super::{
    super::{posted::Posted, session::Memory, supported},
    exchange::reply,
    reply::{json, unavailable},
};
use crate::{Gateway, session::Session, trail};

pub(super) async fn post(
    gateway: &Arc<Gateway>,
    session: &Arc<Session>,
    memory: &Memory,
    headers: &HeaderMap,
    message: Message,
) -> Response<Body> {
    let id = message.id().cloned();
    match read(headers, message) {
        Ok(posted) => reply(gateway, session, &memory.stateless(), posted).await.response().await,
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
