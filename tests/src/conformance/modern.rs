//! 2026-07-28: each request stands alone, and says in `_meta` what a handshake once said.

use std::sync::Arc;

use axum::{
    http::{HeaderMap, StatusCode},
    response::Response,
};
use futures_util::{StreamExt, stream};
use serde_json::{Value, json};
use tokio::sync::mpsc;

use super::{
    Fixture,
    caller::Caller,
    capabilities, headers,
    http::{answer, is_streamed},
    methods, resources,
    rounds::{Turn, turn},
    rpc::{
        Error, INVALID_PARAMS, METHOD_NOT_FOUND, MISSING_REQUIRED_CLIENT_CAPABILITY, Request,
        UNSUPPORTED_PROTOCOL_VERSION, response,
    },
    server_info, sse, subscriptions,
};

pub const VERSION_KEY: &str = "io.modelcontextprotocol/protocolVersion";
const CAPABILITIES_KEY: &str = "io.modelcontextprotocol/clientCapabilities";
const VERSION: &str = "2026-07-28";

pub async fn post(fixture: Arc<Fixture>, headers: &HeaderMap, request: Request) -> Response {
    if let Err(error) = check(headers, &request) {
        return answer(StatusCode::BAD_REQUEST, response(&request.id, Err(error)));
    }
    if request.method == "subscriptions/listen" {
        return subscriptions::listen(&request, fixture.changes.subscribe());
    }
    let (outbox, mut messages) = mpsc::unbounded_channel();
    let streamed = is_streamed(&request.method);
    tokio::spawn(async move {
        let caller = Caller::modern(&request, outbox.clone());
        let outcome = serve(&fixture, &request, &caller).await;
        // An error says that the client hung up.
        let _ = outbox.send(response(&request.id, outcome));
    });

    // A status can only be sent before anything else.
    let first = messages.recv().await.expect("there is always a response");
    if first.get("error").is_some() {
        return answer(status(&first["error"]), first);
    }
    if !streamed {
        return answer(StatusCode::OK, first);
    }
    let rest = stream::unfold(messages, |mut messages| async move { Some((messages.recv().await?, messages)) });
    sse::answer(stream::iter([first]).chain(rest).map(|message| sse::event(&message)))
}

fn status(error: &Value) -> StatusCode {
    match error["code"].as_i64() {
        Some(METHOD_NOT_FOUND) => StatusCode::NOT_FOUND,
        Some(MISSING_REQUIRED_CLIENT_CAPABILITY) => StatusCode::BAD_REQUEST,
        _ => StatusCode::OK,
    }
}

/// What must be right before anyone looks at what is asked for.
fn check(headers: &HeaderMap, request: &Request) -> Result<(), Error> {
    let version = request.meta(VERSION_KEY);
    if !version.is_string() || !request.meta(CAPABILITIES_KEY).is_object() {
        let message = format!("_meta must have {VERSION_KEY} and {CAPABILITIES_KEY}");
        return Err(Error::new(INVALID_PARAMS, message));
    }
    headers::check(headers, request)?;
    if version != VERSION {
        let data = json!({ "supported": [VERSION], "requested": version });
        return Err(Error::new(UNSUPPORTED_PROTOCOL_VERSION, "this version is not spoken here").with(data));
    }
    Ok(())
}

async fn serve(fixture: &Fixture, request: &Request, caller: &Caller) -> Result<Value, Error> {
    let mut result = match request.method.as_str() {
        "server/discover" => json!({ "supportedVersions": [VERSION], "capabilities": capabilities() }),
        "resources/read" => read(request.name())?,
        _ => match turn(request, request.meta(CAPABILITIES_KEY), &fixture.seal)? {
            Turn::Ask(input_required) => input_required,
            Turn::Answered(answers) => methods::answer(fixture, request, &answers, caller).await?,
        },
    };
    if result.get("resultType").is_none() {
        result["resultType"] = "complete".into();
    }
    if let Some(scope) = cache_scope(&request.method) {
        result["ttlMs"] = 60_000.into();
        result["cacheScope"] = scope.into();
    }
    result["_meta"] = json!({ "io.modelcontextprotocol/serverInfo": server_info() });
    Ok(result)
}

fn read(uri: &str) -> Result<Value, Error> {
    let unknown = || Error::new(INVALID_PARAMS, "there is no such resource").with(json!({ "uri": uri }));
    resources::read(uri).ok_or_else(unknown)
}

/// Of the results that a client may keep.
fn cache_scope(method: &str) -> Option<&'static str> {
    match method {
        "server/discover" | "tools/list" | "prompts/list" | "resources/list" | "resources/templates/list" => {
            Some("public")
        }
        "resources/read" => Some("private"),
        _ => None,
    }
}
