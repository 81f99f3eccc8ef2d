use std::{net::IpAddr, path::PathBuf};

use hoop_model::{ConnectionKind, ConnectionName};
use hoop_wire::link;
use http::HeaderName;
use url::{Host, Url};

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
    Snowflake(Box<SnowflakeTarget>),
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
    /// Unencrypted RSA keys in PEM (PKCS#8 or PKCS#1). Snowflake knows two of a user at a time: where it refuses the first,
    /// the login is tried with the other, so that either can be replaced without a pause.
    KeyPair {
        key: SecretRef,
        other: Option<SecretRef>,
    },
    /// A programmatic access token.
    AccessToken(SecretRef),
    OAuth(Box<OAuthClient>),
}

/// Client credentials at an authorization server that Snowflake trusts (external OAuth).
#[derive(Clone)]
pub struct OAuthClient {
    pub token_url: Url,
    pub client_id: String,
    pub client_secret: SecretRef,
    /// Such as `session:role:READER`.
    pub scope: Option<String>,
}

impl SnowflakeCredential {
    /// What it refers to, with what it is for.
    fn references(&self) -> Vec<(&'static str, &SecretRef)> {
        match self {
            Self::Password(secret) => vec![("the Snowflake password", secret)],
            Self::KeyPair { key, other } => {
                let other = other.iter().map(|other| ("the other Snowflake key", other));
                std::iter::once(("the Snowflake key", key)).chain(other).collect()
            }
            Self::AccessToken(secret) => vec![("the Snowflake token", secret)],
            Self::OAuth(client) => vec![("the OAuth client's secret", &client.client_secret)],
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
                let references = snowflake.credential.references().into_iter();
                references.map(|(purpose, secret)| (purpose.to_owned(), secret)).collect()
            }
        }
    }
}

fn host(url: &Url) -> String {
    url.host_str().unwrap_or_default().to_owned()
}

/// A stand-in on this machine.
pub(crate) fn is_loopback_http(url: &Url) -> bool {
    let loopback = match url.host() {
        Some(Host::Domain(name)) => name == "localhost",
        Some(Host::Ipv4(address)) => IpAddr::V4(address).is_loopback(),
        Some(Host::Ipv6(address)) => IpAddr::V6(address).is_loopback(),
        None => false,
    };
    loopback && url.scheme() == "http"
}
