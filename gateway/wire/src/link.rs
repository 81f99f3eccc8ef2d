//! The control stream between agent and gateway. The agent opens it first; everything else is opened by the gateway.

use hoop_model::{ConnectionKind, ConnectionName, Fault};
use serde::{Deserialize, Serialize};

use crate::enrol::AgentCertificate;

#[derive(Debug, Serialize, Deserialize)]
#[serde(tag = "say", rename_all = "snake_case")]
pub enum FromAgent {
    /// The first message: what this agent can reach.
    Hello { version: String, upstreams: Vec<Upstream> },
    /// A new certificate request for the same name, before the old certificate ends.
    Renew { certificate_request: String },
    /// What this agent signed for, in order, until the gateway says that it has it.
    Receipts(Receipts),
    /// No new streams please; those under way will be finished.
    Draining,
}

#[derive(Debug, Serialize, Deserialize)]
#[serde(tag = "say", rename_all = "snake_case")]
pub enum FromGateway {
    Welcome {
        version: String,
    },
    Renewed(AgentCertificate),
    Refused(Fault),
    /// The first `size` receipts of the agent are in the trail, durably.
    Receipted {
        size: u64,
    },
}

/// A stretch of the agent's log of receipts, as the trail keeps it (`hoop_audit::ReceiptFacts`).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Receipts {
    /// C2SP verifier key.
    pub key: String,
    pub first: u64,
    pub receipts: Vec<String>,
    /// A C2SP checkpoint.
    pub checkpoint: String,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Upstream {
    pub connection: ConnectionName,
    pub kind: ConnectionKind,
    pub transport: Transport,
    /// Host for display and the record; never a credential.
    pub host: String,
}

/// How the agent reaches the upstream, and so what a stream to it carries.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Transport {
    /// HTTP/1.1 exchanges.
    Http,
    /// The stdin and stdout of a child process.
    Stdio,
}
