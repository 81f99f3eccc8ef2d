//! Several messages in one POST, which only 2025-03-26 has.

use std::sync::Arc;

use ::http::{HeaderMap, Response, StatusCode};
use axum::body::Body;
use hoop_mcp::{Era, Id, Message, MessageError, era::BATCHES};
use hoop_model::{Fault, Retry, Side};
use tokio::sync::mpsc;

use super::{
    super::{answer, item::Item, posted::Posted, session::Memory},
    exchange::{Reply, reply},
    legacy::find,
    reply::{accepted, event_stream, json, plain, with_session},
};
use crate::{Gateway, session::Session};

/// Each message is judged, sent up and answered alone, so that
/// one which waits does not hide the others. The answers come as one stream (2025-03-26/basic/transports).
pub(super) async fn post(
    gateway: &Arc<Gateway>,
    session: &Arc<Session>,
    memory: &Memory,
    headers: &HeaderMap,
    body: &[u8],
) -> Response<Body> {
    let mcp = match find(memory, headers) {
        Ok(mcp) => mcp,
        Err((status, text)) => return plain(status, &text),
    };
    let refused = |error: MessageError| json(StatusCode::BAD_REQUEST, error.response());
    if mcp.revision() != Some(BATCHES) {
        return refused(MessageError::Batch);
    }
    let messages = match Message::parse_batch(body) {
        Ok(messages) => messages,
        Err(error) => return refused(error),
    };
    let asks = messages.iter().any(|message| matches!(message, Message::Request { .. }));
    let (sender, items) = mpsc::channel(messages.len());
    for message in messages {
        let (gateway, session, mcp, sender) = (gateway.clone(), session.clone(), mcp.clone(), sender.clone());
        tokio::spawn(async move {
            let asks = matches!(message, Message::Request { .. });
            let id = message.id().filter(|_| asks).cloned();
            let reply = reply(&gateway, &session, &mcp, Posted::alone(Era::Legacy, message)).await;
            hand_on(reply, id.as_ref(), &sender).await;
        });
    }
    with_session(&mcp, if asks { event_stream(items) } else { accepted() })
}

/// Passes one message's answer into the stream of all.
async fn hand_on(reply: Reply, id: Option<&Id>, sender: &mpsc::Sender<Item>) {
    let mut items = match reply {
        Reply::Accepted => return,
        Reply::Message(_, bytes) => {
            let _ = sender.send(Item::message(bytes)).await;
            return;
        }
        // An answer of the client's that is refused has nobody to be told.
        Reply::Refused(_, text) => {
            let Some(id) = id else { return };
            let fault = Fault::new(Side::Upstream, "session_gone", Retry::Safe, text);
            let _ = sender.send(Item::message(answer::failure(Some(id), &fault))).await;
            return;
        }
        Reply::Delivered(delivered) => delivered.items,
        Reply::Held(items) => items,
    };
    loop {
        tokio::select! {
            item = items.recv() => match item {
                Some(item) => if sender.send(item).await.is_err() { return },
                None => return,
            },
            () = sender.closed() => return,
        }
    }
}
