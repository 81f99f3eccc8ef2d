//! The login door as the gateway keeps it: it does not stay open while a person is at the identity provider.
#![allow(clippy::unwrap_used, clippy::panic)]

use hoop_tunnel::{CloseCode, Identity, Listener};
use hoop_wire::{
    alpn,
    login::{LoginAnswer, LoginOptions, LoginRequest, WorkloadAudience},
};
use hoopctl::{
    context::{Context, Entry, Folder, TrustBy},
    gateway::Door,
    login::session::Gateway,
};
use rcgen::{BasicConstraints, CertificateParams, IsCa, KeyPair};

fn here() -> WorkloadAudience {
    WorkloadAudience { issuer: "https://idp.test".to_owned(), audience: "here".to_owned() }
}

/// Answers one question a connection, and waits until that connection has ended before it takes the next.
async fn strict(listener: Listener) {
    while let Some(connection) = listener.accept().await {
        let mut stream = connection.accept().await.unwrap();
        let fault = hoop_model::Fault::new(hoop_model::Side::Client, "asked", hoop_model::Retry::Useless, "asked");
        match stream.read_frame().await.unwrap() {
            LoginRequest::Options => {
                let options = LoginOptions { person: None, workload_audiences: vec![here()] };
                stream.write_frame(&options).await.unwrap();
            }
            _ => stream.write_frame(&LoginAnswer::Refused(fault)).await.unwrap(),
        }
        stream.finish().await.unwrap();
        connection.close(CloseCode::Protocol, "too slow");
    }
}

#[tokio::test]
async fn a_door_that_closed_meanwhile_is_opened_again() {
    let key = KeyPair::generate().unwrap();
    let mut params = CertificateParams::new(vec!["localhost".to_owned()]).unwrap();
    params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    let authority = params.self_signed(&key).unwrap().pem();
    let issuer = rcgen::Issuer::new(params, key);
    let key = KeyPair::generate().unwrap();
    let leaf = CertificateParams::new(vec!["localhost".to_owned()]).unwrap().signed_by(&key, &issuer).unwrap().pem();
    let identity = Identity::from_pem(&format!("{leaf}{authority}"), &key.serialize_pem()).unwrap();
    let clients = hoop_tunnel::certificates(&authority).unwrap();
    let listener = Listener::bind("127.0.0.1:0".parse().unwrap(), identity, clients, &[alpn::LOGIN]).unwrap();

    let dir = tempfile::tempdir().unwrap();
    let ca_file = dir.path().join("ca.pem");
    std::fs::write(&ca_file, authority).unwrap();
    let entry = Entry {
        gateway: listener.local_addr().unwrap().to_string(),
        server_name: Some("localhost".to_owned()),
        trust: TrustBy::CaFile(ca_file),
    };
    let gateway = tokio::spawn(strict(listener));
    let door = Door::at(&Context::new(Folder::at(dir.path()), "one".to_owned(), entry));
    assert_eq!(door.options().await.unwrap().workload_audiences, [here()]);
    let request =
        LoginRequest::Workload { token: hoop_model::Secret::new("t".to_owned()), certificate_request: String::new() };
    let LoginAnswer::Refused(fault) = door.login(request).await.unwrap() else { panic!("granted") };
    assert_eq!(fault.code, "asked");
    gateway.abort();
}
