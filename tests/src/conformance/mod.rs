//! An MCP server that has everything the public conformance suite asks of one, in both eras of the protocol on one URL:
//! the suite's results against it directly are what its results through the gateway are held against.

mod caller;
mod content;
mod headers;
mod http;
mod legacy;
mod methods;
mod modern;
mod prompts;
mod questions;
mod resources;
mod rounds;
mod rpc;
mod seal;
mod session;
mod sse;
mod stream;
mod subscriptions;
mod tools;

use std::{
    collections::HashMap,
    io,
    sync::{
        Arc, Mutex, MutexGuard,
        atomic::{AtomicU64, Ordering},
    },
};

use axum::serve::ListenerExt;
use serde_json::{Value, json};
use tokio::{net::TcpListener, sync::broadcast};

use self::{seal::Seal, session::Session};

/// Serves `/mcp` on this listener.
pub async fn serve(listener: TcpListener) -> io::Result<()> {
    Fixture::new().serve(listener).await
}

/// One server with its own sessions and its own key.
pub struct Fixture {
    calls: AtomicU64,
    sessions: Mutex<HashMap<String, Arc<Session>>>,
    changes: broadcast::Sender<&'static str>,
    seal: Seal,
}

impl Fixture {
    #[must_use]
    pub fn new() -> Arc<Self> {
        Arc::new(Self {
            calls: AtomicU64::new(0),
            sessions: Mutex::default(),
            changes: broadcast::channel(16).0,
            seal: Seal::generate(),
        })
    }

    pub async fn serve(self: Arc<Self>, listener: TcpListener) -> io::Result<()> {
        // Else the second part of an answer waits for the client to acknowledge the first.
        let listener = listener.tap_io(|connection| drop(connection.set_nodelay(true)));
        axum::serve(listener, http::router(self)).await
    }

    /// How often a tool ran. A round that ends with a question is no run.
    #[must_use]
    pub fn calls(&self) -> u64 {
        self.calls.load(Ordering::Relaxed)
    }

    fn sessions(&self) -> MutexGuard<'_, HashMap<String, Arc<Session>>> {
        self.sessions.lock().expect("nobody panics while holding it")
    }

    fn open(&self, capabilities: Value) -> Arc<Session> {
        let session = Arc::new(Session::new(capabilities));
        self.sessions().insert(session.id.clone(), Arc::clone(&session));
        session
    }

    fn session(&self, id: &str) -> Option<Arc<Session>> {
        self.sessions().get(id).cloned()
    }

    fn close(&self, id: &str) {
        if let Some(session) = self.sessions().remove(id) {
            session.end();
        }
    }

    /// Tells every client that listens, in either era, with the notification of this name.
    fn announce(&self, notification: &'static str) {
        // An error says that nobody listens.
        let _ = self.changes.send(notification);
        for session in self.sessions().values() {
            session.general().send(json!({ "jsonrpc": "2.0", "method": notification }));
        }
    }
}

fn server_info() -> Value {
    json!({ "name": "conformance-fixture", "version": "1.0.0" })
}

fn capabilities() -> Value {
    json!({
        "tools": { "listChanged": true },
        "prompts": { "listChanged": true },
        "resources": { "subscribe": true },
        "logging": {},
        "completions": {},
    })
}
