//! The development issuer, as a client and a script see it.
#![allow(clippy::unwrap_used, clippy::indexing_slicing, clippy::expect_used)]

use std::net::Ipv4Addr;

use aws_lc_rs::digest;
use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use hoop_dev::issuer::{Issuer, IssuerError};
use reqwest::{Client, StatusCode, redirect};
use serde_json::{Value, json};
use tokio::net::TcpListener;
use url::Url;

const VERIFIER: &str = "a-verifier-of-at-least-forty-three-characters";
const CALLBACK: &str = "http://127.0.0.1:4711/callback";

struct World {
    issuer: Issuer,
    client: Client,
}

impl World {
    async fn new() -> Self {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await.unwrap();
        let tls = rustls::ClientConfig::builder_with_provider(rustls::crypto::aws_lc_rs::default_provider().into())
            .with_safe_default_protocol_versions()
            .unwrap()
            .with_root_certificates(rustls::RootCertStore::empty())
            .with_no_client_auth();
        let client = Client::builder()
            .tls_backend_preconfigured(tls)
            .redirect(redirect::Policy::none())
            .no_proxy()
            .build()
            .unwrap();
        Self { issuer: Issuer::start(listener).await.unwrap(), client }
    }

    fn question(&self, changes: &[(&str, &str)]) -> Url {
        let challenge = URL_SAFE_NO_PAD.encode(digest::digest(&digest::SHA256, VERIFIER.as_bytes()));
        let mut parameters = vec![
            ("client_id", "hoopctl"),
            ("redirect_uri", CALLBACK),
            ("response_type", "code"),
            ("scope", "openid offline_access groups"),
            ("state", "s t&a=te"),
            ("nonce", "n"),
            ("code_challenge", challenge.as_str()),
            ("code_challenge_method", "S256"),
        ];
        parameters.retain(|(name, _)| !changes.iter().any(|(changed, _)| changed == name));
        parameters.extend(changes.iter().filter(|(_, value)| !value.is_empty()));
        let mut url = self.issuer.url().join("authorize").unwrap();
        url.query_pairs_mut().extend_pairs(parameters);
        url
    }

    /// Where the issuer sends the browser.
    async fn sent_back(&self, question: Url) -> Url {
        let answer = self.client.get(question).send().await.unwrap();
        assert_eq!(answer.status(), StatusCode::SEE_OTHER);
        answer.headers()["location"].to_str().unwrap().parse().unwrap()
    }

    async fn code(&self, user: &str) -> String {
        let target = self.sent_back(self.question(&[("login_hint", user), ("prompt", "none")])).await;
        parameter(&target, "code").expect("a code")
    }

    async fn post(&self, path: &str, form: &[(&str, &str)]) -> (StatusCode, Value) {
        let answer = self.client.post(self.issuer.url().join(path).unwrap()).form(form).send().await.unwrap();
        (answer.status(), answer.json().await.unwrap_or_default())
    }

    async fn redeem(&self, code: &str, verifier: &str, callback: &str) -> (StatusCode, Value) {
        let form = [
            ("grant_type", "authorization_code"),
            ("client_id", "hoopctl"),
            ("code", code),
            ("redirect_uri", callback),
            ("code_verifier", verifier),
        ];
        self.post("token", &form).await
    }

    async fn refresh(&self, token: &str) -> (StatusCode, Value) {
        let form = [("grant_type", "refresh_token"), ("client_id", "hoopctl"), ("refresh_token", token)];
        self.post("token", &form).await
    }
}

fn parameter(url: &Url, name: &str) -> Option<String> {
    url.query_pairs().find(|(key, _)| key == name).map(|(_, value)| value.into_owned())
}

fn payload(token: &Value) -> Value {
    let token = token.as_str().expect("a token");
    serde_json::from_slice(&URL_SAFE_NO_PAD.decode(token.split('.').nth(1).unwrap()).unwrap()).unwrap()
}

#[tokio::test]
async fn another_address_than_loopback_is_refused() {
    let listener = TcpListener::bind((Ipv4Addr::UNSPECIFIED, 0)).await.unwrap();
    assert!(matches!(Issuer::start(listener).await, Err(IssuerError::NotLoopback(_))));
}

#[tokio::test]
async fn a_person_chooses_and_comes_back_with_a_code() {
    let world = World::new().await;
    let page = world.client.get(world.question(&[])).send().await.unwrap();
    assert!(page.headers()["content-security-policy"].to_str().unwrap().starts_with("default-src 'none'"));
    let html = page.text().await.unwrap();
    for user in ["alice", "bob", "carol"] {
        assert!(html.contains(&format!("value=\"{user}\"")), "{html}");
    }
    let handle = html.split("name=\"request\" value=\"").nth(1).unwrap().split('"').next().unwrap();
    let login = world.issuer.url().join("login").unwrap();
    let answer = world.client.post(login.clone()).form(&[("request", handle), ("user", "bob")]).send().await.unwrap();
    let target: Url = answer.headers()["location"].to_str().unwrap().parse().unwrap();
    assert!(target.as_str().starts_with(CALLBACK));
    assert_eq!(parameter(&target, "state").as_deref(), Some("s t&a=te"));
    assert_eq!(parameter(&target, "iss").as_deref(), Some(world.issuer.name()));
    let (status, tokens) = world.redeem(&parameter(&target, "code").unwrap(), VERIFIER, CALLBACK).await;
    assert_eq!(status, StatusCode::OK);
    let claims = payload(&tokens["id_token"]);
    assert_eq!(
        (&claims["sub"], &claims["groups"], &claims["nonce"]),
        (&json!("bob"), &json!(["approvers"]), &json!("n"))
    );
    assert_eq!((&claims["aud"], &claims["azp"]), (&json!("hoopctl"), &json!("hoopctl")));
    let again = world.client.post(login).form(&[("request", handle), ("user", "bob")]).send().await.unwrap();
    assert_eq!(again.status(), StatusCode::BAD_REQUEST);
}

