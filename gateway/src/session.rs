//! Live sessions: an identity on one connection, from `hoopctl connect` to its end.

use std::{
    collections::HashMap,
    net::{IpAddr, SocketAddr},
    sync::{
        Arc, Mutex, PoisonError,
        atomic::{AtomicU32, Ordering},
    },
};

use hoop_masking::Masker;
use hoop_model::{LoginId, Principal, SessionId};
use hoop_store::Login;
use hoop_wire::open::SessionNotice;
use subtle::ConstantTimeEq;
use tokio::sync::{mpsc, watch};
use tokio_util::sync::CancellationToken;

use crate::{Gateway, digest, pipeline::Protocol, settings::ConnectionSettings};

/// So often may a listener's secret be wrong (`audit-and-recording.md` §8).
const WRONG_SECRETS: u32 = 5;

/// One session. Cheap to share; every exchange holds it.
pub struct Session {
    pub id: SessionId,
    /// As its last renewal left it: who lost a group since then loses what the group gave.
    login: watch::Receiver<Login>,
    pub connection: ConnectionSettings,
    pub client_ip: IpAddr,
    /// Where applications reach the local listener; absent over stdio.
    pub listener: Option<SocketAddr>,
    pub reason: Option<String>,
    /// What the protocol remembers between exchanges.
    pub protocol: Protocol,
    /// Cancelled when the session ends, for whatever reason.
    pub ended: CancellationToken,
    /// How often somebody came without the listener's secret.
    wrong_secrets: AtomicU32,
    secret_digest: String,
    notices: mpsc::Sender<SessionNotice>,
}

/// What a session begins with.
pub(crate) struct Opening {
    pub login: watch::Receiver<Login>,
    pub connection: ConnectionSettings,
    pub client_ip: IpAddr,
    pub listener: Option<SocketAddr>,
    pub reason: Option<String>,
    pub secret_digest: String,
    pub notices: mpsc::Sender<SessionNotice>,
}

impl Session {
    pub(crate) fn new(opening: Opening) -> Self {
        Self {
            id: SessionId::new(),
            login: opening.login,
            protocol: Protocol::of(opening.connection.kind),
            connection: opening.connection,
            client_ip: opening.client_ip,
            listener: opening.listener,
            reason: opening.reason,
            ended: CancellationToken::new(),
            wrong_secrets: AtomicU32::new(0),
            secret_digest: opening.secret_digest,
            notices: opening.notices,
        }
    }

    /// Who asks, as the identity provider said last.
    pub fn principal(&self) -> Principal {
        self.login.borrow().principal.clone()
    }

    /// The masker for who this session's is now.
    pub fn masker(&self, gateway: &Gateway) -> Masker {
        gateway.masker.for_groups(self.principal().groups.into_iter().map(|group| group.0))
    }

    /// Whether an application presented the local listener's secret; in constant time.
    pub fn admits(&self, presented: &str) -> bool {
        let digest = digest::plain_hex(presented.as_bytes());
        digest.as_bytes().ct_eq(self.secret_digest.as_bytes()).into()
    }

    /// Counts somebody who came without the listener's secret. False: over the limit, and nothing more need be said.
    pub(crate) fn turned_away(&self) -> bool {
        self.wrong_secrets.fetch_add(1, Ordering::Relaxed) < WRONG_SECRETS
    }

    /// Ends the session once the secret was wrong too often: somebody on that machine is trying.
    pub(crate) fn end_if_tried_out(&self) {
        if self.wrong_secrets.load(Ordering::Relaxed) >= WRONG_SECRETS && !self.ended.is_cancelled() {
            self.end(&format!(
                "its local listener was asked {WRONG_SECRETS} times without the right secret. Look at what on this \
                 machine did that, then run `hoopctl connect` again"
            ));
        }
    }

    /// Ends it from here; the client is told why.
    fn end(&self, text: &str) {
        self.notify(SessionNotice::Ended { text: text.to_owned() });
        self.ended.cancel();
    }

    /// Tells the engineer's terminal. A terminal that does not read misses notices; the data path never waits for it.
    pub fn notify(&self, notice: SessionNotice) {
        let _ = self.notices.try_send(notice);
    }
}

/// Every live session of this gateway.
#[derive(Default)]
pub struct Sessions(Mutex<HashMap<SessionId, Arc<Session>>>);

impl Sessions {
    fn map(&self) -> std::sync::MutexGuard<'_, HashMap<SessionId, Arc<Session>>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(crate) fn add(&self, session: Session) -> Arc<Session> {
        let session = Arc::new(session);
        self.map().insert(session.id, session.clone());
        session
    }

    pub(crate) fn remove(&self, id: SessionId) {
        if let Some(session) = self.map().remove(&id) {
            session.ended.cancel();
        }
    }

    /// The session, if it lives and belongs to `login`: an id alone is no permission.
    pub fn of(&self, id: SessionId, login: LoginId) -> Option<Arc<Session>> {
        self.map().get(&id).filter(|session| session.login.borrow().id == login).cloned()
    }

    pub fn is_live(&self, id: SessionId) -> bool {
        self.map().contains_key(&id)
    }

    /// Ends a session by admin or owner; the client is told why.
    pub fn kill(&self, id: SessionId, text: &str) -> bool {
        let Some(session) = self.map().remove(&id) else { return false };
        session.end(text);
        true
    }

    /// Ends all of them, for the gateway's end.
    pub(crate) fn end_all(&self, text: &str) {
        self.map().values().for_each(|session| session.end(text));
    }
}
