//! Who a person is taken for (`identity.md` §2.1, §2.6 and §8, rows 9, 16 and 19).
#![allow(clippy::unwrap_used, clippy::indexing_slicing)]

mod mint;

use std::sync::Arc;

use hoop_identity::{IdentityError, PersonVerifier, jwks::Issuer, jwt::TokenError, nonce};
use hoop_model::{Group, ManualClock, Principal, PrincipalKind, Secret, Subject, Timestamp};
use mint::{CLIENT, ISSUER, NOW, Pages, SigningKey, claims, set, with};
use serde_json::{Value, json};

const SPKI: &[u8] = b"a session key";
const BINDING: &[u8] = b"random";

struct World {
    key: SigningKey,
    verifier: PersonVerifier,
}

impl World {
    fn new() -> Self {
        let key = SigningKey::ec("a");
        let clock = Arc::new(ManualClock::new(Timestamp::from_second(NOW).unwrap()));
        let issuer = Issuer::with(ISSUER, Pages::new(&set(&[&key])), clock).unwrap();
        Self { key, verifier: PersonVerifier::of(issuer, CLIENT, "groups").unwrap() }
    }

    fn token(&self, changes: Value) -> Secret<String> {
        let bound = with(claims(), json!({ "nonce": nonce(SPKI, BINDING) }));
        Secret::new(self.key.token(&with(bound, changes)))
    }

    async fn login(&self, changes: Value) -> Result<Principal, IdentityError> {
        self.verifier.verify(&self.token(changes), SPKI, BINDING, Timestamp::from_second(NOW).unwrap()).await
    }

    async fn renew(&self, changes: Value, sub: &str) -> Result<Principal, IdentityError> {
        let subject = Subject { issuer: ISSUER.to_owned(), sub: sub.to_owned() };
        let now = Timestamp::from_second(NOW).unwrap();
        self.verifier.verify_renewal(&self.token(changes), SPKI, BINDING, &subject, now).await
    }
}

#[tokio::test]
async fn a_person_comes_out() {
    let world = World::new();
    let more = json!({ "email": "alice@example.test", "email_verified": true, "auth_time": NOW - 60, "azp": CLIENT });
    let principal = world.login(more).await.unwrap();
    assert_eq!(principal.subject, Subject { issuer: ISSUER.to_owned(), sub: "alice".to_owned() });
    assert_eq!(principal.kind, PrincipalKind::Person);
    assert!(principal.is_in(&Group("engineers".to_owned())));
    assert_eq!(principal.email.as_deref(), Some("alice@example.test"));
    assert_eq!(principal.authenticated_at, Timestamp::from_second(NOW - 60).unwrap());
}

#[tokio::test]
async fn an_unverified_address_is_not_shown() {
    let world = World::new();
    for verified in [json!(null), json!(false), json!("true")] {
        let claims = json!({ "email": "boss@example.test", "email_verified": verified });
        assert_eq!(world.login(claims).await.unwrap().email, None);
    }
}

#[tokio::test]
async fn how_sure_the_issuer_was_is_its_own_word_and_short() {
    let world = World::new();
    assert!(world.login(json!({})).await.unwrap().assurance.is_unknown());
    let said = world.login(json!({ "amr": ["pwd", "otp"], "acr": "urn:mfa" })).await.unwrap().assurance;
    assert_eq!((said.amr.join(" "), said.acr.as_deref()), ("pwd otp".to_owned(), Some("urn:mfa")));
    let long = "x".repeat(65);
    for odd in [json!({ "amr": "mfa", "acr": 1 }), json!({ "amr": [&long, "", 7, null], "acr": long })] {
        assert!(world.login(odd.clone()).await.unwrap().assurance.is_unknown(), "{odd}");
    }
    let many = vec!["otp"; 100];
    assert_eq!(world.login(json!({ "amr": many })).await.unwrap().assurance.amr.len(), 16);
}

#[tokio::test]
async fn a_token_serves_its_own_key_only() {
    let world = World::new();
    let token = world.token(json!({}));
    let now = Timestamp::from_second(NOW).unwrap();
    for (spki, binding) in [(&b"another key"[..], BINDING), (SPKI, &b"other"[..]), (b"", b"")] {
        let outcome = world.verifier.verify(&token, spki, binding, now).await;
        assert_eq!(outcome, Err(IdentityError::Nonce));
    }
    assert_eq!(world.login(json!({ "nonce": null })).await, Err(IdentityError::Nonce));
    assert_eq!(world.login(json!({ "nonce": "other" })).await, Err(IdentityError::Nonce));
    assert_eq!(world.login(json!({ "nonce": ["x"] })).await, Err(TokenError::Claim("nonce").into()));
}

#[tokio::test]
async fn a_renewal_may_lack_the_nonce_but_not_bend_it() {
    let world = World::new();
    assert!(world.renew(json!({ "nonce": null }), "alice").await.is_ok());
    assert!(world.renew(json!({}), "alice").await.is_ok());
    assert_eq!(world.renew(json!({ "nonce": "other" }), "alice").await, Err(IdentityError::Nonce));
    assert_eq!(world.renew(json!({}), "bob").await, Err(IdentityError::OtherSubject));
}

#[tokio::test]
async fn a_token_kept_back_renews_nothing() {
    let world = World::new();
    let old = json!({ "nonce": null, "iat": NOW - 1000, "exp": NOW + 1000 });
    assert_eq!(world.renew(old, "alice").await, Err(TokenError::TooOld.into()));
}

#[tokio::test]
async fn tokens_of_other_kinds_are_refused() {
    let world = World::new();
    assert_eq!(world.login(json!({ "azp": "other-app" })).await, Err(TokenError::Audience.into()));
    assert_eq!(world.login(json!({ "typ": "Bearer" })).await, Err(TokenError::Type.into()));
    assert!(world.login(json!({ "typ": "ID" })).await.is_ok());
}

#[tokio::test]
async fn groups_are_a_list_or_an_error() {
    let world = World::new();
    let many: Vec<String> = (0..1001).map(|n| format!("g{n}")).collect();
    for changes in [
        json!({ "groups": null }),
        json!({ "groups": "engineers" }),
        json!({ "groups": {} }),
        json!({ "groups": ["engineers", 7] }),
        json!({ "groups": ["engineers", ""] }),
        json!({ "groups": ["g".repeat(257)] }),
        json!({ "groups": many }),
        json!({ "groups": null, "_claim_names": { "groups": "src1" } }),
        json!({ "_claim_names": { "groups": "src1" } }),
        json!({ "hasgroups": true }),
    ] {
        let outcome = world.login(changes.clone()).await;
        assert!(matches!(outcome, Err(IdentityError::Groups(..))), "{changes}: {outcome:?}");
    }
    assert!(world.login(json!({ "groups": [] })).await.unwrap().groups.is_empty());
    let error = world.login(json!({ "groups": "secret-group" })).await.unwrap_err();
    assert!(!format!("{error} {}", error.detail()).contains("secret-group"));
    assert_eq!(error.into_fault().code, "groups_unknown");
}
