//! The upstreams of the stack: the caller's own where given, else the demo's, over one database of invented payments.

use std::path::PathBuf;

use axum::http::header::AUTHORIZATION;
use hoop_agent::{HttpTarget, SecretRef, SnowflakeCredential, SnowflakeTarget, StdioTarget, Target, UpstreamSettings};
use hoop_model::{ConnectionKind, ConnectionName, Secret};
use tokio_util::task::AbortOnDropHandle;
use url::Url;

use super::{StackError, StackOptions, loopback};
use crate::{mcp, payments::Database, snowflake};

/// The demo Snowflake's only user.
const USER: &str = "SVC_HOOP";

pub(super) struct Upstreams {
    settings: Vec<UpstreamSettings>,
    connections: Vec<(ConnectionName, ConnectionKind)>,
    pub(super) double: Option<snowflake::Handle>,
    _mcp: Option<AbortOnDropHandle<()>>,
}

impl Upstreams {
    pub(super) async fn start(options: &StackOptions) -> Result<Self, StackError> {
        let mut this = Self { settings: Vec::new(), connections: Vec::new(), double: None, _mcp: None };
        let failed = |error: &dyn std::fmt::Display| StackError::Upstream(error.to_string());
        let database =
            Database::open(options.data_dir.join("payments.sqlite")).await.map_err(|error| failed(&error))?;
        if options.snowflake.is_empty() {
            let password = uuid::Uuid::new_v4().to_string();
            let credential =
                snowflake::Credential::Password { user: USER.to_owned(), password: Secret::new(password.clone()) };
            let double = snowflake::Options::new(database.pool().clone(), vec![credential]);
            let handle = snowflake::serve(loopback().await?, double).await.map_err(|error| failed(&error))?;
            let url = handle.url().parse().map_err(|error: url::ParseError| failed(&error))?;
            this.snowflake(url, USER, SecretRef::Held(Secret::new(password)))?;
            this.double = Some(handle);
        }
        for url in &options.snowflake {
            let user = std::env::var("SNOWFLAKE_USER").unwrap_or_else(|_| USER.to_owned());
            let password = std::env::var("SNOWFLAKE_PASSWORD").unwrap_or_else(|_| "unset".to_owned());
            this.snowflake(url.clone(), &user, SecretRef::Held(Secret::new(password)))?;
        }
        if options.mcp.is_empty() && options.mcp_stdio.is_empty() {
            let listener = loopback().await?;
            let address = listener.local_addr().map_err(StackError::Port)?;
            let server = tokio::spawn(async move {
                let server = mcp::Server::new(database, mcp::Journal::default());
                if let Err(error) = mcp::serve_http(listener, server).await {
                    tracing::error!(%error, "the demo MCP server ended");
                }
            });
            this._mcp = Some(AbortOnDropHandle::new(server));
            let url = format!("http://{address}/mcp").parse().map_err(|error: url::ParseError| failed(&error))?;
            this.mcp(Target::McpHttp(HttpTarget { url, headers: Vec::new(), authority: None }))?;
        }
        let bearer = std::env::var("MCP_TOKEN").ok().map(|token| Secret::new(format!("Bearer {token}")));
        let headers: Vec<_> = bearer.into_iter().map(|bearer| (AUTHORIZATION, SecretRef::Held(bearer))).collect();
        for url in &options.mcp {
            this.mcp(Target::McpHttp(HttpTarget { url: url.clone(), headers: headers.clone(), authority: None }))?;
        }
        for command in &options.mcp_stdio {
            this.mcp(Target::McpStdio(stdio(command)?))?;
        }
        Ok(this)
    }

    pub(super) fn settings(&self) -> Vec<UpstreamSettings> {
        self.settings.clone()
    }

    pub(super) fn connections(&self) -> &[(ConnectionName, ConnectionKind)] {
        &self.connections
    }

    fn snowflake(&mut self, url: Url, user: &str, password: SecretRef) -> Result<(), StackError> {
        let account = std::env::var("SNOWFLAKE_ACCOUNT")
            .unwrap_or_else(|_| url.host_str().and_then(|host| host.split('.').next()).unwrap_or("hoop").to_owned());
        let chunk_hosts = Vec::new();
        self.add(
            ConnectionKind::Snowflake,
            Target::Snowflake(Box::new(SnowflakeTarget {
                url,
                account,
                user: user.to_owned(),
                credential: SnowflakeCredential::Password(password),
                role: None,
                warehouse: None,
                database: None,
                schema: None,
                chunk_hosts,
                authority: None,
            })),
        )
    }

    fn mcp(&mut self, target: Target) -> Result<(), StackError> {
        self.add(ConnectionKind::Mcp, target)
    }

    /// Named after its kind; the second of a kind is `KIND-2`.
    fn add(&mut self, kind: ConnectionKind, target: Target) -> Result<(), StackError> {
        let number = self.connections.iter().filter(|(_, other)| *other == kind).count() + 1;
        let name = if number == 1 { kind.to_string() } else { format!("{kind}-{number}") };
        let connection: ConnectionName =
            name.parse().map_err(|error: hoop_model::InvalidConnectionName| StackError::Upstream(error.to_string()))?;
        self.connections.push((connection.clone(), kind));
        self.settings.push(UpstreamSettings { connection, target });
        Ok(())
    }
}

/// Splits a command line at white space; the program must be found, since the agent starts it without a shell.
fn stdio(command: &str) -> Result<StdioTarget, StackError> {
    let mut words = command.split_whitespace().map(str::to_owned);
    let program = words.next().ok_or_else(|| StackError::Upstream("an empty --mcp-stdio command".to_owned()))?;
    let program = absolute(&program)
        .ok_or_else(|| StackError::Upstream(format!("--mcp-stdio: there is no program \"{program}\"")))?;
    Ok(StdioTarget { program, arguments: words.collect(), environment: Vec::new() })
}

fn absolute(program: &str) -> Option<PathBuf> {
    if program.contains('/') {
        return std::path::absolute(program).ok().filter(|path| path.exists());
    }
    let path = std::env::var_os("PATH")?;
    std::env::split_paths(&path).map(|dir| dir.join(program)).find(|candidate| candidate.is_file())
}
