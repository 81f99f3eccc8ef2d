//! quinn's settings, each with its reason, and quinn's errors in our words.

use std::{
    io,
    net::{SocketAddr, UdpSocket},
    sync::Arc,
    time::Duration,
};

use quinn::{
    ConnectionError, Endpoint, EndpointConfig, IdleTimeout, MtuDiscoveryConfig, ServerConfig, TokioRuntime,
    TransportConfig, VarInt,
};
use rustls::crypto::{CryptoProvider, aws_lc_rs};

use crate::{
    close::{CloseCode, Closed, clean},
    last_word::LastWord,
};

/// NATs forget UDP flows after as little as 30 s; three tries fit into the idle timeout.
const KEEP_ALIVE: Duration = Duration::from_secs(10);
/// A dead peer is noticed within this; `hoopctl` and the agent then dial again.
pub(crate) const IDLE_TIMEOUT: Duration = Duration::from_secs(30);
/// One stream per exchange, and held exchanges wait for a person: quinn's 100 would stop an agent shared by a team.
const STREAMS: u32 = 1024;
/// quinn's default, 100 Mbit/s at 100 ms: larger ones cost latency on fast paths and gained no throughput.
const STREAM_WINDOW: u32 = 1_250_000;
/// Bounds what one peer can make us hold. Many times [`STREAM_WINDOW`], so that a dozen readers that stand still do not
/// stop the other streams of their connection.
const CONNECTION_WINDOW: u32 = 16 * 1024 * 1024;
/// An agent's connection carries many people's exchanges: fifty readers that stand still must not stop the rest.
#[cfg(feature = "listen")]
pub(crate) const AGENT_WINDOW: u32 = 64 * 1024 * 1024;

/// Largest datagram in bytes, where the path carries it (loopback, jumbo frames): ten of them, quinn's batch, just fit
/// into one segmented send, which the kernel caps at 64 KiB. Two hops carried twice as much as with Ethernet's 1472;
/// above 6550 the batch no longer fits and it is slower than with 1472 (`gateway/docs/performance.md`).
const DATAGRAM: u16 = 6400;

/// What a direction that has served its purpose tells the other side.
pub(crate) const DONE: VarInt = VarInt::from_u32(0);
/// What a stream dropped before its end tells the other side.
pub(crate) const ABANDONED: VarInt = VarInt::from_u32(1);

/// A socket on `address` (port 0: any) and quinn's driver for it. Must be called within a tokio runtime.
pub(crate) fn endpoint(address: SocketAddr, server: Option<ServerConfig>) -> io::Result<Endpoint> {
    let mut config = EndpointConfig::default();
    config.max_udp_payload_size(DATAGRAM).map_err(io::Error::other)?;
    Endpoint::new(config, server, UdpSocket::bind(address)?, Arc::new(TokioRuntime))
}

pub(crate) fn transport(window: Arc<LastWord>) -> Arc<TransportConfig> {
    let mut discovery = MtuDiscoveryConfig::default();
    discovery.upper_bound(DATAGRAM);
    let mut config = TransportConfig::default();
    config
        .congestion_controller_factory(window)
        .mtu_discovery_config(Some(discovery))
        .keep_alive_interval(Some(KEEP_ALIVE))
        .max_idle_timeout(IdleTimeout::try_from(IDLE_TIMEOUT).ok())
        .max_concurrent_bidi_streams(VarInt::from_u32(STREAMS))
        .max_concurrent_uni_streams(VarInt::from_u32(0))
        .stream_receive_window(VarInt::from_u32(STREAM_WINDOW))
        .receive_window(VarInt::from_u32(CONNECTION_WINDOW))
        .datagram_receive_buffer_size(None);
    Arc::new(config)
}

/// aws-lc-rs for everything, whatever the process has installed.
pub(crate) fn provider() -> Arc<CryptoProvider> {
    Arc::new(aws_lc_rs::default_provider())
}

const ALERT_NO_APPLICATION_PROTOCOL: u64 = 120;

/// The TLS alert inside a QUIC error code (RFC 9001 §4.8).
fn alert(code: u64) -> Option<u64> {
    (0x100..0x200).contains(&code).then(|| code - 0x100)
}

/// `bad_certificate` … `certificate_unknown`, `unknown_ca`, `access_denied`, `decrypt_error` (a signature that does not
/// verify), `certificate_required` (RFC 8446 §6).
fn about_certificates(alert: u64) -> bool {
    matches!(alert, 42..=46 | 48 | 49 | 51 | 116)
}

pub(crate) fn closed(error: ConnectionError) -> Closed {
    match error {
        ConnectionError::LocallyClosed => Closed::Here,
        ConnectionError::ApplicationClosed(close) => {
            Closed::Peer { code: CloseCode::from_number(close.error_code.into_inner()), reason: clean(&close.reason) }
        }
        ConnectionError::TimedOut => Closed::Silent,
        ConnectionError::Reset => Closed::Reset,
        ConnectionError::VersionMismatch => Closed::NoProtocol,
        ConnectionError::ConnectionClosed(close) => match alert(close.error_code.into()) {
            Some(ALERT_NO_APPLICATION_PROTOCOL) => Closed::NoProtocol,
            Some(alert) if about_certificates(alert) => {
                Closed::CertificateRefused { detail: format!("TLS alert {alert}") }
            }
            _ => Closed::Broken { detail: clean(close.to_string().as_bytes()) },
        },
        other => Closed::Broken { detail: clean(other.to_string().as_bytes()) },
    }
}

/// Whether this side's TLS refused the peer's certificate, with why.
#[cfg(feature = "dial")]
pub(crate) fn untrusted(error: &ConnectionError) -> Option<String> {
    match error {
        ConnectionError::TransportError(local) => {
            let alert = alert(local.code.into())?;
            about_certificates(alert).then(|| clean(local.reason.as_bytes()))
        }
        _ => None,
    }
}
