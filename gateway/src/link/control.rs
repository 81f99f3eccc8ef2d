//! An agent's tunnel, and the control stream on it: hello, renewal, drain.

use std::{collections::VecDeque, sync::Arc, time::Duration};

use hoop_audit::ReceiptFacts;
use hoop_model::{AgentId, Fault, Retry, Side, Timestamp};
use hoop_store::StoreError;
use hoop_tunnel::{CloseCode, Connection, SendHalf, Stream, StreamError};
use hoop_wire::{
    enrol::AgentCertificate,
    link::{FromAgent, FromGateway, Upstream},
};
use tokio::{
    sync::watch,
    time::{Instant, sleep_until, timeout},
};

use super::{Agent, Seat};
use crate::{
    Gateway,
    authority::{self, Holder, Request},
    expiry, fault,
    listener::AGENT_CERTIFICATE_LIFE,
    trail,
};

/// How long an agent may take to say hello.
const HELLO: Duration = Duration::from_secs(10);
/// Before receipts that the trail did not take are written again.
const AGAIN: Duration = Duration::from_secs(1);
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
    let (mut say, mut hear) = control.split();
    let mut receipts = VecDeque::new();
    let mut again = Instant::now();
    loop {
        let done = tokio::select! {
            message = hear.next_frame::<FromAgent>() => match message {
                Ok(Some(FromAgent::Receipts(more))) => match facts(more) {
                    Ok(facts) => {
                        receipts.push_back(facts);
                        Ok(())
                    }
                    Err(why) => {
                        tracing::error!(agent = agent.name, why, "an agent's receipts are none");
                        return Err((CloseCode::Protocol, "receipts that are none"));
                    }
                },
                Ok(Some(message)) => heard(gateway, &seat, ends, message, &mut say).await,
                Ok(None) | Err(_) => break,
            },
            () = sleep_until(again), if !receipts.is_empty() => Ok(()),
        };
        let done = match done {
            Ok(()) if Instant::now() >= again => keep(gateway, &agent, &mut receipts, &mut say, &mut again).await,
            done => done,
        };
        if let Err(error) = done {
            tracing::warn!(agent = agent.name, %error, "agent's control stream failed");
            break;
        }
    }
    drop(seat);
    tracing::info!(agent = agent.name, "agent disconnected");
    Ok(())
}

/// An agent's receipts, as far as they can be checked without those before.
fn facts(receipts: hoop_wire::link::Receipts) -> Result<ReceiptFacts, String> {
    let hoop_wire::link::Receipts { key, first, receipts, checkpoint } = receipts;
    let key = key.parse().map_err(|error: hoop_audit::NoteError| error.to_string())?;
    let facts = ReceiptFacts { key, first, receipts, checkpoint };
    facts.head().map_err(|error| error.to_string())?;
    Ok(facts)
}

/// Records them in order, and says so. What the trail does not take waits: the agent sends it once only.
async fn keep(
    gateway: &Gateway,
    agent: &Agent,
    receipts: &mut VecDeque<ReceiptFacts>,
    say: &mut SendHalf,
    again: &mut Instant,
) -> Result<(), StreamError> {
    while let Some(facts) = receipts.front() {
        if let Err(fault) = trail::receipts(gateway, &agent.name, facts).await {
            tracing::warn!(agent = agent.name, %fault, "an agent's receipts could not be recorded; trying again");
            *again = Instant::now() + AGAIN;
            return Ok(());
        }
        let size = facts.end();
        receipts.pop_front();
        say.write_frame(&FromGateway::Receipted { size }).await?;
    }
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
    control: &mut SendHalf,
) -> Result<(), StreamError> {
    match message {
        FromAgent::Hello { .. } | FromAgent::Receipts(_) => Ok(()),
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
