//! How the gateway is: for everybody that it is there, for auditors and admins also its agents and its trail.

use axum::{Json, extract::State};
use hoop_store::OpenAlerts;
use serde::Serialize;

use super::{Answer, Caller};
use crate::{archive, clock, siem, vouching, witness};

#[derive(Serialize)]
pub(super) struct Status {
    gateway_version: &'static str,
    #[serde(flatten)]
    inside: Option<Inside>,
}

#[derive(Serialize)]
struct Inside {
    /// Those connected now.
    agents: Vec<String>,
    trail: Trail,
    /// What the machine's clock is held against, and how it stands.
    clock: clock::Standing,
    siem: Vec<siem::Receiver>,
    #[serde(skip_serializing_if = "Option::is_none")]
    archive: Option<archive::Report>,
    witnesses: Vec<witness::Report>,
    #[serde(skip_serializing_if = "Option::is_none")]
    timestamp: Option<vouching::Status>,
    /// Findings of the automatic review that wait for somebody.
    alerts: Option<OpenAlerts>,
    /// Controls that fail now.
    incidents: usize,
}

#[derive(Serialize)]
struct Trail {
    /// Written since the gateway started.
    records: u64,
    syncs: u64,
    /// Spent in writing and `fdatasync`, all together.
    sync_seconds: f64,
    /// Half of the syncs, and 99 % of them, took at most this long, to a factor of two.
    sync_p50_seconds: f64,
    sync_p99_seconds: f64,
}

pub(super) async fn show(State(caller): State<Caller>) -> Answer<Status> {
    let inside = if caller.is_auditor() { Some(inside(&caller).await) } else { None };
    Ok(Json(Status { gateway_version: env!("CARGO_PKG_VERSION"), inside }))
}

async fn inside(caller: &Caller) -> Inside {
    let gateway = &caller.gateway;
    let stats = gateway.recorder.sync_stats();
    let trail = Trail {
        records: stats.records,
        syncs: stats.syncs,
        sync_seconds: stats.total.as_secs_f64(),
        sync_p50_seconds: stats.quantile(0.5).as_secs_f64(),
        sync_p99_seconds: stats.quantile(0.99).as_secs_f64(),
    };
    // What can be said without the store is said without it.
    let alerts = gateway.store.open_alerts().await.ok();
    let (agents, siem) = (gateway.links.names(), gateway.siem.status(gateway));
    let archive = gateway.archive.status();
    let clock = gateway.watched_clock.standing();
    let (witnesses, timestamp) = (gateway.witnesses.status(), gateway.stamping.status());
    Inside { agents, trail, clock, siem, archive, witnesses, timestamp, alerts, incidents: gateway.incidents.open() }
}
