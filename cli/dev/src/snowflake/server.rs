use std::collections::{HashMap, HashSet};
use std::io;
use std::net::SocketAddr;
use std::path::PathBuf;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};

use axum::Router;
use axum::extract::DefaultBodyLimit;
use axum::routing::{get, post};
use sqlx::SqlitePool;
use tokio::net::TcpListener;
use tokio_util::sync::CancellationToken;

use super::chunks::{self, Chunks};
use super::credential::Credential;
use super::journal::{Executed, Journal};
use super::running::Registry;
use super::session::{Place, Sessions, locked};
use super::{login, managed, query};

/// What the stand-in serves and whom it lets in.
pub struct Options {
    pub pool: SqlitePool,
    pub credentials: Vec<Credential>,
    /// Executed statements are appended here, one JSON line each, before they run.
    pub journal: Option<PathBuf>,
    /// Stands in every token, chunk URL, chunk key and stage credential, so that a test can search for leaks.
    pub marker: String,
    /// The database a session starts in.
    pub database: String,
}

impl Options {
    /// No journal, database `PAYMENTS`, a marker no other text holds.
    pub fn new(pool: SqlitePool, credentials: Vec<Credential>) -> Self {
        Self { pool, credentials, journal: None, marker: "UPSTREAMONLY".to_owned(), database: "PAYMENTS".to_owned() }
    }
}

pub(crate) struct App {
    pool: SqlitePool,
    pub(crate) credentials: Vec<Credential>,
    pub(crate) marker: String,
    pub(crate) url: String,
    pub(crate) place: Place,
    pub(crate) sessions: Sessions,
    pub(crate) registry: Registry,
    pub(crate) chunks: Chunks,
    pub(crate) journal: Journal,
    /// `-once` switches already used, with their request id.
    pub(crate) scripted: Mutex<HashSet<String>>,
    pub(crate) refuse_logins: Mutex<Option<String>>,
    pub(crate) logins: AtomicUsize,
    pub(crate) renewals: AtomicUsize,
}

impl App {
    pub(crate) fn pool(&self) -> &SqlitePool {
        &self.pool
    }
}

/// A running stand-in. Dropping it stops the server.
pub struct Handle {
    address: SocketAddr,
    app: Arc<App>,
    stop: CancellationToken,
}

impl Handle {
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// `http://127.0.0.1:PORT`.
    pub fn url(&self) -> &str {
        &self.app.url
    }

    /// How often a request id was executed.
    pub fn executions(&self, request_id: &str) -> usize {
        self.app.journal.count(request_id)
    }

    /// Executions per request id.
    pub fn executions_by_request(&self) -> HashMap<String, usize> {
        self.app.journal.counts()
    }

    /// Every executed statement, oldest first.
    pub fn statements(&self) -> Vec<Executed> {
        self.app.journal.statements()
    }

    /// Session tokens are answered 390112 until renewed; with `masters`, 390114: a new login is needed.
    pub fn expire_sessions(&self, masters: bool) {
        self.app.sessions.expire(masters);
    }

    /// Every login is refused with this code until `None` is set.
    pub fn refuse_logins(&self, code: Option<&str>) {
        *locked(&self.app.refuse_logins) = code.map(str::to_owned);
    }

    /// Login attempts so far, refused ones included.
    pub fn logins(&self) -> usize {
        self.app.logins.load(Ordering::Relaxed)
    }

    /// Token renewals so far, refused ones included.
    pub fn renewals(&self) -> usize {
        self.app.renewals.load(Ordering::Relaxed)
    }

    /// Sessions that were opened and not closed.
    pub fn open_sessions(&self) -> usize {
        self.app.sessions.count()
    }

    /// The text no client behind a gateway may ever see.
    pub fn marker(&self) -> &str {
        &self.app.marker
    }

    pub fn stop(&self) {
        self.stop.cancel();
    }
}

impl Drop for Handle {
    fn drop(&mut self) {
        self.stop.cancel();
    }
}

/// Serves until the handle is dropped.
///
/// # Errors
/// The listener has no address, or the journal cannot be opened.
pub async fn serve(listener: TcpListener, options: Options) -> io::Result<Handle> {
    let address = listener.local_addr()?;
    let place = Place {
        database: options.database,
        schema: "PUBLIC".to_owned(),
        warehouse: "DEMO_WH".to_owned(),
        role: "ANALYST".to_owned(),
    };
    let app = Arc::new(App {
        pool: options.pool,
        credentials: options.credentials,
        url: format!("http://{address}"),
        place,
        sessions: Sessions::new(&options.marker),
        registry: Registry::default(),
        chunks: Chunks::default(),
        journal: Journal::open(options.journal.as_deref())?,
        marker: options.marker,
        scripted: Mutex::default(),
        refuse_logins: Mutex::default(),
        logins: AtomicUsize::new(0),
        renewals: AtomicUsize::new(0),
    });
    let router = Router::new()
        .route("/session/v1/login-request", post(login::login))
        .route("/session/token-request", post(login::renew))
        .route("/session/heartbeat", post(login::heartbeat))
        .route("/session", post(login::session))
        .route("/telemetry/send", post(login::telemetry))
        .route("/telemetry/send/sessionless", post(login::telemetry))
        .route("/queries/v1/query-request", post(query::run))
        .route("/queries/v1/abort-request", post(query::abort_request))
        .route("/queries/{id}/abort-request", post(query::abort_query))
        .route("/queries/{id}/result", get(query::result))
        .route("/monitoring/queries/{*id}", get(query::status))
        .route("/chunks/{id}/{number}", get(chunks::get))
        .route("/api/v2/databases/{database}/schemas/{schema}/mcp-servers/{name}", post(managed::post))
        .layer(DefaultBodyLimit::max(64 << 20))
        .with_state(Arc::clone(&app));
    let stop = CancellationToken::new();
    let ended = stop.clone().cancelled_owned();
    tokio::spawn(async move {
        if let Err(error) = axum::serve(listener, router).with_graceful_shutdown(ended).await {
            tracing::error!(%error, "the Snowflake stand-in stopped");
        }
    });
    Ok(Handle { address, app, stop })
}
