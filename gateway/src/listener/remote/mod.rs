//! MCP clients that come in over HTTPS, without `hoopctl`: the gateway is an OAuth 2.1 resource server for them
//! (`mcp-protocol.md` §6), the identity provider their authorization server.
//!
//! ```text
//! TLS → Host, Origin → place → token → login → session → pipeline::mcp
//! ```

mod address;
mod certificate;
mod challenge;
mod cut;
mod logins;
mod metadata;
mod origin;
mod request;
mod sessions;
mod token;

use std::{convert::Infallible, io, net::SocketAddr, pin::pin, sync::Arc, time::Duration};

use address::Address;
use axum::body::Body;
use certificate::Certificate;
use http::{Response, StatusCode};
use hyper::{server::conn::http1, service::service_fn};
use hyper_util::rt::{TokioIo, TokioTimer};
use tokio::{
    net::{TcpListener, TcpStream},
    sync::Semaphore,
};
use tokio_rustls::TlsAcceptor;

use crate::{Gateway, Settings, SettingsError, settings::McpEndpoint};

/// Connections at a time. Further ones wait until one is closed.
const MOST: usize = 1024;
/// How long a client may take for its handshake, and for the head of each request.
const HANDSHAKE: Duration = Duration::from_secs(10);
const HEAD: Duration = Duration::from_secs(60);
/// How long a client may ask nothing before its session ends.
const IDLE: Duration = Duration::from_secs(30 * 60);
/// After an accept that failed: the machine is out of something.
const BREATH: Duration = Duration::from_millis(100);

/// Why the endpoint cannot be opened.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum RemoteError {
    #[error("cannot listen on {address} for MCP clients: {source}; is the port taken?")]
    Listen {
        address: SocketAddr,
        #[source]
        source: io::Error,
    },
    #[error(transparent)]
    Settings(#[from] SettingsError),
    #[error("TLS for MCP clients cannot be set up: {0}")]
    Tls(#[from] rustls::Error),
}

/// The endpoint, bound and not yet served.
pub(crate) struct Endpoint {
    listener: TcpListener,
    tls: TlsAcceptor,
    certificate: Arc<Certificate>,
    remote: Arc<Remote>,
}

/// What its requests share.
struct Remote {
    address: Address,
    settings: McpEndpoint,
    issuer: String,
    logins: logins::Logins,
    sessions: Arc<sessions::Sessions>,
}

/// The endpoint of these settings, if they have one, and where it listens.
pub(crate) async fn bind(settings: &Settings) -> Result<Option<(Endpoint, SocketAddr)>, RemoteError> {
    let (Some(endpoint), Some(person)) = (&settings.mcp_endpoint, &settings.person) else { return Ok(None) };
    let certificate = Certificate::open(endpoint, settings)?;
    let tls = TlsAcceptor::from(Arc::new(certificate.tls()?));
    let wrong = |source| RemoteError::Listen { address: endpoint.listen, source };
    let listener = TcpListener::bind(endpoint.listen).await.map_err(wrong)?;
    let bound = listener.local_addr().map_err(wrong)?;
    let remote = Arc::new(Remote {
        address: Address::new(&endpoint.url, bound),
        settings: endpoint.clone(),
        issuer: person.login.issuer.clone(),
        logins: logins::Logins::default(),
        sessions: sessions::Sessions::new(IDLE),
    });
    Ok(Some((Endpoint { listener, tls, certificate, remote }, bound)))
}

impl Endpoint {
    /// Never returns: once the gateway is to stop, nobody new is accepted.
    pub(crate) async fn serve(self, gateway: Arc<Gateway>) {
        let stopping = gateway.traffic.stopping.clone();
        tokio::select! {
            () = self.accept(&gateway) => {}
            () = self.certificate.keep_fresh(&self.remote.settings, &gateway) => {}
            () = stopping.cancelled() => {}
        }
        std::future::pending().await
    }

    async fn accept(&self, gateway: &Arc<Gateway>) {
        let room = Arc::new(Semaphore::new(MOST));
        while let Ok(place) = room.clone().acquire_owned().await {
            match self.listener.accept().await {
                Ok((stream, client)) => {
                    let (gateway, remote, tls) = (gateway.clone(), self.remote.clone(), self.tls.clone());
                    tokio::spawn(async move {
                        serve(gateway, remote, tls, stream, client).await;
                        drop(place);
                    });
                }
                Err(error) => {
                    tracing::warn!(%error, "an MCP client could not be accepted");
                    tokio::time::sleep(BREATH).await;
                }
            }
        }
    }
}

/// One connection, with as many requests as its client likes.
async fn serve(gateway: Arc<Gateway>, remote: Arc<Remote>, tls: TlsAcceptor, stream: TcpStream, client: SocketAddr) {
    let stream = match tokio::time::timeout(HANDSHAKE, tls.accept(stream)).await {
        Ok(Ok(stream)) => stream,
        Ok(Err(error)) => return tracing::debug!(%error, "an MCP client's handshake failed"),
        Err(_) => return tracing::debug!("an MCP client's handshake was too slow"),
    };
    let stopping = gateway.traffic.stopping.clone();
    let service = service_fn(move |request| {
        let answer = request::answer(gateway.clone(), remote.clone(), client.ip(), request);
        async move { Ok::<_, Infallible>(answer.await) }
    });
    let mut http = http1::Builder::new();
    http.timer(TokioTimer::new()).header_read_timeout(HEAD);
    let mut connection = pin!(http.serve_connection(TokioIo::new(stream), service));
    let served = tokio::select! {
        served = connection.as_mut() => served,
        () = stopping.cancelled() => {
            connection.as_mut().graceful_shutdown();
            connection.await
        }
    };
    if let Err(error) = served {
        tracing::debug!(%error, "an MCP client's connection ended early");
    }
}

fn plain(status: StatusCode, text: &str) -> Response<Body> {
    let mut response = Response::new(Body::from(format!("{text}\n")));
    *response.status_mut() = status;
    response
}
