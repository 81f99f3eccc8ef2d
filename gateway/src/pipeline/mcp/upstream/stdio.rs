//! A child of the agent: one pipe, many calls. Messages find their call by id, progress by its token.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use ::http::StatusCode;
use hoop_mcp::{Id, Message, stdio};
use hoop_model::{Fault, Retry, Side};
use hoop_tunnel::{ReceiveHalf, SendHalf};
use serde_json::Value;
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    sync::mpsc,
};

use super::{super::posted::Posted, Incoming, Piece};
use crate::{
    Gateway, fault,
    pipeline::{Authorized, Exchange},
};

/// Messages read ahead of the client, per call.
const AHEAD: usize = 64;
/// Bytes read from the child at a time.
const READ: usize = 64 * 1024;

type Sink = mpsc::Sender<Result<Piece, Fault>>;

pub(in super::super) struct StdioUpstream {
    stdin: tokio::sync::Mutex<SendHalf>,
    waiting: Mutex<Waiting>,
}

/// Who gets what the child says.
#[derive(Default)]
struct Waiting {
    calls: HashMap<Id, Sink>,
    progress: HashMap<String, Sink>,
    /// The stream of messages that belong to no call.
    listener: Option<Sink>,
    /// Set when the child has ended.
    ended: bool,
}

impl StdioUpstream {
    pub(super) async fn open(gateway: &Arc<Gateway>, first: &Authorized<Posted>) -> Result<Arc<Self>, Fault> {
        let session = &first.exchange().session;
        let (stdin, stdout) = gateway.links.stdio(first).await?.0.split();
        let this = Arc::new(Self { stdin: tokio::sync::Mutex::new(stdin), waiting: Mutex::default() });
        let reader = this.clone();
        let ended = session.ended.clone();
        tokio::spawn(async move {
            tokio::select! {
                () = reader.read(stdout) => {}
                () = ended.cancelled() => {}
            }
            reader.end();
        });
        Ok(this)
    }

    pub(super) async fn send(&self, posted: Authorized<Posted>) -> Result<Incoming, Fault> {
        let (sink, pieces) = mpsc::channel(AHEAD);
        if let Message::Request { id, params, .. } = &posted.request().message {
            let mut waiting = self.waiting();
            if waiting.ended {
                return Err(child_gone());
            }
            if waiting.calls.contains_key(id) {
                return Err(Fault::new(
                    Side::Client,
                    "id_in_use",
                    Retry::Safe,
                    "a call with this id is still under way; use another id",
                ));
            }
            waiting.calls.insert(id.clone(), sink.clone());
            if let Some(token) = params.as_ref().and_then(|params| params.pointer("/_meta/progressToken")) {
                waiting.progress.insert(token.to_string(), sink);
            }
        }
        let line = stdio::encode(&posted.request().message).map_err(fault::internal)?;
        let mut stdin = self.stdin.lock().await;
        let written = async {
            stdin.write_all(&line).await?;
            stdin.flush().await
        };
        written.await.map_err(|error| child_gone().detail(error))?;
        Ok(streamed(posted.exchange(), pieces))
    }

    pub(super) fn listen(&self, listening: Authorized<()>) -> Incoming {
        let (sink, pieces) = mpsc::channel(AHEAD);
        self.waiting().listener = Some(sink);
        streamed(listening.exchange(), pieces)
    }

    pub(super) async fn close(&self) -> Result<(), Fault> {
        self.stdin.lock().await.shutdown().await.map_err(|error| child_gone().detail(error))
    }

    fn waiting(&self) -> MutexGuard<'_, Waiting> {
        self.waiting.lock().unwrap_or_else(PoisonError::into_inner)
    }

    async fn read(&self, mut stdout: ReceiveHalf) {
        let mut decoder = stdio::Decoder::new();
        let mut buffer = vec![0; READ];
        while let Ok(read @ 1..) = stdout.read(&mut buffer).await {
            let lines = match decoder.push(buffer.get(..read).unwrap_or_default()) {
                Ok(lines) => lines,
                Err(error) => return self.fail(&fault::unreadable(error)),
            };
            for line in lines {
                match Message::parse(&line) {
                    Ok(message) => self.route(message).await,
                    // Servers print banners there, which no client takes for a message.
                    Err(error) if !line.trim_ascii_start().starts_with(b"{") => {
                        tracing::warn!(%error, "a child's line that is no message was dropped");
                    }
                    // It may be an answer: whoever waits for one must not wait for ever.
                    Err(error) => return self.fail(&fault::unreadable(error)),
                }
            }
        }
    }

    async fn route(&self, message: Message) {
        let sink = match &message {
            Message::Response { id, .. } => {
                let mut waiting = self.waiting();
                let sink = waiting.calls.remove(id);
                if let Some(done) = &sink {
                    waiting.progress.retain(|_, other| !other.same_channel(done));
                }
                sink
            }
            Message::Notification { params, .. } => {
                let token = params.as_ref().and_then(|params| params.get("progressToken")).map(Value::to_string);
                let waiting = self.waiting();
                token.and_then(|token| waiting.progress.get(&token).cloned()).or_else(|| waiting.unrelated())
            }
            Message::Request { .. } => self.waiting().unrelated(),
        };
        match sink {
            Some(sink) => {
                let _ = sink.send(Ok(message.into())).await;
            }
            None => tracing::debug!("a child's message that nobody waits for was dropped"),
        }
    }

    /// Fails everything under way with one fault.
    fn fail(&self, fault: &Fault) {
        let mut waiting = self.waiting();
        waiting.ended = true;
        waiting.progress.clear();
        waiting.listener = None;
        for (_, sink) in waiting.calls.drain() {
            let _ = sink.try_send(Err(fault.clone()));
        }
    }

    fn end(&self) {
        self.fail(&child_gone());
    }
}

impl Waiting {
    /// A server's own request or notification goes to the listener, or with a call under way where there is none.
    fn unrelated(&self) -> Option<Sink> {
        self.listener.clone().filter(|sink| !sink.is_closed()).or_else(|| self.calls.values().next().cloned())
    }
}

fn streamed(exchange: &Arc<Exchange>, pieces: mpsc::Receiver<Result<Piece, Fault>>) -> Incoming {
    Incoming { exchange: exchange.clone(), streamed: true, status: StatusCode::OK, pieces }
}

fn child_gone() -> Fault {
    Fault::new(
        Side::Upstream,
        "server_ended",
        Retry::Unsafe,
        "the MCP server's process ended; the call may have run. Connect again for a new one.",
    )
}
