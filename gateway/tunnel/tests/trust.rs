//! Who gets in, and whom a dialler believes.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]

mod pair;

use hoop_tunnel::{CloseCode, Closed, Dial, DialError, Trust, dial, spki_sha256};
use hoop_wire::alpn;
use pair::{Authority, listen, listen_as, pair, refused, to};
use rcgen::{CertificateParams, date_time_ymd};

#[tokio::test]
async fn mutual_tls_shows_each_side_the_other() {
    let authority = Authority::new();
    let listener = listen(&authority);
    let (near, far) = pair(&authority, &listener).await;
    assert_eq!(near.alpn(), alpn::CLIENT);
    assert_eq!(far.alpn(), alpn::CLIENT);
    assert_eq!(far.peer_certificates().unwrap().len(), 2);
    assert_eq!(near.remote_addr(), listener.local_addr().unwrap());
}

#[tokio::test]
async fn another_authority_is_refused() {
    let authority = Authority::new();
    let listener = listen(&authority);
    let error = refused(to(&listener, Authority::new().trust(), alpn::LOGIN)).await;
    assert!(matches!(error, DialError::Untrusted { .. }), "{error}");
}

#[tokio::test]
async fn the_machines_store_does_not_know_a_private_authority() {
    let authority = Authority::new();
    let listener = listen(&authority);
    let error = refused(to(&listener, Trust::System, alpn::LOGIN)).await;
    // A machine without any store cannot trust anybody either.
    assert!(matches!(error, DialError::Untrusted { .. } | DialError::Settings(_)), "{error}");
}

#[tokio::test]
async fn a_pin_of_the_authority_or_the_leaf_is_enough() {
    let authority = Authority::new();
    let identity = authority.issue();
    let leaf = spki_sha256(&identity.chain[0]).unwrap();
    let listener = listen_as(&authority, identity);
    for pin in [authority.pin(), leaf] {
        dial(to(&listener, Trust::Pin(pin), alpn::ENROL)).await.unwrap();
    }
}

#[tokio::test]
async fn a_wrong_pin_is_refused() {
    let authority = Authority::new();
    let listener = listen(&authority);
    let error = refused(to(&listener, Trust::Pin([7; 32]), alpn::ENROL)).await;
    assert!(matches!(error, DialError::Untrusted { .. }), "{error}");
}

/// A chain that only carries the pinned authority's certificate, without a leaf issued by it.
#[tokio::test]
async fn a_pinned_authority_must_have_issued_the_leaf() {
    let (pinned, other) = (Authority::new(), Authority::new());
    let mut identity = other.issue();
    identity.chain.truncate(1);
    identity.chain.push(pinned.issue().chain[1].clone());
    let listener = listen_as(&other, identity);
    let error = refused(to(&listener, Trust::Pin(pinned.pin()), alpn::ENROL)).await;
    assert!(matches!(error, DialError::Untrusted { .. }), "{error}");
}

#[tokio::test]
async fn names_and_time_count_under_a_pin_too() {
    let authority = Authority::new();
    let elsewhere = authority.issue_as(vec!["elsewhere.example".to_owned()]);
    let mut old = CertificateParams::new(vec!["127.0.0.1".to_owned()]).unwrap();
    old.not_before = date_time_ymd(2020, 1, 1);
    old.not_after = date_time_ymd(2020, 1, 2);
    for identity in [elsewhere, authority.issue_with(old)] {
        let leaf = spki_sha256(&identity.chain[0]).unwrap();
        let listener = listen_as(&authority, identity);
        for pin in [authority.pin(), leaf] {
            let error = refused(to(&listener, Trust::Pin(pin), alpn::ENROL)).await;
            assert!(matches!(error, DialError::Untrusted { .. }), "{error}");
        }
    }
}

#[tokio::test]
async fn a_client_without_certificate_stays_outside() {
    let authority = Authority::new();
    let listener = listen(&authority);
    for role in [alpn::CLIENT, alpn::AGENT] {
        let near = dial(to(&listener, authority.trust(), role)).await.unwrap();
        let Closed::Peer { code, .. } = near.closed().await else { panic!("not closed by the listener") };
        assert_eq!(code, CloseCode::Unauthenticated);
    }
    // Had either been let in, it would come out of `accept` before this one.
    let near = dial(to(&listener, authority.trust(), alpn::LOGIN)).await.unwrap();
    assert_eq!(listener.accept().await.unwrap().alpn(), alpn::LOGIN);
    drop(near);
}

#[tokio::test]
async fn a_client_of_another_authority_is_refused() {
    let authority = Authority::new();
    let listener = listen(&authority);
    let stranger = Some(Authority::new().issue());
    let request = Dial { identity: stranger, ..to(&listener, authority.trust(), alpn::AGENT) };
    let closed = match dial(request).await {
        Ok(near) => near.closed().await,
        Err(DialError::Refused { closed, .. }) => closed,
        Err(other) => panic!("{other}"),
    };
    assert!(matches!(closed, Closed::CertificateRefused { .. }), "{closed}");
}

#[tokio::test]
async fn another_version_is_refused_before_a_byte_is_read() {
    let authority = Authority::new();
    let listener = listen(&authority);
    let error = refused(to(&listener, authority.trust(), b"hoop-client/99")).await;
    assert!(matches!(error, DialError::Refused { closed: Closed::NoProtocol, .. }), "{error}");
}

#[tokio::test]
async fn a_new_identity_serves_the_next_tunnel_and_keeps_the_last() {
    let authority = Authority::new();
    let listener = listen(&authority);
    let (_near, far) = pair(&authority, &listener).await;
    let renewed = authority.issue();
    let pin = spki_sha256(&renewed.chain[0]).unwrap();
    listener.set_identity(renewed).unwrap();
    dial(to(&listener, Trust::Pin(pin), alpn::LOGIN)).await.unwrap();
    assert_eq!(far.close_reason(), None);
}

#[tokio::test]
async fn an_address_without_port_is_explained() {
    let error = refused(Dial::new("gateway.example.com", Trust::Pin([0; 32]), alpn::LOGIN)).await;
    assert!(matches!(error, DialError::Address { .. }), "{error}");
}
