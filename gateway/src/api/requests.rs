//! Requests for approval: list, show, decide.

use axum::{
    Json,
    extract::{Path, Query, State},
};
use hoop_approval::{Approval, State as ApprovalState};
use hoop_model::{ApprovalId, Fault, Retry, Side, Timestamp};
use serde::{Deserialize, Serialize};

use super::{Answer, Caller, Refusal};
use crate::{fault, trail};

#[derive(Deserialize)]
pub(super) struct Filter {
    #[serde(default)]
    all: bool,
}

#[derive(Serialize)]
pub(super) struct Requests {
    requests: Vec<View>,
}

/// A request as people see it: with the time it ends by itself.
#[derive(Serialize)]
pub(super) struct View {
    #[serde(flatten)]
    approval: Approval,
    #[serde(skip_serializing_if = "Option::is_none")]
    expires_at: Option<Timestamp>,
}

impl From<Approval> for View {
    fn from(approval: Approval) -> Self {
        Self { expires_at: approval.next_deadline(), approval }
    }
}

#[derive(Deserialize, Default)]
pub(super) struct Words {
    reason: Option<String>,
}

/// Those that the caller made, may decide, or audits; pending ones unless `all`.
pub(super) async fn list(State(caller): State<Caller>, Query(filter): Query<Filter>) -> Answer<Requests> {
    let gateway = &caller.gateway;
    let now = gateway.clock.now();
    let stored = gateway.store.approvals(!filter.all).await.map_err(fault::store)?;
    let requests = stored
        .into_iter()
        .filter(|approval| sees(&caller, approval))
        .map(|mut approval| {
            approval.expire(now);
            approval
        })
        .filter(|approval| filter.all || matches!(approval.state(), ApprovalState::Pending { .. }))
        .map(View::from)
        .collect();
    Ok(Json(Requests { requests }))
}

pub(super) async fn show(State(caller): State<Caller>, Path(id): Path<ApprovalId>) -> Answer<View> {
    let approval = caller.gateway.approvals().refresh(id).await?;
    if sees(&caller, &approval) { Ok(Json(approval.into())) } else { Err(unknown(id)) }
}

pub(super) async fn approve(
    State(caller): State<Caller>,
    Path(id): Path<ApprovalId>,
    Json(words): Json<Words>,
) -> Answer<View> {
    visible(&caller, id).await?;
    let reason = words.reason.map(|reason| trail::masked(&caller.gateway, &reason));
    Ok(Json(caller.gateway.approvals().approve(id, caller.principal(), caller.ip, reason.as_deref()).await?.into()))
}

pub(super) async fn deny(
    State(caller): State<Caller>,
    Path(id): Path<ApprovalId>,
    Json(words): Json<Words>,
) -> Answer<View> {
    visible(&caller, id).await?;
    let reason = words.reason.filter(|reason| !reason.trim().is_empty()).ok_or_else(|| {
        Fault::new(Side::Client, "reason_needed", Retry::Useless, "say why you deny it: --reason TEXT")
    })?;
    let reason = trail::masked(&caller.gateway, &reason);
    Ok(Json(caller.gateway.approvals().deny(id, caller.principal(), caller.ip, &reason).await?.into()))
}

pub(super) async fn withdraw(State(caller): State<Caller>, Path(id): Path<ApprovalId>) -> Answer<View> {
    visible(&caller, id).await?;
    Ok(Json(caller.gateway.approvals().withdraw(id, caller.principal(), caller.ip).await?.into()))
}

async fn visible(caller: &Caller, id: ApprovalId) -> Result<(), Refusal> {
    let approval = caller.gateway.approvals().refresh(id).await?;
    if sees(caller, &approval) { Ok(()) } else { Err(unknown(id)) }
}

fn sees(caller: &Caller, approval: &Approval) -> bool {
    caller.is_auditor()
        || approval.request().requester == caller.principal().subject
        || approval.request().obligations.approvers.iter().any(|group| caller.principal().is_in(group))
}

fn unknown(id: ApprovalId) -> Refusal {
    Refusal(Fault::new(
        Side::Client,
        "unknown_request",
        Retry::Useless,
        format!("there is no request {id}; `hoopctl requests` lists those you can see"),
    ))
}
