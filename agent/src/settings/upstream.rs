use std::path::PathBuf;

use hoop_model::{ConnectionKind, ConnectionName};
use hoop_wire::link;
use http::HeaderName;
use url::Url;

use crate::credential::SecretRef;

/// One upstream and how to reach it.
#[derive(Clone)]
pub struct UpstreamSettings {
    pub connection: ConnectionName,
    pub target: Target,
}

#[derive(Clone)]
pub enum Target {
    McpHttp(HttpTarget),
    McpStdio(StdioTarget),
    Snowflake(SnowflakeTarget),
}

/// An MCP server over streamable HTTP.
#[derive(Clone)]
pub struct HttpTarget {
    pub url: Url,
    /// Set on every request in place of the client's.
    pub headers: Vec<(HeaderName, SecretRef)>,
    /// PEM of the only authority to trust for `https`; absent: the machine's store.
    pub authority: Option<String>,
}

/// An MCP server as a child process, one per session.
#[derive(Clone)]
pub struct StdioTarget {
    /// Absolute; started directly, never through a shell.
    pub program: PathBuf,
    pub arguments: Vec<String>,
    /// Besides `PATH`, `HOME` and `LANG`, all that the child sees.
    pub environment: Vec<(String, ChildValue)>,
}

/// A value in a child's environment.
#[derive(Clone)]
pub enum ChildValue {
    Plain(String),
    Secret(SecretRef),
}

#[derive(Clone)]
pub struct SnowflakeTarget {
    /// `https://ACCOUNT.snowflakecomputing.com`; only its origin counts.
    pub url: Url,
    pub account: String,
    pub user: String,
    pub credential: SnowflakeCredential,
    /// When set, the role of every session, whatever the user asks for.
    pub role: Option<String>,
    /// Used where the user names none; likewise `database` and `schema`.
    pub warehouse: Option<String>,
    pub database: Option<String>,
    pub schema: Option<String>,
    /// Hosts (`host` or `host:port`) that may serve result chunks, besides the clouds' own.
    pub chunk_hosts: Vec<String>,
    /// As in [`HttpTarget`].
    pub authority: Option<String>,
}

#[derive(Clone)]
pub enum SnowflakeCredential {
    Password(SecretRef),
    /// An unencrypted RSA key in PEM (PKCS#8 or PKCS#1).
    KeyPair(SecretRef),
    /// A programmatic access token.
    AccessToken(SecretRef),
}

impl SnowflakeCredential {
    pub(crate) fn reference(&self) -> &SecretRef {
        match self {
            Self::Password(secret) | Self::KeyPair(secret) | Self::AccessToken(secret) => secret,
        }
    }
}

impl UpstreamSettings {
    /// What the gateway is told: never a credential, and of a URL only its host.
    pub(crate) fn announced(&self) -> link::Upstream {
        let (kind, transport, host) = match &self.target {
            Target::McpHttp(http) => (ConnectionKind::Mcp, link::Transport::Http, host(&http.url)),
            Target::McpStdio(stdio) => {
                let program = stdio.program.file_name().unwrap_or_default().to_string_lossy();
                (ConnectionKind::Mcp, link::Transport::Stdio, program.into_owned())
            }
            Target::Snowflake(snowflake) => (ConnectionKind::Snowflake, link::Transport::Http, host(&snowflake.url)),
        };
        link::Upstream { connection: self.connection.clone(), kind, transport, host }
    }

    /// Everything secret this upstream refers to, with what it is for.
    pub(crate) fn secrets(&self) -> Vec<(String, &SecretRef)> {
        match &self.target {
            Target::McpHttp(http) => {
                http.headers.iter().map(|(name, secret)| (format!("header {name}"), secret)).collect()
            }
            Target::McpStdio(stdio) => stdio
                .environment
                .iter()
                .filter_map(|(name, value)| match value {
                    ChildValue::Secret(secret) => Some((format!("environment {name}"), secret)),
                    ChildValue::Plain(_) => None,
                })
                .collect(),
            Target::Snowflake(snowflake) => {
                vec![("the Snowflake credential".to_owned(), snowflake.credential.reference())]
            }
        }
    }
}

fn host(url: &Url) -> String {
    url.host_str().unwrap_or_default().to_owned()
}
