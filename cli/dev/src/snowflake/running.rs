use std::collections::{HashMap, VecDeque};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use serde_json::Value as Json;
use tokio::sync::watch;
use tokio_util::sync::CancellationToken;

use super::session::locked;
use super::table::Table;

/// Results kept for polling, RESULT_SCAN and children; the oldest go first.
const KEPT: usize = 512;

pub(crate) struct Outcome {
    /// The whole answer.
    pub(crate) body: Json,
    /// The rows behind it, for RESULT_SCAN.
    pub(crate) table: Option<Arc<Table>>,
}

/// A statement from the moment it was accepted.
pub(crate) struct Running {
    pub(crate) id: String,
    pub(crate) session: u64,
    pub(crate) sql: String,
    pub(crate) asynchronous: bool,
    /// How long one poll waits.
    pub(crate) ping: Duration,
    pub(crate) cancel: CancellationToken,
    outcome: watch::Sender<Option<Arc<Outcome>>>,
}

impl Running {
    pub(crate) fn new(id: String, session: u64, sql: &str, asynchronous: bool, ping: Duration) -> Arc<Self> {
        let cancel = CancellationToken::new();
        Arc::new(Self {
            id,
            session,
            sql: sql.to_owned(),
            asynchronous,
            ping,
            cancel,
            outcome: watch::Sender::new(None),
        })
    }

    pub(crate) fn finish(&self, outcome: Outcome) {
        self.outcome.send_replace(Some(Arc::new(outcome)));
    }

    pub(crate) fn outcome(&self) -> Option<Arc<Outcome>> {
        self.outcome.borrow().clone()
    }

    /// The outcome if it comes within `limit`. Dropping the future loses nothing.
    pub(crate) async fn wait(&self, limit: Duration) -> Option<Arc<Outcome>> {
        let mut changes = self.outcome.subscribe();
        let finished = tokio::time::timeout(limit, changes.wait_for(Option::is_some)).await;
        finished.ok()?.ok()?.clone()
    }
}

#[derive(Default)]
pub(crate) struct Registry {
    known: Mutex<Known>,
}

#[derive(Default)]
struct Known {
    by_id: HashMap<String, Arc<Running>>,
    by_request: HashMap<String, String>,
    order: VecDeque<(String, String)>,
}

impl Registry {
    pub(crate) fn add(&self, request_id: &str, running: &Arc<Running>) {
        let mut known = locked(&self.known);
        known.by_id.insert(running.id.clone(), Arc::clone(running));
        known.by_request.insert(request_id.to_owned(), running.id.clone());
        known.order.push_back((running.id.clone(), request_id.to_owned()));
        if known.order.len() > KEPT
            && let Some((id, request)) = known.order.pop_front()
        {
            known.by_id.remove(&id);
            if known.by_request.get(&request) == Some(&id) {
                known.by_request.remove(&request);
            }
        }
    }

    pub(crate) fn by_id(&self, id: &str) -> Option<Arc<Running>> {
        locked(&self.known).by_id.get(id).cloned()
    }

    pub(crate) fn by_request(&self, request_id: &str) -> Option<Arc<Running>> {
        let known = locked(&self.known);
        known.by_request.get(request_id).and_then(|id| known.by_id.get(id)).cloned()
    }
}
