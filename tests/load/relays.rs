//! What the tunnel is held against: three plain relays in a row (where `hoopctl`, gateway and agent would stand), the
//! two inner legs with TLS or without.

use std::{net::SocketAddr, sync::Arc};

use rcgen::{CertificateParams, KeyPair};
use rustls::{ClientConfig, RootCertStore, ServerConfig, crypto::aws_lc_rs, pki_types::ServerName};
use tokio::{
    io::{AsyncRead, AsyncWrite},
    net::{TcpListener, TcpStream},
};
use tokio_rustls::{TlsAcceptor, TlsConnector};

use crate::{party::Party, wire};

/// The relays' address for the application; they end when dropped.
pub struct Relays {
    pub address: SocketAddr,
    _parties: Vec<Party>,
}

/// Both sides of TLS on the inner legs.
#[derive(Clone)]
struct Tls {
    accept: TlsAcceptor,
    connect: TlsConnector,
}

impl Tls {
    fn new() -> Self {
        let key = KeyPair::generate().expect("a key");
        let certificate = CertificateParams::new(vec!["relay".to_owned()]).expect("a name").self_signed(&key);
        let certificate = certificate.expect("a certificate").der().clone();
        let provider = Arc::new(aws_lc_rs::default_provider());
        let mut roots = RootCertStore::empty();
        roots.add(certificate.clone()).expect("our certificate");
        let server = ServerConfig::builder_with_provider(provider.clone())
            .with_protocol_versions(&[&rustls::version::TLS13])
            .expect("TLS 1.3")
            .with_no_client_auth()
            .with_single_cert(vec![certificate], key.serialize_der().try_into().expect("our key"))
            .expect("our certificate");
        let client = ClientConfig::builder_with_provider(provider)
            .with_protocol_versions(&[&rustls::version::TLS13])
            .expect("TLS 1.3")
            .with_root_certificates(roots)
            .with_no_client_auth();
        Self { accept: Arc::new(server).into(), connect: Arc::new(client).into() }
    }
}

impl Relays {
    pub async fn plain(upstream: SocketAddr) -> Self {
        Self::start(upstream, None).await
    }

    pub async fn tls(upstream: SocketAddr) -> Self {
        Self::start(upstream, Some(Tls::new())).await
    }

    async fn start(upstream: SocketAddr, inner: Option<Tls>) -> Self {
        let (agent, third) = relay(upstream, inner.clone(), None).await;
        let (gateway, second) = relay(agent, inner.clone(), inner.clone()).await;
        let (address, first) = relay(gateway, None, inner).await;
        Self { address, _parties: vec![first, second, third] }
    }
}

/// A relay to `onward`; `accept` and `dial` say whether its two legs speak TLS.
async fn relay(onward: SocketAddr, accept: Option<Tls>, dial: Option<Tls>) -> (SocketAddr, Party) {
    let listener = wire::listener().await;
    let address = listener.local_addr().expect("bound");
    let party = Party::start(move || async move {
        let listener = TcpListener::from_std(listener).expect("a listener");
        while let Ok((near, _)) = listener.accept().await {
            let (accept, dial) = (accept.clone(), dial.clone());
            tokio::spawn(async move {
                let _ = near.set_nodelay(true);
                match accept {
                    Some(tls) => forward(tls.accept.accept(near).await.expect("TLS"), onward, dial).await,
                    None => forward(near, onward, dial).await,
                }
            });
        }
    });
    (address, party)
}

async fn forward(near: impl AsyncRead + AsyncWrite + Unpin, onward: SocketAddr, dial: Option<Tls>) {
    let far = TcpStream::connect(onward).await.expect("the next relay");
    let _ = far.set_nodelay(true);
    match dial {
        Some(tls) => {
            let name = ServerName::try_from("relay").expect("a name");
            wire::join(near, tls.connect.connect(name, far).await.expect("TLS")).await;
        }
        None => wire::join(near, far).await,
    }
}
