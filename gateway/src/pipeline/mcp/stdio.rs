//! MCP over stdio downstream: an editor's pipe, one message a line, many calls at a time.

use std::sync::Arc;

use hoop_mcp::{Message, stdio};
use hoop_model::{Fault, Retry, Side};
use hoop_tunnel::{SendHalf, Stream};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    sync::{Mutex, OnceCell},
    task::JoinSet,
};
use tokio_util::sync::CancellationToken;

use super::{
    answer, call,
    call::{Delivered, progress_token},
    command,
    end::end,
    held,
    held::Item,
    http::{begun, opened},
    session::McpSession,
};
use crate::{
    Gateway,
    pipeline::{Authorized, Judgement, Protocol},
    session::Session,
};

/// Bytes read from the client at a time.
const READ: usize = 64 * 1024;

/// One editor's pipe.
struct Pipe {
    gateway: Arc<Gateway>,
    session: Arc<Session>,
    /// Open from the client's first message on.
    mcp: OnceCell<Arc<McpSession>>,
    /// Cancelled when the client has closed its side and has its answers.
    closed: CancellationToken,
    out: Mutex<SendHalf>,
}

pub(crate) async fn stdio(gateway: Arc<Gateway>, session: Arc<Session>, stream: Stream) {
    let (out, mut incoming) = stream.split();
    let ended = session.ended.clone();
    let closed = CancellationToken::new();
    let pipe = Arc::new(Pipe { gateway, session, mcp: OnceCell::new(), closed, out: Mutex::new(out) });
    let mut calls = JoinSet::new();
    let mut decoder = stdio::Decoder::new();
    let mut buffer = vec![0; READ];
    loop {
        let read = tokio::select! {
            read = incoming.read(&mut buffer) => read.unwrap_or(0),
            () = ended.cancelled() => 0,
        };
        if read == 0 {
            break;
        }
        let lines = match decoder.push(buffer.get(..read).unwrap_or_default()) {
            Ok(lines) => lines,
            Err(error) => {
                pipe.say(error.response()).await;
                break;
            }
        };
        for line in lines {
            take(&pipe, &mut calls, &line).await;
        }
        while calls.try_join_next().is_some() {}
    }
    // Calls under way still get their answers out, unless the session was ended from here.
    tokio::select! {
        () = async { while calls.join_next().await.is_some() {} } => {}
        () = ended.cancelled() => {}
    }
    pipe.closed.cancel();
    let _ = pipe.out.lock().await.finish().await;
    pipe.end().await;
}

async fn take(pipe: &Arc<Pipe>, calls: &mut JoinSet<()>, bytes: &[u8]) {
    let pipe = pipe.clone();
    match Message::parse(bytes) {
        // What follows it needs the session that it opens.
        Ok(message) if message.method() == Some("initialize") => pipe.exchange(message).await,
        // Nobody answers a notification, so the client cannot wait for it: what follows it must not overtake it.
        Ok(message @ Message::Notification { .. }) => {
            let initialized = message.method() == Some("notifications/initialized");
            pipe.exchange(message).await;
            if initialized {
                tokio::spawn(async move {
                    tokio::select! {
                        () = pipe.listen() => {}
                        () = pipe.closed.cancelled() => {}
                    }
                });
            }
        }
        Ok(message) => {
            calls.spawn(async move { pipe.exchange(message).await });
        }
        Err(error) => {
            calls.spawn(async move { pipe.say(error.response()).await });
        }
    }
}

impl Pipe {
    async fn exchange(&self, message: Message) {
        if message.cancels().is_some_and(|id| self.mcp.get().is_some_and(|mcp| mcp.cancel(&id))) {
            return;
        }
        let classified = match command::listed(&self.gateway, &self.session, &message).await {
            Ok(classified) => classified,
            Err(Some(instead)) => return self.say(instead).await,
            Err(None) => return,
        };
        let echo = message.clone();
        let (id, token) = (message.id().cloned(), progress_token(&message));
        let judged = match (self.mcp.get(), message.method()) {
            (None, method) if method != Some("initialize") => Err(not_begun()),
            _ => command::judged(&self.gateway, &self.session, message, &classified).await,
        };
        let refused = match (judged, id) {
            (Ok(Judgement::Go(authorized)), _) => match self.run(authorized).await {
                Ok(mut delivered) if echo.id().is_some() => {
                    while let Some(bytes) = delivered.messages.recv().await {
                        self.say(bytes).await;
                    }
                    return;
                }
                Ok(_) => return,
                Err(fault) => fault,
            },
            (Ok(Judgement::Wait(held)), Some(id)) => {
                let Some(mcp) = self.mcp.get().cloned() else {
                    return self.say(answer::refusal(&echo, &not_begun())).await;
                };
                let mut items = held::wait(self.gateway.clone(), mcp, id, token, held);
                while let Some(item) = items.recv().await {
                    if let Item::Message(bytes) = item {
                        self.say(bytes).await;
                    }
                }
                return;
            }
            (Ok(Judgement::Wait(_)), None) => return,
            (Ok(Judgement::No(fault)) | Err(fault), _) => fault,
        };
        if echo.id().is_some() {
            self.say(answer::refusal(&echo, &refused)).await;
        }
    }

    /// Sends the message up; the first one opens the session.
    async fn run(&self, message: Authorized<Message>) -> Result<Delivered, Fault> {
        let Protocol::Mcp(memory) = &self.session.protocol else { return Err(not_begun()) };
        let mcp = self.mcp.get_or_try_init(|| begun(&self.gateway, &self.session, memory, &message)).await?.clone();
        call::run(&self.gateway, &mcp, message).await
    }

    /// The client has gone, so its session goes.
    async fn end(&self) {
        let (Protocol::Mcp(memory), Some(mcp)) = (&self.session.protocol, self.mcp.get()) else { return };
        if memory.close(&mcp.id).is_some()
            && let Err(fault) = end(&self.gateway, &self.session, mcp).await
        {
            tracing::info!(code = %fault.code, "an upstream was not told that its session is over");
        }
    }

    /// Passes on what the upstream says outside of calls, where it offers such a stream.
    async fn listen(&self) {
        let Some(mcp) = self.mcp.get() else { return };
        match opened(&self.gateway, &self.session, mcp).await {
            Ok(Some(mut delivered)) => {
                while let Some(bytes) = delivered.messages.recv().await {
                    self.say(bytes).await;
                }
            }
            Ok(None) => {}
            Err(fault) => tracing::info!(code = %fault.code, "the upstream's own stream could not be opened"),
        }
    }

    async fn say(&self, bytes: Vec<u8>) {
        let mut out = self.out.lock().await;
        if out.write_all(&line(bytes)).await.is_err() {
            tracing::debug!("a client that is gone missed a message");
        }
        let _ = out.flush().await;
    }
}

fn not_begun() -> Fault {
    Fault::new(Side::Client, "not_initialized", Retry::Safe, "begin the MCP session with initialize; nothing was run")
}

fn line(mut bytes: Vec<u8>) -> Vec<u8> {
    bytes.push(b'\n');
    bytes
}
