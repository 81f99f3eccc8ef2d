//! Upstream sessions, by the gateway's.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex as SyncMutex, PoisonError},
    time::Duration,
};

use ::http::HeaderValue;
use hoop_model::{Fault, Retry, Secret, SessionId, Side};
use hoop_wire::headers::SnowflakeLogin;
use serde_json::{Value, json};
use tokio::{sync::Mutex, time::Instant};
use uuid::Uuid;

use super::SnowflakeUpstream;

/// Snowflake's master token lives so long: a session unused for longer is over anyway.
const UNUSED_LIMIT: Duration = Duration::from_secs(4 * 60 * 60);

#[derive(Default)]
pub(super) struct Pool {
    sessions: SyncMutex<HashMap<SessionId, (Arc<Session>, Instant)>>,
}

impl Pool {
    pub(super) fn session(&self, id: SessionId) -> Arc<Session> {
        let now = Instant::now();
        let mut sessions = self.sessions.lock().unwrap_or_else(PoisonError::into_inner);
        if !sessions.contains_key(&id) {
            sessions.retain(|_, (_, used)| now.duration_since(*used) < UNUSED_LIMIT);
        }
        let (session, used) = sessions.entry(id).or_insert_with(|| (Arc::default(), now));
        *used = now;
        session.clone()
    }

    pub(super) fn remove(&self, id: SessionId) -> Option<Arc<Session>> {
        let mut sessions = self.sessions.lock().unwrap_or_else(PoisonError::into_inner);
        sessions.remove(&id).map(|(session, _)| session)
    }

    pub(super) fn drain(&self) -> Vec<Arc<Session>> {
        let mut sessions = self.sessions.lock().unwrap_or_else(PoisonError::into_inner);
        sessions.drain().map(|(_, (session, _))| session).collect()
    }
}

/// A session's tokens at one moment.
#[derive(Clone)]
pub(super) struct Tokens {
    pub(super) session: Arc<Secret<String>>,
    /// Renews the session; where a login gave none, an expired session is over.
    pub(super) master: Option<Arc<Secret<String>>>,
    /// Counts renewals, so that of many requests that found the same token expired one renews it.
    pub(super) generation: u64,
    /// Whether they were renewed for the request that holds them.
    pub(super) renewed: bool,
}

#[derive(Default)]
pub(super) struct Session {
    state: Mutex<State>,
}

#[derive(Default)]
enum State {
    #[default]
    Fresh,
    Open {
        tokens: Tokens,
        /// What the gateway may know of the login's answer.
        opened: Value,
    },
    /// Snowflake ended it. Not opened again unasked: what the session was set to is lost, and statements could mean
    /// other tables than they did.
    Ended,
}

impl Session {
    /// Logs in if there is no session upstream (any more), and tells what the login said.
    pub(super) async fn open(&self, upstream: &SnowflakeUpstream, wish: &SnowflakeLogin) -> Result<Value, Fault> {
        let mut state = self.state.lock().await;
        if let State::Open { opened, .. } = &*state {
            return Ok(opened.clone());
        }
        let (tokens, opened) = upstream.login.log_in(upstream, wish).await?;
        *state = State::Open { tokens, opened: opened.clone() };
        Ok(opened)
    }

    /// The tokens for a request; a fresh session is opened if the request says how.
    pub(super) async fn tokens(
        &self,
        upstream: &SnowflakeUpstream,
        wish: Option<&SnowflakeLogin>,
    ) -> Result<Tokens, Fault> {
        let mut state = self.state.lock().await;
        match (&*state, wish) {
            (State::Open { tokens, .. }, _) => Ok(tokens.clone()),
            (State::Fresh, Some(wish)) => {
                let (tokens, opened) = upstream.login.log_in(upstream, wish).await?;
                *state = State::Open { tokens: tokens.clone(), opened };
                Ok(tokens)
            }
            (State::Fresh, None) | (State::Ended, _) => Err(gone()),
        }
    }

    /// New tokens in place of `old`, which Snowflake called expired. The session and its settings stay.
    pub(super) async fn renew(&self, upstream: &SnowflakeUpstream, old: &Tokens) -> Result<Tokens, Fault> {
        let mut state = self.state.lock().await;
        let State::Open { tokens, .. } = &mut *state else { return Err(gone()) };
        if tokens.generation == old.generation {
            let request_id = Uuid::new_v4().to_string();
            let body = json!({ "oldSessionToken": old.session.expose(), "requestType": "RENEW" });
            let Some(master) = &old.master else {
                *state = State::Ended;
                return Err(gone());
            };
            let master = authorization(master)?;
            let query = [("requestId", request_id.as_str())];
            let answer = upstream.ask("/session/token-request", &query, Some(master), body).await?;
            let (session, master) = (text(&answer, "/data/sessionToken"), text(&answer, "/data/masterToken"));
            match (session, master) {
                (Some(session), Some(master)) => {
                    let generation = old.generation + 1;
                    *tokens = Tokens { session, master: Some(master), generation, renewed: false };
                    tracing::info!("Snowflake session token renewed");
                }
                _ => {
                    *state = State::Ended;
                    return Err(gone());
                }
            }
        }
        Ok(Tokens { renewed: true, ..tokens.clone() })
    }

    /// Snowflake says that the session of `tokens` is over.
    pub(super) async fn end(&self, tokens: &Tokens) {
        let mut state = self.state.lock().await;
        if matches!(&*state, State::Open { tokens: current, .. } if current.generation == tokens.generation) {
            *state = State::Ended;
        }
    }

    /// Logs out.
    pub(super) async fn close(&self, upstream: &SnowflakeUpstream) {
        let State::Open { tokens, .. } = std::mem::replace(&mut *self.state.lock().await, State::Ended) else { return };
        let Ok(token) = authorization(&tokens.session) else { return };
        let request_id = Uuid::new_v4().to_string();
        let query = [("delete", "true"), ("requestId", request_id.as_str())];
        if let Err(fault) = upstream.ask("/session", &query, Some(token), json!({})).await {
            tracing::warn!(code = %fault.code, detail = fault.detail, "a Snowflake session could not be logged out");
        }
    }
}

/// The code of both.
pub(super) const ENDED: &str = "upstream_session_ended";

pub(super) fn gone() -> Fault {
    let text = "The Snowflake session behind this connection has ended. Connect again; nothing ran.";
    Fault::new(Side::Upstream, "upstream_session_ended", Retry::Useless, text)
}

/// The same for a request that follows another one.
pub(super) fn gone_meanwhile() -> Fault {
    let text = "The Snowflake session behind this connection has ended while a statement was under way: it may have run. \
                Look at Snowflake's query history before you connect and send it again.";
    Fault::new(Side::Upstream, "upstream_session_ended", Retry::Unsafe, text)
}

pub(super) fn authorization(token: &Secret<String>) -> Result<HeaderValue, Fault> {
    let mut value = HeaderValue::try_from(format!("Snowflake Token=\"{}\"", token.expose())).map_err(|_| {
        let text = "Snowflake gave the agent a token that no header can carry.";
        Fault::new(Side::Upstream, "upstream_protocol", Retry::Useless, text)
    })?;
    value.set_sensitive(true);
    Ok(value)
}

/// The secret text at `pointer`.
pub(super) fn text(answer: &Value, pointer: &str) -> Option<Arc<Secret<String>>> {
    Some(Arc::new(Secret::new(answer.pointer(pointer)?.as_str()?.to_owned())))
}
