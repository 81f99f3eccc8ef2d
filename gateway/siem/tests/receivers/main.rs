//! Forwarding against receivers: stand-ins that fail in every way, and a real rsyslog over TLS.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]

mod crash;
mod file;
mod hec;
mod order;
mod otlp;
mod rsyslog;
mod splunk;
mod trail;
mod webhook;

use std::{path::Path, sync::Arc, time::Duration};

use hoop_model::SystemClock;
use hoop_siem::{Cursor, Format, Forwarder, Mapper, Pace, Source, event, sink::Sink};
use rustls::{ClientConfig, RootCertStore, crypto::aws_lc_rs};

/// Nothing that a test waits for takes longer, even on a busy machine.
const PATIENCE: Duration = Duration::from_secs(60);

fn mapper() -> Mapper {
    let (origin, host, version) = ("o".to_owned(), "gateway.test".to_owned(), "1.0.0".to_owned());
    Mapper { origin, host, version, format: Format::Ocsf, longest: event::LONGEST }
}

/// As in the product, but that nobody waits for long.
fn pace() -> Pace {
    Pace {
        linger: Duration::ZERO,
        first_pause: Duration::from_millis(2),
        longest_pause: Duration::from_millis(20),
        ..Pace::default()
    }
}

fn forwarder(dir: &Path, source: impl Source + 'static, sink: impl Sink + 'static) -> Forwarder {
    let cursor = Cursor::open(&dir.join("cursor")).unwrap();
    Forwarder::new("siem", Box::new(source), Box::new(sink), cursor, mapper(), Arc::new(SystemClock), pace())
}

/// For receivers without TLS.
fn no_tls() -> ClientConfig {
    ClientConfig::builder_with_provider(Arc::new(aws_lc_rs::default_provider()))
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_root_certificates(RootCertStore::empty())
        .with_no_client_auth()
}

/// A server on a port of its own until the runtime ends; its address.
async fn serve(router: axum::Router) -> std::net::SocketAddr {
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    tokio::spawn(async move { axum::serve(listener, router).await });
    address
}

/// Forwards until the receiver has all of the trail.
async fn forward_all(forwarder: Forwarder, trail: &trail::Trail) {
    let running = tokio::spawn(forwarder.run());
    tokio::time::timeout(PATIENCE, trail.caught_up()).await.expect("all of the trail is forwarded");
    running.abort();
}
