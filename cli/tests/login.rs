//! A person's login from end to end, the gateway apart: the development issuer is the provider, an HTTP client the
//! browser, and what the gateway would check is checked (`identity.md` §8, rows 8 to 12 and 21).
#![cfg(feature = "dev")]
#![allow(clippy::unwrap_used, clippy::indexing_slicing, clippy::expect_used, clippy::panic)]

use std::{
    net::Ipv4Addr,
    sync::{
        Arc, Mutex,
        atomic::{AtomicBool, AtomicUsize, Ordering},
    },
};

use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use hoop_dev::issuer::{CLIENT_ID, Issuer, demo_users};
use hoop_identity::PersonVerifier;
use hoop_model::{Clock, Group, ManualClock, Timestamp, later};
use hoop_wire::login::{Grant, LoginAnswer, LoginOptions, LoginRequest, PersonLogin};
use hoopctl::{
    context::{Context, Entry, Folder, TrustBy},
    exit::{Exit, Failure},
    login::{
        LoginError, SessionKey, Tokens,
        browser::{self, Opener},
        session::{self, Credentials, Gateway},
    },
    secrets::{Choice, Vault},
};
use reqwest::{Client, Response, StatusCode, redirect};
use rustls::{ClientConfig, RootCertStore, crypto::aws_lc_rs};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpListener,
};
use url::Url;

const MINUTE: i64 = 60;

/// Checks ID tokens as the gateway does, and counts.
struct Door {
    login: PersonLogin,
    verifier: PersonVerifier,
    clock: Arc<ManualClock>,
    logins: AtomicUsize,
    down: AtomicBool,
}

impl Gateway for &Door {
    async fn options(&self) -> Result<LoginOptions, Failure> {
        Ok(LoginOptions { person: Some(self.login.clone()), workload_audiences: Vec::new() })
    }

    async fn login(&self, request: LoginRequest) -> Result<LoginAnswer, Failure> {
        if self.down.load(Ordering::SeqCst) {
            return Err(Failure::unreachable("down"));
        }
        let LoginRequest::Person { id_token, certificate_request, binding } = request else { panic!("a person") };
        let request = rcgen::CertificateSigningRequestParams::from_pem(&certificate_request).unwrap();
        let spki = rcgen::PublicKeyData::subject_public_key_info(&request.public_key);
        let binding = URL_SAFE_NO_PAD.decode(binding).unwrap();
        let now = self.clock.now();
        Ok(match self.verifier.verify(&id_token, &spki, &binding, now).await {
            Ok(principal) => {
                let number = self.logins.fetch_add(1, Ordering::SeqCst);
                let expires_at = later(now, std::time::Duration::from_secs(15 * 60));
                LoginAnswer::Granted(Grant { certificate: format!("certificate {number}"), principal, expires_at })
            }
            Err(error) => LoginAnswer::Refused(error.into_fault()),
        })
    }
}

struct World {
    issuer: Issuer,
    clock: Arc<ManualClock>,
    door: Door,
    context: Context,
    vault: Vault,
    _dir: tempfile::TempDir,
}

impl World {
    async fn new() -> Self {
        let clock = Arc::new(ManualClock::new(Timestamp::now()));
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await.unwrap();
        let issuer = Issuer::serve(listener, demo_users(), clock.clone()).await.unwrap();
        let login = PersonLogin {
            issuer: issuer.name().to_owned(),
            client_id: CLIENT_ID.to_owned(),
            scopes: ["openid", "offline_access", "groups"].map(str::to_owned).to_vec(),
            redirect_ports: Vec::new(),
        };
        let verifier = PersonVerifier::new(issuer.name(), CLIENT_ID, "groups", clock.clone()).unwrap();
        let (logins, down) = Default::default();
        let dir = tempfile::tempdir().unwrap();
        let folder = Folder::at(dir.path());
        let vault = Vault::open(Choice::File, &folder).await.unwrap();
        let entry = Entry { gateway: "gateway.test:7443".to_owned(), server_name: None, trust: TrustBy::System };
        let context = Context::new(folder, "dev".to_owned(), entry);
        let door = Door { login, verifier, clock: clock.clone(), logins, down };
        Self { issuer, clock, door, context, vault, _dir: dir }
    }

    fn pass(&self, seconds: i64) {
        self.clock.advance(jiff::SignedDuration::from_secs(seconds));
    }

    async fn log_in(&self, user: &'static str) -> Result<Credentials, Failure> {
        let robot = Robot(move |url: Url| async move { drop(click(url, user).await) });
        session::log_in(&self.context, &self.vault, &&self.door, &robot, self.clock.now()).await
    }

    async fn current(&self) -> Result<Credentials, Failure> {
        session::current(&self.context, &self.vault, async || Ok(&self.door), self.clock.now()).await
    }

