//! An MCP client over streamable HTTP: initialize, list, call (2025-06-18).

use std::net::SocketAddr;

use bytes::Bytes;
use serde_json::{Value, json};

use super::{Answer, ClientError, Connection};

const REVISION: &str = "2025-06-18";

pub struct Client {
    connection: Connection,
    bearer: String,
    session: Option<String>,
    next_id: u64,
}

impl Client {
    /// Opens a session through a listener that lets `secret` in.
    pub async fn connect(address: SocketAddr, secret: &str) -> Result<Self, ClientError> {
        let connection = Connection::open(address).await?;
        let mut client = Self { connection, bearer: format!("Bearer {secret}"), session: None, next_id: 0 };
        let hello = json!({
            "protocolVersion": REVISION,
            "capabilities": {},
            "clientInfo": { "name": "hoop-demo", "version": env!("CARGO_PKG_VERSION") },
        });
        client.request("initialize", hello).await?;
        client.post(&json!({ "jsonrpc": "2.0", "method": "notifications/initialized" })).await?;
        Ok(client)
    }

    /// The tools' names.
    pub async fn tools(&mut self) -> Result<Vec<String>, ClientError> {
        let result = self.request("tools/list", json!({})).await?;
        let tools = result.get("tools").and_then(Value::as_array).cloned().unwrap_or_default();
        Ok(tools.iter().filter_map(|tool| tool.get("name")?.as_str().map(str::to_owned)).collect())
    }

    /// The tool's result, whether it calls itself an error or not.
    pub async fn call(&mut self, tool: &str, arguments: Value) -> Result<Value, ClientError> {
        self.request("tools/call", json!({ "name": tool, "arguments": arguments })).await
    }

    /// Ends the session.
    pub async fn close(mut self) -> Result<(), ClientError> {
        let session = self.session.take().unwrap_or_default();
        let headers = [("authorization", self.bearer.as_str()), ("mcp-session-id", session.as_str())];
        self.connection.send("DELETE", "/mcp", &headers, Bytes::new()).await.map(drop)
    }

    async fn request(&mut self, method: &str, params: Value) -> Result<Value, ClientError> {
        self.next_id += 1;
        let id = self.next_id;
        let message = json!({ "jsonrpc": "2.0", "id": id, "method": method, "params": params });
        let answer = self.post(&message).await?;
        let response = messages(&answer)?
            .into_iter()
            .find(|message| message.get("id").and_then(Value::as_u64) == Some(id))
            .ok_or_else(|| ClientError::Protocol(format!("no response to {method} (HTTP {})", answer.status)))?;
        if let Some(error) = response.get("error") {
            let text = error.get("message").and_then(Value::as_str).unwrap_or("unnamed error");
            let code = error.get("code").map(ToString::to_string).unwrap_or_default();
            return Err(ClientError::Refused { code, text: text.to_owned() });
        }
        Ok(response.get("result").cloned().unwrap_or(Value::Null))
    }

    async fn post(&mut self, message: &Value) -> Result<Answer, ClientError> {
        let mut headers = vec![
            ("accept", "application/json, text/event-stream"),
            ("authorization", self.bearer.as_str()),
            ("mcp-protocol-version", REVISION),
        ];
        if let Some(session) = &self.session {
            headers.push(("mcp-session-id", session));
        }
        let answer = self.connection.send("POST", "/mcp", &headers, Bytes::from(message.to_string())).await?;
        if !answer.status.is_success() {
            let text = String::from_utf8_lossy(&answer.body).into_owned();
            return Err(ClientError::Refused { code: answer.status.as_u16().to_string(), text });
        }
        if let Some(session) = answer.headers.get("mcp-session-id").and_then(|value| value.to_str().ok()) {
            self.session = Some(session.to_owned());
        }
        Ok(answer)
    }
}

/// The JSON-RPC messages of an answer, as one JSON document or as SSE events.
fn messages(answer: &Answer) -> Result<Vec<Value>, ClientError> {
    let malformed = |error: serde_json::Error| ClientError::Protocol(error.to_string());
    let streamed = answer
        .headers
        .get("content-type")
        .and_then(|value| value.to_str().ok())
        .is_some_and(|value| value.starts_with("text/event-stream"));
    if !streamed {
        return serde_json::from_slice(&answer.body).map(|message| vec![message]).map_err(malformed);
    }
    let text = String::from_utf8_lossy(&answer.body);
    text.split("\n\n")
        .map(|event| {
            let data: Vec<_> =
                event.lines().filter_map(|line| line.strip_prefix("data:")).map(str::trim_start).collect();
            data.join("\n")
        })
        .filter(|data| !data.is_empty())
        .map(|data| serde_json::from_str(&data).map_err(malformed))
        .collect()
}
