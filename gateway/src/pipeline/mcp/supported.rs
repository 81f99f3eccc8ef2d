//! The revisions that can be spoken with an upstream: asked of it when a client names one that nobody knows.

use std::sync::Arc;

use hoop_mcp::{
    Era, Id, Message,
    era::{LEGACY, MODERN, VERSION_META},
    modern::{CAPABILITIES_META, Refusal},
    surface,
};
use hoop_model::Fault;
use serde_json::{Value, json};

use super::{call, command, posted::Posted, session::McpSession};
use crate::{
    Gateway,
    pipeline::{Authorized, Outcome, permitted},
    session::Session,
};

/// The refusal with the revisions that would do, where a revision is what it refuses.
pub(super) async fn named(
    gateway: &Arc<Gateway>,
    session: &Arc<Session>,
    mcp: &McpSession,
    refusal: Refusal,
) -> Refusal {
    let Refusal::Version { requested, supported: ours } = refusal else { return refusal };
    let supported = match supported(gateway, session, mcp).await {
        Ok(supported) => supported,
        Err(fault) => {
            tracing::info!(code = %fault.code, "an upstream did not say which revisions it speaks");
            ours
        }
    };
    Refusal::Version { requested, supported }
}

/// What both the upstream and this gateway speak. Kept for the session once it is known.
///
/// # Errors
/// What keeps the upstream from being asked, or from answering.
async fn supported(gateway: &Arc<Gateway>, session: &Arc<Session>, mcp: &McpSession) -> Result<Vec<String>, Fault> {
    if let Some(known) = mcp.supported() {
        return Ok(known.to_vec());
    }
    let question = command::plumbing(session, "discover");
    let asking = permitted(gateway, session, question).await?.map(|()| Posted::alone(Era::Modern, discover()));
    let exchange = asking.exchange().clone();
    let answer = answered(gateway, mcp, asking).await;
    exchange.end(answer.as_ref().map_or_else(|fault| call::outcome(&exchange, fault), |_| Outcome::Success)).await?;
    let versions = answer?.map_or_else(|| LEGACY.map(str::to_owned).to_vec(), of);
    mcp.learn(&versions);
    Ok(versions)
}

/// The upstream's result; `None` where it does not know the question, and so is of the old era.
async fn answered(
    gateway: &Arc<Gateway>,
    mcp: &McpSession,
    asking: Authorized<Posted>,
) -> Result<Option<Value>, Fault> {
    let mut incoming = mcp.upstream(gateway, &asking).await?.send(gateway, asking, None).await?;
    while let Some(piece) = incoming.pieces.recv().await {
        if let Some(Message::Response { answer, .. }) = piece?.message {
            return Ok(answer.ok());
        }
    }
    Ok(None)
}

fn of(mut result: Value) -> Vec<String> {
    surface::retain_revisions(&mut result);
    let named = result.get("supportedVersions").and_then(Value::as_array);
    named.into_iter().flatten().filter_map(Value::as_str).map(str::to_owned).collect()
}

/// The gateway's own question: it declares nothing, so nothing is asked back.
fn discover() -> Message {
    let meta = json!({
        VERSION_META: MODERN,
        CAPABILITIES_META: {},
        "io.modelcontextprotocol/clientInfo": { "name": "hoop-gateway", "version": env!("CARGO_PKG_VERSION") },
    });
    Message::Request {
        id: Id::Text("hoop-discover".to_owned()),
        method: "server/discover".to_owned(),
        params: Some(json!({ "_meta": meta })),
        rest: serde_json::Map::new(),
    }
}
