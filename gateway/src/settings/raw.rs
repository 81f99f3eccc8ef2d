//! The configuration file as written: plain values, unknown keys refused.

use std::{collections::BTreeSet, net::SocketAddr, path::PathBuf};

use hoop_identity::workload::TrustRule;
use hoop_mcp::pin::Mode;
use hoop_model::{ConnectionKind, ConnectionName, Group};
use serde::Deserialize;

use super::{
    clock::ClockSettings, masking::Masking, mcp_endpoint::McpEndpoint, review::RawReview, siem::Siem, trail::Trail,
};

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Raw {
    pub data_dir: PathBuf,
    pub listen: Listen,
    pub identity: Identity,
    #[serde(default)]
    pub roles: Roles,
    pub policy: Policy,
    #[serde(default, rename = "connection")]
    pub connections: Vec<Connection>,
    #[serde(default)]
    pub masking: Masking,
    #[serde(default)]
    pub session: Session,
    #[serde(default)]
    pub trail: Trail,
    pub mcp_endpoint: Option<McpEndpoint>,
    #[serde(default)]
    pub siem: Vec<Siem>,
    #[serde(default)]
    pub review: RawReview,
    #[serde(default)]
    pub clock: ClockSettings,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Listen {
    pub quic: SocketAddr,
    /// Names and addresses in the gateway's certificate.
    pub names: Vec<String>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Identity {
    pub oidc: Option<Oidc>,
    #[serde(default)]
    pub workload: Vec<TrustRule>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Oidc {
    pub issuer: String,
    pub client_id: String,
    #[serde(default = "default_groups_claim")]
    pub groups_claim: String,
    #[serde(default = "default_scopes")]
    pub scopes: Vec<String>,
    #[serde(default)]
    pub redirect_ports: Vec<u16>,
}

fn default_groups_claim() -> String {
    "groups".to_owned()
}

fn default_scopes() -> Vec<String> {
    ["openid", "offline_access", "groups"].map(str::to_owned).to_vec()
}

/// Which groups may do more than use connections.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Roles {
    /// Enrol agents, end anybody's session.
    #[serde(default)]
    pub admins: BTreeSet<Group>,
    /// Read every session and the trail.
    #[serde(default)]
    pub auditors: BTreeSet<Group>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Policy {
    /// Cedar; relative to the configuration file.
    pub file: PathBuf,
    #[serde(default, rename = "table_group")]
    pub table_groups: Vec<TableGroup>,
}

/// Tables that policies speak of by one name.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct TableGroup {
    pub name: String,
    pub patterns: Vec<String>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Connection {
    pub name: ConnectionName,
    #[serde(rename = "type")]
    pub kind: ConnectionKind,
    /// The name of the agent that reaches it.
    pub agent: String,
    /// Which tools of an MCP server may be used.
    pub tools: Option<Mode>,
    /// Days that its recordings are kept, where the trail's are not enough.
    pub recording_days: Option<u16>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct Session {
    /// Life of a session certificate, in minutes; at most 15.
    pub certificate_minutes: u16,
    /// A person logs in anew after this many hours, whatever they renew.
    pub longest_hours: u16,
    /// Seconds an MCP call is held before it returns with the request's reference (`mcp-protocol.md` §4.2).
    pub mcp_hold_seconds: u16,
    /// The same for a call whose client asked for progress: most such clients wait longer with each sign of it.
    pub mcp_hold_progress_seconds: u16,
}

impl Default for Session {
    fn default() -> Self {
        Self { certificate_minutes: 15, longest_hours: 12, mcp_hold_seconds: 50, mcp_hold_progress_seconds: 290 }
    }
}
