//! Streamable HTTP: POST answered by JSON or, for a call that tells its progress, by SSE; sessions; DELETE.

use std::{
    collections::HashSet,
    sync::{Arc, Mutex, PoisonError},
};

use axum::{
    Router,
    body::{Body, Bytes},
    extract::{DefaultBodyLimit, State},
    http::{HeaderMap, HeaderValue, StatusCode, header},
    response::{IntoResponse, Response},
    routing::post,
};
use serde_json::Value;
use tokio::net::TcpListener;

use super::{Reply, Server};

const SESSION: &str = "mcp-session-id";
/// Largest message in bytes.
const LIMIT: usize = 16 * 1024 * 1024;

struct App {
    server: Arc<Server>,
    sessions: Mutex<HashSet<String>>,
}

/// Serves at `/mcp` until the future is dropped.
pub async fn serve_http(listener: TcpListener, server: Arc<Server>) -> std::io::Result<()> {
    let app = Arc::new(App { server, sessions: Mutex::default() });
    let router =
        Router::new().route("/mcp", post(take).delete(end)).layer(DefaultBodyLimit::max(LIMIT)).with_state(app);
    axum::serve(listener, router).await
}

impl App {
    fn sessions(&self) -> std::sync::MutexGuard<'_, HashSet<String>> {
        self.sessions.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

async fn take(State(app): State<Arc<App>>, headers: HeaderMap, body: Bytes) -> Response {
    let Ok(message) = serde_json::from_slice::<Value>(&body) else {
        return (StatusCode::BAD_REQUEST, "not JSON\n").into_response();
    };
    let begins = message.get("method").and_then(Value::as_str) == Some("initialize");
    let session = if begins {
        let id = uuid::Uuid::new_v4().to_string();
        app.sessions().insert(id.clone());
        id
    } else {
        let id = headers.get(SESSION).and_then(|value| value.to_str().ok()).unwrap_or_default().to_owned();
        if !app.sessions().contains(&id) {
            return (StatusCode::NOT_FOUND, "no such session\n").into_response();
        }
        id
    };
    let mut response = match app.server.take(&message).await {
        Reply::Nothing => StatusCode::ACCEPTED.into_response(),
        Reply::One(answer) => with_type("application/json", answer.to_string()),
        Reply::Several(messages) => {
            let events: String =
                messages.iter().map(|message| format!("event: message\ndata: {message}\n\n")).collect();
            with_type("text/event-stream", events)
        }
    };
    if let Ok(value) = HeaderValue::from_str(&session) {
        response.headers_mut().insert(SESSION, value);
    }
    response
}

async fn end(State(app): State<Arc<App>>, headers: HeaderMap) -> StatusCode {
    let id = headers.get(SESSION).and_then(|value| value.to_str().ok()).unwrap_or_default();
    if app.sessions().remove(id) { StatusCode::OK } else { StatusCode::NOT_FOUND }
}

fn with_type(content_type: &'static str, body: String) -> Response {
    let mut response = Response::new(Body::from(body));
    response.headers_mut().insert(header::CONTENT_TYPE, HeaderValue::from_static(content_type));
    response
}
