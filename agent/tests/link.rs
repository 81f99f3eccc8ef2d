//! Enrolling, linking, renewing, coming back, draining.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]

mod fake;

use std::{
    sync::{Arc, atomic::Ordering},
    time::Duration,
};

use fake::{Agent, Authority, Gateway, HttpUpstream, body, whole};
use hoop_agent::{AgentSettings, EnrollError, HttpTarget, RunError, SecretRef, StdioTarget, Target};
use hoop_model::{ConnectionKind, Secret, SessionId};
use hoop_tunnel::{CloseCode, Closed, DialError};
use hoop_wire::link::{FromAgent, FromGateway, Transport};
use http::{Request, Response};
use tokio::sync::Semaphore;

fn cat() -> Target {
    let program = "/bin/cat".into();
    Target::McpStdio(StdioTarget { program, arguments: Vec::new(), environment: Vec::new() })
}

fn web(upstream: &HttpUpstream) -> Target {
    Target::McpHttp(HttpTarget { url: upstream.url.clone(), headers: Vec::new(), authority: None })
}

#[tokio::test]
async fn an_agent_enrols_once_and_says_what_it_reaches() {
    let mut gateway = Gateway::start().await;
    let agent = Agent::start(&gateway, vec![("echo", cat())]);
    let link = gateway.link().await;
    let [upstream] = &link.upstreams[..] else { panic!("{:?}", link.upstreams) };
    assert_eq!(upstream.connection.as_str(), "echo");
    assert_eq!((upstream.kind, upstream.transport), (ConnectionKind::Mcp, Transport::Stdio));
    assert_eq!(upstream.host, "cat");
    agent.shutdown.cancel();
    agent.running.await.unwrap().unwrap();

    // The second start finds its certificate: the token is used up, and would be refused.
    let again = Agent::run(agent.settings, agent.folder);
    gateway.link().await;
    assert_eq!(gateway.enrolled.load(Ordering::SeqCst), 1);
    again.shutdown.cancel();
    again.running.await.unwrap().unwrap();
}

#[tokio::test]
async fn without_a_good_token_there_is_no_agent() {
    let gateway = Gateway::start().await;
    let folder = tempfile::tempdir().unwrap();
    let settings = AgentSettings::new(gateway.address().to_string(), folder.path());
    let run = |token: Option<String>| {
        let mut settings = settings.clone();
        settings.join_token = token.map(|token| SecretRef::Held(Secret::new(token)));
        hoop_agent::run(settings, Default::default())
    };
    assert!(matches!(run(None).await, Err(RunError::NotEnrolled)));
    let other_gateway = format!("{}.{}", fake::TOKEN, "ab".repeat(32));
    let error = run(Some(other_gateway)).await.unwrap_err();
    assert!(matches!(error, RunError::Enroll(EnrollError::Dial(DialError::Untrusted { .. }))), "{error}");
    assert_eq!(gateway.enrolled.load(Ordering::SeqCst), 0, "a token was shown to a gateway that was not its own");
    let error = run(Some(gateway.join_token().replace("c2Vj", "xxxx"))).await.unwrap_err();
    assert!(matches!(error, RunError::Enroll(EnrollError::Refused(_))), "{error}");
}

#[tokio::test]
async fn an_agent_comes_back_to_a_restarted_gateway() {
    let mut gateway = Gateway::start().await;
    let agent = Agent::start(&gateway, vec![("echo", cat())]);
    for _ in 0..2 {
        let link = gateway.link().await;
        let (address, authority) = (gateway.address(), gateway.authority());
        gateway.stop().await;
        drop(link);
        gateway = Gateway::start_with(authority, address).await;
    }
    let link = gateway.link().await;
    link.stdio("echo").await.unwrap();
    agent.shutdown.cancel();
    agent.running.await.unwrap().unwrap();
}

#[tokio::test]
async fn a_revoked_agent_stops() {
    let mut gateway = Gateway::start().await;
    let agent = Agent::start(&gateway, Vec::new());
    gateway.link().await.connection.close(CloseCode::Revoked, "revoked by carol");
    let error = agent.running.await.unwrap().unwrap_err();
    assert!(error.to_string().contains("revoked by carol"), "{error}");
}

#[tokio::test]
async fn a_certificate_is_renewed_and_the_new_link_takes_over() {
    let authority = Arc::new(Authority::living(Duration::ZERO));
    let mut gateway = Gateway::start_with(authority.clone(), "127.0.0.1:0".parse().unwrap()).await;
    let agent = Agent::start(&gateway, vec![("echo", cat())]);
    let mut old = gateway.link().await;
    let FromAgent::Renew { certificate_request } = old.control.read_frame().await.unwrap() else {
        panic!("no renewal")
    };
    let held = old.stdio("echo").await.unwrap();
    let day = Duration::from_secs(24 * 60 * 60);
    let renewed = FromGateway::Renewed(authority.certify(&certificate_request, day));
    old.control.write_frame(&renewed).await.unwrap();

    let new = gateway.link().await;
    assert_ne!(new.connection.peer_certificates(), old.connection.peer_certificates());
    // The old link takes nothing new and ends when its last stream has.
    assert!(matches!(old.control.read_frame().await.unwrap(), FromAgent::Draining));
    assert_eq!(old.stdio("echo").await.err().unwrap().code, "agent_draining");
    assert_eq!(old.connection.close_reason(), None);
    drop(held);
    assert!(matches!(old.connection.closed().await, Closed::Peer { code: CloseCode::Draining, .. }));
    new.stdio("echo").await.unwrap();
    agent.shutdown.cancel();
    agent.running.await.unwrap().unwrap();
}

#[tokio::test]
async fn draining_finishes_what_is_under_way() {
    let release = Arc::new(Semaphore::new(0));
    let gate = release.clone();
    let upstream = HttpUpstream::start(move |_| {
        let gate = gate.clone();
        async move {
            gate.acquire().await.unwrap().forget();
            Response::new(body("whole answer"))
        }
    })
    .await;
    let mut gateway = Gateway::start().await;
    let agent = Agent::start(&gateway, vec![("web", web(&upstream))]);
    let mut link = gateway.link().await;
    let exchange = link.http("web", SessionId::new(), Request::new(body("")));
    let drain = async {
        while upstream.seen().is_empty() {
            tokio::task::yield_now().await;
        }
        agent.shutdown.cancel();
        // The control stream is not part of `link` while the exchange borrows it.
        release.add_permits(1);
    };
    let (response, ()) = tokio::join!(exchange, drain);
    assert_eq!(whole(response).await, "whole answer");
    assert!(matches!(link.control.read_frame().await.unwrap(), FromAgent::Draining));
    agent.running.await.unwrap().unwrap();
    assert!(matches!(link.connection.closed().await, Closed::Peer { code: CloseCode::Draining, .. }));
}

#[tokio::test]
async fn draining_does_not_wait_for_ever() {
    let mut gateway = Gateway::start().await;
    let mut agent = Agent::start(&gateway, vec![("echo", cat())]);
    gateway.link().await;
    agent.shutdown.cancel();
    agent.running.await.unwrap().unwrap();
    agent.settings.pace.drain = Duration::from_millis(1);
    let agent = Agent::run(agent.settings, agent.folder);
    let link = gateway.link().await;
    let _endless = link.stdio("echo").await.unwrap();
    agent.shutdown.cancel();
    agent.running.await.unwrap().unwrap();
}
