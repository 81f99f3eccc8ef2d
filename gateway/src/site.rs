//! For the tests of this crate: a gateway started whole on loopback. Logins and agents are let in by its own authority,
//! without an issuer or a join token; the agents are the tests' own.

#![allow(clippy::unwrap_used)]

use std::{sync::Arc, time::Duration};

use hoop_model::{
    AgentId, Assurance, Clock, Group, LoginId, LoginMethod, Principal, PrincipalKind, Subject, SystemClock, later,
};
use hoop_store::Login;
use hoop_tunnel::{Connection, Dial, Identity, Stream, Trust, dial};
use hoop_wire::{
    alpn,
    link::{FromAgent, FromGateway, Transport, Upstream},
    open::{ClientOpen, SessionAnswer, SessionOpened, SessionRequest},
};
use http::StatusCode;
use http_body_util::BodyExt;
use hyper_util::rt::TokioIo;
use rcgen::{CertificateParams, KeyPair};

use crate::{
    Gateway, Running, Settings,
    authority::{Holder, Request},
    digest, start,
};

const SETTINGS: &str = r#"
data_dir = "DIR"
[listen]
quic = "127.0.0.1:0"
names = ["127.0.0.1"]
[identity.oidc]
issuer = "https://idp.test"
client_id = "hoopctl"
[roles]
admins = ["admins"]
auditors = ["admins"]
[policy]
file = "all.cedar"
[[connection]]
name = "tools"
type = "mcp"
agent = "dc1"
"#;
const POLICY: &str = "@id(\"all\") permit (principal, action, resource);";
/// The secret of every local listener here.
pub(crate) const SECRET: &str = "of-the-listener";

pub(crate) struct Site {
    pub running: Running,
    _dir: tempfile::TempDir,
}

impl Site {
    pub(crate) async fn start() -> Self {
        Self::with(Arc::new(SystemClock)).await
    }

    pub(crate) async fn with(clock: Arc<dyn Clock>) -> Self {
        Self::set(clock, "").await
    }

    /// With further lines about the MCP connection.
    pub(crate) async fn of_connection(more: &str) -> Self {
        Self::set(Arc::new(SystemClock), more).await
    }

    async fn set(clock: Arc<dyn Clock>, more: &str) -> Self {
        let dir = tempfile::tempdir().unwrap();
        let text = format!("{SETTINGS}{more}\n").replace("DIR", dir.path().join("data").to_str().unwrap());
        let settings = Settings::parse(&text, POLICY.to_owned()).unwrap();
        Self { running: start(settings, clock).await.unwrap(), _dir: dir }
    }

    pub(crate) fn gateway(&self) -> &Arc<Gateway> {
        &self.running.gateway
    }

    async fn dial(&self, holder: Holder, alpn: &'static [u8], key: &KeyPair, life: Duration) -> Connection {
        let request = Request::parse(&request(key)).unwrap();
        let certificate = self.gateway().authority.client(&request, holder, SystemClock.now(), life).unwrap();
        let trust = Trust::Authority(hoop_tunnel::certificates(&self.running.authority).unwrap());
        let identity = Some(Identity::from_pem(&certificate, &key.serialize_pem()).unwrap());
        dial(Dial { identity, ..Dial::new(self.running.address.to_string(), trust, alpn) }).await.unwrap()
    }

    /// Somebody of these groups who has logged in.
    pub(crate) async fn client(&self, groups: &[&str]) -> (Login, Connection) {
        let key = KeyPair::generate().unwrap();
        let now = self.gateway().clock.now();
        let login = Login {
            id: LoginId::new(),
            principal: Principal {
                subject: Subject { issuer: "https://idp.test".to_owned(), sub: LoginId::new().to_string() },
                kind: PrincipalKind::Person,
                groups: groups.iter().map(|group| Group((*group).to_owned())).collect(),
                email: None,
                assurance: Assurance::default(),
                login_method: LoginMethod::Browser,
                authenticated_at: now,
            },
            key: digest::plain_hex(&Request::parse(&request(&key)).unwrap().spki()),
            created_at: now,
            expires_at: later(now, Duration::from_secs(900)),
            ends_at: later(now, Duration::from_secs(3600)),
            revoked_at: None,
        };
        self.gateway().store.insert_login(&login).await.unwrap();
        let tunnel = self.dial(Holder::Login(login.id), alpn::CLIENT, &key, Duration::from_secs(900)).await;
        (login, tunnel)
    }

