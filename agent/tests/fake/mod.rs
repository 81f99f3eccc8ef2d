//! A gateway that certifies agents and opens streams, and an HTTP upstream that answers as told.
#![allow(dead_code)]

mod ready;
mod upstream;

use std::{
    net::SocketAddr,
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
    time::Duration,
};

use bytes::Bytes;
use hoop_agent::{AgentSettings, Pace, RunError, SecretRef, Target, UpstreamSettings};
use hoop_model::{AgentId, Clock as _, ExchangeId, Fault, Retry, Secret, SessionId, Side, SystemClock};
use hoop_tunnel::{CloseCode, Connection, Identity, Listener, Stream, certificates, spki_sha256};
use hoop_wire::{
    alpn,
    enrol::{AgentCertificate, EnrolAnswer, EnrolRequest},
    headers::FAULT,
    link::{FromAgent, FromGateway, Upstream},
    open::{UpstreamAnswer, UpstreamOpen},
};
use http::{Request, Response};
use http_body_util::{BodyExt, combinators::BoxBody};
use hyper::{body::Incoming, client::conn::http1};
use hyper_util::rt::TokioIo;
use rcgen::{BasicConstraints, CertificateParams, CertificateSigningRequestParams, IsCa, Issuer, KeyPair};
use ready::Ready;
use tempfile::TempDir;
use tokio::{sync::mpsc, task::JoinHandle};
use tokio_util::sync::CancellationToken;

#[allow(unused_imports)]
pub(crate) use upstream::{HttpUpstream, Seen, body, text};

pub(crate) const TOKEN: &str = "hoop-join-c2VjcmV0";

pub(crate) struct Gateway {
    authority: Arc<Authority>,
    listener: Arc<Listener>,
    links: mpsc::Receiver<Link>,
    pub(crate) enrolled: Arc<AtomicUsize>,
    door: JoinHandle<()>,
}

/// An agent that has said hello.
pub(crate) struct Link {
    pub(crate) connection: Connection,
    pub(crate) control: Stream,
    pub(crate) upstreams: Vec<Upstream>,
}

pub(crate) struct Authority {
    issuer: Issuer<'static, KeyPair>,
    pem: String,
    /// How long the first certificate is said to live.
    life: Duration,
}

impl Authority {
    pub(crate) fn new() -> Self {
        Self::living(Duration::from_secs(24 * 60 * 60))
    }

    pub(crate) fn living(life: Duration) -> Self {
        let key = KeyPair::generate().unwrap();
        let mut params = CertificateParams::new(Vec::new()).unwrap();
        params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        let pem = params.self_signed(&key).unwrap().pem();
        Self { issuer: Issuer::new(params, key), pem, life }
    }

    pub(crate) fn certify(&self, request: &str, life: Duration) -> AgentCertificate {
        let request = CertificateSigningRequestParams::from_pem(request).unwrap();
        AgentCertificate {
            agent: AgentId::new(),
            name: "dmz".to_owned(),
            certificate: request.signed_by(&self.issuer).unwrap().pem(),
            authority: self.pem.clone(),
            expires_at: SystemClock.now() + life,
        }
    }

    fn identity(&self) -> Identity {
        let key = KeyPair::generate().unwrap();
        let params = CertificateParams::new(vec!["127.0.0.1".to_owned()]).unwrap();
        let leaf = params.signed_by(&key, &self.issuer).unwrap().pem();
        Identity::from_pem(&format!("{leaf}{}", self.pem), &key.serialize_pem()).unwrap()
    }
}

impl Gateway {
    pub(crate) async fn start() -> Self {
        Self::start_with(Arc::new(Authority::new()), "127.0.0.1:0".parse().unwrap()).await
    }

    pub(crate) async fn start_with(authority: Arc<Authority>, address: SocketAddr) -> Self {
        let alpns = [alpn::ENROL, alpn::AGENT];
        let roots = certificates(&authority.pem).unwrap();
        // After a restart the old socket may need a moment to go.
        let listener = loop {
            match Listener::bind(address, authority.identity(), roots.clone(), &alpns) {
                Ok(listener) => break Arc::new(listener),
                Err(error) => assert!(address.port() != 0, "{error}"),
            }
            tokio::task::yield_now().await;
        };
        let (send, links) = mpsc::channel(8);
        let enrolled = Arc::new(AtomicUsize::new(0));
        let door = tokio::spawn(door(listener.clone(), authority.clone(), enrolled.clone(), send));
        Self { authority, listener, links, enrolled, door }
    }

    pub(crate) fn address(&self) -> SocketAddr {
        self.listener.local_addr().unwrap()
    }

    pub(crate) fn authority(&self) -> Arc<Authority> {
        self.authority.clone()
    }

