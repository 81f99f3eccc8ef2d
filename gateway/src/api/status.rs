//! How the gateway is, for admins and for the benchmark.

use axum::{Json, extract::State};
use serde::Serialize;

use super::{Answer, Caller};

#[derive(Serialize)]
pub(super) struct Status {
    version: &'static str,
    agents: Vec<String>,
    trail: Trail,
}

#[derive(Serialize)]
struct Trail {
    records: u64,
    syncs: u64,
    /// Spent in `fdatasync` since the start.
    sync_seconds: f64,
}

pub(super) async fn show(State(caller): State<Caller>) -> Answer<Status> {
    caller.must(caller.is_auditor(), "the gateway's status")?;
    let stats = caller.gateway.recorder.sync_stats();
    let trail = Trail { records: stats.records, syncs: stats.syncs, sync_seconds: stats.total.as_secs_f64() };
    Ok(Json(Status { version: env!("CARGO_PKG_VERSION"), agents: caller.gateway.links.names(), trail }))
}
