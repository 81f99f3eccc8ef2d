//! What the caller may reach.

use axum::{Json, extract::State};
use hoop_model::{ConnectionKind, ConnectionName, Timestamp};
use hoop_policy::Access;
use serde::Serialize;

use super::{Answer, Caller};

#[derive(Serialize)]
pub(super) struct Connections {
    connections: Vec<Connection>,
}

#[derive(Serialize)]
struct Connection {
    name: ConnectionName,
    #[serde(rename = "type")]
    kind: ConnectionKind,
    /// Absent while no agent offers it.
    upstream: Option<String>,
    agent: String,
    held: Vec<String>,
    /// What is shown to the caller in clear.
    shown: Vec<String>,
}

/// What of it is not over, in words.
pub(crate) fn shown(access: &Access, now: Timestamp) -> Vec<String> {
    access.shown.iter().filter(|shown| now < shown.until).map(|shown| shown.sentence.clone()).collect()
}

pub(super) async fn list(State(caller): State<Caller>) -> Answer<Connections> {
    let gateway = &caller.gateway;
    let connections = gateway.settings.connections.values().filter_map(|connection| {
        let access = gateway.policies.describe(caller.principal(), &connection.name, connection.kind);
        access.reachable.then(|| Connection {
            name: connection.name.clone(),
            kind: connection.kind,
            upstream: gateway.links.upstream(&connection.agent, &connection.name).ok().map(|upstream| upstream.host),
            agent: connection.agent.clone(),
            shown: shown(&access, gateway.clock.now()),
            held: access.held,
        })
    });
    Ok(Json(Connections { connections: connections.collect() }))
}
