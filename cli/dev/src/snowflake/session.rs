use std::collections::HashMap;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use axum::http::HeaderMap;
use axum::http::header::AUTHORIZATION;
use uuid::Uuid;

use super::failure::Failure;

/// A lock whose holder died still guards plain data here.
pub(crate) fn locked<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Where a session stands: changed by USE.
#[derive(Debug, Clone)]
pub(crate) struct Place {
    pub(crate) database: String,
    pub(crate) schema: String,
    pub(crate) warehouse: String,
    pub(crate) role: String,
}

pub(crate) struct Session {
    pub(crate) id: u64,
    pub(crate) user: String,
    /// `CLIENT_APP_ID` at login: it picks the result format.
    pub(crate) app: String,
    pub(crate) place: Mutex<Place>,
    pub(crate) parameters: Mutex<HashMap<String, String>>,
    master: String,
    stale: AtomicBool,
    pub(crate) master_stale: AtomicBool,
}

impl Session {
    /// One that no token leads to.
    pub(crate) fn of_one_call(user: &str, place: Place) -> Self {
        Self {
            id: 0,
            user: user.to_owned(),
            app: String::new(),
            place: Mutex::new(place),
            parameters: Mutex::default(),
            master: String::new(),
            stale: AtomicBool::new(false),
            master_stale: AtomicBool::new(false),
        }
    }

    pub(crate) fn master(&self) -> &str {
        &self.master
    }

    pub(crate) fn parameter(&self, name: &str) -> Option<String> {
        locked(&self.parameters).get(name).cloned()
    }
}

/// Live sessions, by session token and by master token. Every token carries the planted marker.
pub(crate) struct Sessions {
    marker: String,
    next: AtomicU64,
    by_token: Mutex<HashMap<String, Arc<Session>>>,
    by_master: Mutex<HashMap<String, Arc<Session>>>,
}

impl Sessions {
    pub(crate) fn new(marker: &str) -> Self {
        Self {
            marker: marker.to_owned(),
            next: AtomicU64::new(7_000_001),
            by_token: Mutex::default(),
            by_master: Mutex::default(),
        }
    }

    /// A new session with its session token and its master token.
    pub(crate) fn open(
        &self,
        user: &str,
        app: &str,
        place: Place,
        parameters: HashMap<String, String>,
    ) -> (Arc<Session>, String, String) {
        let (token, master) = (self.token("session"), self.token("master"));
        let session = Arc::new(Session {
            id: self.next.fetch_add(1, Ordering::Relaxed),
            user: user.to_owned(),
            app: app.to_owned(),
            place: Mutex::new(place),
            parameters: Mutex::new(parameters),
            master: master.clone(),
            stale: AtomicBool::new(false),
            master_stale: AtomicBool::new(false),
        });
        locked(&self.by_token).insert(token.clone(), Arc::clone(&session));
        locked(&self.by_master).insert(master.clone(), Arc::clone(&session));
        (session, token, master)
    }

    pub(crate) fn of(&self, headers: &HeaderMap) -> Result<Arc<Session>, Failure> {
        let session = self.by_header(headers, &self.by_token)?;
        if session.master_stale.load(Ordering::Relaxed) {
            return Err(Failure::of_session("390114"));
        }
        if session.stale.load(Ordering::Relaxed) {
            return Err(Failure::of_session("390112"));
        }
        Ok(session)
    }

    /// A fresh session token for the master token in the header; the old session token ends.
    pub(crate) fn renew(&self, headers: &HeaderMap) -> Result<(Arc<Session>, String), Failure> {
        let session = self.by_header(headers, &self.by_master)?;
        if session.master_stale.load(Ordering::Relaxed) {
            return Err(Failure::of_session("390114"));
        }
        let token = self.token("session");
        let mut by_token = locked(&self.by_token);
        by_token.retain(|_, other| other.id != session.id);
        by_token.insert(token.clone(), Arc::clone(&session));
        session.stale.store(false, Ordering::Relaxed);
        Ok((Arc::clone(&session), token))
    }

    pub(crate) fn close(&self, session: &Session) {
        locked(&self.by_token).retain(|_, other| other.id != session.id);
        locked(&self.by_master).remove(&session.master);
    }

    /// Every session token is too old from now on (390112 until renewed); with `masters` a new login is needed (390114).
    pub(crate) fn expire(&self, masters: bool) {
        for session in locked(&self.by_token).values() {
            session.stale.store(true, Ordering::Relaxed);
            session.master_stale.store(masters, Ordering::Relaxed);
        }
    }

    pub(crate) fn count(&self) -> usize {
        locked(&self.by_token).len()
    }

    fn by_header(
        &self,
        headers: &HeaderMap,
        among: &Mutex<HashMap<String, Arc<Session>>>,
    ) -> Result<Arc<Session>, Failure> {
        headers
            .get(AUTHORIZATION)
            .and_then(|value| value.to_str().ok())
            .and_then(|value| value.strip_prefix("Snowflake Token=\""))
            .and_then(|value| value.strip_suffix('"'))
            .and_then(|token| locked(among).get(token).cloned())
            .ok_or_else(|| Failure::of_session("390111"))
    }

    fn token(&self, kind: &str) -> String {
        format!("{}-{kind}-{}{}", self.marker, Uuid::new_v4().simple(), Uuid::new_v4().simple())
    }
}
