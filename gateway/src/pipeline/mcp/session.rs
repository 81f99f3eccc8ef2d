//! MCP sessions within one of ours. The id the client sees is ours: an upstream's own stays here.

use std::{
    collections::{HashMap, HashSet},
    sync::{Arc, Mutex, MutexGuard, OnceLock, PoisonError},
};

use ::http::{HeaderName, HeaderValue};
use hoop_mcp::{
    Id,
    mirror::{self, Mirror},
};
use hoop_model::Fault;
use serde_json::Value;
use tokio::sync::OnceCell;
use tokio_util::sync::CancellationToken;

use super::{posted::Posted, resume::Resumption, schema::Schemas, upstream::Upstream};
use crate::{Gateway, pipeline::Authorized};

/// MCP sessions one client may have open at a time. Many clients end none, so the one that was used longest ago makes
/// room for a new one.
const LIMIT: usize = 64;

/// Unanswered requests of one server's own.
const ASKED: usize = 1024;
/// Tools of one server that want headers.
const TOOLS: usize = 1024;

#[derive(Default)]
pub struct Memory {
    opened: Mutex<Opened>,
    /// For messages of the era that has no sessions.
    stateless: OnceLock<Arc<McpSession>>,
}

#[derive(Default)]
struct Opened {
    /// With the turn in which each was used last.
    sessions: HashMap<String, (Arc<McpSession>, u64)>,
    turns: u64,
}

pub(super) struct McpSession {
    pub id: String,
    upstream: OnceCell<Upstream>,
    /// What `initialize` agreed on.
    revision: OnceLock<String>,
    /// What the upstream and the gateway both speak, once somebody had to know.
    supported: OnceLock<Vec<String>>,
    /// What tools want beside the body, by their names: of the lists that went down.
    mirrors: Mutex<HashMap<String, Vec<Mirror>>>,
    /// Calls that wait for approval, by the client's id of them: cancelling one withdraws its request.
    held: Mutex<HashMap<Id, CancellationToken>>,
    /// Requests of the server's own that the client has not answered. Their ids have nothing to do with the client's.
    asked: Mutex<HashSet<Id>>,
    pub resumption: Resumption,
    pub schemas: Schemas,
}

impl Memory {
    fn opened(&self) -> MutexGuard<'_, Opened> {
        self.opened.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// A new session, and the one that had to go for it.
    pub(super) fn open(&self) -> (Arc<McpSession>, Option<Arc<McpSession>>) {
        let mut opened = self.opened();
        let oldest = opened.sessions.iter().min_by_key(|(_, (_, used))| *used).map(|(id, _)| id.clone());
        let gone = oldest.filter(|_| opened.sessions.len() >= LIMIT).and_then(|id| opened.sessions.remove(&id));
        let session = Arc::new(McpSession::new());
        opened.turns += 1;
        let turn = opened.turns;
        opened.sessions.insert(session.id.clone(), (session.clone(), turn));
        (session, gone.map(|(gone, _)| gone))
    }

    pub(super) fn get(&self, id: &str) -> Option<Arc<McpSession>> {
        let mut opened = self.opened();
        opened.turns += 1;
        let turn = opened.turns;
        let (session, used) = opened.sessions.get_mut(id)?;
        *used = turn;
        Some(session.clone())
    }

    pub(super) fn close(&self, id: &str) -> Option<Arc<McpSession>> {
        self.opened().sessions.remove(id).map(|(session, _)| session)
    }

    pub(super) fn stateless(&self) -> Arc<McpSession> {
        self.stateless.get_or_init(|| Arc::new(McpSession::new())).clone()
    }

    /// All of them; none is open after it.
    pub(super) fn drain(&self) -> Vec<Arc<McpSession>> {
        let opened = self.opened().sessions.drain().map(|(_, (session, _))| session).collect::<Vec<_>>();
        opened.into_iter().chain(self.stateless.get().cloned()).collect()
    }
}

impl McpSession {
    fn new() -> Self {
        Self {
            id: uuid::Uuid::new_v4().simple().to_string(),
            upstream: OnceCell::new(),
            revision: OnceLock::new(),
            supported: OnceLock::new(),
            mirrors: Mutex::default(),
            held: Mutex::default(),
            asked: Mutex::default(),
            resumption: Resumption::default(),
            schemas: Schemas::default(),
        }
    }

    /// The upstream leg, which `first` opens: a child starts only for what was judged and recorded.
    pub(super) async fn upstream(
        &self,
        gateway: &Arc<Gateway>,
        first: &Authorized<Posted>,
    ) -> Result<&Upstream, Fault> {
        self.upstream.get_or_try_init(|| Upstream::open(gateway, first)).await
    }

    /// The upstream leg, if anything was ever sent on it.
    pub(super) fn open(&self) -> Option<&Upstream> {
        self.upstream.get()
    }

    /// `initialize` was answered.
    pub(super) fn agree(&self, revision: &str) {
        let _ = self.revision.set(revision.to_owned());
    }

    pub(super) fn revision(&self) -> Option<&str> {
        self.revision.get().map(String::as_str)
    }

    pub(super) fn learn(&self, supported: &[String]) {
        let _ = self.supported.set(supported.to_vec());
    }

    pub(super) fn supported(&self) -> Option<&[String]> {
        self.supported.get().map(Vec::as_slice)
    }

    /// A page of a list of tools went down.
    pub(super) fn listed(&self, tools: &Value) {
        let mut known = self.mirrors.lock().unwrap_or_else(PoisonError::into_inner);
        for tool in tools.as_array().into_iter().flatten() {
            let Some(name) = tool.get("name").and_then(Value::as_str) else { continue };
            let mirrors = mirror::mirrors(tool);
            if mirrors.is_empty() {
                known.remove(name);
            } else if known.len() < TOOLS {
                known.insert(name.to_owned(), mirrors);
            }
        }
    }

    /// The headers that a call of `tool` with these arguments wants.
    pub(super) fn mirrored(&self, tool: &str, arguments: &Value) -> Vec<(HeaderName, HeaderValue)> {
        let known = self.mirrors.lock().unwrap_or_else(PoisonError::into_inner);
        known.get(tool).map(|mirrors| mirror::headers(mirrors, arguments)).unwrap_or_default()
    }

    fn asked(&self) -> MutexGuard<'_, HashSet<Id>> {
        self.asked.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The server asks the client; `false` where it has asked too much that is not answered.
    pub(super) fn ask(&self, id: &Id) -> bool {
        let mut asked = self.asked();
        if asked.len() >= ASKED {
            return false;
        }
        asked.insert(id.clone());
        true
    }

    /// The client answers; `false` where nobody asked, or it has answered already.
    pub(super) fn answer(&self, id: &Id) -> bool {
        self.asked().remove(id)
    }

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
        self.resumption.forget();
    }
}
