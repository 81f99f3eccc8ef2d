//! Which workload a token stands for (`identity.md` §4 and §8, rows 15 and 16).
#![allow(clippy::unwrap_used, clippy::indexing_slicing)]

mod mint;

use std::sync::Arc;

use hoop_identity::{Accepted, IdentityError, WorkloadVerifier, jwks::Issuer, jwt::TokenError, workload::TrustRule};
use hoop_model::{ManualClock, PrincipalKind, Secret, Timestamp};
use mint::{ISSUER, NOW, Pages, SigningKey, set, with};
use serde::Deserialize;
use serde_json::{Value, json};

const RULES: &str = r#"
[[workload]]
name = "nightly"
issuer = "https://idp.test"
audience = "https://gateway.test"
[workload.match]
repository_id = "456789"
ref = "refs/heads/main"
[workload.grant]
groups = ["ci"]

[[workload]]
name = "deploy"
issuer = "https://idp.test"
audience = "https://gateway.test"
[workload.match]
repository_id = ["456789", "7"]
environment = "production"
[workload.grant]
groups = ["deployers"]
"#;

#[derive(Deserialize)]
struct Rules {
    workload: Vec<TrustRule>,
}

struct World {
    key: SigningKey,
    verifier: WorkloadVerifier,
}

impl World {
    fn new() -> Self {
        let key = SigningKey::ec("a");
        let clock = Arc::new(ManualClock::new(Timestamp::from_second(NOW).unwrap()));
        let pages = Pages::new(&set(&[&key]));
        let rules: Rules = toml::from_str(RULES).unwrap();
        let issuer = |name: &str| Issuer::with(name, pages.clone(), clock.clone());
        Self { verifier: WorkloadVerifier::with(rules.workload, issuer).unwrap(), key }
    }

    async fn show(&self, token: String) -> Result<Accepted, IdentityError> {
        self.verifier.verify(&Secret::new(token), Timestamp::from_second(NOW).unwrap()).await
    }

    async fn login(&self, changes: Value) -> Result<Accepted, IdentityError> {
        self.show(self.key.token(&with(job(), changes))).await
    }
}

fn job() -> Value {
    json!({
        "iss": ISSUER, "aud": "https://gateway.test", "sub": "repo:org/app:ref:refs/heads/main", "iat": NOW,
        "exp": NOW + 300, "repository": "org/app", "repository_id": "456789", "ref": "refs/heads/main",
        "event_name": "push",
    })
}

#[tokio::test]
async fn one_matching_rule_makes_a_workload() {
    let accepted = World::new().login(json!({})).await.unwrap();
    assert_eq!(accepted.principal.subject.sub, "workload:nightly");
    assert_eq!(accepted.principal.kind, PrincipalKind::Workload);
    assert_eq!(accepted.rule, "nightly");
    assert_eq!(accepted.matched["repository_id"], "456789");
    assert_eq!(accepted.expires_at, Timestamp::from_second(NOW + 330).unwrap());
}

#[tokio::test]
async fn the_right_name_with_the_wrong_id_is_refused_and_the_rules_are_named() {
    let world = World::new();
    for changes in [
        json!({ "repository_id": "1" }),
        json!({ "repository_id": null }),
        json!({ "repository_id": ["456789"] }),
        json!({ "ref": "refs/pull/1/merge" }),
    ] {
        let error = world.login(changes.clone()).await.unwrap_err();
        assert_eq!(error.code(), "workload_not_trusted", "{changes}");
        let text = error.to_string();
        assert!(text.contains("nightly") && text.contains("deploy"), "{text}");
        assert!(!format!("{text} {}", error.detail()).contains("456789"), "no claim value may be told");
    }
}

#[tokio::test]
async fn two_matching_rules_are_as_wrong_as_none() {
    let error = World::new().login(json!({ "environment": "production" })).await.unwrap_err();
    assert_eq!(error, IdentityError::SeveralRulesMatch(vec!["nightly".to_owned(), "deploy".to_owned()]));
}

#[tokio::test]
async fn other_issuers_audiences_and_ages_are_refused() {
    let world = World::new();
    assert_eq!(world.login(json!({ "iss": "https://evil.test" })).await.unwrap_err(), IdentityError::NoRuleForIssuer);
    assert_eq!(world.login(json!({ "aud": "https://other.test" })).await.unwrap_err(), TokenError::Audience.into());
    let long = json!({ "exp": NOW + 3601 });
    assert_eq!(world.login(long).await.unwrap_err(), TokenError::TooLong.into());
    let old = json!({ "iat": NOW - 631, "exp": NOW + 60 });
    assert_eq!(world.login(old).await.unwrap_err(), TokenError::TooOld.into());
}

#[tokio::test]
async fn a_persons_token_is_no_workloads() {
    assert_eq!(World::new().login(json!({ "nonce": "n" })).await.unwrap_err(), IdentityError::PersonsToken);
}

#[tokio::test]
async fn two_signatures_of_one_token_have_one_replay_key() {
    let world = World::new();
    // ECDSA signs differently each time, and anybody can turn one valid signature into another.
    let (one, two) = (world.key.token(&job()), world.key.token(&job()));
    assert_ne!(one, two);
    let (one, two) = (world.show(one).await.unwrap(), world.show(two).await.unwrap());
    assert_eq!(one.replay_key, two.replay_key);
    let other = world.login(json!({ "jti": "another" })).await.unwrap();
    assert_ne!(one.replay_key, other.replay_key);
}

#[tokio::test]
async fn pull_requests_need_to_be_named() {
    let key = SigningKey::ec("a");
    let clock = Arc::new(ManualClock::new(Timestamp::from_second(NOW).unwrap()));
    let github = "https://ghes.test/_services/token";
    let pages = Pages::new("");
    for (path, body) in [
        (
            "/.well-known/openid-configuration",
            json!({ "issuer": github, "jwks_uri": format!("{github}/keys") }).to_string(),
        ),
        ("/keys", set(&[&key])),
    ] {
        let fetched = hoop_identity::fetch::Fetched { body: body.into_bytes(), max_age: None };
        pages.pages.lock().unwrap().insert(format!("{github}{path}"), Ok(fetched));
    }
    let rules: Rules = toml::from_str(&RULES.replace(ISSUER, github)).unwrap();
    let issuer = |name: &str| Issuer::with(name, pages.clone(), clock.clone());
    let world = World { verifier: WorkloadVerifier::with(rules.workload, issuer).unwrap(), key };
    assert!(world.login(json!({ "iss": github })).await.is_ok());
    let error = world.login(json!({ "iss": github, "event_name": "pull_request" })).await.unwrap_err();
    assert_eq!(error.code(), "workload_not_trusted");
}

#[tokio::test]
async fn pull_and_merge_requests_of_a_self_managed_platform_need_to_be_named() {
    let world = World::new();
    for changes in [
        json!({ "event_name": "pull_request_target" }),
        json!({ "event_name": null, "pipeline_source": "merge_request_event" }),
    ] {
        let error = world.login(changes.clone()).await.unwrap_err();
        assert_eq!(error.code(), "workload_not_trusted", "{changes}");
    }
    assert!(world.login(json!({ "event_name": null, "pipeline_source": "push" })).await.is_ok());
}

#[test]
fn rules_named_alike_are_refused() {
    let rules: Rules = toml::from_str(&RULES.replace("deploy", "nightly")).unwrap();
    let clock = Arc::new(ManualClock::new(Timestamp::UNIX_EPOCH));
    let Err(error) = WorkloadVerifier::new(rules.workload, clock) else { unreachable!("accepted") };
    assert!(error.to_string().contains("two"), "{error}");
}