    fn logins(&self) -> usize {
        self.door.logins.load(Ordering::SeqCst)
    }
}

/// Runs what it holds where a browser would open.
struct Robot<F>(F);

impl<F, R> Opener for Robot<F>
where
    F: Fn(Url) -> R,
    R: Future<Output = ()> + Send + 'static,
{
    fn open(&self, url: &str) {
        tokio::spawn((self.0)(url.parse().unwrap()));
    }
}

fn client() -> Client {
    let tls = ClientConfig::builder_with_provider(aws_lc_rs::default_provider().into())
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_root_certificates(RootCertStore::empty())
        .with_no_client_auth();
    Client::builder().tls_backend_preconfigured(tls).redirect(redirect::Policy::none()).no_proxy().build().unwrap()
}

async fn get(url: Url) -> Response {
    client().get(url).send().await.unwrap()
}

fn target(response: &Response) -> Url {
    response.url().join(response.headers()["location"].to_str().unwrap()).unwrap()
}

/// The provider's answer for `user`: where the browser is sent.
async fn answered(mut url: Url, user: &str) -> Url {
    url.query_pairs_mut().append_pair("login_hint", user).append_pair("prompt", "none");
    target(&get(url).await)
}

/// Follows the login to its end; the last page.
async fn click(url: Url, user: &str) -> Response {
    let back = get(answered(url, user).await).await;
    get(target(&back)).await
}

#[tokio::test]
async fn a_person_logs_in_and_stays_logged_in() {
    let world = World::new().await;
    assert_eq!(world.current().await.err().unwrap().exit, Exit::NotLoggedIn);
    let credentials = world.log_in("alice").await.unwrap();
    assert!(credentials.principal.is_in(&Group("engineers".to_owned())));
    assert_eq!(credentials.principal.display_name(), "alice@example.test");
    world.pass(9 * MINUTE);
    assert_eq!(world.current().await.unwrap().certificate, "certificate 0");
    // Past two thirds of its life it is renewed, with the same key.
    world.pass(2 * MINUTE);
    let renewed = world.current().await.unwrap();
    assert_eq!(renewed.certificate, "certificate 1");
    assert_eq!(renewed.key.expose(), credentials.key.expose());
    // Long after it expired, too.
    world.pass(120 * MINUTE);
    assert_eq!(world.current().await.unwrap().certificate, "certificate 2");
    assert_eq!(world.logins(), 3);
}

#[tokio::test]
async fn two_processes_that_renew_at_once_use_one_refresh_token_once() {
    let world = World::new().await;
    world.log_in("alice").await.unwrap();
    world.pass(20 * MINUTE);
    let (one, two) = tokio::join!(world.current(), world.current());
    assert_eq!(
        (one.unwrap().certificate, two.unwrap().certificate),
        ("certificate 1".to_owned(), "certificate 1".to_owned())
    );
    // The family lives: reuse of a token would have ended it.
    world.pass(20 * MINUTE);
    assert_eq!(world.current().await.unwrap().certificate, "certificate 2");
}

#[tokio::test]
async fn what_breaks_off_between_refresh_and_renewal_loses_nothing() {
    let world = World::new().await;
    world.log_in("alice").await.unwrap();
    world.pass(11 * MINUTE);
    world.door.down.store(true, Ordering::SeqCst);
    assert_eq!(world.current().await.unwrap().certificate, "certificate 0", "still valid, so still used");
    world.pass(10 * MINUTE);
    assert_eq!(world.current().await.err().unwrap().exit, Exit::Unreachable);
    world.door.down.store(false, Ordering::SeqCst);
    assert_eq!(world.current().await.unwrap().certificate, "certificate 1");
}

#[tokio::test]
async fn a_person_whom_the_provider_disabled_is_out() {
    let world = World::new().await;
    world.log_in("bob").await.unwrap();
    world.issuer.disable("bob");
    world.pass(20 * MINUTE);
    let failure = world.current().await.err().unwrap();
    assert_eq!(failure.exit, Exit::NotLoggedIn);
    assert!(failure.text.contains("hoopctl login"), "{failure}");
}

#[tokio::test]
async fn an_outage_of_the_provider_costs_nobody_the_login() {
    let world = World::new().await;
    world.log_in("alice").await.unwrap();
    world.issuer.set_unavailable(true);
    world.pass(20 * MINUTE);
    let failure = world.current().await.err().unwrap();
    assert_eq!(failure.code, "identity_provider", "{failure}");
    world.issuer.set_unavailable(false);
    assert_eq!(world.current().await.unwrap().certificate, "certificate 1");
}

