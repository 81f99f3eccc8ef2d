//! An issuer's keys over time (`identity.md` §2.4 and §8, rows 5 to 7).
#![allow(clippy::unwrap_used, clippy::indexing_slicing)]

mod mint;

use std::{sync::Arc, time::Duration};

use hoop_identity::{
    IdentityError,
    jwks::Issuer,
    jwt::{Expectation, LOGIN_TYPES, TokenError},
};
use hoop_model::{Clock, ManualClock, Timestamp};
use mint::{CLIENT, ISSUER, NOW, Pages, SigningKey, claims, set, with};
use serde_json::json;

const HOUR: i64 = 3600;

struct World {
    clock: Arc<ManualClock>,
    pages: Arc<Pages>,
    issuer: Issuer,
}

impl World {
    fn new(keys: &[&SigningKey]) -> Self {
        let clock = Arc::new(ManualClock::new(Timestamp::from_second(NOW).unwrap()));
        let pages = Pages::new(&set(keys));
        let issuer = Issuer::with(ISSUER, pages.clone(), clock.clone()).unwrap();
        Self { clock, pages, issuer }
    }

    fn pass(&self, seconds: i64) {
        self.clock.advance(jiff_seconds(seconds));
    }

    /// A token that `key` signs now.
    async fn login(&self, key: &SigningKey) -> Result<(), IdentityError> {
        let now = self.clock.now();
        let at = now.as_second();
        let token = key.token(&with(claims(), json!({ "iat": at, "exp": at + 300 })));
        let expected = Expectation {
            issuer: ISSUER,
            types: LOGIN_TYPES,
            audiences: &[CLIENT],
            longest_life: Duration::from_secs(3600),
            oldest: Duration::from_secs(600),
        };
        self.issuer.verify(&token, &expected, now).await.map(drop)
    }
}

fn jiff_seconds(seconds: i64) -> jiff::SignedDuration {
    jiff::SignedDuration::from_secs(seconds)
}

fn unreachable() -> Result<(), IdentityError> {
    Err(IdentityError::IssuerUnreachable { issuer: ISSUER.to_owned() })
}

const UNKNOWN: Result<(), IdentityError> = Err(IdentityError::Token(TokenError::UnknownKey));

#[tokio::test]
async fn keys_are_fetched_once_and_again_when_due() {
    let key = SigningKey::ec("a");
    let world = World::new(&[&key]);
    for _ in 0..10 {
        assert_eq!(world.login(&key).await, Ok(()));
    }
    assert_eq!(world.pages.fetched(), 1);
    world.pass(601);
    assert_eq!(world.login(&key).await, Ok(()));
    assert_eq!(world.pages.fetched(), 2);
}

#[tokio::test]
async fn many_logins_at_once_share_one_fetch() {
    let key = SigningKey::ec("a");
    let world = World::new(&[&key]);
    let logins = [(); 8].map(|()| world.login(&key));
    let [a, b, c, d, e, f, g, h] = logins;
    let outcome = tokio::join!(a, b, c, d, e, f, g, h);
    assert_eq!(outcome, (Ok(()), Ok(()), Ok(()), Ok(()), Ok(()), Ok(()), Ok(()), Ok(())));
    assert_eq!(world.pages.fetched(), 1);
}

#[tokio::test]
async fn a_storm_of_made_up_key_ids_fetches_at_most_twice() {
    let key = SigningKey::ec("a");
    let world = World::new(&[&key]);
    assert_eq!(world.login(&key).await, Ok(()));
    world.pass(10);
    let mut stranger = SigningKey::ec("x");
    for n in 0..10_000 {
        if n % 1000 == 999 {
            world.pass(1);
            assert_eq!(world.login(&key).await, Ok(()));
        }
        stranger.jwk["kid"] = json!(format!("made-up-{n}"));
        assert_eq!(world.login(&stranger).await, UNKNOWN);
    }
    assert!(world.pages.fetched() <= 3, "{} fetches: one at the start, two in the storm", world.pages.fetched());
}

#[tokio::test]
async fn an_id_that_was_not_published_is_not_asked_for_again_at_once() {
    let (key, later) = (SigningKey::ec("a"), SigningKey::ec("b"));
    let world = World::new(&[&key]);
    assert_eq!(world.login(&key).await, Ok(()));
    world.pass(11);
    assert_eq!(world.login(&later).await, UNKNOWN);
    world.pages.put("/keys", &set(&[&key, &later]));
    world.pass(30);
    assert_eq!(world.login(&later).await, UNKNOWN);
    world.pass(31);
    assert_eq!(world.login(&later).await, Ok(()));
    assert_eq!(world.pages.fetched(), 3);
}

