//! What the agent shows at a Snowflake login: two keys, one of which is known, and tokens of an authorization server.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]

mod fake;

use std::sync::{Arc, Mutex};

use aws_lc_rs::{
    encoding::{AsDer, Pkcs8V1Der},
    rsa::{KeyPair, KeySize},
};
use base64::{Engine, engine::general_purpose::STANDARD, engine::general_purpose::URL_SAFE_NO_PAD};
use fake::{Agent, Gateway, HttpUpstream, Link, body, fault, text, whole};
use hoop_agent::{OAuthClient, SecretRef, SnowflakeCredential, SnowflakeTarget, Target};
use hoop_model::{Secret, SessionId};
use hoop_wire::headers::{SNOWFLAKE_LOGIN, SnowflakeLogin};
use http::{Request, Response, StatusCode};
use http_body_util::combinators::BoxBody;
use hyper::body::Incoming;
use serde_json::{Value, json};

type Body = BoxBody<bytes::Bytes, std::io::Error>;

/// An account and the authorization server it trusts, at one address.
#[derive(Default)]
struct Account {
    /// The public key that the user has; `iss` of a login token ends with it.
    issuer: Mutex<Option<String>>,
    /// Access tokens given out so far; each is good for one login.
    tokens: Mutex<Vec<String>>,
    /// How each login showed itself.
    logins: Mutex<Vec<(String, String)>>,
    /// What the authorization server says instead of a token.
    refuses: Mutex<Option<(StatusCode, String)>>,
}

impl Account {
    async fn answer(self: Arc<Self>, request: Request<Incoming>) -> Response<Body> {
        let path = request.uri().path().to_owned();
        let basic = request.headers().get("authorization").map(|value| value.to_str().unwrap().to_owned());
        let sent = text(request).await;
        let answer = match path.as_str() {
            "/token" => return self.token(&basic.unwrap(), &sent),
            "/session/v1/login-request" => {
                let data = serde_json::from_str::<Value>(&sent).unwrap()["data"].clone();
                let shown = |name: &str| data[name].as_str().unwrap_or_default().to_owned();
                let (authenticator, token) = (shown("AUTHENTICATOR"), shown("TOKEN"));
                let known = match authenticator.as_str() {
                    "SNOWFLAKE_JWT" => self.issuer.lock().unwrap().as_deref() == Some(&issuer(&token)),
                    "OAUTH" => {
                        let mut tokens = self.tokens.lock().unwrap();
                        let known = tokens.iter().position(|known| *known == token);
                        known.map(|at| tokens.remove(at)).is_some()
                    }
                    _ => false,
                };
                self.logins.lock().unwrap().push((authenticator, token));
                if known {
                    json!({ "success": true, "data": { "token": "session", "masterToken": "master" } })
                } else {
                    json!({ "success": false, "code": "390144", "message": "JWT token is invalid." })
                }
            }
            _ => json!({ "success": true, "data": {} }),
        };
        Response::builder().header("content-type", "application/json").body(body(answer.to_string())).unwrap()
    }

    fn token(&self, basic: &str, sent: &str) -> Response<Body> {
        let client = STANDARD.decode(basic.strip_prefix("Basic ").unwrap()).unwrap();
        assert_eq!(client, b"hoop:s3cret");
        assert!(
            sent.contains("grant_type=client_credentials") && sent.contains("scope=session%3Arole%3AREADER"),
            "{sent}"
        );
        let (status, answer) = match &*self.refuses.lock().unwrap() {
            Some((status, answer)) => (*status, answer.clone()),
            None => {
                let mut tokens = self.tokens.lock().unwrap();
                let token = format!("access-{}", self.logins.lock().unwrap().len());
                tokens.push(token.clone());
                let answer = json!({ "access_token": token, "token_type": "bearer", "expires_in": 600 });
                (StatusCode::OK, answer.to_string())
            }
        };
        Response::builder().status(status).header("content-type", "application/json").body(body(answer)).unwrap()
    }

    fn logins(&self) -> usize {
        self.logins.lock().unwrap().len()
    }
}

fn issuer(token: &str) -> String {
    let claims = URL_SAFE_NO_PAD.decode(token.split('.').nth(1).unwrap()).unwrap();
    serde_json::from_slice::<Value>(&claims).unwrap()["iss"].as_str().unwrap().to_owned()
}

struct Fixture {
    account: Arc<Account>,
    link: Link,
    _agent: Agent,
    _gateway: Gateway,
}

async fn fixture(credential: impl FnOnce(&HttpUpstream) -> SnowflakeCredential) -> Fixture {
    let account = Arc::new(Account::default());
    let answering = account.clone();
    let upstream = HttpUpstream::start(move |request| answering.clone().answer(request)).await;
    let target = SnowflakeTarget {
        url: upstream.url.clone(),
        account: "acct".to_owned(),
        user: "SVC".to_owned(),
        credential: credential(&upstream),
        role: None,
        warehouse: None,
        database: None,
        schema: None,
        chunk_hosts: Vec::new(),
        authority: None,
    };
    let mut gateway = Gateway::start().await;
    let agent = Agent::start(&gateway, vec![("warehouse", Target::Snowflake(Box::new(target)))]);
    let link = gateway.link().await;
    Fixture { account, link, _agent: agent, _gateway: gateway }
}