#[tokio::test]
async fn logging_out_ends_it_here_and_at_the_provider() {
    let world = World::new().await;
    world.log_in("carol").await.unwrap();
    let kept = world.vault.read("dev/refresh-token").await.unwrap().unwrap();
    assert!(session::log_out(&world.context, &world.vault).await.unwrap().is_none());
    assert_eq!(world.current().await.err().unwrap().exit, Exit::NotLoggedIn);
    assert_eq!(std::fs::read_dir(world.context.folder.secrets()).unwrap().count(), 0);
    let form = [("grant_type", "refresh_token"), ("client_id", CLIENT_ID), ("refresh_token", kept.expose())];
    let answer = client().post(world.issuer.url().join("token").unwrap()).form(&form).send().await.unwrap();
    assert_eq!(answer.status(), StatusCode::BAD_REQUEST);
}

#[tokio::test]
async fn only_the_refresh_token_and_the_key_are_kept_secret_and_nothing_else_is_kept() {
    let world = World::new().await;
    world.log_in("alice").await.unwrap();
    let mut files: Vec<_> = std::fs::read_dir(world.context.folder.secrets())
        .unwrap()
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .collect();
    files.sort();
    assert_eq!(files, ["dev.refresh-token", "dev.session-key"]);
    let state = std::fs::read_to_string(world.context.folder.state("dev", "json")).unwrap();
    assert!(!state.contains("eyJ") && !state.contains("PRIVATE KEY"), "{state}");
}

#[tokio::test]
async fn tokens_from_elsewhere_log_in_with_the_key_they_were_made_for() {
    let world = World::new().await;
    let (key, other) = (SessionKey::generate().unwrap(), SessionKey::generate().unwrap());
    let tokens = || {
        let minted = world.issuer.mint("alice", CLIENT_ID, &key.nonce().unwrap()).unwrap();
        Tokens { id_token: Some(minted.id_token), refresh_token: Some(minted.refresh_token) }
    };
    let present = async |key: &SessionKey, tokens: Tokens| {
        let (context, login) = (&world.context, &world.door.login);
        session::present(context, &world.vault, &&world.door, login, key, tokens, world.clock.now()).await
    };
    assert_eq!(present(&other, tokens()).await.err().unwrap().code, "token_not_bound");
    present(&key, tokens()).await.unwrap();
    world.pass(20 * MINUTE);
    assert_eq!(world.current().await.unwrap().certificate, "certificate 1");
}

#[tokio::test]
async fn a_live_tunnel_is_renewed() {
    let world = World::new().await;
    let live = world.log_in("alice").await.unwrap();
    world.pass(11 * MINUTE);
    let renew = async |live: &Credentials| {
        let ask = async |request| (&world.door).login(request).await;
        session::renew_live(&world.context, &world.vault, live, ask, world.clock.now()).await
    };
    renew(&live).await.unwrap();
    assert_eq!(world.current().await.unwrap().certificate, "certificate 1");
    // Who logs in anew has another key: what runs on the old one is told so, and no refresh token is spent on it.
    world.log_in("alice").await.unwrap();
    let failure = renew(&live).await.err().unwrap();
    assert!(failure.exit == Exit::NotLoggedIn && failure.text.contains("anew"), "{failure}");
    assert_eq!(world.logins(), 3);
}

/// Logs in with a browser that does `act`; what came of it and what `act` saw.
async fn attempt<F, R, T>(world: &World, act: F) -> (Result<Tokens, LoginError>, T)
where
    F: Fn(Url) -> R,
    R: Future<Output = T> + Send + 'static,
    T: Send + 'static,
{
    let seen = Arc::new(Mutex::new(None));
    let (notify, done) = (Arc::new(tokio::sync::Notify::new()), seen.clone());
    let finished = notify.clone();
    let robot = Robot(move |url: Url| {
        let (acting, seen, notify) = (act(url), seen.clone(), notify.clone());
        async move {
            let saw = acting.await;
            *seen.lock().unwrap() = Some(saw);
            notify.notify_one();
        }
    });
    let outcome = browser::log_in(&world.door.login, "n".to_owned(), &robot).await;
    finished.notified().await;
    let saw = done.lock().unwrap().take().expect("the robot acted");
    (outcome, saw)
}

fn with(url: &Url, name: &str, value: &str) -> Url {
    let pairs: Vec<(String, String)> =
        url.query_pairs().filter(|(key, _)| key != name).map(|(key, value)| (key.into(), value.into())).collect();
    let mut changed = url.clone();
    changed.query_pairs_mut().clear().extend_pairs(pairs);
    if !value.is_empty() {
        changed.query_pairs_mut().append_pair(name, value);
    }
    changed
}

