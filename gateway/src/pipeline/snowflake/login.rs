//! Login, renewal and end of a driver's session. The driver's tokens are ours; the agent logs in upstream.

use std::sync::Arc;

use ::http::{HeaderValue, Method, Request, Response};
use axum::body::Body;
use bytes::Bytes;
use hoop_model::{Fault, Retry, SessionId, Side};
use hoop_snowflake::{LoginRequest, Refusal, Tokens};
use hoop_sql::SessionState;
use hoop_wire::headers::{self, SnowflakeLogin};
use http_body_util::{BodyExt, Limited};
use serde_json::Value;

use super::{
    Ask, command, json,
    memory::{Driver, Memory, unguessable},
    refuse,
};
use crate::{
    Gateway, fault,
    pipeline::{Authorized, Judgement, Outcome, judge},
    session::Session,
    trail,
};

/// Largest answer to an upstream login in bytes.
const LIMIT: usize = 1024 * 1024;

pub(super) async fn login(ask: &Ask, memory: &Memory) -> Response<Body> {
    let Ok(request) = LoginRequest::parse(&ask.body, ask.query.as_deref()) else {
        return refuse(&Refusal::wrong_credential());
    };
    let admitted = request.secret.as_ref().is_some_and(|secret| ask.session.admits(secret.expose()));
    if !admitted {
        return match trail::turned_away(&ask.gateway, &ask.session, "wrong_listener_secret").await {
            Ok(()) => refuse(&Refusal::wrong_credential()),
            Err(fault) => refuse(&Refusal::from(&fault)),
        };
    }
    match open(ask, memory, request).await {
        Ok(answer) => json(answer.to_string()),
        Err(fault) => {
            tracing::info!(code = %fault.code, detail = fault.detail, "a Snowflake login failed");
            refuse(&Refusal { code: "390102", sql_state: "08001", text: fault.text })
        }
    }
}

async fn open(ask: &Ask, memory: &Memory, request: LoginRequest) -> Result<Value, Fault> {
    let upstream = SessionId::new();
    let wanted = SnowflakeLogin {
        database: request.database.clone(),
        schema: request.schema.clone(),
        warehouse: request.warehouse,
        role: request.role,
        session_parameters: parameters(&ask.session, request.session_parameters),
        client_app_id: request.client_app_id,
        client_app_version: request.client_app_version,
    };
    let header = serde_json::to_string(&wanted).map_err(fault::internal)?;
    let header = HeaderValue::from_str(&header).map_err(|_| {
        Fault::new(Side::Client, "bad_login", Retry::Useless, "a name in the connection's settings is no plain text")
    })?;
    let mut open = Request::new(Bytes::new());
    *open.uri_mut() = ::http::Uri::from_static("/hoop/session/open");
    open.headers_mut().insert(headers::SNOWFLAKE_LOGIN, header);
    let authorized = plumbing(&ask.gateway, &ask.session, "log in upstream").await?;
    let (exchange, answer) = ask.gateway.links.send_as(upstream, authorized.map(|()| open)).await?;
    let body = Limited::new(answer.into_body(), LIMIT).collect().await.map_err(fault::unreadable)?.to_bytes();
    let said: Value = serde_json::from_slice(&body).map_err(fault::unreadable)?;
    exchange.end(Outcome::Success).await?;
    let place = |name: &str, asked: Option<String>| {
        let upstream = said.pointer(&format!("/sessionInfo/{name}")).and_then(Value::as_str).map(str::to_owned);
        upstream.or_else(|| asked.map(|asked| asked.to_ascii_uppercase()))
    };
    let state =
        SessionState { database: place("databaseName", request.database), schema: place("schemaName", request.schema) };
    let tokens = Tokens { session: unguessable()?, master: unguessable()?, session_id: number()? };
    let answer = hoop_snowflake::logged_in(&tokens, &said);
    memory.add(Driver::new(tokens, upstream, state)).map(|_| answer).ok_or_else(|| {
        Fault::new(
            Side::Client,
            "too_many_drivers",
            Retry::Safe,
            "too many driver sessions on this listener; close some",
        )
    })
}

/// The driver's own, and the tag that joins Snowflake's log with ours.
fn parameters(session: &Session, asked: serde_json::Map<String, Value>) -> std::collections::BTreeMap<String, Value> {
    let mut parameters: std::collections::BTreeMap<_, _> = asked.into_iter().collect();
    let tag = serde_json::json!({ "hoop": session.id, "sub": session.principal().subject.sub });
    parameters.insert("QUERY_TAG".to_owned(), Value::from(tag.to_string()));
    parameters
}

pub(super) fn renew(memory: &Memory, master: &str) -> Response<Body> {
    match memory.by_master(master) {
        Some(driver) => json(hoop_snowflake::renewed(&driver.tokens).to_string()),
        None => refuse(&Refusal::no_session()),
    }
}

pub(super) async fn close(ask: &Ask, memory: &Memory, driver: &Arc<Driver>) -> Response<Body> {
    memory.remove(driver);
    let closed = async {
        let authorized = plumbing(&ask.gateway, &ask.session, "log out upstream").await?;
        let mut close = Request::new(Bytes::new());
        *close.method_mut() = Method::POST;
        *close.uri_mut() = ::http::Uri::from_static("/hoop/session/close");
        let (exchange, _) = ask.gateway.links.send_as(driver.upstream, authorized.map(|()| close)).await?;
        exchange.end(Outcome::Success).await
    };
    if let Err(fault) = closed.await {
        // The driver is gone either way; the agent ends the upstream session when its time is over.
        tracing::info!(code = %fault.code, "an upstream session could not be closed");
    }
    json(hoop_snowflake::done())
}

async fn plumbing(gateway: &Arc<Gateway>, session: &Arc<Session>, what: &'static str) -> Result<Authorized<()>, Fault> {
    match judge(gateway, session, command::plumbing(session, what)).await? {
        Judgement::Go(authorized) => Ok(authorized),
        Judgement::Wait(held) => held.decided().await,
        Judgement::No(fault) => Err(fault),
    }
}

fn number() -> Result<u32, Fault> {
    let mut bytes = [0; 4];
    aws_lc_rs::rand::fill(&mut bytes).map_err(|_| fault::internal("no random bytes"))?;
    Ok(u32::from_be_bytes(bytes) >> 1)
}
