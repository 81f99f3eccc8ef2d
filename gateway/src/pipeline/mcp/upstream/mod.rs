//! The upstream leg of an MCP session: streamable HTTP, or a child of the agent.

mod http;
mod stdio;
mod words;

use std::sync::Arc;

use hoop_mcp::Message;
use hoop_model::Fault;
use hoop_wire::link::Transport;
pub(super) use http::HttpUpstream;
pub(super) use stdio::StdioUpstream;
use tokio::sync::mpsc;

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
    pub messages: mpsc::Receiver<Result<Message, Fault>>,
}

impl Upstream {
    /// For the message that is to begin the session: a child starts only for what was judged and recorded.
    pub(super) async fn open(gateway: &Arc<Gateway>, first: &Authorized<Message>) -> Result<Self, Fault> {
        let session = &first.exchange().session;
        let upstream = gateway.links.upstream(&session.connection.agent, &session.connection.name)?;
        match upstream.transport {
            Transport::Http => Ok(Self::Http(HttpUpstream::default())),
            Transport::Stdio => Ok(Self::Stdio(StdioUpstream::open(gateway, first).await?)),
        }
    }

    /// Sends one message. Dropping the receiver stops the reading of its answer.
    pub(super) async fn send(&self, gateway: &Arc<Gateway>, message: Authorized<Message>) -> Result<Incoming, Fault> {
        match self {
            Self::Http(http) => http.send(gateway, message).await,
            Self::Stdio(stdio) => stdio.send(message).await,
        }
    }

    /// Messages that belong to no call of ours; `None` where the upstream offers no such stream.
    pub(super) async fn listen(
        &self,
        gateway: &Arc<Gateway>,
        listening: Authorized<()>,
    ) -> Result<Option<Incoming>, Fault> {
        match self {
            Self::Http(http) => http.listen(gateway, listening).await,
            Self::Stdio(stdio) => Ok(Some(stdio.listen(listening))),
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
