//! An authority and both ends of a tunnel, on loopback.
#![allow(dead_code)]

use hoop_tunnel::{Connection, Dial, DialError, Identity, Listener, Trust, certificates, dial, spki_sha256};
use hoop_wire::alpn;
use rcgen::{BasicConstraints, CertificateParams, IsCa, Issuer, KeyPair};

pub(crate) struct Authority {
    issuer: Issuer<'static, KeyPair>,
    pub(crate) pem: String,
}

impl Authority {
    pub(crate) fn new() -> Self {
        let key = KeyPair::generate().unwrap();
        let mut params = CertificateParams::new(Vec::new()).unwrap();
        params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        let pem = params.self_signed(&key).unwrap().pem();
        Self { issuer: Issuer::new(params, key), pem }
    }

    /// A chain with this authority at its end, valid for `localhost` and 127.0.0.1.
    pub(crate) fn issue(&self) -> Identity {
        self.issue_as(vec!["localhost".to_owned(), "127.0.0.1".to_owned()])
    }

    pub(crate) fn issue_as(&self, names: Vec<String>) -> Identity {
        self.issue_with(CertificateParams::new(names).unwrap())
    }

    pub(crate) fn issue_with(&self, params: CertificateParams) -> Identity {
        let key = KeyPair::generate().unwrap();
        let leaf = params.signed_by(&key, &self.issuer).unwrap().pem();
        Identity::from_pem(&format!("{leaf}{}", self.pem), &key.serialize_pem()).unwrap()
    }

    pub(crate) fn trust(&self) -> Trust {
        Trust::Authority(certificates(&self.pem).unwrap())
    }

    pub(crate) fn pin(&self) -> [u8; 32] {
        spki_sha256(&certificates(&self.pem).unwrap()[0]).unwrap()
    }
}

pub(crate) fn listen(authority: &Authority) -> Listener {
    listen_as(authority, authority.issue())
}

pub(crate) fn listen_as(authority: &Authority, identity: Identity) -> Listener {
    let alpns = [alpn::LOGIN, alpn::CLIENT, alpn::ENROL, alpn::AGENT];
    Listener::bind("127.0.0.1:0".parse().unwrap(), identity, certificates(&authority.pem).unwrap(), &alpns).unwrap()
}

pub(crate) fn to(listener: &Listener, trust: Trust, alpn: &'static [u8]) -> Dial {
    Dial::new(listener.local_addr().unwrap().to_string(), trust, alpn)
}

/// Both ends of a mutually authenticated tunnel: dialler, listener.
pub(crate) async fn pair(authority: &Authority, listener: &Listener) -> (Connection, Connection) {
    let request = Dial { identity: Some(authority.issue()), ..to(listener, authority.trust(), alpn::CLIENT) };
    let (near, far) = tokio::join!(dial(request), listener.accept());
    (near.unwrap(), far.unwrap())
}

pub(crate) async fn refused(request: Dial) -> DialError {
    dial(request).await.err().unwrap()
}
