//! Login, renewal and end of a driver's session. The driver's tokens are ours; the agent logs in upstream.

use std::{sync::Arc, time::Duration};

use ::http::{HeaderValue, Method, Request, Response};
use axum::body::Body;
use bytes::Bytes;
use hoop_masking::Findings;
use hoop_model::{Effect, Fault, Retry, SessionId, Side};
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
    pipeline::{Authorized, Command, Outcome, decide::decide, permitted, record},
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
    match open(&ask.gateway, &ask.session, request).await.and_then(|(driver, said)| Ok((kept(memory, driver)?, said))) {
        Ok((driver, said)) => json(hoop_snowflake::logged_in(&driver.tokens, &said).to_string()),
        Err(fault) => {
            tracing::info!(code = %fault.code, detail = fault.detail, "a Snowflake login failed");
            refuse(&Refusal { code: "390102", sql_state: "08001", text: fault.text })
        }
    }
}

/// Opens an upstream session, and says what the upstream said of it.
pub(super) async fn open(
    gateway: &Arc<Gateway>,
    session: &Arc<Session>,
    request: LoginRequest,
) -> Result<(Driver, Value), Fault> {
    let (upstream, standing, said) = enter(gateway, session, &request).await?;
    let tokens = Tokens { session: unguessable()?, master: unguessable()?, session_id: number()? };
    Ok((Driver::new(tokens, upstream, standing, request), said))
}

/// The upstream session alone: its name, where it stands, and what the upstream said of it.
pub(super) async fn enter(
    gateway: &Arc<Gateway>,
    session: &Arc<Session>,
    request: &LoginRequest,
) -> Result<(SessionId, SessionState, Value), Fault> {
    let upstream = SessionId::new();
    // What a statement would be held for is not to be had by logging in with it.
    let (modelled, left_out) = request.parameters(hoop_sql::is_modelled_parameter);
    let command = command::login(gateway, session, request, &left_out);
    let wanted = SnowflakeLogin {
        database: request.database.clone(),
        schema: request.schema.clone(),
        warehouse: request.warehouse.clone(),
        role: request.role.clone(),
        session_parameters: parameters(session, modelled),
        client_app_id: request.client_app_id.clone(),
        client_app_version: request.client_app_version.clone(),
    };
    let header = HeaderValue::from_str(&ascii(&serde_json::to_string(&wanted).map_err(fault::internal)?));
    let header = header.map_err(fault::internal)?;
    let mut open = Request::new(Bytes::new());
    *open.uri_mut() = ::http::Uri::from_static("/hoop/session/open");
    open.headers_mut().insert(headers::SNOWFLAKE_LOGIN, header);
    let authorized = not_held(gateway, session, command).await?;
    let (exchange, answer) = gateway.links.send_as(upstream, authorized.map(|()| open)).await?;
    let body = Limited::new(answer.into_body(), LIMIT).collect().await.map_err(fault::unreadable)?.to_bytes();
    let said: Value = serde_json::from_slice(&body).map_err(fault::unreadable)?;
    let mut findings = Findings::default();
    let masked = exchange.masker().json(said, &mut findings).map_err(fault::unreadable)?;
    let said = exchange.deliver_last(masked.to_bytes(), 0, findings, Outcome::Success).await?;
    let said: Value = serde_json::from_slice(&said).map_err(fault::internal)?;
    let place = |name: &str, asked: &Option<String>| {
        let upstream = said.pointer(&format!("/sessionInfo/{name}")).and_then(Value::as_str).map(str::to_owned);
        upstream.or_else(|| asked.as_ref().map(|asked| asked.to_ascii_uppercase()))
    };
    let standing = SessionState {
        database: place("databaseName", &request.database),
        schema: place("schemaName", &request.schema),
        role: place("roleName", &request.role),
    };
    Ok((upstream, standing, said))
}

fn kept(memory: &Memory, driver: Driver) -> Result<Arc<Driver>, Fault> {
    memory.add(driver).ok_or_else(|| {
        Fault::new(
            Side::Client,
            "too_many_drivers",
            Retry::Safe,
            "too many driver sessions on this listener; close some",
        )
    })
}

/// JSON with every character beyond ASCII escaped, as a header must be: drivers send paths and names of all languages.
fn ascii(json: &str) -> String {
    let mut units = [0; 2];
    json.chars().fold(String::with_capacity(json.len()), |mut text, char| {
        if char.is_ascii() {
            text.push(char);
        } else {
            for unit in char.encode_utf16(&mut units) {
                text.push_str(&format!("\\u{unit:04x}"));
            }
        }
        text
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
    close_upstream(&ask.gateway, &ask.session, driver.upstream()).await;
    json(hoop_snowflake::done())
}

/// Ends an upstream session.
pub(super) async fn close_upstream(gateway: &Arc<Gateway>, session: &Arc<Session>, upstream: SessionId) {
    let closed = async {
        let authorized = plumbing(gateway, session, "log out upstream").await?;
        let mut close = Request::new(Bytes::new());
        *close.method_mut() = Method::POST;
        *close.uri_mut() = ::http::Uri::from_static("/hoop/session/close");
        let (exchange, _) = gateway.links.send_as(upstream, authorized.map(|()| close)).await?;
        exchange.end(Outcome::Success).await
    };
    if let Err(fault) = closed.await {
        // The driver is gone either way; the agent ends the upstream session when its time is over.
        tracing::info!(code = %fault.code, "an upstream session could not be closed");
    }
}

/// How long the upstream may take to hear that its sessions are over: within what a stopping gateway gives its own.
const GOODBYE: Duration = Duration::from_secs(1);

/// Forgets the session, and ends every upstream session that its drivers left open.
pub(crate) async fn end_all(gateway: &Arc<Gateway>, session: &Arc<Session>, memory: &Memory) {
    let closing = memory.clear().into_iter().map(|upstream| close_upstream(gateway, session, upstream));
    if tokio::time::timeout(GOODBYE, futures_util::future::join_all(closing)).await.is_err() {
        tracing::info!("not every upstream session heard in time that it is over; they end there by themselves");
    }
}

/// A driver waits for its login and does not poll, so what would be held is refused.
async fn not_held(
    gateway: &Arc<Gateway>,
    session: &Arc<Session>,
    command: Command<()>,
) -> Result<Authorized<()>, Fault> {
    let decision = decide(gateway, session, &command.asks);
    if decision.effect == Effect::Hold {
        record::denied(gateway, session, &command, &decision).await?;
        return Err(Fault::new(
            Side::Policy,
            "login_not_permitted",
            Retry::Useless,
            "this connection's role is set by its admin: leave `role` out of the driver's settings, or ask the \
             gateway's admin to permit it. Nothing was run.",
        ));
    }
    permitted(gateway, session, command).await
}

async fn plumbing(gateway: &Arc<Gateway>, session: &Arc<Session>, what: &'static str) -> Result<Authorized<()>, Fault> {
    permitted(gateway, session, command::plumbing(session, what)).await
}

fn number() -> Result<u32, Fault> {
    let mut bytes = [0; 4];
    aws_lc_rs::rand::fill(&mut bytes).map_err(|_| fault::internal("no random bytes"))?;
    Ok(u32::from_be_bytes(bytes) >> 1)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_header_says_what_the_json_says() {
        let json = serde_json::json!({ "path": "/home/zoë/🂡.py", "plain": "x" }).to_string();
        let header = ascii(&json);
        assert!(HeaderValue::from_str(&header).is_ok_and(|header| header.to_str().is_ok()));
        assert_eq!(serde_json::from_str::<Value>(&header).ok(), serde_json::from_str(&json).ok());
    }
}
