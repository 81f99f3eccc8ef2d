//! One message of a client's and what it is answered with, in either era.

use std::sync::Arc;

use ::http::{Response, StatusCode};
use axum::body::Body;
use hoop_mcp::{Era, Message};
use hoop_model::Fault;
use tokio::sync::mpsc;

use super::{
    super::{
        answer,
        asked::progress_token,
        call::{self, Delivered},
        command, held,
        item::Item,
        posted::Posted,
        session::McpSession,
    },
    reply::{accepted, answered, event_stream, json, plain},
};
use crate::{Gateway, pipeline::Judgement, session::Session, trail};

/// What a message is answered with.
pub(super) enum Reply {
    Accepted,
    Message(StatusCode, Vec<u8>),
    Delivered(Delivered),
    Held(mpsc::Receiver<Item>),
    Refused(StatusCode, String),
}

impl Reply {
    pub(super) async fn response(self) -> Response<Body> {
        match self {
            Self::Accepted => accepted(),
            Self::Message(status, bytes) => json(status, bytes),
            Self::Delivered(delivered) => answered(delivered).await,
            Self::Held(items) => event_stream(items),
            Self::Refused(status, text) => plain(status, &text),
        }
    }
}

/// Judges the message and sends it up.
pub(super) async fn reply(
    gateway: &Arc<Gateway>,
    session: &Arc<Session>,
    mcp: &Arc<McpSession>,
    posted: Posted,
) -> Reply {
    let era = posted.era;
    // In the new era a call is cancelled by closing its stream, and its id is nobody else's to name.
    if let (Era::Legacy, Some(cancelled)) = (era, posted.message.cancels())
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
        if is_request { Reply::Message(StatusCode::OK, answer::refusal(posted, fault)) } else { Reply::Accepted }
    };
    let classified = match command::listed(gateway, session, &posted).await {
        Ok(classified) => classified,
        Err(Some(instead)) => {
            let status = if era == Era::Modern { instead.status } else { StatusCode::OK };
            return Reply::Message(status, instead.bytes);
        }
        Err(None) => return Reply::Accepted,
    };
    let echo = posted.clone();
    let (id, token) = (posted.message.id().filter(|_| is_request).cloned(), progress_token(&posted.message));
    match (command::judged(gateway, session, posted, &classified).await, id) {
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
            Reply::Held(held::wait(gateway.clone(), mcp.clone(), id, era, token, held))
        }
        (Ok(Judgement::Wait(_)), None) => Reply::Accepted,
        (Ok(Judgement::No(fault)) | Err(fault), _) => refused(&echo, &fault),
    }
}
