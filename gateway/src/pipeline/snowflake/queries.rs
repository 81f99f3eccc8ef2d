//! One driver's queries, and their answers as long as a retry may want them.

use std::{
    collections::{HashMap, VecDeque},
    sync::{
        Arc, Mutex, MutexGuard, OnceLock, PoisonError,
        atomic::{AtomicBool, Ordering},
    },
};

use bytes::Bytes;
use hoop_model::Timestamp;
use hoop_snowflake::Refusal;
use tokio::sync::watch;
use tokio_util::sync::CancellationToken;

/// Queries that are remembered, so that a retry never runs one again; finished ones go first, the oldest before.
const REMEMBERED: usize = 4096;
/// Bytes of answers that are kept for retries and polls.
const KEPT: usize = 64 * 1024 * 1024;

/// A query on its way, or its answer.
pub(super) struct Query {
    /// What the driver polls by; the gateway's own.
    pub id: String,
    pub answer: watch::Sender<Option<Finished>>,
    /// The driver no longer wants it.
    pub cancelled: CancellationToken,
    request: Option<String>,
    /// When the answer, which shows card numbers, may no longer be had.
    shown_until: OnceLock<Timestamp>,
    /// Its client wants nulls as text; of the SQL API only.
    nulls_as_text: AtomicBool,
    /// The upstream's ids of it.
    also: Mutex<Vec<String>>,
}

/// An answer that the driver may have: masked, recorded, and the same for every retry.
#[derive(Clone)]
pub(super) struct Finished {
    pub body: Bytes,
    /// The text of a refusal, for status requests.
    pub failure: Option<String>,
}

#[derive(Default)]
pub(super) struct Queries(Mutex<Inner>);

#[derive(Default)]
struct Inner {
    /// By the gateway's id and the upstream's.
    by_id: HashMap<String, Arc<Query>>,
    by_request: HashMap<String, Arc<Query>>,
    /// From the oldest on.
    order: VecDeque<Arc<Query>>,
    /// Those whose answers are kept, in the order they came.
    kept: VecDeque<Arc<Query>>,
    bytes: usize,
}

impl Query {
    fn new(id: String, request: Option<&str>) -> Arc<Self> {
        Arc::new(Self {
            id,
            answer: watch::Sender::new(None),
            cancelled: CancellationToken::new(),
            request: request.map(str::to_owned),
            shown_until: OnceLock::new(),
            nulls_as_text: AtomicBool::new(false),
            also: Mutex::default(),
        })
    }

    /// The answer shows card numbers, until then.
    pub(super) fn shown_until(&self, until: Timestamp) {
        // A query has one answer.
        let _ = self.shown_until.set(until);
    }

    pub(super) fn nulls_as_text(&self) {
        self.nulls_as_text.store(true, Ordering::Relaxed);
    }

    pub(super) fn has_nulls_as_text(&self) -> bool {
        self.nulls_as_text.load(Ordering::Relaxed)
    }

    /// What may be had of the answer now.
    pub(super) fn body(&self, finished: &Finished, now: Timestamp) -> Bytes {
        match self.shown_until.get() {
            Some(until) if now >= *until => Refusal::no_longer_shown().body(Some(&self.id)).into(),
            _ => finished.body.clone(),
        }
    }

    fn is_finished(&self) -> bool {
        self.answer.borrow().is_some()
    }
}

impl Queries {
    fn inner(&self) -> MutexGuard<'_, Inner> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The query of this request: `true` when it is new and must be run; else a driver's retry of one that is known.
    /// `None` when too many are under way.
    pub(super) fn begin(&self, request: Option<&str>) -> Option<(Arc<Query>, bool)> {
        let mut inner = self.inner();
        if let Some(known) = request.and_then(|request| inner.by_request.get(request)) {
            return Some((known.clone(), false));
        }
        let query = Query::new(uuid::Uuid::now_v7().to_string(), request);
        inner.remember(&query).then_some((query, true))
    }

    /// A query that waits to be asked for by the upstream's own id, such as one statement's result of several.
    pub(super) fn pending(&self, id: &str) -> Option<Arc<Query>> {
        let query = Query::new(id.to_owned(), None);
        self.inner().remember(&query).then_some(query)
    }

    /// Makes the query findable by the upstream's id too.
    pub(super) fn also(&self, id: &str, query: &Arc<Query>) {
        query.also.lock().unwrap_or_else(PoisonError::into_inner).push(id.to_owned());
        self.inner().by_id.insert(id.to_owned(), query.clone());
    }

    pub(super) fn by_id(&self, id: &str) -> Option<Arc<Query>> {
        self.inner().by_id.get(id).cloned()
    }

