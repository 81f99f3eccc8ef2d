//! Admit: may this identity open a session on this connection, and can it be reached at all?

use hoop_model::{Action, Effect, Fault, Principal, Resource, Retry, Side};
use hoop_wire::{link::Upstream, open::SessionRequest};

use crate::{Gateway, settings::ConnectionSettings};

/// The connection and how its agent reaches it. An unknown connection and one that policy hides look the same.
pub(crate) fn admit(
    gateway: &Gateway,
    principal: &Principal,
    request: &SessionRequest,
    client_ip: std::net::IpAddr,
) -> Result<(ConnectionSettings, Upstream), Fault> {
    let unknown = || {
        Fault::new(
            Side::Policy,
            "unknown_connection",
            Retry::Useless,
            format!(
                "there is no connection \"{}\" for you on this gateway. `hoopctl connections` lists yours; \
                 if it should be among them, ask the gateway's admin which group you need.",
                request.connection
            ),
        )
    };
    let connection = gateway.settings.connections.get(&request.connection).ok_or_else(unknown)?;
    let decision = gateway.policies.decide(
        principal,
        &hoop_policy::Request {
            connection: &connection.name,
            asks: vec![(Action::Connect, Resource::Connection(connection.name.clone()))],
            reason: request.reason.as_deref(),
            client_ip,
        },
    );
    gateway.incidents.decided(&decision);
    if decision.effect != Effect::Allow {
        return Err(unknown().detail(decision.reasons.join("; ")));
    }
    let upstream = gateway.links.upstream(&connection.agent, &connection.name)?;
    if upstream.kind != connection.kind {
        return Err(Fault::new(
            Side::Agent,
            "wrong_kind",
            Retry::Useless,
            format!(
                "the agent \"{}\" offers \"{}\" as {}, the gateway expects {}. Ask the gateway's admin to correct it.",
                connection.agent, connection.name, upstream.kind, connection.kind
            ),
        ));
    }
    Ok((connection.clone(), upstream))
}
