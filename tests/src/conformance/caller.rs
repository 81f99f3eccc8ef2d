//! What a tool sees of its caller while it runs, the same in both eras.

use std::sync::Arc;

use serde_json::{Value, json};
use tokio::sync::mpsc;

use super::{rpc::Request, session::Session, stream::Stream};

pub struct Caller {
    outlet: Outlet,
    progress_token: Value,
    logs_info: bool,
}

enum Outlet {
    Legacy(Arc<Stream>),
    Modern(mpsc::UnboundedSender<Value>),
}

impl Caller {
    pub fn legacy(request: &Request, session: &Session, stream: Arc<Stream>) -> Self {
        Self::new(request, Outlet::Legacy(stream), &session.log_level())
    }

    pub fn modern(request: &Request, outbox: mpsc::UnboundedSender<Value>) -> Self {
        let log_level = request.meta("io.modelcontextprotocol/logLevel").as_str().unwrap_or_default();
        Self::new(request, Outlet::Modern(outbox), log_level)
    }

    fn new(request: &Request, outlet: Outlet, log_level: &str) -> Self {
        let progress_token = request.meta("progressToken").clone();
        Self { outlet, progress_token, logs_info: matches!(log_level, "debug" | "info") }
    }

    pub fn log(&self, data: &str) {
        if self.logs_info {
            self.notify("notifications/message", json!({ "level": "info", "logger": "fixture", "data": data }));
        }
    }

    /// Of 100. Nobody is told who did not ask to be.
    pub fn progress(&self, progress: u64) {
        if !self.progress_token.is_null() {
            let params = json!({ "progressToken": self.progress_token, "progress": progress, "total": 100 });
            self.notify("notifications/progress", params);
        }
    }

    fn notify(&self, method: &str, params: Value) {
        let message = json!({ "jsonrpc": "2.0", "method": method, "params": params });
        match &self.outlet {
            Outlet::Legacy(stream) => stream.send(message),
            // An error says that the client hung up.
            Outlet::Modern(outbox) => drop(outbox.send(message)),
        }
    }

    /// Only a stream that can be resumed may be cut.
    pub fn disconnect(&self) {
        if let Outlet::Legacy(stream) = &self.outlet {
            stream.disconnect();
        }
    }
}