    /// An enrolled agent of this name.
    pub(crate) async fn enrolled(&self, name: &str) -> AgentId {
        let (id, now) = (AgentId::new(), self.gateway().clock.now());
        let store = &self.gateway().store;
        store.insert_join_token(&id.to_string(), name, later(now, Duration::from_secs(60))).await.unwrap();
        store.redeem_join_token(&id.to_string(), id, now).await.unwrap();
        id
    }

    /// Its tunnel, before hello.
    pub(crate) async fn agent(&self, id: AgentId, life: Duration) -> Connection {
        self.dial(Holder::Agent(id), alpn::AGENT, &KeyPair::generate().unwrap(), life).await
    }

    /// Its tunnel with the control stream, once the gateway has welcomed it.
    pub(crate) async fn linked(&self, id: AgentId) -> (Connection, Stream) {
        let tunnel = self.agent(id, Duration::from_secs(3600)).await;
        let mut control = tunnel.open().await.unwrap();
        control.write_frame(&hello()).await.unwrap();
        assert!(matches!(control.read_frame().await.unwrap(), FromGateway::Welcome { .. }));
        (tunnel, control)
    }
}

pub(crate) fn hello() -> FromAgent {
    let tools = Upstream {
        connection: "tools".parse().unwrap(),
        kind: hoop_model::ConnectionKind::Mcp,
        transport: Transport::Http,
        host: "tools.test".to_owned(),
    };
    FromAgent::Hello { version: "0".to_owned(), upstreams: vec![tools] }
}

/// PKCS#10, PEM.
pub(crate) fn request(key: &KeyPair) -> String {
    CertificateParams::default().serialize_request(key).unwrap().pem().unwrap()
}

/// Asks for a session on the MCP connection.
pub(crate) async fn ask_session(client: &Connection, reason: Option<&str>) -> (Stream, SessionAnswer) {
    let mut stream = client.open().await.unwrap();
    let request = SessionRequest {
        connection: "tools".parse().unwrap(),
        secret_digest: digest::plain_hex(SECRET.as_bytes()),
        listener: Some("127.0.0.1:4000".parse().unwrap()),
        reason: reason.map(str::to_owned),
    };
    stream.write_frame(&ClientOpen::Session(request)).await.unwrap();
    let answer = stream.read_frame().await.unwrap();
    (stream, answer)
}

pub(crate) async fn session(client: &Connection) -> (Stream, SessionOpened) {
    match ask_session(client, None).await {
        (stream, SessionAnswer::Opened(opened)) => (stream, opened),
        (_, SessionAnswer::Refused(fault)) => unreachable!("{fault:?}"),
    }
}

/// One HTTP request on a stream of its own; status and body.
pub(crate) async fn http(
    client: &Connection,
    open: ClientOpen,
    request: http::Request<String>,
) -> (StatusCode, String) {
    let mut stream = client.open().await.unwrap();
    stream.write_frame(&open).await.unwrap();
    let (mut sender, connection) = hyper::client::conn::http1::handshake(TokioIo::new(stream)).await.unwrap();
    tokio::spawn(connection);
    let (head, body) = sender.send_request(request).await.unwrap().into_parts();
    let body = body.collect().await.unwrap().to_bytes();
    (head.status, String::from_utf8(body.to_vec()).unwrap())
}

/// The first request of an MCP client, as it comes through the local listener.
pub(crate) fn initialize(secret: &str) -> http::Request<String> {
    let params = serde_json::json!({
        "protocolVersion": "2025-06-18", "capabilities": {}, "clientInfo": { "name": "test", "version": "1" },
    });
    let message = serde_json::json!({ "jsonrpc": "2.0", "id": 1, "method": "initialize", "params": params });
    http::Request::post("/mcp")
        .header("host", "gateway")
        .header("accept", "application/json, text/event-stream")
        .header("content-type", "application/json")
        .header("authorization", format!("Bearer {secret}"))
        .body(message.to_string())
        .unwrap()
}

/// A request to the API.
pub(crate) fn api(method: &str, path: &str, body: &str) -> http::Request<String> {
    let request = http::Request::builder().method(method).uri(path).header("host", "gateway");
    request.header("content-type", "application/json").body(body.to_owned()).unwrap()
}
