//! An MCP client without an SDK, for what an SDK would not send.

use reqwest::{Method, Response, StatusCode, header};
use serde_json::{Value, json};

pub struct Client {
    http: reqwest::Client,
    url: String,
    pub session: Option<String>,
}

impl Client {
    pub fn new(url: &str) -> Self {
        // The listener is plain HTTP, but a client wants to know its crypto all the same. Another test may have said it.
        let _ = rustls::crypto::aws_lc_rs::default_provider().install_default();
        Self { http: reqwest::Client::new(), url: url.to_owned(), session: None }
    }

    /// With a session of this revision.
    pub async fn begin(url: &str, revision: &str) -> Self {
        let mut this = Self::new(url);
        let hello = json!({ "jsonrpc": "2.0", "id": 0, "method": "initialize", "params": {
            "protocolVersion": revision, "capabilities": {}, "clientInfo": { "name": "raw", "version": "1" } } });
        let response = this.post(&hello, &[]).await;
        assert_eq!(response.status(), StatusCode::OK);
        let session = response.headers()["mcp-session-id"].to_str().expect("an id");
        this.session = Some(session.to_owned());
        response.bytes().await.expect("the whole answer");
        let ready = json!({ "jsonrpc": "2.0", "method": "notifications/initialized" });
        assert_eq!(this.post(&ready, &[]).await.status(), StatusCode::ACCEPTED);
        this
    }

    /// A request of 2026-07-28, with the headers that mirror it.
    pub async fn modern(&self, id: u64, method: &str, params: Value) -> Response {
        let message = modern(id, method, params);
        let mut headers = vec![("mcp-protocol-version", "2026-07-28"), ("mcp-method", method)];
        if let Some(name) = message["params"]["name"].as_str() {
            headers.push(("mcp-name", name));
        }
        self.post(&message, &headers).await
    }

    pub async fn post(&self, message: &Value, headers: &[(&str, &str)]) -> Response {
        let mut request = self
            .http
            .request(Method::POST, &self.url)
            .header(header::CONTENT_TYPE, "application/json")
            .header(header::ACCEPT, "application/json, text/event-stream")
            .body(message.to_string());
        if let Some(session) = &self.session {
            request = request.header("mcp-session-id", session);
        }
        headers.iter().fold(request, |request, (name, value)| request.header(*name, *value)).send().await.expect("sent")
    }
}

/// A request of 2026-07-28 by a client that can do nothing further.
pub fn modern(id: u64, method: &str, mut params: Value) -> Value {
    params["_meta"] = json!({
        "io.modelcontextprotocol/protocolVersion": "2026-07-28",
        "io.modelcontextprotocol/clientCapabilities": {},
    });
    json!({ "jsonrpc": "2.0", "id": id, "method": method, "params": params })
}

/// The messages of an answer, as JSON or as events.
pub async fn messages(response: Response) -> Vec<Value> {
    let body = response.text().await.expect("a body");
    let parsed = |text: &str| serde_json::from_str(text).unwrap_or_else(|error| panic!("{error}: {body}"));
    if body.starts_with('{') {
        return vec![parsed(&body)];
    }
    let data = body.lines().filter_map(|line| line.strip_prefix("data:")).map(str::trim);
    data.filter(|data| !data.is_empty()).map(parsed).collect()
}
