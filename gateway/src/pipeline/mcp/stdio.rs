//! MCP over stdio downstream: an editor's pipe, one message a line, many calls at a time.

use std::sync::Arc;

use hoop_mcp::{Message, stdio};
use hoop_tunnel::{SendHalf, Stream};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    sync::Mutex,
    task::JoinSet,
};

use super::{
    answer, call, call::progress_token, command, held, held::Item, http::opened, session::McpSession,
    upstream::Upstream,
};
use crate::{
    Gateway,
    pipeline::{Judgement, Protocol, judge},
    session::Session,
};

/// Bytes read from the client at a time.
const READ: usize = 64 * 1024;

/// One editor's pipe.
struct Pipe {
    gateway: Arc<Gateway>,
    session: Arc<Session>,
    mcp: Arc<McpSession>,
    out: Mutex<SendHalf>,
}

pub(crate) async fn stdio(gateway: Arc<Gateway>, session: Arc<Session>, stream: Stream) {
    let (mut out, mut incoming) = stream.split();
    let Protocol::Mcp(memory) = &session.protocol else { return };
    let opened = match Upstream::open(&gateway, &session).await {
        Ok(upstream) => memory.open(upstream),
        Err(fault) => {
            let _ = out.write_all(&line(answer::failure(None, &fault))).await;
            let _ = out.finish().await;
            return;
        }
    };
    let Some(mcp) = opened else { return };
    let ended = session.ended.clone();
    let pipe = Arc::new(Pipe { gateway, session, mcp, out: Mutex::new(out) });
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
    let _ = pipe.out.lock().await.finish().await;
}

async fn take(pipe: &Arc<Pipe>, calls: &mut JoinSet<()>, bytes: &[u8]) {
    let pipe = pipe.clone();
    match Message::parse(bytes) {
        // Nobody answers a notification, so the client cannot wait for it: what follows it must not overtake it.
        Ok(message @ Message::Notification { .. }) => {
            let initialized = message.method() == Some("notifications/initialized");
            pipe.exchange(message).await;
            if initialized {
                // Ends with the pipe: nobody waits for it.
                tokio::spawn(async move { pipe.listen().await });
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
        if message.cancels().is_some_and(|id| self.mcp.cancel(&id)) {
            return;
        }
        let classified = match hoop_mcp::classify(&message) {
            Ok(classified) => classified,
            Err(error) => return self.say(error.response()).await,
        };
        let echo = message.clone();
        let (id, token) = (message.id().cloned(), progress_token(&message));
        let judged = match command::command(&self.gateway, &self.session, message, &classified) {
            Ok(command) => judge(&self.gateway, &self.session, command).await,
            Err(fault) => Err(fault),
        };
        let refused = match (judged, id) {
            (Ok(Judgement::Go(authorized)), _) => match call::run(&self.gateway, &self.mcp, authorized).await {
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
                let mut items = held::wait(self.gateway.clone(), self.mcp.clone(), id, token, held);
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

    /// Passes on what the upstream says outside of calls, where it offers such a stream.
    async fn listen(&self) {
        match opened(&self.gateway, &self.session, &self.mcp).await {
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

fn line(mut bytes: Vec<u8>) -> Vec<u8> {
    bytes.push(b'\n');
    bytes
}
