//! What the gateway remembers of a Snowflake session: the drivers logged in, their queries, results with chunks.

use std::{
    collections::{BTreeSet, HashMap},
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use hoop_model::{Secret, SessionId};
use hoop_snowflake::{Delivery, Tokens};
use hoop_sql::SessionState;
use tokio::sync::watch;
use tokio_util::sync::CancellationToken;

use crate::pipeline::Exchange;

/// Driver sessions one local listener may have at a time.
const DRIVERS: usize = 256;
/// Queries of one driver whose answers are kept for retries; older ones go.
const QUERIES: usize = 256;
/// Results with chunks that are kept for one local listener; older ones go.
const RESULTS: usize = 64;

#[derive(Default)]
pub struct Memory(Mutex<Inner>);

#[derive(Default)]
struct Inner {
    drivers: HashMap<String, Arc<Driver>>,
    results: Recent<Arc<ResultSet>>,
}

/// One driver that logged in, with an upstream session of its own.
pub(super) struct Driver {
    pub tokens: Tokens,
    /// The name of its upstream session between gateway and agent.
    pub upstream: SessionId,
    state: Mutex<SessionState>,
    queries: Mutex<Queries>,
}

#[derive(Default)]
struct Queries {
    by_id: Recent<Arc<Query>>,
    by_request: Recent<Arc<Query>>,
}

/// A query on its way, or its answer.
pub(super) struct Query {
    /// What the driver polls by; the gateway's own.
    pub id: String,
    pub answer: watch::Sender<Option<Finished>>,
    /// The driver no longer wants it.
    pub cancelled: CancellationToken,
}

/// An answer that the driver may have: masked, recorded, and the same for every retry.
#[derive(Clone)]
pub(super) struct Finished {
    pub body: bytes::Bytes,
    /// The text of a refusal, for status requests.
    pub failure: Option<String>,
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

    /// The driver got this chunk; with the last of them it has the whole result.
    pub(super) fn served(&self, index: usize) {
        let mut served = self.served.lock().unwrap_or_else(PoisonError::into_inner);
        served.insert(index);
        if served.len() == self.delivery.chunks.len() {
            self.exchange.complete();
        }
    }
}

/// A map that forgets its oldest entries.
struct Recent<T> {
    map: HashMap<String, T>,
    order: std::collections::VecDeque<String>,
}

impl<T> Default for Recent<T> {
    fn default() -> Self {
        Self { map: HashMap::new(), order: std::collections::VecDeque::new() }
    }
}

impl<T> Recent<T> {
    fn put(&mut self, key: String, value: T, most: usize) {
        self.map.insert(key.clone(), value);
        self.order.push_back(key);
        while self.order.len() > most {
            if let Some(oldest) = self.order.pop_front() {
                self.map.remove(&oldest);
            }
        }
    }
}

impl Memory {
    fn inner(&self) -> MutexGuard<'_, Inner> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
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

    pub(super) fn remove(&self, driver: &Driver) {
        self.inner().drivers.remove(driver.tokens.session.expose());
    }

    pub(super) fn result(&self, token: &str) -> Option<Arc<ResultSet>> {
        self.inner().results.map.get(token).cloned()
    }

    pub(super) fn keep(&self, token: String, result: ResultSet) {
        self.inner().results.put(token, Arc::new(result), RESULTS);
    }
}

impl Driver {
    pub(super) fn new(tokens: Tokens, upstream: SessionId, state: SessionState) -> Self {
        Self { tokens, upstream, state: Mutex::new(state), queries: Mutex::default() }
    }

    pub(super) fn state(&self) -> SessionState {
        self.state.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    pub(super) fn set_state(&self, state: SessionState) {
        *self.state.lock().unwrap_or_else(PoisonError::into_inner) = state;
    }

    fn queries(&self) -> MutexGuard<'_, Queries> {
        self.queries.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The query of this request: `true` when it is new and must be run; else a driver's retry of one that is known.
    pub(super) fn query(&self, request_id: Option<&str>) -> (Arc<Query>, bool) {
        let mut queries = self.queries();
        if let Some(known) = request_id.and_then(|id| queries.by_request.map.get(id)) {
            return (known.clone(), false);
        }
        let query = Arc::new(Query {
            id: uuid::Uuid::now_v7().to_string(),
            answer: watch::Sender::new(None),
            cancelled: CancellationToken::new(),
        });
        queries.by_id.put(query.id.clone(), query.clone(), QUERIES);
        if let Some(id) = request_id {
            queries.by_request.put(id.to_owned(), query.clone(), QUERIES);
        }
        (query, true)
    }

    /// Makes the query findable by another id too: the upstream's, a statement's of several.
    pub(super) fn also(&self, id: &str, query: &Arc<Query>) {
        self.queries().by_id.put(id.to_owned(), query.clone(), QUERIES);
    }

    pub(super) fn by_id(&self, id: &str) -> Option<Arc<Query>> {
        self.queries().by_id.map.get(id).cloned()
    }

    pub(super) fn by_request(&self, id: &str) -> Option<Arc<Query>> {
        self.queries().by_request.map.get(id).cloned()
    }
}

impl Query {
    /// A query that waits to be asked for, such as one statement's result of several.
    pub(super) fn pending(id: &str) -> Arc<Self> {
        Arc::new(Self { id: id.to_owned(), answer: watch::Sender::new(None), cancelled: CancellationToken::new() })
    }

    pub(super) fn finish(&self, body: Vec<u8>, failure: Option<String>) {
        self.answer.send_replace(Some(Finished { body: body.into(), failure }));
    }
}

/// 256 random bits as text.
pub(super) fn unguessable() -> Result<Secret<String>, hoop_model::Fault> {
    let mut bytes = [0; 32];
    aws_lc_rs::rand::fill(&mut bytes).map_err(|_| crate::fault::internal("no random bytes"))?;
    Ok(Secret::new(crate::digest::hex(&bytes)))
}
