//! MCP over stdio downstream: an editor's pipe, one message a line, many calls at a time.

use std::{
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    time::Duration,
};

use hoop_mcp::{
    Era, Id, Message, MessageError,
    era::BATCHES,
    modern::{Refusal, check_meta},
    stdio,
};
use hoop_model::{Fault, Retry, Side};
use hoop_tunnel::{SendHalf, Stream};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    sync::{Mutex, mpsc},
    task::JoinSet,
};
use tokio_util::sync::CancellationToken;

use super::{
    answer,
    asked::progress_token,
    call,
    call::Delivered,
    command,
    end::end,
    held,
    http::{begun, opened},
    item::{Item, Mark},
    posted::Posted,
    session::McpSession,
    supported,
};
use crate::{
    Gateway,
    pipeline::{Authorized, Judgement, Protocol},
    session::Session,
    trail,
};

/// Bytes read from the client at a time.
const READ: usize = 64 * 1024;

/// Before a stream is taken up again, where the upstream does not say how long; and the longest that it may say.
const RETRY: Duration = Duration::from_secs(1);
const RETRY_LIMIT: Duration = Duration::from_secs(30);

/// One editor's pipe.
struct Pipe {
    gateway: Arc<Gateway>,
    session: Arc<Session>,
    mcp: Arc<McpSession>,
    /// `initialize` was sent up.
    begun: AtomicBool,
    /// Cancelled when the client has closed its side and has its answers.
    closed: CancellationToken,
    out: Mutex<SendHalf>,
}

pub(crate) async fn stdio(gateway: Arc<Gateway>, session: Arc<Session>, stream: Stream) {
    let Protocol::Mcp(memory) = &session.protocol else { return };
    let mcp = begun(&gateway, &session, memory);
    let (out, mut incoming) = stream.split();
    let ended = session.ended.clone();
    let closed = CancellationToken::new();
    let begun = AtomicBool::new(false);
    let pipe = Arc::new(Pipe { gateway, session: session.clone(), mcp, begun, closed, out: Mutex::new(out) });
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
    match Message::parse(bytes) {
        Ok(message) => begin(pipe, calls, message).await,
        Err(MessageError::Batch) if pipe.mcp.revision() == Some(BATCHES) => match Message::parse_batch(bytes) {
            Ok(messages) => {
                for message in messages {
                    begin(pipe, calls, message).await;
                }
            }
            Err(error) => pipe.say(error.response()).await,
        },
        Err(error) => pipe.say(error.response()).await,
    }
}

