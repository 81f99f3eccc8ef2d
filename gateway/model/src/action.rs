use std::fmt;

use serde::{Deserialize, Serialize};

use crate::ConnectionName;

/// What a request would do. Ordered by risk: the riskiest part of a request names the whole.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Action {
    /// Open a session on a connection.
    Connect,
    /// Learn what there is: list tools, describe a statement's columns.
    Discover,
    /// Change only the session itself: `USE`, `BEGIN`, a modelled session parameter.
    Session,
    Read,
    /// Call an MCP tool.
    CallTool,
    Write,
    Ddl,
    /// Rows leave by another door: `COPY INTO @stage`, `GET`, a presigned URL.
    Export,
    /// Users, grants, integrations, policies of the upstream.
    Admin,
    /// Not parsed, not resolved or not listed: treated like the highest class.
    Unknown,
}

impl Action {
    pub const ALL: [Action; 10] = [
        Self::Connect,
        Self::Discover,
        Self::Session,
        Self::Read,
        Self::CallTool,
        Self::Write,
        Self::Ddl,
        Self::Export,
        Self::Admin,
        Self::Unknown,
    ];

    pub fn as_str(self) -> &'static str {
        match self {
            Self::Connect => "connect",
            Self::Discover => "discover",
            Self::Session => "session",
            Self::Read => "read",
            Self::CallTool => "call_tool",
            Self::Write => "write",
            Self::Ddl => "ddl",
            Self::Export => "export",
            Self::Admin => "admin",
            Self::Unknown => "unknown",
        }
    }
}

impl fmt::Display for Action {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// A table as far as the statement names it, in upper case unless quoted. The last part is the table.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(transparent)]
pub struct TableName(pub Vec<String>);

impl fmt::Display for TableName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0.join("."))
    }
}

/// What a request touches.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Resource {
    Connection(ConnectionName),
    Table { connection: ConnectionName, table: TableName },
    Tool { connection: ConnectionName, tool: String },
}

impl fmt::Display for Resource {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Connection(connection) => write!(f, "{connection}"),
            Self::Table { connection, table } => write!(f, "{connection}/{table}"),
            Self::Tool { connection, tool } => write!(f, "{connection}/{tool}"),
        }
    }
}