#[tokio::test]
async fn a_question_that_could_be_abused_is_refused() {
    let world = World::new().await;
    for changes in [("redirect_uri", "https://evil.test/callback"), ("client_id", "other"), ("redirect_uri", "")] {
        let answer = world.client.get(world.question(&[changes])).send().await.unwrap();
        assert_eq!(answer.status(), StatusCode::BAD_REQUEST, "{changes:?}");
        assert!(answer.headers().get("location").is_none());
    }
    for changes in [
        ("code_challenge_method", "plain"),
        ("code_challenge_method", ""),
        ("code_challenge", ""),
        ("response_type", "token"),
        ("scope", "email"),
    ] {
        let target = world.sent_back(world.question(&[changes])).await;
        assert!(parameter(&target, "error").is_some() && parameter(&target, "code").is_none(), "{changes:?}");
    }
    let silent = world.sent_back(world.question(&[("prompt", "none"), ("login_hint", "mallory")])).await;
    assert_eq!(parameter(&silent, "error").as_deref(), Some("login_required"));
}

#[tokio::test]
async fn a_code_needs_its_verifier_and_works_once() {
    let world = World::new().await;
    let code = world.code("alice").await;
    assert_eq!(world.redeem(&code, &VERIFIER.replace('a', "b"), CALLBACK).await.0, StatusCode::BAD_REQUEST);
    let code = world.code("alice").await;
    let elsewhere = "http://127.0.0.1:4712/callback";
    assert_eq!(world.redeem(&code, VERIFIER, elsewhere).await.0, StatusCode::BAD_REQUEST);
    let code = world.code("alice").await;
    let (status, tokens) = world.redeem(&code, VERIFIER, CALLBACK).await;
    assert_eq!(status, StatusCode::OK);
    // The second use also ends what the first one brought.
    assert_eq!(world.redeem(&code, VERIFIER, CALLBACK).await.0, StatusCode::BAD_REQUEST);
    assert_eq!(world.refresh(tokens["refresh_token"].as_str().unwrap()).await.0, StatusCode::BAD_REQUEST);
}

#[tokio::test]
async fn refresh_tokens_rotate_and_reuse_ends_the_family() {
    let world = World::new().await;
    let code = world.code("alice").await;
    let (_, tokens) = world.redeem(&code, VERIFIER, CALLBACK).await;
    let first = tokens["refresh_token"].as_str().unwrap().to_owned();
    let (status, tokens) = world.refresh(&first).await;
    assert_eq!(status, StatusCode::OK);
    assert_eq!(payload(&tokens["id_token"])["nonce"], "n");
    let second = tokens["refresh_token"].as_str().unwrap().to_owned();
    assert_ne!(first, second);
    assert_eq!(world.refresh(&first).await.0, StatusCode::BAD_REQUEST);
    assert_eq!(world.refresh(&second).await.0, StatusCode::BAD_REQUEST);
}

#[tokio::test]
async fn revocation_and_disabling_end_refresh() {
    let world = World::new().await;
    let minted = world.issuer.mint("alice", "hoopctl", "n").unwrap();
    assert_eq!(world.post("revoke", &[("token", minted.refresh_token.expose())]).await.0, StatusCode::OK);
    assert_eq!(world.refresh(minted.refresh_token.expose()).await.0, StatusCode::BAD_REQUEST);
    let minted = world.issuer.mint("bob", "hoopctl", "n").unwrap();
    world.issuer.disable("bob");
    assert_eq!(world.refresh(minted.refresh_token.expose()).await.0, StatusCode::BAD_REQUEST);
    assert!(world.issuer.mint("bob", "hoopctl", "n").is_none());
}

#[tokio::test]
async fn keys_are_published_and_rotate() {
    let world = World::new().await;
    let keys = async || -> Value {
        world.client.get(world.issuer.url().join("jwks").unwrap()).send().await.unwrap().json().await.unwrap()
    };
    let one = keys().await;
    world.issuer.rotate_keys(true).unwrap();
    let two = keys().await;
    assert_eq!((two["keys"].as_array().unwrap().len(), &two["keys"][1]), (2, &one["keys"][0]));
    world.issuer.rotate_keys(false).unwrap();
    assert_eq!(keys().await["keys"].as_array().unwrap().len(), 1);
}

#[tokio::test]
async fn another_host_is_not_answered() {
    let world = World::new().await;
    let answer =
        world.client.get(world.issuer.url().join("jwks").unwrap()).header("host", "evil.test").send().await.unwrap();
    assert_eq!(answer.status(), StatusCode::MISDIRECTED_REQUEST);
}
