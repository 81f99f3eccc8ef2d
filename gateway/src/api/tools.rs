//! Tools of MCP servers: what is pinned, what waits, an admin's review.

use axum::{
    Json,
    extract::{Query, State},
};
use hoop_model::{ConnectionName, Timestamp};
use hoop_store::{KnownTool, PendingTool, PinnedTool, Reviewer, ToolDefinition};
use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::{Answer, Caller};
use crate::{
    fault,
    tools::{self, Verdict},
};

#[derive(Deserialize)]
pub(super) struct Filter {
    connection: Option<ConnectionName>,
}

#[derive(Deserialize)]
pub(super) struct Place {
    connection: ConnectionName,
    tool: String,
}

#[derive(Deserialize)]
pub(super) struct Reviewed {
    connection: ConnectionName,
    tool: String,
    /// Of the definition that was read.
    digest: String,
    verdict: Verdict,
}

#[derive(Serialize)]
pub(super) struct Tools {
    tools: Vec<View>,
}

/// A tool as admins see it; in a list, without its definitions.
#[derive(Serialize)]
pub(super) struct View {
    connection: ConnectionName,
    tool: String,
    state: &'static str,
    pinned: Option<Pinned>,
    pending: Option<Pending>,
}

#[derive(Serialize)]
struct Pinned {
    #[serde(flatten)]
    definition: Definition,
    /// Absent: pinned with the first listing.
    by: Option<Reviewer>,
    at: Timestamp,
}

#[derive(Serialize)]
struct Pending {
    #[serde(flatten)]
    definition: Definition,
    seen_at: Timestamp,
    rejected_by: Option<Reviewer>,
}

#[derive(Serialize)]
struct Definition {
    digest: String,
    findings: Value,
    #[serde(skip_serializing_if = "Option::is_none")]
    definition: Option<Value>,
}

pub(super) async fn list(State(caller): State<Caller>, Query(filter): Query<Filter>) -> Answer<Tools> {
    caller.must(caller.is_admin(), "listing tools")?;
    let tools = caller.gateway.store.tools(filter.connection.as_ref()).await.map_err(fault::store)?;
    Ok(Json(Tools { tools: tools.into_iter().map(|tool| View::of(tool, false)).collect() }))
}

pub(super) async fn show(State(caller): State<Caller>, Query(place): Query<Place>) -> Answer<View> {
    caller.must(caller.is_admin(), "reading tools' definitions")?;
    let known = tools::known(&caller.gateway, &place.connection, &place.tool).await?;
    Ok(Json(View::of(known, true)))
}

pub(super) async fn review(State(caller): State<Caller>, Json(reviewed): Json<Reviewed>) -> Answer<View> {
    caller.must(caller.is_admin(), "reviewing tools")?;
    let Reviewed { connection, tool, digest, verdict } = reviewed;
    Ok(Json(View::of(tools::review(&caller, &connection, &tool, &digest, verdict).await?, true)))
}

impl View {
    fn of(known: KnownTool, whole: bool) -> Self {
        let state = match (&known.pinned, &known.pending) {
            (_, Some(PendingTool { rejected_by: Some(_), .. })) => "rejected",
            (None, _) => "new",
            (Some(_), Some(_)) => "changed",
            (Some(_), None) => "pinned",
        };
        let definition = |of: ToolDefinition| Definition {
            digest: of.digest,
            findings: of.findings,
            definition: whole.then_some(of.masked),
        };
        let pinned =
            |pinned: PinnedTool| Pinned { definition: definition(pinned.definition), by: pinned.by, at: pinned.at };
        let pending = |pending: PendingTool| Pending {
            definition: definition(pending.definition),
            seen_at: pending.seen_at,
            rejected_by: pending.rejected_by,
        };
        Self {
            connection: known.connection,
            tool: known.name,
            state,
            pinned: known.pinned.map(pinned),
            pending: known.pending.map(pending),
        }
    }
}