impl Fixture {
    /// A new session; the fault, where it got none.
    async fn open(&self) -> Result<(), hoop_model::Fault> {
        let wish = serde_json::to_string(&SnowflakeLogin::default()).unwrap();
        let request = Request::get("/hoop/session/open").header(SNOWFLAKE_LOGIN, wish).body(body("")).unwrap();
        let answer = self.link.http("warehouse", SessionId::new(), request).await;
        if answer.status() == 200 {
            drop(whole(answer).await);
            return Ok(());
        }
        Err(fault(&answer))
    }
}

struct Key {
    folder: tempfile::TempDir,
}

impl Key {
    fn new() -> Self {
        let key = Self { folder: tempfile::tempdir().unwrap() };
        key.renew();
        key
    }

    /// Another one in its place.
    fn renew(&self) {
        let pair = KeyPair::generate(KeySize::Rsa2048).unwrap();
        let der: Pkcs8V1Der<'_> = pair.as_der().unwrap();
        let pem =
            format!("-----BEGIN PRIVATE KEY-----\n{}\n-----END PRIVATE KEY-----\n", STANDARD.encode(der.as_ref()));
        std::fs::write(self.folder.path().join("key.pem"), pem).unwrap();
    }

    fn remove(&self) {
        std::fs::remove_file(self.folder.path().join("key.pem")).unwrap();
    }

    fn reference(&self) -> SecretRef {
        SecretRef::File(self.folder.path().join("key.pem"))
    }
}

/// The user's key is replaced twice, and nobody who connects meanwhile notices.
#[tokio::test]
async fn of_two_keys_the_one_that_is_known_logs_in() {
    let (first, second) = (Key::new(), Key::new());
    let f = fixture(|_| SnowflakeCredential::KeyPair { key: first.reference(), other: Some(second.reference()) }).await;
    let shown = |at: usize| issuer(&f.account.logins.lock().unwrap()[at].1);
    // Both are refused: each was tried once, and then the account is left alone.
    assert_eq!(f.open().await.unwrap_err().code, "upstream_login_refused");
    assert_eq!(f.account.logins(), 2);
    assert_ne!(shown(0), shown(1));
    assert_eq!(f.open().await.unwrap_err().code, "upstream_login_refused");
    assert_eq!(f.account.logins(), 2);

    let f2 =
        fixture(|_| SnowflakeCredential::KeyPair { key: first.reference(), other: Some(second.reference()) }).await;
    *f2.account.issuer.lock().unwrap() = Some(shown(1));
    f2.open().await.unwrap();
    assert_eq!(f2.account.logins(), 2, "the first, then the second");
    f2.open().await.unwrap();
    assert_eq!(f2.account.logins(), 3, "the one that was let in comes first from then on");
    // A new first key is known, and the second is gone.
    first.renew();
    second.remove();
    *f2.account.issuer.lock().unwrap() = None;
    let error = f2.open().await.unwrap_err();
    assert_eq!(error.code, "upstream_login_refused", "the missing key is passed over for the other one");
    let renewed = issuer(&f2.account.logins.lock().unwrap().last().unwrap().1);
    assert!(renewed != shown(0) && renewed != shown(1));
}

#[tokio::test]
async fn every_login_has_an_access_token_of_its_own() {
    let client = |url: &HttpUpstream| OAuthClient {
        token_url: url.url.join("/token").unwrap(),
        client_id: "hoop".to_owned(),
        client_secret: SecretRef::Held(Secret::new("s3cret".to_owned())),
        scope: Some("session:role:READER".to_owned()),
    };
    let f = fixture(|upstream| SnowflakeCredential::OAuth(Box::new(client(upstream)))).await;
    for _ in 0..2 {
        f.open().await.unwrap();
    }
    let logins = f.account.logins.lock().unwrap().clone();
    let shown = |at: usize| (logins[at].0.as_str(), logins[at].1.as_str());
    assert_eq!((shown(0), shown(1)), (("OAUTH", "access-0"), ("OAUTH", "access-1")));

    for (status, answer) in [
        (
            StatusCode::BAD_REQUEST,
            json!({ "error": "invalid_client", "error_description": "s3cret is wrong" }).to_string(),
        ),
        (StatusCode::OK, "<html>".to_owned()),
        (StatusCode::OK, "x".repeat(100_000)),
        (StatusCode::FOUND, String::new()),
    ] {
        let f = fixture(|upstream| SnowflakeCredential::OAuth(Box::new(client(upstream)))).await;
        *f.account.refuses.lock().unwrap() = Some((status, answer));
        for _ in 0..2 {
            let fault = f.open().await.unwrap_err();
            assert_eq!(fault.code, "credential_unusable", "{}", fault.text);
            assert!(!fault.text.contains("s3cret"));
        }
        assert_eq!(f.account.logins(), 0, "{status}");
    }
}
