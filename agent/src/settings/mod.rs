//! What an agent is told: from a TOML file, or in process by `hoopctl dev` and the tests.

mod file;
mod snowflake;
mod upstream;

use std::{path::PathBuf, time::Duration};

pub use file::SettingsError;
pub(crate) use upstream::is_loopback_http;
pub use upstream::{
    ChildValue, HttpTarget, OAuthClient, SnowflakeCredential, SnowflakeTarget, StdioTarget, Target, UpstreamSettings,
};

use crate::credential::SecretRef;

#[derive(Clone)]
pub struct AgentSettings {
    /// `host:port`.
    pub gateway: String,
    /// The name in the gateway's certificate, if it is not the host of `gateway`.
    pub server_name: Option<String>,
    /// PEM of the authority to trust instead of the one learned at enrolment.
    pub authority: Option<String>,
    /// Where the agent keeps its key and certificate; made with mode 0700.
    pub state_dir: PathBuf,
    /// Used once, when `state_dir` holds no valid certificate.
    pub join_token: Option<SecretRef>,
    pub upstreams: Vec<UpstreamSettings>,
    pub pace: Pace,
}

/// How patient the agent is.
#[derive(Debug, Clone, Copy)]
pub struct Pace {
    /// Before the first new try; doubles with each failure.
    pub first_retry: Duration,
    pub longest_retry: Duration,
    /// What streams under way get to finish when the agent is told to stop.
    pub drain: Duration,
}

impl Default for Pace {
    fn default() -> Self {
        Self {
            first_retry: Duration::from_millis(500),
            longest_retry: Duration::from_secs(30),
            drain: Duration::from_secs(30),
        }
    }
}

impl AgentSettings {
    /// No token, no own authority, no upstreams, the usual patience.
    pub fn new(gateway: impl Into<String>, state_dir: impl Into<PathBuf>) -> Self {
        Self {
            gateway: gateway.into(),
            server_name: None,
            authority: None,
            state_dir: state_dir.into(),
            join_token: None,
            upstreams: Vec::new(),
            pace: Pace::default(),
        }
    }
}
