//! How the gateway is: for everybody that it is there, for auditors and admins also its agents and its trail.

use axum::{Json, extract::State};
use serde::Serialize;

use super::{Answer, Caller};
use crate::{archive, siem};

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
    siem: Vec<siem::Receiver>,
    #[serde(skip_serializing_if = "Option::is_none")]
    archive: Option<archive::Report>,
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
    let inside = caller.is_auditor().then(|| {
        let stats = caller.gateway.recorder.sync_stats();
        let trail = Trail {
            records: stats.records,
            syncs: stats.syncs,
            sync_seconds: stats.total.as_secs_f64(),
            sync_p50_seconds: stats.quantile(0.5).as_secs_f64(),
            sync_p99_seconds: stats.quantile(0.99).as_secs_f64(),
        };
        Inside {
            agents: caller.gateway.links.names(),
            trail,
            siem: caller.gateway.siem.status(&caller.gateway),
            archive: caller.gateway.archive.status(),
        }
    });
    Ok(Json(Status { gateway_version: env!("CARGO_PKG_VERSION"), inside }))
}
