use std::{
    io,
    net::{Ipv4Addr, Ipv6Addr, SocketAddr},
    sync::Arc,
    time::Duration,
};

use quinn::crypto::rustls::QuicClientConfig;
use rustls::client::Resumption;
use rustls_pki_types::ServerName;
use tokio::{net::lookup_host, time::timeout};

use crate::{Connection, Identity, Trust, close::Closed, quic};

/// What to dial and whom to expect there.
#[derive(Clone)]
pub struct Dial {
    /// `host:port`, `address:port` or `[v6]:port`.
    pub address: String,
    /// The name the gateway's certificate must carry; by default the host of `address`.
    pub server_name: Option<String>,
    pub trust: Trust,
    /// Needed for [`hoop_wire::alpn::CLIENT`] and [`hoop_wire::alpn::AGENT`].
    pub identity: Option<Identity>,
    /// One of [`hoop_wire::alpn`].
    pub alpn: &'static [u8],
    /// For the whole of it: name, every address, handshake.
    pub timeout: Duration,
}

impl Dial {
    /// No identity, the address's own name, 10 s.
    pub fn new(address: impl Into<String>, trust: Trust, alpn: &'static [u8]) -> Self {
        let timeout = Duration::from_secs(10);
        Self { address: address.into(), server_name: None, trust, identity: None, alpn, timeout }
    }
}

#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum DialError {
    #[error("'{address}' is not an address: write host:port, for example gateway.example.com:8443")]
    Address { address: String },
    #[error("the name in '{address}' cannot be resolved: {source}; check the name and the network")]
    Lookup { address: String, source: io::Error },
    #[error("no UDP socket could be opened: {0}")]
    Socket(io::Error),
    /// The trust or identity given cannot be used.
    #[error("the tunnel's TLS settings cannot be used: {0}")]
    Settings(String),
    #[error(
        "the gateway at {address} is not known to be the right one ({detail}), so nothing was sent to it; check the \
         address, and the pin or authority with its admin"
    )]
    Untrusted { address: String, detail: String },
    #[error(
        "no answer from {address} within {} s; check that the gateway runs there and that UDP to it is not blocked",
        limit.as_secs_f32()
    )]
    Timeout { address: String, limit: Duration },
    #[error("the gateway at {address} refused the tunnel: {closed}")]
    Refused { address: String, closed: Closed },
}

/// Opens a tunnel. It is up when this returns, but the gateway may still refuse our certificate: then the first use of
/// a stream fails and [`Connection::closed`] says so. Cancel-safe.
pub async fn dial(dial: Dial) -> Result<Connection, DialError> {
    let limit = dial.timeout;
    let address = dial.address.clone();
    timeout(limit, attempt(dial)).await.unwrap_or(Err(DialError::Timeout { address, limit }))
}

async fn attempt(dial: Dial) -> Result<Connection, DialError> {
    let address = dial.address.clone();
    let no_address = || DialError::Address { address: address.clone() };
    let (host, port) = address.rsplit_once(':').ok_or_else(no_address)?;
    if host.is_empty() || port.parse::<u16>().is_err() {
        return Err(no_address());
    }
    let bare = host.strip_prefix('[').and_then(|host| host.strip_suffix(']')).unwrap_or(host);
    let name = dial.server_name.as_deref().unwrap_or(bare).to_owned();
    ServerName::try_from(name.as_str())
        .map_err(|_| DialError::Settings(format!("'{name}' is no name a certificate can carry")))?;
    let config = client_config(&dial)?;
    let targets =
        lookup_host(&address).await.map_err(|source| DialError::Lookup { address: address.clone(), source })?;
    let targets: Vec<SocketAddr> = targets.collect();
    // Each address gets its share, so that a dead first one (IPv6 without a route) does not use up the time.
    let share = dial.timeout / u32::try_from(targets.len().max(1)).unwrap_or(u32::MAX);
    let mut last = no_address();
    for target in targets {
        last = match timeout(share, connect(&address, target, &name, config.clone())).await {
            Ok(Ok(connection)) => return Ok(connection),
            Ok(Err(error @ DialError::Untrusted { .. })) => return Err(error),
            Ok(Err(error)) => error,
            Err(_) => DialError::Timeout { address: address.clone(), limit: dial.timeout },
        };
    }
    Err(last)
}

async fn connect(
    address: &str,
    target: SocketAddr,
    name: &str,
    config: quinn::ClientConfig,
) -> Result<Connection, DialError> {
    let any: SocketAddr =
        if target.is_ipv4() { (Ipv4Addr::UNSPECIFIED, 0).into() } else { (Ipv6Addr::UNSPECIFIED, 0).into() };
    let endpoint = quic::endpoint(any, None).map_err(DialError::Socket)?;
    let connecting = endpoint
        .connect_with(config, target, name)
        .map_err(|error| DialError::Settings(format!("{target} cannot be dialled: {error}")))?;
    match connecting.await {
        Ok(quic) => Ok(Connection::new(quic, Some(endpoint))),
        Err(error) => Err(match quic::untrusted(&error) {
            Some(detail) => DialError::Untrusted { address: address.to_owned(), detail },
            None => DialError::Refused { address: address.to_owned(), closed: quic::closed(error) },
        }),
    }
}

fn client_config(dial: &Dial) -> Result<quinn::ClientConfig, DialError> {
    let settings = |error: rustls::Error| DialError::Settings(error.to_string());
    let provider = quic::provider();
    let verifier = dial.trust.verifier(provider.clone()).map_err(DialError::Settings)?;
    let builder = rustls::ClientConfig::builder_with_provider(provider)
        .with_protocol_versions(&[&rustls::version::TLS13])
        .map_err(settings)?
        .dangerous()
        .with_custom_certificate_verifier(verifier);
    let mut tls = match dial.identity.clone() {
        Some(identity) => builder.with_client_auth_cert(identity.chain, identity.key).map_err(settings)?,
        None => builder.with_no_client_auth(),
    };
    tls.alpn_protocols = vec![dial.alpn.to_vec()];
    tls.resumption = Resumption::disabled();
    let crypto = QuicClientConfig::try_from(tls).map_err(|error| DialError::Settings(error.to_string()))?;
    let mut config = quinn::ClientConfig::new(Arc::new(crypto));
    config.transport_config(quic::transport(Arc::default()));
    Ok(config)
}
