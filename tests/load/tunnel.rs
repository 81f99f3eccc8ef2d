//! Both hops of the tunnel with nothing in between: TCP, QUIC to the gateway, QUIC to the agent, TCP.

use std::net::SocketAddr;

use hoop_tunnel::{Connection, Dial, Identity, Listener, Trust, certificates, dial};
use hoop_wire::alpn;
use rcgen::{BasicConstraints, CertificateParams, IsCa, Issuer, KeyPair};
use tokio::{
    net::{TcpListener, TcpStream},
    sync::oneshot,
};

use crate::{party::Party, wire};

/// The tunnel's address for the application; it ends when dropped.
pub struct Tunnel {
    pub address: SocketAddr,
    _parties: Vec<Party>,
}

impl Tunnel {
    pub async fn start(upstream: SocketAddr) -> Self {
        let authority = Authority::new();
        let (told, gateway_address) = oneshot::channel();
        let (identity, roots) = (authority.issue(), authority.pem.clone());
        let gateway = Party::start(move || gateway(identity, roots, told));
        let gateway_address = gateway_address.await.expect("a gateway");
        let to = |alpn| Dial {
            identity: Some(authority.issue()),
            ..Dial::new(gateway_address.to_string(), Trust::Authority(certificates(&authority.pem).expect("PEM")), alpn)
        };
        let (agent_dial, client_dial) = (to(alpn::AGENT), to(alpn::CLIENT));
        let agent = Party::start(move || agent(agent_dial, upstream));
        let listener = wire::listener().await;
        let address = listener.local_addr().expect("bound");
        let client = Party::start(move || client(client_dial, listener));
        Self { address, _parties: vec![client, gateway, agent] }
    }
}

async fn client(to: Dial, listener: std::net::TcpListener) {
    let tunnel = dial(to).await.expect("the gateway");
    let listener = TcpListener::from_std(listener).expect("a listener");
    while let Ok((near, _)) = listener.accept().await {
        let _ = near.set_nodelay(true);
        let far = tunnel.open().await.expect("a stream");
        tokio::spawn(wire::join(near, far));
    }
}

async fn gateway(identity: Identity, roots: String, told: oneshot::Sender<SocketAddr>) {
    let roots = certificates(&roots).expect("PEM");
    let any = "127.0.0.1:0".parse().expect("an address");
    let listener = Listener::bind(any, identity, roots, &[alpn::CLIENT, alpn::AGENT]).expect("a port");
    told.send(listener.local_addr().expect("bound")).expect("the driver waits");
    let (mut agent, mut client): (Option<Connection>, Option<Connection>) = (None, None);
    while agent.is_none() || client.is_none() {
        let connection = listener.accept().await.expect("a tunnel");
        if connection.alpn() == alpn::AGENT { agent = Some(connection) } else { client = Some(connection) }
    }
    let (agent, client) = (agent.expect("there"), client.expect("there"));
    while let Some(near) = client.accept().await {
        let far = agent.open().await.expect("a stream");
        tokio::spawn(wire::join(near, far));
    }
}

async fn agent(to: Dial, upstream: SocketAddr) {
    let tunnel = dial(to).await.expect("the gateway");
    while let Some(near) = tunnel.accept().await {
        tokio::spawn(async move {
            let far = TcpStream::connect(upstream).await.expect("the upstream");
            let _ = far.set_nodelay(true);
            wire::join(near, far).await;
        });
    }
}

struct Authority {
    issuer: Issuer<'static, KeyPair>,
    pem: String,
}

impl Authority {
    fn new() -> Self {
        let key = KeyPair::generate().expect("a key");
        let mut params = CertificateParams::new(Vec::new()).expect("no names");
        params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        let pem = params.self_signed(&key).expect("a certificate").pem();
        Self { issuer: Issuer::new(params, key), pem }
    }

    fn issue(&self) -> Identity {
        let key = KeyPair::generate().expect("a key");
        let params = CertificateParams::new(vec!["127.0.0.1".to_owned()]).expect("a name");
        let leaf = params.signed_by(&key, &self.issuer).expect("a certificate").pem();
        Identity::from_pem(&format!("{leaf}{}", self.pem), &key.serialize_pem()).expect("PEM")
    }
}
