//! The upstream leg of an MCP session: streamable HTTP, or a child of the agent.

mod http;
mod read;
mod refused;
mod routes;
mod sse;
mod stdio;
mod words;

use std::sync::Arc;

use ::http::StatusCode;
use hoop_mcp::Message;
use hoop_model::Fault;
use hoop_wire::link::Transport;
pub(super) use http::HttpUpstream;
pub(super) use stdio::StdioUpstream;
use tokio::sync::mpsc;

use super::{item::Mark, posted::Posted};
use crate::{
    Gateway,
    pipeline::{Authorized, Exchange},
};

pub(super) enum Upstream {
    Http(HttpUpstream),
    Stdio(Arc<StdioUpstream>),
}

/// What an upstream says to one of our messages, as it comes: unmasked.
pub(super) struct Incoming {
    pub exchange: Arc<Exchange>,
    /// Several messages may come (SSE, or a child's notifications); else exactly one, or none.
    pub streamed: bool,
    /// Of an answer that is no stream.
    pub status: StatusCode,
    pub pieces: mpsc::Receiver<Result<Piece, Fault>>,
}

impl Incoming {
    fn streamed(exchange: Arc<Exchange>, pieces: routes::Pieces) -> Self {
        Self { exchange, streamed: true, status: StatusCode::OK, pieces }
    }
}

/// A message, or a place between messages, of an upstream's stream.
pub(super) struct Piece {
    pub message: Option<Message>,
    pub mark: Mark,
}

impl From<Message> for Piece {
    fn from(message: Message) -> Self {
        Self { message: Some(message), mark: Mark::default() }
    }
}

impl Upstream {
    /// For the message that is to begin the session: a child starts only for what was judged and recorded.
    pub(super) async fn open(gateway: &Arc<Gateway>, first: &Authorized<Posted>) -> Result<Self, Fault> {
        let session = &first.exchange().session;
        let upstream = gateway.links.upstream(&session.connection.agent, &session.connection.name)?;
        match upstream.transport {
            Transport::Http => Ok(Self::Http(HttpUpstream::default())),
            Transport::Stdio => Ok(Self::Stdio(StdioUpstream::open(gateway, first).await?)),
        }
    }

    /// Sends one message; `revision` is what the session agreed on. Dropping the receiver stops the reading of its
    /// answer.
    pub(super) async fn send(
        &self,
        gateway: &Arc<Gateway>,
        posted: Authorized<Posted>,
        revision: Option<&str>,
    ) -> Result<Incoming, Fault> {
        match self {
            Self::Http(http) => http.send(gateway, posted, revision).await,
            Self::Stdio(stdio) => stdio.send(posted).await,
        }
    }

    /// Messages that belong to no call of ours, or those after the mark `from`; `None` where the upstream offers no
    /// such stream.
    pub(super) async fn listen(
        &self,
        gateway: &Arc<Gateway>,
        listening: Authorized<()>,
        revision: Option<&str>,
        from: Option<&str>,
    ) -> Result<Option<Incoming>, Fault> {
        match self {
            Self::Http(http) => http.listen(gateway, listening, revision, from).await,
            Self::Stdio(stdio) => Ok(Some(stdio.listen(listening))),
        }
    }

    /// Whether the upstream keeps anything that must be closed.
    pub(super) fn has_session(&self) -> bool {
        match self {
            Self::Http(http) => http.has_session(),
            Self::Stdio(_) => true,
        }
    }

    /// Ends the session on the upstream's side too.
    pub(super) async fn close(&self, gateway: &Arc<Gateway>, closing: Authorized<()>) -> Result<(), Fault> {
        match self {
            Self::Http(http) => http.close(gateway, closing).await,
            Self::Stdio(stdio) => stdio.close().await,
        }
    }
}