#[tokio::test]
async fn an_issuer_that_did_not_answer_has_not_said_that_an_id_is_unknown() {
    let (key, later) = (SigningKey::ec("a"), SigningKey::ec("b"));
    let world = World::new(&[&key]);
    assert_eq!(world.login(&key).await, Ok(()));
    let pages = std::mem::take(&mut *world.pages.pages.lock().unwrap());
    world.pass(10);
    assert_eq!(world.login(&later).await, UNKNOWN);
    *world.pages.pages.lock().unwrap() = pages;
    world.pages.put("/keys", &set(&[&key, &later]));
    assert_eq!(world.login(&later).await, UNKNOWN, "not so soon again");
    world.pass(10);
    assert_eq!(world.login(&later).await, Ok(()));
}

#[tokio::test]
async fn rotation_is_followed_with_and_without_overlap() {
    let (old, new) = (SigningKey::ec("old"), SigningKey::rsa("new"));
    let world = World::new(&[&old]);
    assert_eq!(world.login(&old).await, Ok(()));
    world.pass(60);
    world.pages.put("/keys", &set(&[&new, &old]));
    assert_eq!(world.login(&new).await, Ok(()));
    assert_eq!(world.pages.fetched(), 2);
    assert_eq!(world.login(&old).await, Ok(()));
    world.pages.put("/keys", &set(&[&new]));
    world.pass(601);
    assert_eq!(world.login(&old).await, UNKNOWN);
    assert_eq!(world.login(&new).await, Ok(()));
}

#[tokio::test]
async fn an_outage_is_bridged_for_four_hours_and_then_named() {
    let key = SigningKey::ec("a");
    let world = World::new(&[&key]);
    assert_eq!(world.login(&key).await, Ok(()));
    world.pages.break_down();
    world.pass(4 * HOUR - 1);
    assert_eq!(world.login(&key).await, Ok(()));
    world.pass(1);
    assert_eq!(world.login(&key).await, unreachable());
    let text = unreachable().unwrap_err().to_string();
    assert!(text.contains("cannot be reached") && text.contains("Try again"), "{text}");
}

#[tokio::test]
async fn recovery_is_noticed() {
    let key = SigningKey::ec("a");
    let world = World::new(&[&key]);
    let pages = std::mem::take(&mut *world.pages.pages.lock().unwrap());
    assert_eq!(world.login(&key).await, unreachable());
    *world.pages.pages.lock().unwrap() = pages;
    world.pass(1);
    assert_eq!(world.login(&key).await, Ok(()));
}

#[tokio::test]
async fn what_is_no_key_set_is_no_answer() {
    let key = SigningKey::ec("a");
    for body in ["<html>", "{}", r#"{"keys":[]}"#, r#"{"keys":[],"keys":[]}"#, r#"{"keys":{"a":1}}"#] {
        let world = World::new(&[&key]);
        world.pages.put("/keys", body);
        assert_eq!(world.login(&key).await, unreachable(), "{body}");
    }
}

#[tokio::test]
async fn discovery_must_speak_for_the_issuer_and_over_https() {
    let key = SigningKey::ec("a");
    for document in [
        json!({ "issuer": "https://idp.test/", "jwks_uri": "https://idp.test/keys" }),
        json!({ "issuer": "https://evil.test", "jwks_uri": "https://idp.test/keys" }),
        json!({ "issuer": ISSUER, "jwks_uri": "http://idp.test/keys" }),
        json!({ "issuer": ISSUER }),
    ] {
        let world = World::new(&[&key]);
        world.pages.put("/.well-known/openid-configuration", &document.to_string());
        assert_eq!(world.login(&key).await, unreachable(), "{document}");
    }
}

#[test]
fn an_issuer_over_plain_http_is_refused_at_start() {
    let clock = Arc::new(ManualClock::new(Timestamp::UNIX_EPOCH));
    for name in ["http://idp.test", "idp.test", "ftp://idp.test"] {
        assert!(matches!(Issuer::new(name, clock.clone()), Err(IdentityError::Settings(_))), "{name}");
    }
}
