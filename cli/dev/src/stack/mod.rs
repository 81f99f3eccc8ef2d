//! The whole product in one process on loopback: issuer, demo upstreams, gateway and agent, wired as an admin would wire
//! them, with nothing of it mocked.

pub mod failpoints;
mod settings;
mod upstreams;

use std::{
    net::{Ipv4Addr, SocketAddr},
    path::{Path, PathBuf},
    sync::Arc,
};

use hoop_agent::{AgentSettings, SecretRef};
use hoop_gateway::{Failpoints, Running, Settings};
use hoop_model::{Clock, ConnectionKind, ConnectionName, Secret, SystemClock};
use tokio::{net::TcpListener, task::JoinHandle};
use tokio_util::sync::CancellationToken;
use upstreams::Upstreams;
use url::Url;

use crate::issuer::Issuer;

/// The agent's name in the development stack.
const AGENT: &str = "dev";

/// What takes the demo upstreams' place, if anything.
#[derive(Clone, Default)]
pub struct StackOptions {
    pub data_dir: PathBuf,
    pub snowflake: Vec<Url>,
    pub mcp: Vec<Url>,
    /// Command lines of MCP servers on stdio.
    pub mcp_stdio: Vec<String>,
    /// How long an MCP call is held before it returns with the request's reference; the gateway's default when absent.
    pub mcp_hold_seconds: Option<u16>,
    /// Policies in the place of the example's.
    pub policy: Option<String>,
    /// Further lines of the gateway's configuration.
    pub settings: String,
    /// The gateway's clock; the machine's when absent.
    pub clock: Option<Arc<dyn Clock>>,
    /// Where on its way the gateway says that it is.
    pub failpoints: Failpoints,
}

/// A running stack. [`Stack::stop`] ends it in order; dropping it just ends it.
pub struct Stack {
    pub gateway: SocketAddr,
    /// PEM of the gateway's authority.
    pub authority: String,
    pub issuer: Url,
    pub connections: Vec<(ConnectionName, ConnectionKind)>,
    running: Running,
    agent: JoinHandle<Result<(), hoop_agent::RunError>>,
    shutdown: CancellationToken,
    upstreams: Upstreams,
    issuer_at_work: Issuer,
}

/// A part that did not start; the text says which and why.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum StackError {
    #[error("the data folder {path} cannot be used: {source}")]
    DataDir {
        path: PathBuf,
        #[source]
        source: std::io::Error,
    },
    #[error("no loopback port: {0}")]
    Port(#[source] std::io::Error),
    #[error("the demo upstreams did not start: {0}")]
    Upstream(String),
    #[error("the development issuer did not start: {0}")]
    Issuer(String),
    #[error(transparent)]
    Settings(#[from] hoop_gateway::SettingsError),
    #[error(transparent)]
    Gateway(#[from] hoop_gateway::StartError),
    #[error("the agent cannot be enrolled: {0}")]
    Enrol(#[from] hoop_model::Fault),
    #[error("the agent did not connect: {0}")]
    Agent(String),
}

impl Stack {
    /// Starts every part and returns once the agent is connected.
    pub async fn start(options: StackOptions) -> Result<Self, StackError> {
        make_private(&options.data_dir)
            .map_err(|source| StackError::DataDir { path: options.data_dir.clone(), source })?;
        let issuer = Issuer::start(loopback().await?).await.map_err(|error| StackError::Issuer(error.to_string()))?;
        let upstreams = Upstreams::start(&options).await?;
        let mut toml = settings::toml(&options.data_dir, issuer.url(), upstreams.connections(), AGENT);
        if let Some(seconds) = options.mcp_hold_seconds {
            toml.push_str(&format!("\n[session]\nmcp_hold_seconds = {seconds}\n"));
        }
        toml.push_str(&options.settings);
        let policy = options.policy.unwrap_or_else(|| hoop_policy::EXAMPLE.to_owned());
        let clock = options.clock.unwrap_or_else(|| Arc::new(SystemClock));
        let running = hoop_gateway::start_with(Settings::parse(&toml, policy)?, clock, options.failpoints).await?;
        let token = running.join_token(AGENT).await?;
        let shutdown = CancellationToken::new();
        let mut agent = AgentSettings::new(running.address.to_string(), options.data_dir.join("agent"));
        agent.join_token = Some(SecretRef::Held(Secret::new(token)));
        agent.upstreams = upstreams.settings();
        let mut agent = tokio::spawn(hoop_agent::run(agent, shutdown.clone()));
        tokio::select! {
            () = running.agent_connected(AGENT) => {}
            ended = &mut agent => {
                let why = match ended {
                    Ok(Err(error)) => error.to_string(),
                    _ => "it stopped by itself".to_owned(),
                };
                return Err(StackError::Agent(why));
            }
        }
        Ok(Self {
            gateway: running.address,
            authority: running.authority.clone(),
            issuer: issuer.url().clone(),
            connections: upstreams.connections().to_vec(),
            running,
            agent,
            shutdown,
            upstreams,
            issuer_at_work: issuer,
        })
    }

    /// The development issuer itself.
    pub fn issuer(&self) -> &Issuer {
        &self.issuer_at_work
    }

    /// How often the demo Snowflake ran exactly `sql`; `None` where a real one has its place.
    pub fn executions(&self, sql: &str) -> Option<usize> {
        let statements = self.upstreams.double.as_ref()?.statements();
        Some(statements.iter().filter(|executed| executed.sql == sql).count())
    }

    /// As [`Running::trail_failed`].
    pub async fn trail_failed(&self) -> String {
        self.running.trail_failed().await
    }

    /// Ends agent and gateway, in that order; exchanges under way get to finish.
    pub async fn stop(self) {
        self.shutdown.cancel();
        let _ = self.agent.await;
        self.running.stop().await;
    }
}

async fn loopback() -> Result<TcpListener, StackError> {
    TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await.map_err(StackError::Port)
}

fn make_private(dir: &Path) -> std::io::Result<()> {
    use std::os::unix::fs::DirBuilderExt;
    std::fs::DirBuilder::new().recursive(true).mode(0o700).create(dir)
}
