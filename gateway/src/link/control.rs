//! An agent's control stream: hello, renewal, drain.

use std::sync::Arc;

use hoop_model::{AgentId, Fault, Retry, Side};
use hoop_tunnel::{CloseCode, Connection, Stream};
use hoop_wire::{
    enrol::AgentCertificate,
    link::{FromAgent, FromGateway},
};

use super::Agent;
use crate::{
    Gateway,
    authority::{Holder, Request},
    listener::AGENT_CERTIFICATE_LIFE,
};

/// Serves one agent's tunnel until it ends.
pub(crate) async fn serve(gateway: Arc<Gateway>, id: AgentId, name: String, tunnel: Connection) {
    let refuse = |reason: &str| tunnel.close(CloseCode::Protocol, reason);
    let Some(mut control) = tunnel.accept().await else { return };
    let Ok(FromAgent::Hello { version, upstreams }) = control.read_frame().await else {
        return refuse("the control stream must begin with hello");
    };
    let upstreams = upstreams.into_iter().map(|upstream| (upstream.connection.clone(), upstream)).collect();
    let agent = Arc::new(Agent { id, name, tunnel: tunnel.clone(), upstreams });
    let welcome = FromGateway::Welcome { version: env!("CARGO_PKG_VERSION").to_owned() };
    if control.write_frame(&welcome).await.is_err() {
        return;
    }
    gateway.links.add(agent.clone());
    tracing::info!(agent = agent.name, %version, upstreams = agent.upstreams.len(), "agent connected");
    while let Ok(message) = control.read_frame::<FromAgent>().await {
        if let Err(error) = heard(&gateway, &agent, message, &mut control).await {
            tracing::warn!(agent = agent.name, %error, "agent's control stream failed");
            break;
        }
    }
    gateway.links.remove(&agent);
    tracing::info!(agent = agent.name, "agent disconnected");
}

async fn heard(
    gateway: &Gateway,
    agent: &Arc<Agent>,
    message: FromAgent,
    control: &mut Stream,
) -> Result<(), hoop_tunnel::StreamError> {
    match message {
        FromAgent::Hello { .. } => Ok(()),
        FromAgent::Draining => {
            gateway.links.remove(agent);
            Ok(())
        }
        FromAgent::Renew { certificate_request } => {
            let answer = match renew(gateway, agent, &certificate_request).await {
                Ok(certificate) => FromGateway::Renewed(certificate),
                Err(fault) => FromGateway::Refused(fault),
            };
            control.write_frame(&answer).await
        }
    }
}

async fn renew(gateway: &Gateway, agent: &Agent, request: &str) -> Result<AgentCertificate, Fault> {
    let now = gateway.clock.now();
    let request = Request::parse(request)
        .map_err(|error| Fault::new(Side::Client, "bad_request", Retry::Useless, error.to_string()))?;
    let certificate = gateway
        .authority
        .client(&request, Holder::Agent(agent.id), now, AGENT_CERTIFICATE_LIFE)
        .map_err(crate::fault::internal)?;
    Ok(AgentCertificate {
        agent: agent.id,
        name: agent.name.clone(),
        certificate,
        authority: gateway.authority.certificate().to_owned(),
        expires_at: hoop_model::later(now, AGENT_CERTIFICATE_LIFE),
    })
}
