#![allow(clippy::unwrap_used)]

use hoop_audit::{Record, RecordType};
use hoop_wire::{
    login::LoginRequest,
    open::{SessionAnswer, SessionNotice, UpstreamAnswer, UpstreamOpen},
};
use http::StatusCode;
use serde_json::Value;
use tokio::io::{AsyncReadExt, AsyncWriteExt};

use super::*;
use crate::site::{self, Site, api, ask_session, initialize};

const PAN: &str = "4111111111111111";

fn trail(gateway: &Gateway) -> Vec<Record> {
    let mut records = Vec::new();
    hoop_recording::records(gateway.recorder.dir(), |record, _| records.push(record)).unwrap();
    records
}

#[tokio::test(flavor = "multi_thread")]
async fn a_gateway_that_stops_lets_exchanges_end_and_records_every_end() {
    let site = Site::start().await;
    let gateway = site.gateway().clone();
    let (agent, _control) = site.linked(site.enrolled("dc1").await).await;
    let (_, client) = site.client(&[]).await;
    let (mut stream, opened) = site::session(&client).await;
    let exchange = ClientOpen::Exchange { session: opened.session };
    let asking = tokio::spawn({
        let client = client.clone();
        async move { site::http(&client, exchange, initialize(site::SECRET)).await }
    });
    let mut upstream = agent.accept().await.unwrap();
    assert!(matches!(upstream.read_frame().await.unwrap(), UpstreamOpen::Http { .. }));

    let stopped = tokio::spawn(site.running.stop());
    gateway.traffic.stopping.cancelled().await;
    let (_, SessionAnswer::Refused(fault)) = ask_session(&client, None).await else { unreachable!("a new session") };
    assert_eq!((fault.code.as_ref(), fault.retry), ("gateway_stopping", Retry::Safe));
    let second = site::http(&client, ClientOpen::Exchange { session: opened.session }, initialize(site::SECRET)).await;
    assert_eq!(second.0, StatusCode::SERVICE_UNAVAILABLE);

    let body = r#"{"jsonrpc":"2.0","id":1,"result":{"protocolVersion":"2025-06-18","capabilities":{}}}"#;
    let head = format!(
        "HTTP/1.1 200 OK\r\ncontent-type: application/json\r\nmcp-session-id: up\r\ncontent-length: {}\r\n\r\n",
        body.len()
    );
    upstream.write_frame(&UpstreamAnswer::Ready).await.unwrap();
    upstream.write_all(format!("{head}{body}").as_bytes()).await.unwrap();
    upstream.shutdown().await.unwrap();
    let (status, answer) = asking.await.unwrap();
    assert_eq!(status, StatusCode::OK, "{answer}");
    // The MCP session that was begun is closed upstream; this agent does not hear of it.
    drop(agent.accept().await.unwrap());
    assert!(matches!(stream.read_frame().await.unwrap(), SessionNotice::Ended { .. }));
    stopped.await.unwrap();

    let trail = trail(&gateway);
    let of = |kind| trail.iter().filter(move |record| record.draft.kind == kind).collect::<Vec<_>>();
    let (requests, ends) = (of(RecordType::Request), of(RecordType::End));
    assert_eq!(requests.len(), 2);
    let outcomes: Vec<_> = ends.iter().map(|record| record.draft.outcome.as_deref()).collect();
    assert_eq!(outcomes, [Some("success"), Some("agent_lost")]);
    assert_eq!(of(RecordType::SessionEnd).len(), 1);
    assert_eq!(trail.last().unwrap().draft.kind, RecordType::WriterStop);
}

#[tokio::test(flavor = "multi_thread")]
async fn without_the_store_every_kind_of_stream_is_told_why() {
    let site = Site::start().await;
    let (_agent, _control) = site.linked(site.enrolled("dc1").await).await;
    let (_, client) = site.client(&[]).await;
    let (_stream, opened) = site::session(&client).await;
    site.gateway().store.close().await;
    let lose_touch = || site.gateway().revocations.lose_touch();

    lose_touch();
    let (_, SessionAnswer::Refused(fault)) = ask_session(&client, None).await else { unreachable!("a session") };
    assert_eq!((fault.code.as_ref(), fault.retry), ("store_down", Retry::Safe));

    lose_touch();
    let mut renewal = client.open().await.unwrap();
    renewal.write_frame(&ClientOpen::Renew(LoginRequest::Options)).await.unwrap();
    let LoginAnswer::Refused(fault) = renewal.read_frame().await.unwrap() else { unreachable!("renewed") };
    assert_eq!(fault.code, "store_down");

    lose_touch();
    let (status, body) = site::http(&client, ClientOpen::Api, api("GET", "/v1/whoami", "")).await;
    let fault: Fault = serde_json::from_str(&body).unwrap();
    assert_eq!((status, fault.code.as_ref()), (StatusCode::SERVICE_UNAVAILABLE, "store_down"));

    lose_touch();
    let exchange = ClientOpen::Exchange { session: opened.session };
    let (status, body) = site::http(&client, exchange, initialize(site::SECRET)).await;
    assert_eq!(status, StatusCode::SERVICE_UNAVAILABLE);
    assert!(body.contains("store is down"), "{body}");

    lose_touch();
    let mut stdio = client.open().await.unwrap();
    stdio.write_frame(&ClientOpen::Stdio { session: opened.session }).await.unwrap();
    let mut line = String::new();
    stdio.read_to_string(&mut line).await.unwrap();
    let message: Value = serde_json::from_str(line.trim_end()).unwrap();
    assert_eq!(message.pointer("/error/data/code").unwrap(), "store_down");
}