    /// What the upstream calls a query that the gateway made an id for; the last it said, as of the answer itself.
    pub(super) fn upstream_id(&self, id: &str) -> Option<String> {
        let query = self.by_id(id).filter(|query| query.id == id)?;
        let also = query.also.lock().unwrap_or_else(PoisonError::into_inner);
        also.last().filter(|also| *also != id).cloned()
    }

    pub(super) fn by_request(&self, request: &str) -> Option<Arc<Query>> {
        self.inner().by_request.get(request).cloned()
    }

    /// Those that have ended already stay as they are.
    pub(super) fn cancel_all(&self) {
        self.inner().order.iter().for_each(|query| query.cancelled.cancel());
    }

    /// Leaves the answer for whoever polls or retries.
    pub(super) fn finish(&self, query: &Arc<Query>, body: Vec<u8>, failure: Option<String>) {
        let body = Bytes::from(body);
        let mut inner = self.inner();
        inner.bytes += body.len();
        inner.kept.push_back(query.clone());
        query.answer.send_replace(Some(Finished { body, failure }));
        while inner.bytes > KEPT && inner.kept.len() > 1 {
            let Some(oldest) = inner.kept.pop_front() else { break };
            oldest.answer.send_if_modified(|answer| {
                let Some(finished) = answer else { return false };
                inner.bytes -= finished.body.len();
                finished.body = Refusal::forgotten().body(Some(&oldest.id)).into();
                true
            });
        }
    }
}

impl Inner {
    fn remember(&mut self, query: &Arc<Query>) -> bool {
        if self.order.len() >= REMEMBERED {
            let Some(at) = self.order.iter().position(|query| query.is_finished()) else { return false };
            if let Some(gone) = self.order.remove(at) {
                self.forget(&gone);
            }
        }
        self.by_id.insert(query.id.clone(), query.clone());
        if let Some(request) = &query.request {
            self.by_request.insert(request.clone(), query.clone());
        }
        self.order.push_back(query.clone());
        true
    }

    fn forget(&mut self, gone: &Arc<Query>) {
        self.by_id.remove(&gone.id);
        for id in gone.also.lock().unwrap_or_else(PoisonError::into_inner).iter() {
            self.by_id.remove(id);
        }
        if let Some(request) = &gone.request {
            self.by_request.remove(request);
        }
        if let Some(at) = self.kept.iter().position(|query| Arc::ptr_eq(query, gone)) {
            self.kept.remove(at);
            self.bytes -= gone.answer.borrow().as_ref().map_or(0, |finished| finished.body.len());
        }
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    fn body(query: &Query) -> String {
        String::from_utf8_lossy(&query.answer.borrow().as_ref().unwrap().body).into_owned()
    }

    #[test]
    fn a_retry_finds_its_query_however_many_came_since() {
        let queries = Queries::default();
        let (held, new) = queries.begin(Some("held")).unwrap();
        assert!(new);
        for number in 0..2 * REMEMBERED {
            let (query, _) = queries.begin(Some(&number.to_string())).unwrap();
            queries.finish(&query, b"rows".to_vec(), None);
        }
        let (again, new) = queries.begin(Some("held")).unwrap();
        assert!(!new && Arc::ptr_eq(&held, &again), "a query under way is never forgotten");
        assert!(queries.by_id(&held.id).is_some());
        assert!(queries.inner().order.len() <= REMEMBERED);
    }

    #[test]
    fn an_answer_that_is_no_longer_kept_is_not_got_by_running_it_again() {
        let queries = Queries::default();
        let (first, _) = queries.begin(Some("first")).unwrap();
        queries.finish(&first, vec![b'x'; KEPT / 2], None);
        let (second, _) = queries.begin(Some("second")).unwrap();
        queries.finish(&second, vec![b'y'; KEPT / 2 + 1], None);
        let (again, new) = queries.begin(Some("first")).unwrap();
        assert!(!new);
        assert!(body(&again).contains("no longer kept"), "{}", body(&again));
        assert!(queries.inner().bytes <= KEPT);
    }

    #[test]
    fn an_answer_that_shows_card_numbers_is_not_had_again_once_its_time_is_over() {
        let queries = Queries::default();
        let (query, _) = queries.begin(Some("shown")).unwrap();
        let until: Timestamp = "2027-01-01T00:00:00Z".parse().unwrap();
        query.shown_until(until);
        queries.finish(&query, b"rows".to_vec(), None);
        let finished = query.answer.borrow().clone().unwrap();
        let had = |now: Timestamp| String::from_utf8_lossy(&query.body(&finished, now)).into_owned();
        assert_eq!(had("2026-12-31T23:59:59Z".parse().unwrap()), "rows");
        assert!(had(until).contains("no longer be shown"), "{}", had(until));
    }

    #[test]
    fn too_many_under_way_are_refused() {
        let queries = Queries::default();
        for _ in 0..REMEMBERED {
            assert!(queries.begin(None).is_some());
        }
        assert!(queries.begin(None).is_none());
    }
}
