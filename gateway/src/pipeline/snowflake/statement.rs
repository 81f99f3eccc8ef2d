//! The SQL API: submit, poll, partitions, cancel. Statements run as a driver's queries do, held ones too: the client is
//! told "still running" and asks again.

use std::{sync::Arc, time::Duration};

use ::http::{HeaderValue, Response, StatusCode, header};
use axum::body::Body;
use bytes::Bytes;
use hoop_model::{Fault, Side};
use hoop_snowflake::{Partition, Refusal, Reply, Route, StatementQuery, StatementRequest};

use super::{
    Ask,
    chunk::{self, Reads},
    memory::Memory,
    not_found,
    queries::Query,
    query::{FIRST, carry, finished, too_many, unreadable},
    run,
};
use crate::{
    Gateway, fault,
    pipeline::{Protocol, offload},
    session::Session,
    trail,
};

pub(super) async fn serve(ask: &Ask, memory: &Memory, authorization: &str, route: Route) -> Response<Body> {
    if !authorization.strip_prefix("Bearer ").is_some_and(|secret| ask.session.admits(secret)) {
        return match trail::turned_away(&ask.gateway, &ask.session, "wrong_listener_secret").await {
            Ok(()) => reply(Reply::refused(401, &Refusal::wrong_credential(), None)),
            Err(fault) => refuse(&fault),
        };
    }
    let wanted = StatementQuery::parse(ask.query.as_deref());
    match route {
        Route::Statement => submit(ask, memory, &wanted).await,
        Route::StatementResult { handle } => match memory.statements.queries.by_id(&handle) {
            Some(query) => answer(ask, memory, &query, &wanted, FIRST).await,
            None => reply(Reply::refused(404, &Refusal::unknown_query(), None)),
        },
        Route::StatementCancel { handle } => match memory.statements.queries.by_id(&handle) {
            Some(query) => {
                query.cancelled.cancel();
                reply(Reply::cancelled(&handle))
            }
            None => reply(Reply::refused(404, &Refusal::unknown_query(), None)),
        },
        _ => not_found(),
    }
}

/// The rest of the REST API. Recorded, and told apart from a path that does not exist.
pub(super) async fn closed(gateway: &Gateway, session: &Session) -> Response<Body> {
    match trail::turned_away(gateway, session, "closed_endpoint").await {
        Ok(()) => reply(Reply::refused(403, &Refusal::closed_endpoint(), None)),
        Err(fault) => refuse(&fault),
    }
}

async fn submit(ask: &Ask, memory: &Memory, wanted: &StatementQuery) -> Response<Body> {
    let request = match StatementRequest::parse(&ask.body) {
        Ok(request) => request,
        Err(error) => return reply(Reply::refused(400, &unreadable(&error), None)),
    };
    let Some((query, new)) = memory.statements.queries.begin(wanted.request_id.as_deref()) else {
        return reply(Reply::refused(429, &Refusal::from(&too_many()), None));
    };
    let wait = if wanted.asynchronous { Duration::ZERO } else { FIRST };
    if !new {
        return answer(ask, memory, &query, wanted, wait).await;
    }
    if wanted.null_as_text {
        query.nulls_as_text();
    }
    carry(run(ask.gateway.clone(), ask.session.clone(), query.clone(), request), wait).await;
    if wanted.asynchronous {
        return reply(Reply::running(&query.id));
    }
    answer(ask, memory, &query, wanted, Duration::ZERO).await
}

async fn run(gateway: Arc<Gateway>, session: Arc<Session>, query: Arc<Query>, request: StatementRequest) {
    let Protocol::Snowflake(memory) = &session.protocol else { return };
    let statements = &memory.statements;
    match statements.driver(&gateway, &session, request.place, &request.query).await {
        Ok(driver) => {
            let path = format!("/queries/v1/query-request?requestId={}", query.id);
            run::run(gateway, session.clone(), driver, query, request.query, path).await;
        }
        Err(fault) => {
            tracing::info!(code = %fault.code, detail = fault.detail, "a statement has no upstream session");
            statements.queries.finish(&query, Refusal::from(&fault).body(Some(&query.id)), Some(fault.text));
        }
    }
}

async fn answer(ask: &Ask, memory: &Memory, query: &Query, wanted: &StatementQuery, wait: Duration) -> Response<Body> {
    let Some(body) = finished(&ask.gateway, query, wait).await else { return reply(Reply::running(&query.id)) };
    let Some(number) = wanted.partition else { return no_partition(&query.id) };
    let null_as_text = wanted.null_as_text || query.has_nulls_as_text();
    let id = query.id.clone();
    let written = offload(&ask.gateway, body.len(), move |_| Reply::partition(&body, &id, number, null_as_text));
    match written.await {
        Ok(Some(Partition::Here(body))) => reply(body),
        Ok(Some(Partition::Chunk { token, index })) => match memory.result(&token) {
            Some(result) => {
                let write = move |rows: Bytes| Reply::of_chunk(&rows, null_as_text).map(Bytes::from);
                chunk::serve(&ask.gateway, memory, &result, index, Reads::Rewritten(write)).await
            }
            None => reply(Reply::refused(404, &Refusal::forgotten(), Some(&query.id))),
        },
        Ok(None) if number == 0 => refuse(&fault::unreadable("rows in a form that the SQL API does not have")),
        Ok(None) => no_partition(&query.id),
        Err(fault) => refuse(&fault),
    }
}

fn no_partition(handle: &str) -> Response<Body> {
    let text = "the result has no such partition; `resultSetMetaData.partitionInfo` lists them, from 0 on";
    let fault = Fault::new(Side::Client, "no_such_partition", hoop_model::Retry::Useless, text);
    reply(Reply::refused(400, &Refusal::from(&fault), Some(handle)))
}

fn refuse(fault: &Fault) -> Response<Body> {
    reply(Reply::failed(&Refusal::from(fault), None))
}

fn reply(reply: Reply) -> Response<Body> {
    let mut response = Response::new(Body::from(reply.body));
    *response.status_mut() = StatusCode::from_u16(reply.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    response.headers_mut().insert(header::CONTENT_TYPE, HeaderValue::from_static("application/json"));
    response
}