async fn begin(pipe: &Arc<Pipe>, calls: &mut JoinSet<()>, message: Message) {
    let pipe = pipe.clone();
    match message {
        // What follows it needs the session that it opens.
        message if message.method() == Some("initialize") => pipe.exchange(message).await,
        // Nobody answers a notification, so the client cannot wait for it: what follows it must not overtake it.
        message @ Message::Notification { .. } => {
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
        message => {
            calls.spawn(async move { pipe.exchange(message).await });
        }
    }
}

impl Pipe {
    async fn exchange(&self, message: Message) {
        if message.cancels().is_some_and(|id| self.mcp.cancel(&id)) {
            return;
        }
        if let Message::Response { id, .. } = &message
            && !self.mcp.answer(id)
        {
            if let Err(fault) = trail::turned_away(&self.gateway, &self.session, "unknown_id").await {
                tracing::error!(%fault, "an answer that nobody asked for could not be recorded");
            }
            return;
        }
        let id = message.id().cloned();
        let posted = match self.read(message) {
            Ok(posted) => posted,
            Err(refusal) => return self.refuse(id.as_ref(), refusal).await,
        };
        let classified = match command::listed(&self.gateway, &self.session, &posted).await {
            Ok(classified) => classified,
            Err(Some(instead)) => return self.say(instead.bytes).await,
            Err(None) => return,
        };
        let echo = posted.clone();
        let (id, token) = (posted.message.id().cloned(), progress_token(&posted.message));
        let judged = if self.may_begin_with(&posted) {
            command::judged(&self.gateway, &self.session, posted, &classified).await
        } else {
            Err(not_begun())
        };
        let refused = match (judged, id) {
            (Ok(Judgement::Go(authorized)), id) => match self.run(authorized).await {
                Ok(delivered) if echo.message.id().is_some() => return self.hand_on(delivered.items, id).await,
                Ok(_) => return,
                Err(fault) => fault,
            },
            (Ok(Judgement::Wait(held)), Some(id)) => {
                let (gateway, mcp) = (self.gateway.clone(), self.mcp.clone());
                let items = held::wait(gateway, mcp, id.clone(), echo.era, token, held);
                return self.hand_on(items, Some(id)).await;
            }
            (Ok(Judgement::Wait(_)), None) => return,
            (Ok(Judgement::No(fault)) | Err(fault), _) => fault,
        };
        if echo.message.id().is_some() {
            self.say(answer::refusal(&echo, &refused)).await;
        }
    }

    /// The message in its era, with the headers that an upstream over HTTP will want.
    fn read(&self, message: Message) -> Result<Posted, Refusal> {
        let era = Era::of(&message)?;
        if era == Era::Legacy {
            return Ok(Posted::alone(era, message));
        }
        check_meta(&message)?;
        let called = message.params().filter(|_| message.method() == Some("tools/call"));
        let named = called.and_then(|params| Some((params.get("name")?.as_str()?, params.get("arguments")?)));
        let mirrored = named.map(|(tool, arguments)| self.mcp.mirrored(tool, arguments)).unwrap_or_default();
        Ok(Posted::new(era, message, mirrored))
    }

    async fn refuse(&self, id: Option<&Id>, refusal: Refusal) {
        match trail::turned_away(&self.gateway, &self.session, "bad_request").await {
            Ok(()) => {
                let refusal = supported::named(&self.gateway, &self.session, &self.mcp, refusal).await;
                self.say(refusal.response(id)).await;
            }
            Err(fault) => self.say(answer::failure(id, &fault)).await,
        }
    }

    /// Nothing comes before `initialize`, in the era that has it.
    fn may_begin_with(&self, posted: &Posted) -> bool {
        posted.era == Era::Modern || posted.message.method() == Some("initialize") || self.begun.load(Ordering::Acquire)
    }

    async fn run(&self, posted: Authorized<Posted>) -> Result<Delivered, Fault> {
        let begins = posted.request().message.method() == Some("initialize");
        let delivered = call::run(&self.gateway, &self.mcp, posted).await?;
        self.begun.fetch_or(begins, Ordering::AcqRel);
        Ok(delivered)
    }

    /// Passes an answer on. Where the upstream ends its stream early, the rest is fetched: this client cannot ask for it.
    async fn hand_on(&self, mut items: mpsc::Receiver<Item>, id: Option<Id>) {
        let mut last = Mark::default();
        loop {
            while let Some(item) = items.recv().await {
                let mark = match item {
                    Item::Message { bytes, mark } => {
                        self.say(bytes).await;
                        Mark { id: mark, retry: None }
                    }
                    Item::Mark(mark) => mark,
                    Item::LifeSign => continue,
                };
                last = Mark { id: mark.id.or(last.id), retry: mark.retry.or(last.retry) };
            }
            let unanswered = id.as_ref().is_some_and(|id| self.mcp.resumption.awaits(id));
            let (Some(from), true) = (last.id.clone(), unanswered) else { return };
            let wait = last.retry.map_or(RETRY, Duration::from_millis).min(RETRY_LIMIT);
            tokio::select! {
                () = tokio::time::sleep(wait) => {}
                () = self.closed.cancelled() => return,
            }
            match opened(&self.gateway, &self.session, &self.mcp, Some(&from)).await {
                Ok(Some(rest)) => items = rest.items,
                Ok(None) => return self.give_up(id.as_ref(), &not_resumed()).await,
                Err(fault) => return self.give_up(id.as_ref(), &fault).await,
            }
        }
    }

    async fn give_up(&self, id: Option<&Id>, fault: &Fault) {
        drop(id.and_then(|id| self.mcp.resumption.take(id)));
        self.say(answer::failure(id, fault)).await;
    }

    /// The client has gone, so its session goes.
    async fn end(&self) {
        let Protocol::Mcp(memory) = &self.session.protocol else { return };
        if memory.close(&self.mcp.id).is_some()
            && let Err(fault) = end(&self.gateway, &self.session, &self.mcp).await
        {
            tracing::info!(code = %fault.code, "an upstream was not told that its session is over");
        }
    }

    /// Passes on what the upstream says outside of calls, where it offers such a stream.
    async fn listen(&self) {
        match opened(&self.gateway, &self.session, &self.mcp, None).await {
            Ok(Some(delivered)) => self.hand_on(delivered.items, None).await,
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

fn not_resumed() -> Fault {
    Fault::new(
        Side::Upstream,
        "no_answer",
        Retry::Unsafe,
        "the MCP server ended its stream before the answer and does not let it be taken up again; the call may have run",
    )
}

fn not_begun() -> Fault {
    Fault::new(Side::Client, "not_initialized", Retry::Safe, "begin the MCP session with initialize; nothing was run")
}

fn line(mut bytes: Vec<u8>) -> Vec<u8> {
    bytes.push(b'\n');
    bytes
}
