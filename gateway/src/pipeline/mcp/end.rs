//! The end of MCP sessions: the upstream hears of it, whoever ended it.

use std::{sync::Arc, time::Duration};

use hoop_model::{Fault, Retry, Side};

use super::{
    call, command,
    session::{McpSession, Memory},
};
use crate::{
    Gateway,
    pipeline::{Outcome, permitted},
    session::Session,
};

/// How long an upstream may take to hear that a session is over: within what a stopping gateway gives its sessions.
const GOODBYE: Duration = Duration::from_secs(1);

/// Withdraws what waits, and closes the session upstream.
pub(super) async fn end(gateway: &Arc<Gateway>, session: &Arc<Session>, mcp: &McpSession) -> Result<(), Fault> {
    mcp.cancel_all();
    let Some(upstream) = mcp.open().filter(|upstream| upstream.has_session()) else { return Ok(()) };
    let closing = permitted(gateway, session, command::plumbing(session, "close")).await?;
    let exchange = closing.exchange().clone();
    let closed = tokio::time::timeout(GOODBYE, upstream.close(gateway, closing)).await;
    let closed = closed.unwrap_or_else(|_| Err(silent()));
    exchange.end(closed.as_ref().map_or_else(|fault| call::outcome(&exchange, fault), |()| Outcome::Success)).await?;
    closed
}

/// Ends every MCP session that the client left open.
pub(crate) async fn end_all(gateway: &Arc<Gateway>, session: &Arc<Session>, memory: &Memory) {
    let ending = memory.drain().into_iter().map(|mcp| async move {
        if let Err(fault) = end(gateway, session, &mcp).await {
            tracing::info!(code = %fault.code, "an upstream was not told that its session is over");
        }
    });
    futures_util::future::join_all(ending).await;
}

fn silent() -> Fault {
    Fault::new(
        Side::Upstream,
        "upstream_silent",
        Retry::Safe,
        "the MCP server did not answer in time that the session is over; it ends there by itself",
    )
}
