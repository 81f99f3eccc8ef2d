//! One stream that carries the answers of many calls: messages find their call by id, progress by its token.

use std::{
    collections::HashMap,
    sync::{Mutex, MutexGuard, PoisonError},
};

use hoop_mcp::{Id, Message};
use hoop_model::{Fault, Retry, Side};
use serde_json::Value;
use tokio::sync::mpsc;

use super::Piece;

/// Messages read ahead of the client, per call.
const AHEAD: usize = 64;

type Sink = mpsc::Sender<Result<Piece, Fault>>;
pub(super) type Pieces = mpsc::Receiver<Result<Piece, Fault>>;

/// Who gets what the upstream says.
#[derive(Default)]
pub(super) struct Routes(Mutex<Waiting>);

#[derive(Default)]
struct Waiting {
    calls: HashMap<Id, Sink>,
    progress: HashMap<String, Sink>,
    /// The stream of messages that belong to no call.
    listener: Option<Sink>,
    /// Why the stream ended, once it has.
    ended: Option<Fault>,
}

impl Routes {
    fn waiting(&self) -> MutexGuard<'_, Waiting> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// What will come for this message.
    ///
    /// # Errors
    /// Why the stream ended, or that the call's id is taken.
    pub(super) fn expect(&self, message: &Message) -> Result<Pieces, Fault> {
        let (sink, pieces) = mpsc::channel(AHEAD);
        let mut waiting = self.waiting();
        if let Some(fault) = &waiting.ended {
            return Err(fault.clone());
        }
        if let Message::Request { id, params, .. } = message {
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
        Ok(pieces)
    }

    /// What belongs to no call.
    pub(super) fn listen(&self) -> Pieces {
        let (sink, pieces) = mpsc::channel(AHEAD);
        self.waiting().listener = Some(sink);
        pieces
    }

    /// Hands one message to whom it is for.
    pub(super) async fn route(&self, message: Message) {
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
            None => tracing::debug!("an upstream's message that nobody waits for was dropped"),
        }
    }

    /// The stream has ended: everything under way fails with this, and whatever comes later. Only the first counts.
    pub(super) fn fail(&self, fault: &Fault) {
        let mut waiting = self.waiting();
        let fault = waiting.ended.get_or_insert_with(|| fault.clone()).clone();
        waiting.progress.clear();
        waiting.listener = None;
        for (_, sink) in waiting.calls.drain() {
            let _ = sink.try_send(Err(fault.clone()));
        }
    }
}

impl Waiting {
    /// A server's own request or notification goes to the listener, or with a call under way where there is none.
    fn unrelated(&self) -> Option<Sink> {
        self.listener.clone().filter(|sink| !sink.is_closed()).or_else(|| self.calls.values().next().cloned())
    }
}
