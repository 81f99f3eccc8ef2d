use std::{
    io,
    net::SocketAddr,
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

use hoop_wire::alpn;
use quinn::crypto::rustls::QuicServerConfig;
use rustls::{
    RootCertStore,
    server::{NoServerSessionStorage, WebPkiClientVerifier, danger::ClientCertVerifier},
};
use rustls_pki_types::CertificateDer;
use tokio::{
    sync::{Semaphore, mpsc},
    task::JoinHandle,
    time::timeout,
};

use crate::{CloseCode, Connection, Identity, last_word::LastWord, quic};

/// A handshake takes a few round trips; a peer that needs longer is broken or hostile.
const HANDSHAKE_LIMIT: Duration = Duration::from_secs(10);
/// Handshakes under way at once, each with a signature to make. What comes beyond is turned away.
const HANDSHAKES: usize = 1024;
/// With more than this many under way, a peer must first prove its address (QUIC Retry), which costs it a round trip
/// and costs us nothing: forged senders stay outside.
const UNPROVEN_HANDSHAKES: usize = 32;
/// Finished handshakes waiting for [`Listener::accept`].
const WAITING: usize = 64;
/// First packets not yet looked at, and what may be buffered for each: a hybrid post-quantum hello is two packets, and
/// there is no 0-RTT data.
const INCOMING: usize = 4096;
const INCOMING_BUFFER: u64 = 16 * 1024;

#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum BindError {
    #[error("UDP {address} cannot be listened on: {source}")]
    Socket { address: SocketAddr, source: io::Error },
    #[error("the certificate or key cannot be used: {0}")]
    Identity(rustls::Error),
    #[error("the authority for clients cannot be used: {0}")]
    Authority(String),
    #[error("TLS cannot be set up: {0}")]
    Tls(String),
}

/// The gateway's door. A client certificate, where shown, was issued by the private authority; a role that needs one is
/// not let in without: [`alpn::LOGIN`] and [`alpn::ENROL`] need none, every other does.
pub struct Listener {
    endpoint: quinn::Endpoint,
    verifier: Arc<dyn ClientCertVerifier>,
    alpns: Vec<Vec<u8>>,
    last_word: Arc<LastWord>,
    ready: tokio::sync::Mutex<mpsc::Receiver<Connection>>,
    door: Mutex<Option<JoinHandle<()>>>,
}

impl Listener {
    /// Listens on `address` (port 0: any). Must be called within a tokio runtime.
    pub fn bind(
        address: SocketAddr,
        identity: Identity,
        client_authority: Vec<CertificateDer<'static>>,
        alpns: &[&[u8]],
    ) -> Result<Self, BindError> {
        let verifier = client_verifier(client_authority)?;
        let alpns: Vec<Vec<u8>> = alpns.iter().map(|alpn| alpn.to_vec()).collect();
        let last_word = Arc::new(LastWord::default());
        let config = server_config(identity, verifier.clone(), alpns.clone(), last_word.clone())?;
        let endpoint = quic::endpoint(address, Some(config)).map_err(|source| BindError::Socket { address, source })?;
        let (send, receive) = mpsc::channel(WAITING);
        let door = tokio::spawn(stand_at_the_door(endpoint.clone(), send));
        let (ready, door) = (tokio::sync::Mutex::new(receive), Mutex::new(Some(door)));
        Ok(Self { endpoint, verifier, alpns, last_word, ready, door })
    }

    pub fn local_addr(&self) -> io::Result<SocketAddr> {
        self.endpoint.local_addr()
    }

    /// The next tunnel whose handshake is done; `None` after [`Self::close`]. Cancel-safe.
    pub async fn accept(&self) -> Option<Connection> {
        self.ready.lock().await.recv().await
    }

    /// A new certificate for the tunnels to come; those that are up stay.
    pub fn set_identity(&self, identity: Identity) -> Result<(), BindError> {
        let (verifier, alpns) = (self.verifier.clone(), self.alpns.clone());
        let config = server_config(identity, verifier, alpns, self.last_word.clone())?;
        self.endpoint.set_server_config(Some(config));
        Ok(())
    }

