//! A person's login from end to end, the gateway apart (`identity.md` §8, rows 8 to 12 and 21).
#![cfg(feature = "dev")]
#![allow(clippy::unwrap_used, clippy::indexing_slicing, clippy::expect_used, clippy::panic)]

mod world;

use std::{
    net::Ipv4Addr,
    sync::{
        Arc, Mutex,
        atomic::{AtomicBool, Ordering},
    },
};

use hoop_dev::issuer::CLIENT_ID;
use hoop_model::{Clock, Group};
use hoop_wire::login::PersonLogin;
use hoopctl::{
    exit::Exit,
    login::{
        LoginError, SessionKey, Tokens, browser,
        session::{self, Credentials, Gateway},
    },
};
use reqwest::StatusCode;
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpListener,
};
use url::Url;
use world::{MINUTE, Robot, World, answered, client, get, target};

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
    let (sender, mut seen) = tokio::sync::oneshot::channel();
    let sender = Mutex::new(Some(sender));
    let robot = Robot(move |url: Url| {
        let (acting, sender) = (act(url), sender.lock().unwrap().take().expect("one browser"));
        async move { drop(sender.send(acting.await)) }
    });
    let mut login = Box::pin(browser::log_in(&world.door.login, "n".to_owned(), &robot));
    // A robot that breaks off, or was never started, drops its end; nobody waits for it then.
    tokio::select! {
        saw = &mut seen => {
            let saw = saw.expect("the robot acted");
            (login.await, saw)
        }
        outcome = &mut login => {
            drop(login);
            drop(robot);
            (outcome, seen.await.expect("the robot acted"))
        }
    }
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
