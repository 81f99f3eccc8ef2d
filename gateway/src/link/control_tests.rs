#![allow(clippy::unwrap_used)]

use hoop_model::{Clock, ManualClock, SystemClock, later};
use hoop_tunnel::Closed;
use rcgen::KeyPair;

use super::*;
use crate::site::{self, Site};

/// Generous for a loaded machine; a revocation is to be heard of within 5 s.
const SOON: Duration = Duration::from_secs(5);

async fn closed(tunnel: &Connection) -> CloseCode {
    match timeout(SOON, tunnel.closed()).await.unwrap() {
        Closed::Peer { code, .. } => code,
        other => unreachable!("{other}"),
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn every_tunnel_of_a_revoked_agent_ends_also_the_replaced_and_the_draining() {
    let site = Site::start().await;
    let id = site.enrolled("dc1").await;
    let (replaced, _control) = site.linked(id).await;
    let (draining, mut control) = site.linked(id).await;
    control.write_frame(&FromAgent::Draining).await.unwrap();
    let silent = site.agent(id, SOON * 60).await;
    let other = site.enrolled("dc2").await;
    let (other, mut other_control) = site.linked(other).await;
    // As another process would, which shares the store.
    assert!(site.gateway().store.revoke_agent(id, SystemClock.now()).await.unwrap());
    for tunnel in [&replaced, &draining, &silent] {
        assert_eq!(closed(tunnel).await, CloseCode::Revoked);
    }
    let certificate_request = site::request(&KeyPair::generate().unwrap());
    other_control.write_frame(&FromAgent::Renew { certificate_request }).await.unwrap();
    assert!(matches!(other_control.read_frame().await.unwrap(), FromGateway::Renewed(_)));
    assert_eq!(other.close_reason(), None);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_agent_revoked_before_its_hello_never_gets_work() {
    let site = Site::start().await;
    let id = site.enrolled("dc1").await;
    let tunnel = site.agent(id, SOON * 60).await;
    site.gateway().store.revoke_agent(id, SystemClock.now()).await.unwrap();
    let mut control = tunnel.open().await.unwrap();
    control.write_frame(&site::hello()).await.unwrap();
    assert_eq!(closed(&tunnel).await, CloseCode::Revoked);
    assert_eq!(site.running.agents(), Vec::<String>::new());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_revoked_agent_is_not_renewed() {
    let site = Site::start().await;
    let id = site.enrolled("dc1").await;
    let agent = Agent {
        id,
        name: "dc1".to_owned(),
        tunnel: site.agent(id, SOON * 60).await,
        upstreams: std::collections::HashMap::new(),
    };
    let request = site::request(&KeyPair::generate().unwrap());
    assert_eq!(renew(site.gateway(), &agent, &request).await.unwrap().agent, id);
    site.gateway().store.revoke_agent(id, SystemClock.now()).await.unwrap();
    let fault = renew(site.gateway(), &agent, &request).await.unwrap_err();
    assert_eq!((fault.code.as_ref(), fault.retry), ("agent_removed", Retry::Useless));
    assert_eq!(closed(&agent.tunnel).await, CloseCode::Revoked);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_tunnel_ends_with_its_certificate() {
    // By the gateway's clock it is over already; TLS asks the machine's.
    let clock = ManualClock::new(later(SystemClock.now(), SOON * 2));
    let site = Site::with(Arc::new(clock)).await;
    let id = site.enrolled("dc1").await;
    let short = site.agent(id, SOON).await;
    assert_eq!(closed(&short).await, CloseCode::Expired);
    let (long, _control) = site.linked(id).await;
    assert_eq!(long.close_reason(), None);
    assert_eq!(site.running.agents(), ["dc1"]);
}
