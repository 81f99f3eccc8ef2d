//! The agent: inside the private network it dials out to the gateway, holds the upstream credentials and reaches the
//! MCP servers and Snowflake. It opens no port.

mod credential;
mod enroll;
mod join_token;
mod link;
mod receipts;
mod settings;
mod state;
mod upstream;

use std::sync::Arc;

use hoop_model::{SystemClock, Timestamp};
use tokio_util::sync::CancellationToken;

pub use credential::{SecretError, SecretRef};
pub use enroll::EnrollError;
pub use join_token::{InvalidJoinToken, JoinToken};
pub use link::LinkError;
pub use settings::{
    AgentSettings, ChildValue, HttpTarget, OAuthClient, Pace, SettingsError, SnowflakeCredential, SnowflakeTarget,
    StdioTarget, Target, UpstreamSettings,
};
pub use state::StateError;
pub use upstream::UpstreamError;

use crate::{
    receipts::{Limits, Receipts},
    state::StoredIdentity,
    upstream::Upstreams,
};

#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum RunError {
    #[error(
        "this agent is not enrolled; make a join token with `hoopctl admin agents add` and run `hoop-agent enroll`"
    )]
    NotEnrolled,
    #[error(
        "this agent's certificate ended at {0}; make a new join token with `hoopctl admin agents add` and run \
         `hoop-agent enroll`"
    )]
    Expired(Timestamp),
    #[error("join_token: {0}")]
    TokenSecret(SecretError),
    #[error(transparent)]
    Enroll(#[from] EnrollError),
    #[error(transparent)]
    State(#[from] StateError),
    #[error(transparent)]
    Upstream(#[from] UpstreamError),
    #[error("the gateway no longer takes this agent: {0}")]
    Link(LinkError),
}

/// Runs an agent until `shutdown`, then drains within `settings.pace.drain`. Enrols by itself when it has a join token
/// and no valid certificate. Returns early only where trying again is pointless.
pub async fn run(settings: AgentSettings, shutdown: CancellationToken) -> Result<(), RunError> {
    let clock = Arc::new(SystemClock);
    let upstreams = Arc::new(Upstreams::build(&settings, clock.clone()).await?);
    state::prepare(&settings.state_dir)?;
    let receipts = Receipts::open(&settings.state_dir, Limits::default(), clock.clone())?;
    let identity = tokio::select! {
        identity = identity(&settings, clock.as_ref()) => identity?,
        () = shutdown.cancelled() => return Ok(()),
    };
    tokio::select! {
        kept = link::keep(&settings, identity, upstreams, receipts.clone(), clock, shutdown) => kept?,
        () = receipts.clone().keep() => {}
    }
    receipts.close().await;
    Ok(())
}

/// What `hoopctl audit verify --agent` needs to hold a gateway's trail against what this agent did.
pub fn receipts(settings: &AgentSettings) -> Result<String, StateError> {
    receipts::head(&settings.state_dir)
}

/// Enrols with `token`, whether or not the agent has an identity already; says the name it was given.
pub async fn enroll(settings: &AgentSettings, token: &JoinToken) -> Result<String, EnrollError> {
    Ok(enroll::enroll(settings, token, &SystemClock).await?.name)
}

/// Looks for what would keep [`run`] from working, short of dialling: secrets, upstreams, certificate. Says what it
/// found, one line each.
pub async fn check(settings: &AgentSettings) -> Result<Vec<String>, RunError> {
    let clock = Arc::new(SystemClock);
    let upstreams = Upstreams::build(settings, clock.clone()).await?;
    let mut lines: Vec<String> = upstreams
        .announced()
        .into_iter()
        .map(|upstream| format!("{}: {} at {}", upstream.connection, upstream.kind, upstream.host))
        .collect();
    lines.push(match StoredIdentity::load(&settings.state_dir)? {
        Some(identity) => format!("enrolled as {} until {}", identity.name, identity.expires_at),
        None if settings.join_token.is_some() => "not enrolled yet; the join token will be used".to_owned(),
        None => return Err(RunError::NotEnrolled),
    });
    Ok(lines)
}

async fn identity(settings: &AgentSettings, clock: &dyn hoop_model::Clock) -> Result<StoredIdentity, RunError> {
    let stored = StoredIdentity::load(&settings.state_dir)?;
    let expired = match stored {
        Some(identity) if clock.now() < identity.expires_at => return Ok(identity),
        Some(identity) => Some(identity.expires_at),
        None => None,
    };
    let Some(reference) = &settings.join_token else {
        return Err(expired.map_or(RunError::NotEnrolled, RunError::Expired));
    };
    let text = reference.resolve().await.map_err(RunError::TokenSecret)?;
    let token = text.expose().parse::<JoinToken>().map_err(EnrollError::Token)?;
    Ok(enroll::enroll(settings, &token, clock).await?)
}
