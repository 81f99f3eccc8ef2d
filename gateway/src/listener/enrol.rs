//! Enrolment: a join token comes in once, an agent certificate goes out.

use std::sync::Arc;

use hoop_model::{AgentId, Fault, Retry, Side, later};
use hoop_tunnel::Connection;
use hoop_wire::enrol::{AgentCertificate, EnrolAnswer, EnrolRequest};

use super::AGENT_CERTIFICATE_LIFE;
use crate::{
    Gateway,
    authority::{Holder, Request},
    digest, fault, trail,
};

pub(super) async fn serve(gateway: &Arc<Gateway>, connection: &Connection) {
    let Some(mut stream) = connection.accept().await else { return };
    let Ok(request) = stream.read_frame::<EnrolRequest>().await else { return };
    let outcome = enrol(gateway, &request).await;
    let recorded = trail::enrolled(gateway, connection.remote_addr().ip(), outcome.as_ref()).await;
    let answer = match recorded.and(outcome) {
        Ok(certificate) => EnrolAnswer::Enrolled(certificate),
        Err(fault) => EnrolAnswer::Refused(fault),
    };
    if let Err(error) = super::answer(stream, &answer).await {
        tracing::info!(%error, "an agent did not wait for the answer to its enrolment");
    }
}

async fn enrol(gateway: &Gateway, request: &EnrolRequest) -> Result<AgentCertificate, Fault> {
    let now = gateway.clock.now();
    let parsed = Request::parse(&request.certificate_request)
        .map_err(|error| fault::protocol("the certificate request cannot be read").detail(error))?;
    let agent = AgentId::new();
    let hash = digest::plain_hex(request.token.expose().as_bytes());
    let name = gateway.store.redeem_join_token(&hash, agent, now).await.map_err(fault::store)?.ok_or_else(|| {
        Fault::new(
            Side::Client,
            "bad_join_token",
            Retry::Useless,
            "the join token is unknown, used or expired; ask the gateway's admin for a new one \
             (`hoopctl admin agents add NAME`)",
        )
    })?;
    let certificate = gateway
        .authority
        .client(&parsed, Holder::Agent(agent), now, AGENT_CERTIFICATE_LIFE)
        .map_err(fault::internal)?;
    Ok(AgentCertificate {
        agent,
        name,
        certificate,
        authority: gateway.authority.certificate().to_owned(),
        expires_at: later(now, AGENT_CERTIFICATE_LIFE),
    })
}
