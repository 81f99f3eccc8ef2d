//! An agent's tunnel, and the control stream on it: hello, renewal, drain.

use std::{sync::Arc, time::Duration};

use hoop_model::{AgentId, Fault, Retry, Side, Timestamp};
use hoop_store::StoreError;
use hoop_tunnel::{CloseCode, Connection, Stream, StreamError};
use hoop_wire::{
    enrol::AgentCertificate,
    link::{FromAgent, FromGateway, Upstream},
};
use tokio::{sync::watch, time::timeout};

use super::{Agent, Seat};
use crate::{
    Gateway,
    authority::{self, Holder, Request},
    expiry, fault,
    listener::AGENT_CERTIFICATE_LIFE,
};

/// How long an agent may take to say hello.
const HELLO: Duration = Duration::from_secs(10);
const REMOVED: &str = "this agent was removed; enrol it again with a new join token";

/// Serves one agent's tunnel until it ends, or the agent is revoked, or its certificate's time is over. All of that holds
/// to the tunnel's very end: also while it drains, or after a newer one has taken its place.
pub(crate) async fn serve(gateway: Arc<Gateway>, id: AgentId, tunnel: Connection) {
    // Before the store is asked: what is revoked after its answer is heard of here.
    let revocation = gateway.revocations.watch(Holder::Agent(id));
    let certificate = tunnel.peer_certificates().and_then(|chain| authority::end_of(chain.first()?));
    let Some(end) = certificate else {
        return tunnel.close(CloseCode::Unauthenticated, "the certificate cannot be read");
    };
    let ends = watch::Sender::new(end);
    let served = async {
        if let Err((code, why)) = talk(&gateway, id, &tunnel, &ends).await {
            tunnel.close(code, why);
        }
        // What is under way may still end: the agent closes the tunnel when it has drained.
        tunnel.closed().await;
    };
    tokio::select! {
        () = served => {}
        () = revocation.revoked() => tunnel.close(CloseCode::Revoked, REMOVED),
        () = expiry::over(&*gateway.clock, ends.subscribe(), |end| *end) => {
            tunnel.close(CloseCode::Expired, "the agent's certificate has expired");
        }
    }
}

/// From hello to the end of the control stream; an error says how to close the tunnel.
async fn talk(
    gateway: &Gateway,
    id: AgentId,
    tunnel: &Connection,
    ends: &watch::Sender<Timestamp>,
) -> Result<(), (CloseCode, &'static str)> {
    let Ok(greeted) = timeout(HELLO, hello(tunnel)).await else {
        return Err((CloseCode::Protocol, "the agent did not say hello in time"));
    };
    let (mut control, version, upstreams) =
        greeted.ok_or((CloseCode::Protocol, "the control stream must begin with hello"))?;
    let name = match standing(gateway, id).await {
        Ok(Some(name)) => name,
        Ok(None) => return Err((CloseCode::Revoked, REMOVED)),
        Err(error) => {
            tracing::error!(%error, "the store could not be asked for an agent");
            return Err((CloseCode::Overloaded, "the gateway's store is down; try again"));
        }
    };
    let upstreams = upstreams.into_iter().map(|upstream| (upstream.connection.clone(), upstream)).collect();
    let agent = Arc::new(Agent { id, name, tunnel: tunnel.clone(), upstreams });
    let welcome = FromGateway::Welcome { version: env!("CARGO_PKG_VERSION").to_owned() };
    if control.write_frame(&welcome).await.is_err() {
        return Ok(());
    }
    let seat = Seat::take(&gateway.links, agent.clone());
    tracing::info!(agent = agent.name, %version, upstreams = agent.upstreams.len(), "agent connected");
    while let Ok(message) = control.read_frame::<FromAgent>().await {
        if let Err(error) = heard(gateway, &seat, ends, message, &mut control).await {
            tracing::warn!(agent = agent.name, %error, "agent's control stream failed");
            break;
        }
    }
    drop(seat);
    tracing::info!(agent = agent.name, "agent disconnected");
    Ok(())
}

async fn hello(tunnel: &Connection) -> Option<(Stream, String, Vec<Upstream>)> {
    let mut control = tunnel.accept().await?;
    match control.read_frame().await {
        Ok(FromAgent::Hello { version, upstreams }) => Some((control, version, upstreams)),
        _ => None,
    }
}

/// The agent's name, as long as it is not revoked.
async fn standing(gateway: &Gateway, id: AgentId) -> Result<Option<String>, StoreError> {
    let agent = gateway.store.agent(id).await?;
    Ok(agent.filter(|agent| agent.revoked_at.is_none()).map(|agent| agent.name))
}

async fn heard(
    gateway: &Gateway,
    seat: &Seat<'_>,
    ends: &watch::Sender<Timestamp>,
    message: FromAgent,
    control: &mut Stream,
) -> Result<(), StreamError> {
    match message {
        FromAgent::Hello { .. } => Ok(()),
        FromAgent::Draining => {
            seat.leave();
            Ok(())
        }
        FromAgent::Renew { certificate_request } => {
            let answer = match renew(gateway, &seat.agent, &certificate_request).await {
                Ok(certificate) => {
                    ends.send_replace(certificate.expires_at);
                    FromGateway::Renewed(certificate)
                }
                Err(fault) => FromGateway::Refused(fault),
            };
            control.write_frame(&answer).await
        }
    }
}

async fn renew(gateway: &Gateway, agent: &Agent, request: &str) -> Result<AgentCertificate, Fault> {
    if standing(gateway, agent.id).await.map_err(fault::store)?.is_none() {
        // Another process may have revoked it just now: every tunnel of it hears of that here.
        gateway.revocations.revoke(Holder::Agent(agent.id));
        return Err(Fault::new(Side::Agent, "agent_removed", Retry::Useless, REMOVED));
    }
    let now = gateway.clock.now();
    let request = Request::parse(request)
        .map_err(|error| Fault::new(Side::Client, "bad_request", Retry::Useless, error.to_string()))?;
    let certificate = gateway
        .authority
        .client(&request, Holder::Agent(agent.id), now, AGENT_CERTIFICATE_LIFE)
        .map_err(fault::internal)?;
    Ok(AgentCertificate {
        agent: agent.id,
        name: agent.name.clone(),
        certificate,
        authority: gateway.authority.certificate().to_owned(),
        expires_at: hoop_model::later(now, AGENT_CERTIFICATE_LIFE),
    })
}

#[cfg(test)]
#[path = "control_tests.rs"]
mod tests;
