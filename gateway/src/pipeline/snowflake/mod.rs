//! The Snowflake driver protocol on the data path. A driver's queries run on their own: its requests only ask how they
//! are, so a hold of half an hour looks like a slow query.
//!
//! ```text
//! mod.rs (routes) → login.rs | query.rs → own.rs | run.rs (judge in place.rs, hold, send, mask) → answer kept in queries.rs; chunk.rs
//! an upstream session that has ended: again.rs
//! SQL API: statement.rs → statements.rs (an upstream session) → run.rs
//! ```

mod again;
mod chunk;
mod command;
mod login;
mod memory;
mod own;
mod place;
mod queries;
mod query;
mod room;
mod run;
mod statement;
mod statements;

use std::sync::Arc;

use ::http::{HeaderValue, Request, Response, StatusCode, header};
use axum::body::Body;
use bytes::Bytes;
use chunk::Reads;
use hoop_snowflake::{Refusal, Route};
use http_body_util::{BodyExt, Limited};
use hyper::body::Incoming;
pub(crate) use login::end_all;
pub use memory::Memory;
use memory::{Driver, ResultSet};

use crate::{Gateway, pipeline::Protocol, session::Session, trail};

/// Largest request body in bytes, as sent and once inflated.
const LIMIT: usize = 64 * 1024 * 1024;

pub(crate) async fn http(gateway: Arc<Gateway>, session: Arc<Session>, request: Request<Incoming>) -> Response<Body> {
    let Protocol::Snowflake(memory) = &session.protocol else { return not_found() };
    let (head, body) = request.into_parts();
    let route = hoop_snowflake::route(head.method.as_str(), head.uri.path());
    if let Route::Chunk { token, index } = &route {
        return match memory.result(token) {
            Some(result) => chunk::serve(&gateway, memory, &result, *index, Reads::of(&head.headers)).await,
            None => not_found(),
        };
    }
    if route == Route::Closed {
        return statement::closed(&gateway, &session).await;
    }
    if route == Route::Refused {
        // What is not understood is not passed on, and is in the trail.
        return match trail::turned_away(&gateway, &session, "unknown_path").await {
            Ok(()) => not_found(),
            Err(fault) => refuse(&Refusal::from(&fault)),
        };
    }
    let Ok(body) = read(body).await else {
        return refuse(&Refusal {
            code: "390102",
            sql_state: "08001",
            text: "the request's body is too long, or cannot be inflated".to_owned(),
        });
    };
    let ask = Ask { gateway, session: session.clone(), query: head.uri.query().map(str::to_owned), body };
    if route == Route::Login {
        return login::login(&ask, memory).await;
    }
    let authorization = head.headers.get(header::AUTHORIZATION).and_then(|value| value.to_str().ok());
    if let Route::Statement | Route::StatementResult { .. } | Route::StatementCancel { .. } = route {
        return statement::serve(&ask, memory, authorization.unwrap_or_default(), route).await;
    }
    let token = authorization.and_then(hoop_snowflake::token).unwrap_or_default();
    match route {
        Route::TokenRequest => login::renew(memory, token),
        // Telemetry may hold statements; nobody needs it.
        Route::Telemetry => json(hoop_snowflake::done()),
        route => match memory.driver(token) {
            Some(driver) => known(&ask, memory, &driver, route).await,
            None => refuse(&Refusal::no_session()),
        },
    }
}

/// One request of a driver.
struct Ask {
    gateway: Arc<Gateway>,
    session: Arc<Session>,
    query: Option<String>,
    body: Vec<u8>,
}

async fn known(ask: &Ask, memory: &Memory, driver: &Arc<Driver>, route: Route) -> Response<Body> {
    match route {
        Route::Heartbeat => json(hoop_snowflake::done()),
        Route::SessionClose => login::close(ask, memory, driver).await,
        Route::Query => query::start(ask, memory, driver).await,
        Route::QueryResult { id } => query::poll(ask, driver, &id).await,
        Route::AbortByRequest => query::abort_request(ask, driver),
        Route::AbortById { id } => query::abort(driver, &id),
        Route::Monitoring { id } => query::status(driver, &id),
        _ => not_found(),
    }
}

async fn read(body: Incoming) -> Result<Vec<u8>, ()> {
    let body = Limited::new(body, LIMIT).collect().await.map_err(drop)?;
    hoop_snowflake::decode(&body.to_bytes(), LIMIT).map_err(drop)
}

fn json(body: impl Into<Bytes>) -> Response<Body> {
    let mut response = Response::new(Body::from(body.into()));
    response.headers_mut().insert(header::CONTENT_TYPE, HeaderValue::from_static("application/json"));
    response
}

fn refuse(refusal: &Refusal) -> Response<Body> {
    json(refusal.body(None))
}

fn not_found() -> Response<Body> {
    let mut response = Response::new(Body::from("not found\n"));
    *response.status_mut() = StatusCode::NOT_FOUND;
    response
}
