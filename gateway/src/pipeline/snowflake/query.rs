//! A driver's requests about its queries: start, poll, status, abort.

use std::{pin::Pin, sync::Arc, time::Duration};

use ::http::Response;
use axum::body::Body;
use bytes::Bytes;
use hoop_model::{Fault, Side};
use hoop_snowflake::{QueryError, QueryRequest, Refusal};
use serde_json::Value;

use super::{
    Ask, json,
    memory::{Driver, Memory},
    own,
    queries::Query,
    refuse, run,
};
use crate::Gateway;

/// A query that takes longer is answered "in progress", so that no driver gives up and sends it again (§5: Python at
/// 60 s, Node at 90 s).
pub(super) const FIRST: Duration = Duration::from_secs(4);
/// How long one poll waits; drivers poll again without a pause.
const POLL: Duration = Duration::from_secs(28);

pub(super) async fn start(ask: &Ask, memory: &Memory, driver: &Arc<Driver>) -> Response<Body> {
    let request = match QueryRequest::parse(&ask.body) {
        Ok(request) => request,
        Err(error) => return refuse(&unreadable(&error)),
    };
    let request_id = hoop_snowflake::request_id(ask.query.as_deref());
    if let Some(stop) = own::stops(memory, driver, &request) {
        return own::stop(ask, stop, request_id.as_deref()).await;
    }
    let Some((query, new)) = driver.queries.begin(request_id.as_deref()) else {
        return refuse(&Refusal::from(&too_many()));
    };
    let asynchronous = request.is_async();
    let wait = if asynchronous { Duration::ZERO } else { FIRST };
    if new {
        let path = match &request_id {
            Some(id) => format!("/queries/v1/query-request?requestId={id}"),
            None => format!("/queries/v1/query-request?requestId={}", query.id),
        };
        let run = run::run(ask.gateway.clone(), ask.session.clone(), driver.clone(), query.clone(), request, path);
        carry(run, wait).await;
    }
    if asynchronous {
        // Its driver asks for the rest, also for a refusal.
        return json(hoop_snowflake::submitted(&query.id));
    }
    let wait = if new { Duration::ZERO } else { wait };
    answer(&ask.gateway, &query, wait).await
}

/// Runs a query, and waits for it so long at most. Cancel-safe: it goes on by itself.
pub(super) async fn carry(run: impl Future<Output = ()> + Send + 'static, wait: Duration) {
    let mut carried = Carried(Some(Box::pin(run)));
    let _ = tokio::time::timeout(wait, carried.here()).await;
}

/// A query under way. While its request waits it is carried along there, which saves a quick query the way to another
/// thread and back; when the request gives up, or its driver leaves, it goes on by itself.
struct Carried(Option<Pin<Box<dyn Future<Output = ()> + Send>>>);

impl Carried {
    /// Completes with the query. Cancel-safe.
    async fn here(&mut self) {
        if let Some(run) = &mut self.0 {
            run.await;
        }
        self.0 = None;
    }
}

impl Drop for Carried {
    fn drop(&mut self) {
        if let (Some(run), Ok(runtime)) = (self.0.take(), tokio::runtime::Handle::try_current()) {
            runtime.spawn(run);
        }
    }
}

pub(super) async fn poll(ask: &Ask, driver: &Driver, id: &str) -> Response<Body> {
    match driver.queries.by_id(id) {
        Some(query) => answer(&ask.gateway, &query, POLL).await,
        None => refuse(&Refusal::unknown_query()),
    }
}

pub(super) fn status(driver: &Driver, id: &str) -> Response<Body> {
    let Some(query) = driver.queries.by_id(id) else { return refuse(&Refusal::unknown_query()) };
    let finished = query.answer.borrow();
    match finished.as_ref() {
        None => json(hoop_snowflake::status(id, "RUNNING", None)),
        Some(finished) => match &finished.failure {
            None => json(hoop_snowflake::status(id, "SUCCESS", None)),
            Some(text) => json(hoop_snowflake::status(id, "FAILED_WITH_ERROR", Some(text))),
        },
    }
}

pub(super) fn abort(driver: &Driver, id: &str) -> Response<Body> {
    match driver.queries.by_id(id) {
        Some(query) => cancel(&query),
        None => refuse(&Refusal::unknown_query()),
    }
}

pub(super) fn abort_request(ask: &Ask, driver: &Driver) -> Response<Body> {
    let body: Value = serde_json::from_slice(&ask.body).unwrap_or_default();
    let id = body.get("requestId").and_then(Value::as_str).unwrap_or_default();
    match driver.queries.by_request(id) {
        Some(query) => cancel(&query),
        // It may have ended and been forgotten: nothing left to abort.
        None => json(hoop_snowflake::done()),
    }
}

fn cancel(query: &Query) -> Response<Body> {
    query.cancelled.cancel();
    json(hoop_snowflake::done())
}

async fn answer(gateway: &Gateway, query: &Query, wait: Duration) -> Response<Body> {
    match finished(gateway, query, wait).await {
        Some(body) => json(body),
        None => json(hoop_snowflake::in_progress(&query.id)),
    }
}

/// The query's answer, if it has one by then. Cancel-safe.
pub(super) async fn finished(gateway: &Gateway, query: &Query, wait: Duration) -> Option<Bytes> {
    let mut answer = query.answer.subscribe();
    let finished = tokio::time::timeout(wait, answer.wait_for(Option::is_some)).await.ok()?.ok()?;
    Some(query.body(finished.as_ref()?, gateway.clock.now()))
}

pub(super) fn too_many() -> Fault {
    Fault::new(
        Side::Client,
        "too_many_queries",
        hoop_model::Retry::Safe,
        "too many queries of this session are under way, so this one was not run; let some of them end first",
    )
}

pub(super) fn unreadable(error: &QueryError) -> Refusal {
    let fault = Fault::new(Side::Client, "bad_query", hoop_model::Retry::Useless, error.to_string());
    Refusal::from(&fault)
}
