//! MCP sessions within one of ours. The id the client sees is ours: an upstream's own stays here.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use hoop_mcp::Id;
use tokio_util::sync::CancellationToken;

use super::upstream::Upstream;

/// MCP sessions one client may have open at a time.
const LIMIT: usize = 64;

#[derive(Default)]
pub struct Memory(Mutex<HashMap<String, Arc<McpSession>>>);

pub(super) struct McpSession {
    pub id: String,
    pub upstream: Upstream,
    /// Calls that wait for approval, by the client's id of them: cancelling one withdraws its request.
    held: Mutex<HashMap<Id, CancellationToken>>,
}

impl Memory {
    fn map(&self) -> MutexGuard<'_, HashMap<String, Arc<McpSession>>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// `None` when too many are open.
    pub(super) fn open(&self, upstream: Upstream) -> Option<Arc<McpSession>> {
        let mut map = self.map();
        if map.len() >= LIMIT {
            return None;
        }
        let id = uuid::Uuid::new_v4().simple().to_string();
        let session = Arc::new(McpSession { id: id.clone(), upstream, held: Mutex::default() });
        map.insert(id, session.clone());
        Some(session)
    }

    pub(super) fn get(&self, id: &str) -> Option<Arc<McpSession>> {
        self.map().get(id).cloned()
    }

    pub(super) fn close(&self, id: &str) -> Option<Arc<McpSession>> {
        self.map().remove(id)
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
