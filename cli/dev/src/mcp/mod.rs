//! The demo MCP server: tools over the invented payments, streamable HTTP and stdio, today's deployed revisions. The
//! tests use it too; a journal of executed calls lets them compare with the trail.

mod http;
mod journal;
mod stdio;
#[cfg(test)]
mod tests;
mod tools;

use std::sync::Arc;

pub use http::serve_http;
pub use journal::Journal;
use serde_json::{Value, json};
pub use stdio::serve_stdio;

use crate::payments::Database;

/// Revisions offered, newest first.
const REVISIONS: [&str; 4] = ["2025-11-25", "2025-06-18", "2025-03-26", "2024-11-05"];

/// One server, whatever carries its messages.
pub struct Server {
    database: Database,
    journal: Journal,
}

/// What a message is answered with.
pub(crate) enum Reply {
    Nothing,
    One(Value),
    /// Messages before the response: progress of a slow call.
    Several(Vec<Value>),
}

impl Server {
    pub fn new(database: Database, journal: Journal) -> Arc<Self> {
        Arc::new(Self { database, journal })
    }

    /// The tool calls that reached this server, oldest first, each as a JSON line.
    pub fn executions(&self) -> Vec<String> {
        self.journal.executions()
    }

    pub(crate) async fn take(&self, message: &Value) -> Reply {
        let Some(id) = message.get("id").cloned() else { return Reply::Nothing };
        let Some(method) = message.get("method").and_then(Value::as_str) else { return Reply::Nothing };
        let params = message.get("params").cloned().unwrap_or_else(|| json!({}));
        let result = match method {
            "initialize" => initialize(&params),
            "ping" => json!({}),
            "tools/list" => json!({ "tools": tools::list() }),
            "tools/call" => return self.call(id, &params).await,
            other => {
                let error = json!({ "code": -32601, "message": format!("Method not found: {other}") });
                return Reply::One(json!({ "jsonrpc": "2.0", "id": id, "error": error }));
            }
        };
        Reply::One(json!({ "jsonrpc": "2.0", "id": id, "result": result }))
    }

    async fn call(&self, id: Value, params: &Value) -> Reply {
        let name = params.get("name").and_then(Value::as_str).unwrap_or_default();
        let arguments = params.get("arguments").cloned().unwrap_or_else(|| json!({}));
        self.journal.executed(name, &arguments);
        let response = match tools::call(&self.database, name, &arguments).await {
            Some(result) => json!({ "jsonrpc": "2.0", "id": id, "result": result }),
            None => {
                let error = json!({ "code": -32602, "message": format!("Unknown tool: {name}") });
                json!({ "jsonrpc": "2.0", "id": id, "error": error })
            }
        };
        match params.pointer("/_meta/progressToken") {
            Some(token) if name == "slow_report" => {
                let mut messages: Vec<Value> = (1..=3).map(|step| tools::progress(token, step)).collect();
                messages.push(response);
                Reply::Several(messages)
            }
            _ => Reply::One(response),
        }
    }
}

fn initialize(params: &Value) -> Value {
    let asked = params.get("protocolVersion").and_then(Value::as_str).unwrap_or_default();
    let [newest, ..] = REVISIONS;
    let revision = REVISIONS.iter().copied().find(|revision| *revision == asked).unwrap_or(newest);
    json!({
        "protocolVersion": revision,
        "capabilities": { "tools": { "listChanged": false } },
        "serverInfo": { "name": "hoop-payments", "version": env!("CARGO_PKG_VERSION") },
    })
}
