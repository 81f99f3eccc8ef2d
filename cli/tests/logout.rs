//! Logging out: what is said to be ended is ended, and nothing is forgotten that a locked store still holds.
#![cfg(feature = "dev")]
#![allow(clippy::unwrap_used, clippy::indexing_slicing, clippy::expect_used, clippy::panic)]

mod world;

use hoop_dev::issuer::CLIENT_ID;
use hoop_model::{Assurance, Clock, LoginMethod, Principal, PrincipalKind, Secret, Subject, Timestamp, later};
use hoop_wire::login::{Grant, LoginAnswer, LoginOptions, LoginRequest, WorkloadAudience};
use hoopctl::{
    exit::{Exit, Failure},
    login::{
        session::{self, Gateway},
        workload::Source,
    },
    secrets::{FileStore, Place, SecretError, SecretStore, Vault},
};
use reqwest::StatusCode;
use world::{MINUTE, World, client};

#[tokio::test]
async fn logging_out_ends_it_here_and_at_the_provider() {
    let world = World::new().await;
    world.log_in("carol").await.unwrap();
    let kept = world.vault.read("dev/refresh-token").await.unwrap().unwrap();
    let (out, told) = world.log_out(&world.vault).await;
    let out = out.unwrap();
    assert!(told && out.at_gateway.is_ok() && matches!(out.at_provider, Some(Ok(()))));
    assert_eq!(world.current().await.err().unwrap().exit, Exit::NotLoggedIn);
    assert_eq!(world.log_out(&world.vault).await.0.err().unwrap().exit, Exit::NotLoggedIn);
    assert_eq!(std::fs::read_dir(world.context.folder.secrets()).unwrap().count(), 0);
    let form = [("grant_type", "refresh_token"), ("client_id", CLIENT_ID), ("refresh_token", kept.expose())];
    let answer = client().post(world.issuer.url().join("token").unwrap()).form(&form).send().await.unwrap();
    assert_eq!(answer.status(), StatusCode::BAD_REQUEST);
}

/// A keyring that is locked, or not there over ssh.
struct Locked;

impl SecretStore for Locked {
    fn place(&self) -> Place {
        Place::Keyring
    }

    fn read(&self, _: &str) -> Result<Option<Secret<String>>, SecretError> {
        Err(SecretError::Keyring("locked".to_owned()))
    }

    fn write(&self, _: &str, _: &Secret<String>) -> Result<(), SecretError> {
        Err(SecretError::Keyring("locked".to_owned()))
    }

    fn remove(&self, _: &str) -> Result<(), SecretError> {
        Ok(())
    }
}

#[tokio::test]
async fn a_store_that_does_not_answer_keeps_the_login() {
    let world = World::new().await;
    world.log_in("alice").await.unwrap();
    let (out, told) = world.log_out(&Vault::new(Locked)).await;
    let failure = out.err().unwrap();
    assert_eq!((failure.exit, failure.code.as_str()), (Exit::Failed, "secret_store"));
    assert!(!told, "half a logout is none");
    assert_eq!(world.current().await.unwrap().certificate, "certificate 0");
}

#[tokio::test]
async fn what_was_not_ended_is_not_said_to_be() {
    let world = World::new().await;
    world.log_in("alice").await.unwrap();
    let store = FileStore::new(world.context.folder.secrets());
    for name in ["dev/refresh-token", "dev/session-key"] {
        store.remove(name).unwrap();
    }
    let (out, told) = world.log_out(&world.vault).await;
    let out = out.unwrap();
    assert!(!told && out.at_gateway.is_err(), "without the key nobody could tell it");
    let Some(Err(trouble)) = out.at_provider else { panic!("nothing was handed back") };
    assert!(trouble.to_string().contains("no refresh token is kept"), "{trouble}");
    assert!(!world.context.folder.state("dev", "json").exists(), "what is gone will not come back");

    // What has expired is over without a word.
    world.log_in("alice").await.unwrap();
    world.pass(20 * MINUTE);
    let (out, told) = world.log_out(&world.vault).await;
    assert!(out.unwrap().at_gateway.is_ok() && !told);
}

/// Lets every workload in.
struct Open;

impl Gateway for Open {
    async fn options(&self) -> Result<LoginOptions, Failure> {
        let audience = WorkloadAudience { issuer: "https://ci.test".to_owned(), audience: "here".to_owned() };
        Ok(LoginOptions { person: None, workload_audiences: vec![audience] })
    }

    async fn login(&self, _: LoginRequest) -> Result<LoginAnswer, Failure> {
        let now = Timestamp::now();
        let principal = Principal {
            subject: Subject { issuer: "ci".to_owned(), sub: "job".to_owned() },
            kind: PrincipalKind::Workload,
            email: None,
            groups: Default::default(),
            assurance: Assurance::default(),
            login_method: LoginMethod::Workload,
            authenticated_at: now,
        };
        let expires_at = later(now, std::time::Duration::from_secs(15 * 60));
        Ok(LoginAnswer::Granted(Grant { certificate: "certificate".to_owned(), principal, expires_at }))
    }
}

#[tokio::test]
async fn a_workload_has_nothing_at_a_provider() {
    let world = World::new().await;
    let token = world.context.folder.contexts().with_file_name("token");
    std::fs::write(&token, "a.b.c").unwrap();
    let now = world.clock.now();
    session::log_in_workload(&world.context, &world.vault, &Open, &Source::File(token), now).await.unwrap();
    let (out, told) = world.log_out(&world.vault).await;
    let out = out.unwrap();
    assert!(told && out.at_gateway.is_ok() && out.at_provider.is_none());
}
