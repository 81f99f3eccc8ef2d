//! Alerts of the automatic review, for auditors and admins.

use axum::{
    Json,
    extract::{Path, Query, State},
};
use hoop_model::AlertId;
use hoop_store::{Alert, AlertState};
use serde::{Deserialize, Serialize};

use super::{Answer, Caller, Refusal};
use crate::{fault, review, trail};

#[derive(Deserialize)]
pub(super) struct Filter {
    #[serde(default)]
    all: bool,
}

#[derive(Serialize)]
pub(super) struct Alerts {
    alerts: Vec<View>,
}

#[derive(Serialize)]
pub(super) struct View {
    id: AlertId,
    state: AlertState,
    #[serde(flatten)]
    alert: Alert,
}

#[derive(Deserialize, Default)]
pub(super) struct Words {
    reason: Option<String>,
}

impl From<Alert> for View {
    fn from(alert: Alert) -> Self {
        Self { id: alert.id, state: alert.state(), alert }
    }
}

/// Open ones first; closed ones where they are asked for.
pub(super) async fn list(State(caller): State<Caller>, Query(filter): Query<Filter>) -> Answer<Alerts> {
    caller.must(caller.is_auditor(), "listing alerts")?;
    trail::read(&caller.gateway, &caller, "alerts").await?;
    let alerts = caller.gateway.store.alerts(filter.all).await.map_err(fault::store)?;
    Ok(Json(Alerts { alerts: alerts.into_iter().map(View::from).collect() }))
}

pub(super) async fn show(State(caller): State<Caller>, Path(id): Path<AlertId>) -> Answer<View> {
    caller.must(caller.is_auditor(), "reading alerts")?;
    let alert = review::known(&caller.gateway, id).await?;
    trail::read(&caller.gateway, &caller, &format!("alert {id}")).await?;
    Ok(Json(alert.into()))
}

pub(super) async fn acknowledge(
    State(caller): State<Caller>,
    Path(id): Path<AlertId>,
    Json(words): Json<Words>,
) -> Answer<View> {
    answer(&caller, id, AlertState::Acknowledged, words).await
}

pub(super) async fn close(
    State(caller): State<Caller>,
    Path(id): Path<AlertId>,
    Json(words): Json<Words>,
) -> Answer<View> {
    answer(&caller, id, AlertState::Closed, words).await
}

async fn answer(caller: &Caller, id: AlertId, to: AlertState, words: Words) -> Answer<View> {
    caller.must(caller.is_auditor(), "answering alerts")?;
    let answered = review::answer(caller, id, to, words.reason.as_deref()).await.map_err(Refusal)?;
    Ok(Json(answered.into()))
}
