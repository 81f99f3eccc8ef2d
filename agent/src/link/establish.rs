use std::time::Duration;

use hoop_model::{Fault, Retry};
use hoop_tunnel::{
    CloseCode, Closed, Connection, Dial, DialError, PemError, Stream, StreamError, Trust, certificates, dial,
};
use hoop_wire::{
    alpn,
    link::{FromAgent, FromGateway, Upstream},
};
use tokio::time::timeout;

use crate::{AgentSettings, state::StoredIdentity};

const WELCOME_LIMIT: Duration = Duration::from_secs(10);

#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum LinkError {
    #[error(transparent)]
    Dial(#[from] DialError),
    #[error("the stored certificate or the trusted authority cannot be used: {0}; enrol this agent again")]
    Identity(#[from] PemError),
    #[error("{0}")]
    Closed(Closed),
    #[error("the gateway did not answer as expected: {0}")]
    Stream(StreamError),
    #[error("the gateway said nothing for {} s", WELCOME_LIMIT.as_secs())]
    Silent,
    #[error("the gateway refused this agent: {0}")]
    Refused(Fault),
}

impl LinkError {
    /// Whether trying again is pointless until a person has acted.
    pub(crate) fn is_final(&self) -> bool {
        match self {
            Self::Refused(fault) => fault.retry == Retry::Useless,
            Self::Closed(closed) => is_final(closed),
            _ => false,
        }
    }
}

pub(crate) fn is_final(closed: &Closed) -> bool {
    matches!(closed, Closed::Peer { code: CloseCode::Revoked, .. })
}

/// Dials the gateway and introduces this agent; the stream returned is the control stream.
pub(crate) async fn establish(
    settings: &AgentSettings,
    identity: &StoredIdentity,
    upstreams: Vec<Upstream>,
) -> Result<(Connection, Stream), LinkError> {
    let authority = settings.authority.as_ref().unwrap_or(&identity.authority);
    let connection = dial(Dial {
        server_name: settings.server_name.clone(),
        identity: Some(identity.tunnel_identity()?),
        ..Dial::new(&settings.gateway, Trust::Authority(certificates(authority)?), alpn::AGENT)
    })
    .await?;
    let greeting = async {
        let mut control = connection.open().await.map_err(LinkError::Closed)?;
        let hello = FromAgent::Hello { version: env!("CARGO_PKG_VERSION").to_owned(), upstreams };
        control.write_frame(&hello).await.map_err(LinkError::Stream)?;
        match control.read_frame().await.map_err(LinkError::Stream)? {
            FromGateway::Welcome { version } => {
                tracing::info!(gateway = settings.gateway, version, "linked");
                Ok(control)
            }
            FromGateway::Refused(fault) => Err(LinkError::Refused(fault)),
            FromGateway::Renewed(_) | FromGateway::Receipted { .. } => {
                let unexpected = std::io::Error::other("something else where a welcome was due");
                Err(LinkError::Stream(StreamError::Lost(unexpected)))
            }
        }
    };
    match timeout(WELCOME_LIMIT, greeting).await.unwrap_or(Err(LinkError::Silent)) {
        Ok(control) => Ok((connection, control)),
        // Why the tunnel closed says more than that the stream on it broke.
        Err(LinkError::Stream(error)) => {
            Err(connection.close_reason().map_or(LinkError::Stream(error), LinkError::Closed))
        }
        Err(other) => Err(other),
    }
}