#[tokio::test(flavor = "multi_thread")]
async fn an_expired_login_is_told_so() {
    let site = Site::start().await;
    let (mut login, client) = site.client(&[]).await;
    login.expires_at = site.gateway().clock.now();
    let caller = Caller {
        login: watch::Sender::new(login.clone()),
        revocation: site.gateway().revocations.watch(Holder::Login(login.id)),
        ip: client.remote_addr().ip(),
    };
    let fault = still_good(site.gateway(), &caller, &login, &ClientOpen::Api).unwrap_err();
    assert_eq!((fault.code.as_ref(), api::Refusal::status(&fault)), ("login_ended", StatusCode::UNAUTHORIZED));
    site.gateway().revocations.revoke(Holder::Login(login.id));
    let fault = still_good(site.gateway(), &caller, &login, &ClientOpen::Api).unwrap_err();
    assert!(fault.text.contains("revoked"), "{}", fault.text);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_exchange_of_a_session_that_is_over_is_told_so() {
    let site = Site::start().await;
    let (_, client) = site.client(&[]).await;
    let exchange = ClientOpen::Exchange { session: hoop_model::SessionId::new() };
    let (status, body) = site::http(&client, exchange, initialize(site::SECRET)).await;
    assert_eq!(status, StatusCode::GONE);
    assert!(body.contains("hoopctl connect"), "{body}");
}

#[tokio::test(flavor = "multi_thread")]
async fn the_fifth_wrong_secret_ends_the_session_and_no_further_one_is_recorded() {
    let site = Site::start().await;
    let gateway = site.gateway();
    let (_agent, _control) = site.linked(site.enrolled("dc1").await).await;
    let (login, client) = site.client(&[]).await;
    let (mut stream, opened) = site::session(&client).await;
    let session = gateway.sessions.of(opened.session, login.id).unwrap();
    for _ in 0..4 {
        let exchange = ClientOpen::Exchange { session: opened.session };
        assert_eq!(site::http(&client, exchange, initialize("guessed")).await.0, StatusCode::UNAUTHORIZED);
    }
    assert!(!session.ended.is_cancelled());
    for _ in 0..3 {
        crate::trail::turned_away(gateway, &session, "wrong_listener_secret").await.unwrap();
    }
    assert!(session.ended.is_cancelled());
    let SessionNotice::Ended { text } = stream.read_frame().await.unwrap() else { unreachable!("other notice") };
    assert!(text.contains("without the right secret"), "{text}");
    let denied = trail(gateway).into_iter().filter(|record| record.draft.kind == RecordType::Denied).count();
    assert_eq!(denied, 5);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_sessions_reason_is_masked_where_it_comes_in() {
    let site = Site::start().await;
    let (_agent, _control) = site.linked(site.enrolled("dc1").await).await;
    let (login, client) = site.client(&[]).await;
    let (_stream, answer) = ask_session(&client, Some(&format!("refund of {PAN}"))).await;
    let SessionAnswer::Opened(opened) = answer else { unreachable!("{answer:?}") };
    let reason = site.gateway().sessions.of(opened.session, login.id).unwrap().reason.clone().unwrap();
    assert!(reason.starts_with("refund of 411111") && !reason.contains(PAN), "{reason}");
}

#[tokio::test(flavor = "multi_thread")]
async fn people_list_their_own_sessions_and_auditors_all() {
    let site = Site::start().await;
    let (_agent, _control) = site.linked(site.enrolled("dc1").await).await;
    let (_, alice) = site.client(&[]).await;
    let (_, bob) = site.client(&["admins"]).await;
    let (_first, of_alice) = site::session(&alice).await;
    let (_second, of_bob) = site::session(&bob).await;
    for (client, expected) in [(&alice, vec![of_alice.session]), (&bob, vec![of_bob.session, of_alice.session])] {
        let (status, body) = site::http(client, ClientOpen::Api, api("GET", "/v1/sessions", "")).await;
        assert_eq!(status, StatusCode::OK, "{body}");
        let listed: Value = serde_json::from_str(&body).unwrap();
        let ids = |session: &Value| session.pointer("/id").unwrap().as_str().unwrap().parse().unwrap();
        let listed: Vec<hoop_model::SessionId> =
            listed.pointer("/sessions").unwrap().as_array().unwrap().iter().map(ids).collect();
        assert_eq!(listed, expected);
    }
    let show = |id| api("GET", &format!("/v1/sessions/{id}"), "");
    let (status, body) = site::http(&alice, ClientOpen::Api, show(of_alice.session)).await;
    assert_eq!(status, StatusCode::OK, "{body}");
    assert!(body.contains("session_start"), "{body}");
    assert_eq!(site::http(&alice, ClientOpen::Api, show(of_bob.session)).await.0, StatusCode::NOT_FOUND);
}