    /// Closes every tunnel and the door, and waits until the peers have had the chance to hear of it.
    pub async fn close(&self, code: CloseCode, reason: &str) {
        self.last_word.of_all();
        self.endpoint.close(quinn::VarInt::from_u32(code.number()), reason.as_bytes());
        self.endpoint.wait_idle().await;
        let door = self.door.lock().unwrap_or_else(PoisonError::into_inner).take();
        if let Some(door) = door {
            // It ends by itself, since its endpoint is closed; after this the port is free.
            let _ = door.await;
        }
    }
}

impl Drop for Listener {
    fn drop(&mut self) {
        if let Some(door) = self.door.lock().unwrap_or_else(PoisonError::into_inner).take() {
            door.abort();
        }
    }
}

async fn stand_at_the_door(endpoint: quinn::Endpoint, ready: mpsc::Sender<Connection>) {
    let room = Arc::new(Semaphore::new(HANDSHAKES));
    while let Some(incoming) = endpoint.accept().await {
        let crowded = HANDSHAKES - room.available_permits() >= UNPROVEN_HANDSHAKES;
        if crowded && !incoming.remote_address_validated() && incoming.may_retry() {
            // Fails only where a retry is not allowed, and that was asked just now.
            let _ = incoming.retry();
            continue;
        }
        let Ok(place) = room.clone().try_acquire_owned() else {
            incoming.refuse();
            continue;
        };
        let ready = ready.clone();
        tokio::spawn(async move {
            let from = incoming.remote_address();
            match timeout(HANDSHAKE_LIMIT, handshake(incoming)).await {
                Ok(Ok(connection)) => {
                    drop(place);
                    let _ = ready.send(connection).await;
                }
                Ok(Err(reason)) => tracing::info!(%from, reason, "a tunnel was refused"),
                Err(_) => tracing::info!(%from, "a handshake took too long"),
            }
        });
    }
}

async fn handshake(incoming: quinn::Incoming) -> Result<Connection, String> {
    let connecting = incoming.accept().map_err(|error| error.to_string())?;
    let connection = Connection::new(connecting.await.map_err(|error| error.to_string())?, None);
    let needs_certificate = connection.alpn() != alpn::LOGIN && connection.alpn() != alpn::ENROL;
    if needs_certificate && connection.peer_certificates().is_none_or(|chain| chain.is_empty()) {
        connection.close(CloseCode::Unauthenticated, "this door needs a client certificate; log in or enrol first");
        return Err("no client certificate was shown".to_owned());
    }
    if connection.alpn() == alpn::AGENT {
        connection.widen();
    }
    Ok(connection)
}

fn client_verifier(authority: Vec<CertificateDer<'static>>) -> Result<Arc<dyn ClientCertVerifier>, BindError> {
    let mut roots = RootCertStore::empty();
    for certificate in authority {
        roots.add(certificate).map_err(|error| BindError::Authority(error.to_string()))?;
    }
    // rustls knows one verifier for all roles: those that need a certificate are told apart after the handshake.
    WebPkiClientVerifier::builder_with_provider(Arc::new(roots), quic::provider())
        .allow_unauthenticated()
        .build()
        .map_err(|error| BindError::Authority(error.to_string()))
}

fn server_config(
    identity: Identity,
    verifier: Arc<dyn ClientCertVerifier>,
    alpns: Vec<Vec<u8>>,
    last_word: Arc<LastWord>,
) -> Result<quinn::ServerConfig, BindError> {
    let mut tls = rustls::ServerConfig::builder_with_provider(quic::provider())
        .with_protocol_versions(&[&rustls::version::TLS13])
        .map_err(|error| BindError::Tls(error.to_string()))?
        .with_client_cert_verifier(verifier)
        .with_single_cert(identity.chain, identity.key)
        .map_err(BindError::Identity)?;
    tls.alpn_protocols = alpns;
    tls.max_early_data_size = 0;
    // A resumed session would bring its client certificate back unverified, past its expiry.
    tls.session_storage = Arc::new(NoServerSessionStorage {});
    tls.send_tls13_tickets = 0;
    let crypto = QuicServerConfig::try_from(tls).map_err(|error| BindError::Tls(error.to_string()))?;
    let mut config = quinn::ServerConfig::with_crypto(Arc::new(crypto));
    config
        .transport_config(quic::transport(last_word))
        .max_incoming(INCOMING)
        .incoming_buffer_size(INCOMING_BUFFER)
        .incoming_buffer_size_total(INCOMING_BUFFER * INCOMING as u64);
    Ok(config)
}
