//! Which access tokens are taken, and for whom (`mcp-protocol.md` §6).
#![allow(clippy::unwrap_used, clippy::indexing_slicing)]

mod mint;

use std::sync::Arc;

use hoop_identity::{Access, IdentityError, PersonVerifier, jwks::Issuer, jwt::TokenError};
use hoop_model::{ManualClock, Secret, Timestamp};
use mint::{CLIENT, ISSUER, NOW, Pages, SigningKey, claims, set, with};
use serde_json::{Value, json};

const RESOURCE: &str = "https://mcp.test/mcp/tools";

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

    async fn check(&self, header: Value, changes: Value) -> Result<Access, IdentityError> {
        let issued = json!({ "aud": RESOURCE, "client_id": "assistant", "scope": "mcp openid" });
        let claims = with(with(claims(), issued), changes);
        let token = self.key.token_with(&with(self.key.header(), header).to_string(), &claims.to_string());
        self.verifier.verify_access(&Secret::new(token), RESOURCE, Timestamp::from_second(NOW).unwrap()).await
    }

    async fn claims(&self, changes: Value) -> Result<Access, IdentityError> {
        self.check(json!({}), changes).await
    }
}

#[tokio::test]
async fn a_person_comes_out_with_client_and_scopes() {
    let world = World::new();
    let access = world.claims(json!({})).await.unwrap();
    assert_eq!(access.principal.subject.sub, "alice");
    assert_eq!(access.client.as_deref(), Some("assistant"));
    assert_eq!(access.scopes.into_iter().collect::<Vec<_>>(), ["mcp", "openid"]);
    assert_eq!(access.expires_at, Timestamp::from_second(NOW + 330).unwrap());
    let listed = world.claims(json!({ "scope": null, "scp": ["mcp"] })).await.unwrap();
    assert!(listed.scopes.contains("mcp"));
}

#[tokio::test]
async fn the_header_calls_it_an_access_token_or_nothing_special() {
    let world = World::new();
    for good in [json!("at+jwt"), json!("application/at+jwt"), json!("AT+JWT"), json!("JWT"), json!(null)] {
        assert!(world.check(json!({ "typ": good }), json!({})).await.is_ok(), "{good}");
    }
    for bad in [json!("logout+jwt"), json!("dpop+jwt"), json!("oauth-id-jag+jwt"), json!(7)] {
        assert_eq!(world.check(json!({ "typ": bad }), json!({})).await, Err(TokenError::Type.into()), "{bad}");
    }
}

#[tokio::test]
async fn only_a_token_for_this_resource_alone_is_taken() {
    let world = World::new();
    for audience in [
        json!("https://mcp.test/mcp/tool"),
        json!("https://mcp.test/mcp/tools/"),
        json!("https://mcp.test"),
        json!(CLIENT),
        json!([RESOURCE, "https://other.test"]),
        json!(null),
    ] {
        let outcome = world.claims(json!({ "aud": audience })).await;
        assert_eq!(outcome, Err(TokenError::Audience.into()), "{audience}");
    }
    assert!(world.claims(json!({ "aud": [RESOURCE] })).await.is_ok());
}

#[tokio::test]
async fn tokens_of_other_kinds_and_other_holders_are_refused() {
    let world = World::new();
    for kind in ["ID", "Refresh", "Offline"] {
        assert_eq!(world.claims(json!({ "typ": kind })).await, Err(TokenError::Type.into()), "{kind}");
    }
    assert!(world.claims(json!({ "typ": "Bearer" })).await.is_ok());
    let bound = json!({ "cnf": { "jkt": "x" } });
    assert_eq!(world.claims(bound).await, Err(TokenError::Type.into()), "bound to a key");
    for itself in [json!({ "sub": "assistant" }), json!({ "client_id": null, "azp": "alice" })] {
        assert_eq!(world.claims(itself).await, Err(TokenError::Claim("sub").into()));
    }
}

#[tokio::test]
async fn time_and_groups_are_held_to() {
    let world = World::new();
    assert_eq!(world.claims(json!({ "exp": NOW - 30, "iat": NOW - 600 })).await, Err(TokenError::Expired.into()));
    assert_eq!(world.claims(json!({ "exp": NOW + 25 * 3600 })).await, Err(TokenError::TooLong.into()));
    assert_eq!(world.claims(json!({ "iat": NOW + 60 })).await, Err(TokenError::NotYet.into()));
    assert!(matches!(world.claims(json!({ "groups": null })).await, Err(IdentityError::Groups(..))));
}
