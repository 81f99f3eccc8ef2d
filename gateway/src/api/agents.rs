//! Agents: join tokens, who is connected, removal.

use aws_lc_rs::rand;
use axum::{
    Json,
    extract::{Path, State},
};
use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use hoop_model::{AgentId, Fault, Retry, Side, later};
use serde::{Deserialize, Serialize};

use super::{Answer, Caller};
use crate::{Gateway, authority::Holder, digest, fault, trail};

/// How long a join token waits for its agent (`audit-and-recording.md` §8: at most 1 h).
const TOKEN_LIFE: std::time::Duration = std::time::Duration::from_secs(3600);

#[derive(Serialize)]
pub(super) struct Agents {
    agents: Vec<Agent>,
}

#[derive(Serialize)]
struct Agent {
    id: AgentId,
    name: String,
    connected: bool,
}

#[derive(Deserialize)]
pub(super) struct Addition {
    name: String,
}

#[derive(Serialize)]
pub(super) struct Added {
    name: String,
    token: String,
}

pub(super) async fn list(State(caller): State<Caller>) -> Answer<Agents> {
    caller.must(caller.is_admin(), "listing agents")?;
    let connected = caller.gateway.links.names();
    let agents = caller.gateway.store.agents().await.map_err(fault::store)?;
    let agents = agents
        .into_iter()
        .filter(|agent| agent.revoked_at.is_none())
        .map(|agent| Agent { id: agent.id, connected: connected.contains(&agent.name), name: agent.name })
        .collect();
    Ok(Json(Agents { agents }))
}

pub(super) async fn add(State(caller): State<Caller>, Json(addition): Json<Addition>) -> Answer<Added> {
    caller.must(caller.is_admin(), "enrolling an agent")?;
    let token = join_token(&caller.gateway, &addition.name, Some(&caller)).await?;
    Ok(Json(Added { name: addition.name, token }))
}

pub(super) async fn remove(State(caller): State<Caller>, Path(id): Path<AgentId>) -> Answer<()> {
    caller.must(caller.is_admin(), "removing an agent")?;
    let gateway = &caller.gateway;
    if !gateway.store.revoke_agent(id, gateway.clock.now()).await.map_err(fault::store)? {
        let text = format!("there is no agent {id}; `hoopctl admin agents list` names them");
        return Err(Fault::new(Side::Client, "unknown_agent", Retry::Useless, text).into());
    }
    // Its tunnels end also where that cannot be recorded.
    gateway.revocations.revoke(Holder::Agent(id));
    trail::agent_removed(gateway, &caller, id).await?;
    Ok(Json(()))
}

/// Makes a one-time join token: `hoop-join-<secret>.<pin of the gateway's CA>`; only the hash of what precedes the pin is kept.
pub(crate) async fn join_token(gateway: &Gateway, name: &str, by: Option<&Caller>) -> Result<String, Fault> {
    if name.is_empty() || name.len() > 63 || !name.chars().all(|c| c.is_ascii_alphanumeric() || c == '-') {
        return Err(Fault::new(
            Side::Client,
            "bad_agent_name",
            Retry::Useless,
            "an agent's name is 1 to 63 letters, digits and '-'",
        ));
    }
    let mut secret = [0; 32];
    rand::fill(&mut secret).map_err(|_| fault::internal("no random bytes"))?;
    let secret = format!("hoop-join-{}", URL_SAFE_NO_PAD.encode(secret));
    let expires = later(gateway.clock.now(), TOKEN_LIFE);
    gateway
        .store
        .insert_join_token(&digest::plain_hex(secret.as_bytes()), name, expires)
        .await
        .map_err(fault::store)?;
    trail::join_token_made(gateway, by, name).await?;
    let pin = gateway.authority.pin().map_err(fault::internal)?;
    Ok(format!("{secret}.{pin}"))
}
