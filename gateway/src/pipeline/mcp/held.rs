//! A call that waits for approval, without losing the client: life signs while it waits, and an answer before the
//! client's own limit (`mcp-protocol.md` §4).

use std::{sync::Arc, time::Duration};

use hoop_mcp::{Id, Message};
use serde_json::Value;
use tokio::{sync::mpsc, time::Instant};

use super::{answer, call, session::McpSession};
use crate::{Gateway, pipeline::Held};

/// Between comments on a silent stream: proxies and HTTP clients close one sooner or later.
const COMMENT: Duration = Duration::from_secs(15);
/// Between progress notifications, where the client asked for progress.
const PROGRESS: Duration = Duration::from_secs(10);

/// What the client is sent while it waits, and then.
pub(super) enum Item {
    Message(Vec<u8>),
    /// Nothing to say, still there.
    LifeSign,
}

/// Waits in the background; the stream ends with the call's answer, or with how to get it later.
pub(super) fn wait(
    gateway: Arc<Gateway>,
    mcp: Arc<McpSession>,
    id: Id,
    token: Option<Value>,
    held: Box<Held<Message>>,
) -> mpsc::Receiver<Item> {
    let (sender, items) = mpsc::channel(16);
    tokio::spawn(async move {
        let cancelled = mcp.hold(&id);
        let waited = tokio::select! {
            waited = through(&gateway, &mcp, &id, token, held, &sender) => waited,
            () = cancelled.cancelled() => Waited::Cancelled,
        };
        mcp.release(&id);
        if let Waited::Answer(bytes) = waited {
            let _ = sender.send(Item::Message(bytes)).await;
        }
    });
    items
}

enum Waited {
    Answer(Vec<u8>),
    /// The answer went out already.
    Done,
    Cancelled,
}

async fn through(
    gateway: &Arc<Gateway>,
    mcp: &McpSession,
    id: &Id,
    token: Option<Value>,
    mut held: Box<Held<Message>>,
    sender: &mpsc::Sender<Item>,
) -> Waited {
    let request = held.approval().request().id;
    let deadline = Instant::now() + gateway.settings.mcp_hold;
    let mut comments = tokio::time::interval(COMMENT);
    let mut progress = tokio::time::interval(PROGRESS);
    let mut step = 0;
    let decided = loop {
        tokio::select! {
            decided = held.wait() => break decided,
            () = tokio::time::sleep_until(deadline) => {
                let text = format!(
                    "This call waits for approval: request {request}. Nothing has run. An approver runs \
                     `hoopctl approve {request}`; repeat the same call after that and it runs, once."
                );
                return Waited::Answer(answer::told(id, &text));
            }
            _ = comments.tick() => {
                let _ = sender.send(Item::LifeSign).await;
            }
            _ = progress.tick(), if token.is_some() => {
                step += 1;
                if let Some(token) = &token {
                    let text = format!("waiting for approval: request {request}");
                    let _ = sender.send(Item::Message(answer::waiting(token, step, &text))).await;
                }
            }
        }
    };
    if let Err(fault) = decided {
        return Waited::Answer(answer::told(id, &fault.text));
    }
    let answered = match held.decided().await {
        Ok(authorized) => call::run(gateway, mcp, authorized).await,
        Err(fault) => Err(fault),
    };
    match answered {
        Ok(mut delivered) => {
            while let Some(bytes) = delivered.messages.recv().await {
                if sender.send(Item::Message(bytes)).await.is_err() {
                    break;
                }
            }
            Waited::Done
        }
        Err(fault) => Waited::Answer(answer::failure(Some(id), &fault)),
    }
}
