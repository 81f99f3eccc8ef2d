//! Revisions up to 2025-11-25: a handshake, a session, and requests from the server to the client.

use std::sync::Arc;

use axum::{
    http::{HeaderMap, StatusCode},
    response::{IntoResponse, Response},
};
use serde_json::{Map, Value, json};

use super::{
    Fixture,
    caller::Caller,
    capabilities,
    http::{answer, is_streamed, refuse},
    methods,
    questions::{capability, declares, questions},
    resources,
    rpc::{Error, INVALID_PARAMS, INVALID_REQUEST, Message, RESOURCE_NOT_FOUND, Request, SESSION_NOT_FOUND, response},
    server_info,
    session::Session,
    sse,
    stream::{Stream, parse_event_id},
};

/// The newest first.
pub const VERSIONS: [&str; 2] = ["2025-11-25", "2025-06-18"];
/// Not spoken here, but a client that names one means this era.
pub const OLDER_VERSIONS: [&str; 2] = ["2025-03-26", "2024-11-05"];

const SESSION_ID: &str = "mcp-session-id";
const LAST_EVENT_ID: &str = "last-event-id";
const LOG_LEVELS: [&str; 8] = ["debug", "info", "notice", "warning", "error", "critical", "alert", "emergency"];

pub fn post(fixture: &Arc<Fixture>, headers: &HeaderMap, message: Message) -> Response {
    let message = match message {
        Message::Request(request) if request.method == "initialize" => return initialize(fixture, &request),
        message => message,
    };
    let session = match session(fixture, headers) {
        Ok(session) => session,
        Err(status) => return no_session(status),
    };
    match message {
        Message::Notification => {}
        Message::Response { id, outcome } => session.deliver(&id, outcome),
        Message::Request(request) => return serve(fixture, session, request),
    }
    StatusCode::ACCEPTED.into_response()
}

/// The stream of what no request asked for, or the rest of one that was cut.
pub fn get(fixture: &Fixture, headers: &HeaderMap) -> Response {
    let session = match session(fixture, headers) {
        Ok(session) => session,
        Err(status) => return no_session(status),
    };
    let Some(last) = headers.get(LAST_EVENT_ID) else {
        return sse::answer(session.general().connect());
    };
    let last = last.to_str().ok().and_then(parse_event_id);
    match last.and_then(|(number, next)| Some((session.stream(number)?, next))) {
        Some((stream, next)) => sse::answer(stream.resume(next)),
        None => refuse(StatusCode::BAD_REQUEST, Error::new(INVALID_REQUEST, "Last-Event-ID names no event")),
    }
}

pub fn delete(fixture: &Fixture, headers: &HeaderMap) -> Response {
    match session(fixture, headers) {
        Ok(session) => {
            fixture.close(&session.id);
            StatusCode::NO_CONTENT.into_response()
        }
        Err(status) => no_session(status),
    }
}

fn session(fixture: &Fixture, headers: &HeaderMap) -> Result<Arc<Session>, StatusCode> {
    let id = headers.get(SESSION_ID).ok_or(StatusCode::BAD_REQUEST)?;
    id.to_str().ok().and_then(|id| fixture.session(id)).ok_or(StatusCode::NOT_FOUND)
}

fn no_session(status: StatusCode) -> Response {
    let error = if status == StatusCode::NOT_FOUND {
        Error::new(SESSION_NOT_FOUND, "there is no such session")
    } else {
        Error::new(INVALID_REQUEST, "Mcp-Session-Id is missing")
    };
    refuse(status, error)
}

fn initialize(fixture: &Fixture, request: &Request) -> Response {
    let session = fixture.open(request.param("capabilities").clone());
    let [newest, ..] = VERSIONS;
    let version = VERSIONS.into_iter().find(|one| request.param("protocolVersion") == *one).unwrap_or(newest);
    let result = json!({ "protocolVersion": version, "capabilities": capabilities(), "serverInfo": server_info() });
    let answer = answer(StatusCode::OK, response(&request.id, Ok(result)));
    ([(SESSION_ID, session.id.as_str())], answer).into_response()
}

fn serve(fixture: &Arc<Fixture>, session: Arc<Session>, request: Request) -> Response {
    if !is_streamed(&request.method) {
        let outcome = at_once(&session, &request);
        return answer(StatusCode::OK, response(&request.id, outcome));
    }
    let stream = session.open_stream();
    let events = stream.connect();
    let fixture = Arc::clone(fixture);
    // Hanging up is not cancelling: the client may come back for the result.
    tokio::spawn(async move {
        let outcome = on_stream(&fixture, &session, &stream, &request).await;
        stream.send(response(&request.id, outcome));
        stream.end();
    });
    sse::answer(events)
}

fn at_once(session: &Session, request: &Request) -> Result<Value, Error> {
    match request.method.as_str() {
        "ping" => Ok(json!({})),
        "logging/setLevel" => {
            let level = request.param("level").as_str().filter(|level| LOG_LEVELS.contains(level));
            session.set_log_level(level.ok_or_else(|| Error::new(INVALID_PARAMS, "there is no such level"))?);
            Ok(json!({}))
        }
        // Nothing here ever changes, so there is nothing to remember.
        "resources/subscribe" | "resources/unsubscribe" => {
            read(request.param("uri").as_str().unwrap_or_default()).map(|_| json!({}))
        }
        "resources/read" => read(request.name()),
        _ => methods::answer_at_once(request),
    }
}

fn read(uri: &str) -> Result<Value, Error> {
    let unknown = || Error::new(RESOURCE_NOT_FOUND, "there is no such resource").with(json!({ "uri": uri }));
    resources::read(uri).ok_or_else(unknown)
}

async fn on_stream(
    fixture: &Fixture,
    session: &Session,
    stream: &Arc<Stream>,
    request: &Request,
) -> Result<Value, Error> {
    let answers = ask(session, stream, request).await?;
    let caller = Caller::legacy(request, session, Arc::clone(stream));
    methods::answer(fixture, request, &answers, &caller).await
}

async fn ask(session: &Session, stream: &Stream, request: &Request) -> Result<Map<String, Value>, Error> {
    let mut answers = Map::new();
    for round in 0.. {
        let asked = questions(request.name(), request.param("arguments"), &session.capabilities, round);
        if asked.is_empty() {
            break;
        }
        for (key, question) in asked {
            if !declares(&session.capabilities, &question) {
                let capability = capability(&question);
                return Err(Error::new(INVALID_REQUEST, format!("the client did not declare {capability}")));
            }
            let answer = session.ask(stream, &question["method"], &question["params"]).await;
            let refused = |error: Value| Error::new(INVALID_REQUEST, format!("the client answered {error}"));
            answers.insert(key, answer.map_err(refused)?);
        }
    }
    Ok(answers)
}
