//! What the gateway remembers of a Snowflake session: the drivers logged in, and results with chunks.

use std::{
    collections::{BTreeSet, HashMap, VecDeque},
    sync::{
        Arc, Mutex, MutexGuard, PoisonError,
        atomic::{AtomicBool, Ordering},
    },
};

use hoop_model::{Secret, SessionId};
use hoop_snowflake::{Delivery, LoginRequest, Tokens};
use hoop_sql::SessionState;

use super::{
    again::Again,
    place::Place,
    queries::Queries,
    room::Rooms,
    statements::{Closing, Statements},
};
use crate::pipeline::Exchange;

/// Driver sessions one local listener may have at a time.
const DRIVERS: usize = 256;
/// Results with chunks that are kept for one local listener; older ones go.
const RESULTS: usize = 64;

#[derive(Default)]
pub struct Memory {
    inner: Mutex<Inner>,
    pub(super) rooms: Rooms,
    pub(super) statements: Statements,
}

#[derive(Default)]
struct Inner {
    drivers: HashMap<String, Arc<Driver>>,
    results: HashMap<String, Arc<ResultSet>>,
    /// The results' tokens, from the oldest on.
    order: VecDeque<String>,
}

/// One driver that logged in, with an upstream session of its own.
pub(super) struct Driver {
    pub tokens: Tokens,
    /// The name of its upstream session between gateway and agent.
    upstream: Mutex<SessionId>,
    /// `None`: it ends with that session.
    pub again: Option<Again>,
    pub place: Place,
    pub queries: Arc<Queries>,
    /// Where nobody logs out, that is done once nothing uses it.
    pub closing: Option<Closing>,
    ended: AtomicBool,
}

/// A result whose chunks the driver will ask for.
pub(super) struct ResultSet {
    pub exchange: Arc<Exchange>,
    pub delivery: Delivery,
    served: Mutex<BTreeSet<usize>>,
}

impl ResultSet {
    pub(super) fn new(exchange: Arc<Exchange>, delivery: Delivery) -> Self {
        Self { exchange, delivery, served: Mutex::default() }
    }

    /// The driver gets this chunk; `true` with the last of them, when it has the whole result.
    pub(super) fn served(&self, index: usize) -> bool {
        let mut served = self.served.lock().unwrap_or_else(PoisonError::into_inner);
        served.insert(index) && served.len() == self.delivery.chunks.len()
    }
}

impl Memory {
    fn inner(&self) -> MutexGuard<'_, Inner> {
        self.inner.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(super) fn add(&self, driver: Driver) -> Option<Arc<Driver>> {
        let mut inner = self.inner();
        if inner.drivers.len() >= DRIVERS {
            return None;
        }
        let driver = Arc::new(driver);
        inner.drivers.insert(driver.tokens.session.expose().clone(), driver.clone());
        Some(driver)
    }

    /// By session token.
    pub(super) fn driver(&self, token: &str) -> Option<Arc<Driver>> {
        self.inner().drivers.get(token).cloned()
    }

    /// By master token: what a driver renews with.
    pub(super) fn by_master(&self, token: &str) -> Option<Arc<Driver>> {
        self.inner().drivers.values().find(|driver| driver.tokens.master.expose() == token).cloned()
    }

    /// By the number that the driver was told its session has.
    pub(super) fn by_session_id(&self, id: u32) -> Option<Arc<Driver>> {
        self.inner().drivers.values().find(|driver| driver.tokens.session_id == id).cloned()
    }

    pub(super) fn remove(&self, driver: &Driver) {
        self.inner().drivers.remove(driver.tokens.session.expose());
    }

    pub(super) fn result(&self, token: &str) -> Option<Arc<ResultSet>> {
        self.inner().results.get(token).cloned()
    }

    pub(super) fn keep(&self, token: String, result: ResultSet) {
        let mut inner = self.inner();
        inner.results.insert(token.clone(), Arc::new(result));
        inner.order.push_back(token);
        while inner.order.len() > RESULTS {
            if let Some(oldest) = inner.order.pop_front() {
                inner.results.remove(&oldest);
            }
        }
    }

    /// The session has ended; the upstream sessions that are open still. Its results hold exchanges, and those the
    /// session: without this none would ever go.
    pub(super) fn clear(&self) -> Vec<SessionId> {
        let mut open = self.statements.clear();
        let gone = std::mem::take(&mut *self.inner());
        open.extend(gone.drivers.values().map(|driver| driver.upstream()));
        open
    }
}

impl Driver {
    pub(super) fn new(tokens: Tokens, upstream: SessionId, standing: SessionState, login: LoginRequest) -> Self {
        let (again, place, queries) = (Some(Again::new(login)), Place::new(standing), Arc::default());
        let upstream = Mutex::new(upstream);
        Self { tokens, upstream, again, place, queries, closing: None, ended: AtomicBool::new(false) }
    }

    pub(super) fn upstream(&self) -> SessionId {
        *self.upstream.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// From now on in another upstream session.
    pub(super) fn goes_on_in(&self, upstream: SessionId) {
        *self.upstream.lock().unwrap_or_else(PoisonError::into_inner) = upstream;
    }

    /// The upstream has ended its session: nothing runs in it any more.
    pub(super) fn end(&self) {
        self.ended.store(true, Ordering::Relaxed);
    }

    pub(super) fn has_ended(&self) -> bool {
        self.ended.load(Ordering::Relaxed)
    }
}

/// 256 random bits as text.
pub(super) fn unguessable() -> Result<Secret<String>, hoop_model::Fault> {
    let mut bytes = [0; 32];
    aws_lc_rs::rand::fill(&mut bytes).map_err(|_| crate::fault::internal("no random bytes"))?;
    Ok(Secret::new(crate::digest::hex(&bytes)))
}
