//! The first frame of a stream: what the rest of it carries.

use std::net::SocketAddr;

use hoop_model::{ConnectionKind, ConnectionName, ExchangeId, Fault, SessionId, Timestamp};
use serde::{Deserialize, Serialize};

use crate::login::LoginRequest;

/// Opened by `hoopctl` on a [`crate::alpn::CLIENT`] connection.
#[derive(Debug, Serialize, Deserialize)]
#[serde(tag = "open", rename_all = "snake_case")]
pub enum ClientOpen {
    /// HTTP/1.1 to the gateway's API for its users (`/v1/…`). No answer frame.
    Api,
    /// Begin a session on a connection; answered by [`SessionAnswer`]. The session lives as long as this stream: the
    /// client keeps it open and idle, either side's closing it ends the session.
    Session(SessionRequest),
    /// One HTTP/1.1 exchange within a session. No answer frame: failures are HTTP answers in the protocol's own shape.
    Exchange { session: SessionId },
    /// MCP over stdio within a session: newline-delimited JSON-RPC both ways until either side ends.
    Stdio { session: SessionId },
    /// A fresh token on a live connection, for the key it was dialled with; answered by [`crate::login::LoginAnswer`].
    Renew(LoginRequest),
}

#[derive(Debug, Serialize, Deserialize)]
pub struct SessionRequest {
    pub connection: ConnectionName,
    /// Hex SHA-256 of the local listener's secret: applications must present the secret with each exchange.
    pub secret_digest: String,
    /// Where applications reach the listener; the gateway writes URLs with it. Absent over stdio.
    pub listener: Option<SocketAddr>,
    /// Why, in the person's words (`--reason`).
    pub reason: Option<String>,
}

#[derive(Debug, Serialize, Deserialize)]
#[serde(tag = "answer", rename_all = "snake_case")]
pub enum SessionAnswer {
    Opened(SessionOpened),
    Refused(Fault),
}

/// What `connect` tells the person within a second.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct SessionOpened {
    pub session: SessionId,
    pub connection: ConnectionName,
    pub kind: ConnectionKind,
    /// The real upstream's host.
    pub upstream: String,
    /// What is masked, in words.
    pub masked: Vec<String>,
    /// What will be held, in words, with the approvers' groups.
    pub held: Vec<String>,
    /// What is shown in clear, in words: under which need, until when.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub shown: Vec<String>,
    pub ends_at: Timestamp,
}

/// Sent by the gateway on the session's stream while it lives.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(tag = "notice", rename_all = "snake_case")]
pub enum SessionNotice {
    /// A statement waits: shown on the engineer's terminal.
    Held {
        request: hoop_model::ApprovalId,
        command: String,
        approvers: Vec<String>,
        expires_at: Timestamp,
    },
    Resumed {
        request: hoop_model::ApprovalId,
        approver: String,
    },
    Refused {
        request: hoop_model::ApprovalId,
        text: String,
    },
    Ended {
        text: String,
    },
}

/// Opened by the gateway on a [`crate::alpn::AGENT`] connection. The agent answers with [`UpstreamAnswer`] before
/// the first byte of the upstream; the gateway need not wait for it before it sends.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(tag = "open", rename_all = "snake_case")]
pub enum UpstreamOpen {
    /// One HTTP/1.1 exchange with the upstream. The path is taken as sent, below the upstream's base URL; the agent
    /// adds the credential.
    Http { connection: ConnectionName, session: SessionId, exchange: ExchangeId },
    /// GET one absolute URL that an upstream answer named (a result chunk). No credential is added.
    Fetch { connection: ConnectionName, session: SessionId, exchange: ExchangeId },
    /// The child process of this session: its stdin and stdout, until either side ends.
    Stdio { connection: ConnectionName, session: SessionId },
}

#[derive(Debug, Serialize, Deserialize)]
#[serde(tag = "answer", rename_all = "snake_case")]
pub enum UpstreamAnswer {
    Ready,
    Refused(Fault),
}