    pub(crate) fn join_token(&self) -> String {
        let pin = spki_sha256(&certificates(&self.authority.pem).unwrap()[0]).unwrap();
        format!("{TOKEN}.{}", pin.iter().map(|byte| format!("{byte:02x}")).collect::<String>())
    }

    pub(crate) async fn link(&mut self) -> Link {
        self.links.recv().await.unwrap()
    }

    /// As when it is restarted: everyone is told, and the port is free again.
    pub(crate) async fn stop(self) {
        self.listener.close(CloseCode::Draining, "restart").await;
        self.door.await.unwrap();
    }
}

async fn door(
    listener: Arc<Listener>,
    authority: Arc<Authority>,
    enrolled: Arc<AtomicUsize>,
    links: mpsc::Sender<Link>,
) {
    while let Some(connection) = listener.accept().await {
        let Some(mut stream) = connection.accept().await else { continue };
        if connection.alpn() == alpn::ENROL {
            let request: EnrolRequest = stream.read_frame().await.unwrap();
            let first = enrolled.fetch_add(1, Ordering::SeqCst) == 0;
            let answer = if request.token.expose() == TOKEN && first {
                EnrolAnswer::Enrolled(authority.certify(&request.certificate_request, authority.life))
            } else {
                EnrolAnswer::Refused(Fault::new(Side::Client, "join_token_used", Retry::Useless, "The token is used."))
            };
            stream.write_frame(&answer).await.unwrap();
            let _ = stream.finish().await;
            connection.closed().await;
        } else {
            let FromAgent::Hello { upstreams, .. } = stream.read_frame().await.unwrap() else { panic!("no hello") };
            stream.write_frame(&FromGateway::Welcome { version: "test".to_owned() }).await.unwrap();
            let _ = links.send(Link { connection, control: stream, upstreams }).await;
        }
    }
}

impl Link {
    pub(crate) async fn open(&self, open: UpstreamOpen) -> Result<Stream, Fault> {
        let mut stream = self.connection.open().await.unwrap();
        stream.write_frame(&open).await.unwrap();
        match stream.read_frame().await.unwrap() {
            UpstreamAnswer::Ready => Ok(stream),
            UpstreamAnswer::Refused(fault) => Err(fault),
        }
    }

    pub(crate) async fn http(
        &self,
        connection: &str,
        session: SessionId,
        request: Request<BoxBody<Bytes, std::io::Error>>,
    ) -> Response<Incoming> {
        let connection = connection.parse().unwrap();
        self.ask(UpstreamOpen::Http { connection, session, exchange: ExchangeId::new() }, request).await
    }

    /// As the gateway asks: nobody waits for the agent's "ready", which comes with its answer.
    pub(crate) async fn ask(
        &self,
        open: UpstreamOpen,
        request: Request<BoxBody<Bytes, std::io::Error>>,
    ) -> Response<Incoming> {
        let mut stream = self.connection.open().await.unwrap();
        stream.begin_with(&open).unwrap();
        let (mut sender, connection) = http1::handshake(TokioIo::new(Ready::on(stream))).await.unwrap();
        tokio::spawn(connection);
        sender.send_request(request).await.unwrap()
    }

    pub(crate) async fn stdio(&self, connection: &str) -> Result<Stream, Fault> {
        self.open(UpstreamOpen::Stdio { connection: connection.parse().unwrap(), session: SessionId::new() }).await
    }
}

pub(crate) fn fault(response: &Response<Incoming>) -> Fault {
    assert_eq!(response.status(), 502);
    serde_json::from_slice(response.headers()[FAULT].as_bytes()).unwrap()
}

pub(crate) async fn whole(response: Response<Incoming>) -> Bytes {
    response.into_body().collect().await.unwrap().to_bytes()
}

/// An agent in this process.
pub(crate) struct Agent {
    pub(crate) settings: AgentSettings,
    pub(crate) folder: TempDir,
    pub(crate) shutdown: CancellationToken,
    pub(crate) running: JoinHandle<Result<(), RunError>>,
}

impl Agent {
    pub(crate) fn start(gateway: &Gateway, upstreams: Vec<(&str, Target)>) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let mut settings = AgentSettings::new(gateway.address().to_string(), folder.path().join("state"));
        settings.join_token = Some(SecretRef::Held(Secret::new(gateway.join_token())));
        settings.upstreams = upstreams
            .into_iter()
            .map(|(name, target)| UpstreamSettings { connection: name.parse().unwrap(), target })
            .collect();
        let quick = Duration::from_millis(5);
        settings.pace = Pace { first_retry: quick, longest_retry: quick, drain: Duration::from_secs(20) };
        Self::run(settings, folder)
    }

    pub(crate) fn run(settings: AgentSettings, folder: TempDir) -> Self {
        let shutdown = CancellationToken::new();
        let running = tokio::spawn(hoop_agent::run(settings.clone(), shutdown.clone()));
        Self { settings, folder, shutdown, running }
    }
}
