//! MCP sessions within one of ours. The id the client sees is ours: an upstream's own stays here.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use hoop_mcp::Id;
use tokio_util::sync::CancellationToken;

use super::upstream::Upstream;

/// MCP sessions one client may have open at a time. Many clients end none, so the one that was used longest ago makes
/// room for a new one.
const LIMIT: usize = 64;

#[derive(Default)]
pub struct Memory(Mutex<Inner>);

#[derive(Default)]
struct Inner {
    /// With the turn in which each was used last.
    open: HashMap<String, (Arc<McpSession>, u64)>,
    turns: u64,
}

pub(super) struct McpSession {
    pub id: String,
    pub upstream: Upstream,
    /// Calls that wait for approval, by the client's id of them: cancelling one withdraws its request.
    held: Mutex<HashMap<Id, CancellationToken>>,
}

impl Memory {
    fn inner(&self) -> MutexGuard<'_, Inner> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// A new session, and the one that had to go for it.
    pub(super) fn open(&self, upstream: Upstream) -> (Arc<McpSession>, Option<Arc<McpSession>>) {
        let mut inner = self.inner();
        let oldest = inner.open.iter().min_by_key(|(_, (_, used))| *used).map(|(id, _)| id.clone());
        let gone = oldest.filter(|_| inner.open.len() >= LIMIT).and_then(|id| inner.open.remove(&id));
        let id = uuid::Uuid::new_v4().simple().to_string();
        let session = Arc::new(McpSession { id: id.clone(), upstream, held: Mutex::default() });
        inner.turns += 1;
        let turn = inner.turns;
        inner.open.insert(id, (session.clone(), turn));
        (session, gone.map(|(gone, _)| gone))
    }

    pub(super) fn get(&self, id: &str) -> Option<Arc<McpSession>> {
        let mut inner = self.inner();
        inner.turns += 1;
        let turn = inner.turns;
        let (session, used) = inner.open.get_mut(id)?;
        *used = turn;
        Some(session.clone())
    }

    pub(super) fn close(&self, id: &str) -> Option<Arc<McpSession>> {
        self.inner().open.remove(id).map(|(session, _)| session)
    }

    /// All of them; none is open after it.
    pub(super) fn drain(&self) -> Vec<Arc<McpSession>> {
        self.inner().open.drain().map(|(_, (session, _))| session).collect()
    }
}

impl McpSession {
    fn waiting(&self) -> MutexGuard<'_, HashMap<Id, CancellationToken>> {
        self.held.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// A call begins to wait; the token is cancelled when the client no longer wants it.
    pub(super) fn hold(&self, id: &Id) -> CancellationToken {
        self.waiting().entry(id.clone()).or_default().clone()
    }

    pub(super) fn release(&self, id: &Id) {
        self.waiting().remove(id);
    }

    /// The client cancelled a call; `true` if it was one that waits.
    pub(super) fn cancel(&self, id: &Id) -> bool {
        self.waiting().remove(id).map(|token| token.cancel()).is_some()
    }

    /// The client ended the session: nobody will take what its calls wait for.
    pub(super) fn cancel_all(&self) {
        for (_, token) in self.waiting().drain() {
            token.cancel();
        }
    }
}
