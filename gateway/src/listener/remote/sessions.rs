//! Sessions of remote clients. Nobody opens or closes them: one begins with a person's first request to a connection
//! and ends with the token, the person's access, or the client's silence.

use std::{
    collections::HashMap,
    net::IpAddr,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use hoop_model::{ConnectionKind, ConnectionName, Fault, Retry, Side, Subject};
use hoop_store::Login;
use hoop_wire::open::SessionRequest;
use tokio::sync::{mpsc, watch};

use super::super::session;
use crate::{Gateway, authority::Holder, expiry, session::Session, trail};

/// Sessions at a time, of all and of one person.
const MOST: usize = 1024;
const MOST_OF_ONE: usize = 32;

pub(super) struct Sessions {
    /// How long a client may ask nothing.
    idle: Duration,
    live: Mutex<HashMap<Key, Arc<Live>>>,
    /// Held by whoever opens one: requests that come at once share it.
    opening: tokio::sync::Mutex<()>,
}

/// Who asks for what. The address is part of it: policies may go by it.
#[derive(Clone, PartialEq, Eq, Hash)]
struct Key {
    subject: Subject,
    client: Option<String>,
    connection: ConnectionName,
    ip: IpAddr,
}

struct Live {
    session: Arc<Session>,
    /// Of the newest token: a client renews it without its session ending.
    login: watch::Sender<Login>,
    requests: watch::Sender<usize>,
}

/// A request of a session; until it is dropped, the session is not idle.
pub(super) struct UnderWay(Arc<Live>);

impl UnderWay {
    pub(super) fn session(&self) -> &Arc<Session> {
        &self.0.session
    }
}

impl Drop for UnderWay {
    fn drop(&mut self) {
        self.0.requests.send_modify(|requests| *requests = requests.saturating_sub(1));
    }
}

impl Sessions {
    pub(super) fn new(idle: Duration) -> Arc<Self> {
        let (live, opening) = Default::default();
        Arc::new(Self { idle, live, opening })
    }

    /// The session for a request, which begins if it must.
    pub(super) async fn enter(
        self: &Arc<Self>,
        gateway: &Arc<Gateway>,
        login: Login,
        client: Option<String>,
        connection: &ConnectionName,
        ip: IpAddr,
    ) -> Result<UnderWay, Fault> {
        let key = Key { subject: login.principal.subject.clone(), client, connection: connection.clone(), ip };
        if let Some(found) = self.find(&key, &login) {
            return Ok(found);
        }
        let _opening = self.opening.lock().await;
        if let Some(found) = self.find(&key, &login) {
            return Ok(found);
        }
        self.room_for(&key.subject)?;
        let request = SessionRequest {
            connection: connection.clone(),
            // No secret has this digest: nobody comes in by a local listener.
            secret_digest: String::new(),
            listener: None,
            reason: None,
        };
        if !is_offered(gateway, connection) {
            let fault = unknown();
            trail::not_admitted(gateway, &login, ip, &request, &fault).await?;
            return Err(fault);
        }
        let login = watch::Sender::new(login);
        // Nobody has a terminal that reads notices.
        let notices = mpsc::channel(1).0;
        let (session, _) = session::begin(gateway, &login, ip, request, notices).await?;
        let live = Arc::new(Live { session, login, requests: watch::Sender::new(1) });
        self.live().insert(key.clone(), live.clone());
        tokio::spawn(self.clone().keep(gateway.clone(), key, live.clone()));
        Ok(UnderWay(live))
    }

    fn find(&self, key: &Key, login: &Login) -> Option<UnderWay> {
        let all = self.live();
        let live = all.get(key).filter(|live| !live.session.ended.is_cancelled())?;
        live.login.send_if_modified(|current| {
            let newer = login.created_at > current.created_at;
            if newer {
                *current = login.clone();
            }
            newer
        });
        live.requests.send_modify(|requests| *requests += 1);
        Some(UnderWay(live.clone()))
    }

    fn room_for(&self, subject: &Subject) -> Result<(), Fault> {
        let all = self.live();
        if all.len() < MOST && all.keys().filter(|key| key.subject == *subject).count() < MOST_OF_ONE {
            return Ok(());
        }
        Err(Fault::new(
            Side::Client,
            "too_many_sessions",
            Retry::Safe,
            "too many clients are connected; close some, or wait until they have been silent for half an hour",
        ))
    }

    /// Until the session ends, and its end is recorded.
    async fn keep(self: Arc<Self>, gateway: Arc<Gateway>, key: Key, live: Arc<Live>) {
        let _under_way = gateway.traffic.sessions.token();
        loop {
            let idle = tokio::select! {
                () = live.session.ended.cancelled() => false,
                () = expiry::over(&*gateway.clock, live.login.subscribe(), |login| login.expires_at) => false,
                () = live.revoked(&gateway) => false,
                () = live.idle(self.idle) => true,
            };
            if self.leave(&key, &live, idle) {
                break;
            }
        }
        session::over(&gateway, &live.session).await;
    }

    /// False where a request came meanwhile.
    fn leave(&self, key: &Key, live: &Arc<Live>, idle: bool) -> bool {
        let mut all = self.live();
        if idle && *live.requests.borrow() > 0 {
            return false;
        }
        if all.get(key).is_some_and(|current| Arc::ptr_eq(current, live)) {
            all.remove(key);
        }
        true
    }

    fn live(&self) -> MutexGuard<'_, HashMap<Key, Arc<Live>>> {
        self.live.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Live {
    /// Completes when the login of the newest token is revoked.
    async fn revoked(&self, gateway: &Gateway) {
        let mut logins = self.login.subscribe();
        loop {
            let login = logins.borrow_and_update().id;
            tokio::select! {
                () = gateway.revocations.watch(Holder::Login(login)).revoked() => return,
                Ok(()) = logins.changed() => {}
            }
        }
    }

    /// Completes when there was no request for so long.
    async fn idle(&self, limit: Duration) {
        let mut requests = self.requests.subscribe();
        loop {
            if requests.wait_for(|requests| *requests == 0).await.is_err() {
                return;
            }
            if tokio::time::timeout(limit, requests.wait_for(|requests| *requests > 0)).await.is_err() {
                return;
            }
        }
    }
}

/// Other protocols have no business here; whether there is such a connection is told by admission.
fn is_offered(gateway: &Gateway, name: &ConnectionName) -> bool {
    gateway.settings.connections.get(name).is_none_or(|connection| connection.kind == ConnectionKind::Mcp)
}

fn unknown() -> Fault {
    Fault::new(Side::Policy, "unknown_connection", Retry::Useless, "there is no such connection for MCP")
}

#[cfg(test)]
#[path = "sessions_tests.rs"]
mod tests;
