//! What the gateway remembers of a session's use of the SQL API: its statements, and an upstream session per place.
//! To its client every statement has a session of its own. One that leaves nothing behind shares one with the others of
//! its place, which saves a login; one that may leave something gets its own.

use std::{
    collections::HashMap,
    sync::{
        Arc, Mutex, PoisonError, Weak,
        atomic::{AtomicBool, Ordering},
    },
};

use hoop_model::{Fault, Retry, SessionId, Side};
use hoop_snowflake::{LoginRequest, QueryRequest, StatementPlace};
use hoop_sql::SessionState;
use serde_json::{Map, Value};
use tokio::sync::OnceCell;

use super::{again::leaves_something, login, memory::Driver, queries::Queries};
use crate::{Gateway, session::Session};

/// Upstream sessions that one local listener keeps for the places of its statements.
const PLACES: usize = 16;
/// The SQL API has rows as JSON. Which of these counts for a session is decided by the program it is of.
const RESULT_FORMATS: &[&str] = &[
    "GO_QUERY_RESULT_FORMAT",
    "JDBC_QUERY_RESULT_FORMAT",
    "ODBC_QUERY_RESULT_FORMAT",
    "PYTHON_CONNECTOR_QUERY_RESULT_FORMAT",
];

type Shared = Arc<OnceCell<Arc<Driver>>>;

#[derive(Default)]
pub(super) struct Statements {
    /// Of all places: a handle and a request id mean the same wherever it runs.
    pub queries: Arc<Queries>,
    places: Mutex<HashMap<StatementPlace, Shared>>,
}

/// Logs out upstream when the last query of a session has ended.
pub(super) struct Closing {
    gateway: Arc<Gateway>,
    session: Weak<Session>,
    upstream: SessionId,
    done: AtomicBool,
}

impl Closing {
    /// Whether nobody has done it yet; whoever asks does it.
    fn take(&self) -> bool {
        !self.done.swap(true, Ordering::Relaxed)
    }
}

impl Drop for Closing {
    fn drop(&mut self) {
        if !self.take() {
            return;
        }
        let (Some(session), Ok(runtime)) = (self.session.upgrade(), tokio::runtime::Handle::try_current()) else {
            return;
        };
        let (gateway, upstream) = (self.gateway.clone(), self.upstream);
        runtime.spawn(async move { login::close_upstream(&gateway, &session, upstream).await });
    }
}

impl Statements {
    /// The session that this statement runs in, opened where need be.
    pub(super) async fn driver(
        &self,
        gateway: &Arc<Gateway>,
        session: &Arc<Session>,
        place: StatementPlace,
        query: &QueryRequest,
    ) -> Result<Arc<Driver>, Fault> {
        let names = SessionState { database: place.database.clone(), schema: place.schema.clone(), role: None };
        if leaves_something(&hoop_sql::classify(query.sql(), &names)) {
            return self.open(gateway, session, place).await;
        }
        let shared = self.shared(&place)?;
        let driver = shared.get_or_try_init(|| self.open(gateway, session, place.clone())).await?.clone();
        if !driver.has_ended() {
            return Ok(driver);
        }
        self.forget(&place, &shared);
        let shared = self.shared(&place)?;
        shared.get_or_try_init(|| self.open(gateway, session, place)).await.cloned()
    }

    fn places(&self) -> std::sync::MutexGuard<'_, HashMap<StatementPlace, Shared>> {
        self.places.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn shared(&self, place: &StatementPlace) -> Result<Shared, Fault> {
        let mut places = self.places();
        if let Some(shared) = places.get(place) {
            return Ok(shared.clone());
        }
        if places.len() >= PLACES {
            let idle = |shared: &Shared| {
                Arc::strong_count(shared) == 1 && shared.get().is_none_or(|driver| Arc::strong_count(driver) == 1)
            };
            let unused = places.iter().find(|(_, shared)| idle(shared)).map(|(place, _)| place.clone());
            places.remove(&unused.ok_or_else(too_many)?);
        }
        Ok(places.entry(place.clone()).or_default().clone())
    }

    /// Unless another statement has put a new one there already.
    fn forget(&self, place: &StatementPlace, ended: &Shared) {
        let mut places = self.places();
        if places.get(place).is_some_and(|shared| Arc::ptr_eq(shared, ended)) {
            places.remove(place);
        }
    }

    async fn open(
        &self,
        gateway: &Arc<Gateway>,
        session: &Arc<Session>,
        place: StatementPlace,
    ) -> Result<Arc<Driver>, Fault> {
        let StatementPlace { database, schema, warehouse, role } = place;
        let formats = RESULT_FORMATS.iter().map(|name| ((*name).to_owned(), Value::from("JSON")));
        let request = LoginRequest {
            secret: None,
            client_app_id: None,
            client_app_version: None,
            database,
            schema,
            warehouse,
            role,
            session_parameters: Map::from_iter(formats),
        };
        let (mut driver, _) = login::open(gateway, session, request).await?;
        driver.queries = self.queries.clone();
        // One that has ended makes room for another: [`Self::driver`].
        driver.again = None;
        let (gateway, session, upstream) = (gateway.clone(), Arc::downgrade(session), driver.upstream());
        driver.closing = Some(Closing { gateway, session, upstream, done: AtomicBool::new(false) });
        Ok(Arc::new(driver))
    }

    /// The upstream sessions that are open still, for the caller to end.
    pub(super) fn clear(&self) -> Vec<SessionId> {
        let gone = std::mem::take(&mut *self.places());
        let drivers = gone.values().filter_map(|shared| shared.get());
        let to_end = drivers.filter(|driver| driver.closing.as_ref().is_some_and(Closing::take));
        to_end.map(|driver| driver.upstream()).collect()
    }
}

fn too_many() -> Fault {
    Fault::new(
        Side::Client,
        "too_many_places",
        Retry::Safe,
        format!(
            "statements are under way in {PLACES} different places (database, schema, warehouse, role), so this one was \
             not run; let some of them end first",
        ),
    )
}