#[tokio::test]
async fn strangers_at_the_port_change_nothing() {
    let world = World::new().await;
    let (outcome, seen) = attempt(&world, |url| async move {
        let back = answered(url, "alice").await;
        let mut elsewhere = back.clone();
        elsewhere.set_path("/other");
        let strange = [
            get(with(&back, "state", "wrong")).await.status(),
            get(with(&back, "state", "")).await.status(),
            get(with(&back, "code", "")).await.status(),
            get(elsewhere).await.status(),
            client().post(back.clone()).send().await.unwrap().status(),
            client().get(back.clone()).header("host", "evil.test").send().await.unwrap().status(),
            client()
                .get(back.clone())
                .header("host", format!("localhost:{}", back.port().unwrap()))
                .send()
                .await
                .unwrap()
                .status(),
        ];
        let good = get(back.clone()).await;
        let second = client().get(back).send().await.map(|response| response.status());
        let page = get(target(&good)).await;
        let headers = page.headers().clone();
        (strange, good.status(), second, page.url().to_string(), headers, page.text().await.unwrap())
    })
    .await;
    assert!(outcome.unwrap().refresh_token.is_some());
    let (strange, good, second, closing, headers, page) = seen;
    assert_eq!(strange.map(|status| status.as_u16()), [400, 400, 400, 404, 405, 421, 421]);
    assert_eq!(good, StatusCode::SEE_OTHER);
    assert_eq!(second.unwrap(), StatusCode::GONE);
    assert!(closing.ends_with("/done"), "the code is no longer in the address bar: {closing}");
    assert_eq!(headers["cache-control"], "no-store");
    assert!(headers["content-security-policy"].to_str().unwrap().starts_with("default-src 'none'"));
    assert!(page.contains("close this window") && !page.contains("<script"));
}

#[tokio::test]
async fn an_answer_of_another_provider_is_refused() {
    for issuer in ["https://evil.test", ""] {
        let world = World::new().await;
        let (outcome, ()) = attempt(&world, move |url| async move {
            let back = answered(url, "alice").await;
            drop(get(with(&back, "iss", issuer)).await);
        })
        .await;
        assert!(matches!(outcome, Err(LoginError::MixedUp)), "iss {issuer:?}");
    }
}

#[tokio::test]
async fn a_code_of_another_login_is_refused() {
    let world = World::new().await;
    let (outcome, ()) = attempt(&world, |url| async move {
        // The attacker's own code, for a challenge of theirs, put into the victim's callback.
        let attackers = answered(with(&url, "code_challenge", &"A".repeat(43)), "bob").await;
        drop(get(attackers).await);
    })
    .await;
    assert!(matches!(outcome, Err(LoginError::Provider { .. })));
}

#[tokio::test]
async fn a_person_may_decline() {
    let world = World::new().await;
    let (outcome, ()) = attempt(&world, |url| async move {
        drop(get(answered(url, "mallory").await).await);
    })
    .await;
    let Err(LoginError::Denied(why)) = outcome else { panic!("denied") };
    assert_eq!(why, "login_required");
}

/// A provider that has only a discovery document.
async fn provider(methods: &'static str) -> String {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await.unwrap();
    let issuer = format!("http://{}", listener.local_addr().unwrap());
    let document = format!(
        r#"{{"issuer":"{issuer}","authorization_endpoint":"{issuer}/a","token_endpoint":"{issuer}/t","jwks_uri":"{issuer}/k",
        "response_types_supported":["code"],"subject_types_supported":["public"],
        "id_token_signing_alg_values_supported":["ES256"]{methods}}}"#
    );
    tokio::spawn(async move {
        while let Ok((mut stream, _)) = listener.accept().await {
            let mut asked = [0; 2048];
            let length = stream.read(&mut asked).await.unwrap();
            let body = if asked[..length].starts_with(b"GET /k") { r#"{"keys":[]}"# } else { document.as_str() };
            let head = format!(
                "HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: {}\r\nconnection: close\r\n\r\n",
                body.len()
            );
            stream.write_all(format!("{head}{body}").as_bytes()).await.unwrap();
        }
    });
    issuer
}

#[tokio::test]
async fn without_s256_no_browser_is_opened() {
    for methods in ["", r#","code_challenge_methods_supported":["plain"]"#] {
        let world = World::new().await;
        let login = PersonLogin { issuer: provider(methods).await, ..world.door.login.clone() };
        let opened = Arc::new(AtomicBool::new(false));
        let saw = opened.clone();
        let robot = Robot(move |_| {
            saw.store(true, Ordering::SeqCst);
            async {}
        });
        let Err(error) = browser::log_in(&login, "n".to_owned(), &robot).await else { panic!("refused") };
        assert!(error.to_string().contains("PKCE with S256"), "{error}");
        assert!(!opened.load(Ordering::SeqCst));
    }
}

#[tokio::test]
async fn a_provider_over_plain_http_is_refused() {
    let world = World::new().await;
    let login = PersonLogin { issuer: "http://idp.test".to_owned(), ..world.door.login.clone() };
    let Err(error) = browser::log_in(&login, "n".to_owned(), &Robot(|_| async {})).await else { panic!("refused") };
    assert!(error.to_string().contains("HTTPS"), "{error}");
}
