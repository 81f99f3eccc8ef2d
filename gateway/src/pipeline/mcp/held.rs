//! A call that waits for approval, without losing the client: life signs while it waits, and an answer before the
//! client's own limit (`mcp-protocol.md` §4).

use std::{sync::Arc, time::Duration};

use hoop_mcp::{Era, Id};
use hoop_model::Fault;
use serde_json::Value;
use tokio::{sync::mpsc, time::Instant};

use super::{answer, call, item::Item, posted::Posted, session::McpSession};
use crate::{Gateway, pipeline::Held};

/// Between comments on a silent stream: proxies and HTTP clients close one sooner or later.
const COMMENT: Duration = Duration::from_secs(15);
/// Between progress notifications, where the client asked for progress.
const PROGRESS: Duration = Duration::from_secs(10);

/// Waits in the background; the stream ends with the call's answer, or with how to get it later.
///
/// Cancelling the call withdraws its request; in the new era closing the stream is to cancel it. In the old one a
/// client that is merely gone leaves the request open, and what is approved then waits for the same call again: nothing
/// runs with nobody there to take the result.
pub(super) fn wait(
    gateway: Arc<Gateway>,
    mcp: Arc<McpSession>,
    id: Id,
    era: Era,
    token: Option<Value>,
    mut held: Box<Held<Posted>>,
) -> mpsc::Receiver<Item> {
    let (sender, items) = mpsc::channel(16);
    // Before this returns, so that a cancellation sent next finds it.
    let cancelled = mcp.hold(&id);
    tokio::spawn(async move {
        let settings = &gateway.settings;
        let patience = if token.is_some() { settings.mcp_hold_with_progress } else { settings.mcp_hold };
        let deadline = Instant::now() + patience;
        let waited = tokio::select! {
            biased;
            () = cancelled.cancelled() => Waited::Cancelled,
            () = sender.closed() => Waited::ClientGone,
            waited = decision(&mut held, deadline, token, &sender) => waited,
        };
        // From here on a cancellation is the upstream's to hear.
        mcp.release(&id);
        let last = match waited {
            Waited::Approved => resume(&gateway, &mcp, &id, held, &sender).await,
            Waited::Ended(fault) => Some(answer::told(&id, era, &fault.text)),
            Waited::Late => {
                let request = held.approval().request().id;
                let text = format!(
                    "This call waits for approval: request {request}. Nothing has run. An approver runs \
                     `hoopctl approve {request}`; repeat the same call after that and it runs, once."
                );
                Some(answer::told(&id, era, &text))
            }
            Waited::ClientGone if era == Era::Legacy => None,
            Waited::Cancelled | Waited::ClientGone => {
                if let Err(fault) = held.withdraw().await {
                    tracing::warn!(%fault, "a cancelled call's request could not be withdrawn");
                }
                None
            }
        };
        if let Some(bytes) = last {
            let _ = sender.send(Item::message(bytes)).await;
        }
    });
    items
}

enum Waited {
    Approved,
    /// Denied, withdrawn, expired.
    Ended(Fault),
    /// The client will not wait longer.
    Late,
    Cancelled,
    ClientGone,
}

/// Life signs until the request is decided. Cancel-safe.
async fn decision(
    held: &mut Held<Posted>,
    deadline: Instant,
    token: Option<Value>,
    sender: &mpsc::Sender<Item>,
) -> Waited {
    let request = held.approval().request().id;
    let mut comments = tokio::time::interval(COMMENT);
    let mut progress = tokio::time::interval(PROGRESS);
    let mut step = 0;
    loop {
        tokio::select! {
            decided = held.wait() => return decided.map_or_else(Waited::Ended, |()| Waited::Approved),
            () = tokio::time::sleep_until(deadline) => return Waited::Late,
            _ = comments.tick() => {
                let _ = sender.send(Item::LifeSign).await;
            }
            _ = progress.tick(), if token.is_some() => {
                step += 1;
                if let Some(token) = &token {
                    let text = format!("waiting for approval: request {request}");
                    let _ = sender.send(Item::message(answer::waiting(token, step, &text))).await;
                }
            }
        }
    }
}

/// Takes the approval and runs the call; what is left to say when it could not run.
async fn resume(
    gateway: &Arc<Gateway>,
    mcp: &Arc<McpSession>,
    id: &Id,
    held: Box<Held<Posted>>,
    sender: &mpsc::Sender<Item>,
) -> Option<Vec<u8>> {
    let answered = match held.decided().await {
        Ok(authorized) => call::run(gateway, mcp, authorized).await,
        Err(fault) => Err(fault),
    };
    match answered {
        Ok(mut delivered) => {
            while let Some(item) = delivered.items.recv().await {
                if sender.send(item).await.is_err() {
                    break;
                }
            }
            None
        }
        Err(fault) => Some(answer::failure(Some(id), &fault)),
    }
}
