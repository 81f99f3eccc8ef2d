//! Login: an ID token or a workload token comes in once, a session certificate goes out.

use std::{collections::BTreeMap, sync::Arc, time::Duration};

use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use hoop_model::{Fault, LoginId, Principal, Retry, Secret, Side, Timestamp, later};
use hoop_store::Login;
use hoop_tunnel::Connection;
use hoop_wire::login::{Grant, LoginAnswer, LoginOptions, LoginRequest};

use crate::{
    Gateway,
    authority::{Holder, Request},
    digest, fault, trail,
};

pub(super) async fn serve(gateway: &Arc<Gateway>, connection: &Connection) {
    let client_ip = connection.remote_addr().ip();
    while let Some(mut stream) = connection.accept().await {
        let sent = match stream.read_frame::<LoginRequest>().await {
            Ok(LoginRequest::Options) => super::answer(stream, &options(gateway)).await,
            Ok(request) => {
                let outcome = login(gateway, request).await;
                let told = outcome.as_ref().map(|granted| (&granted.grant, &granted.matched));
                let outcome = match trail::login(gateway, client_ip, told).await {
                    Ok(()) => outcome.map(|granted| granted.grant),
                    Err(fault) => Err(fault),
                };
                super::answer(stream, &answer(outcome)).await
            }
            Err(error) => Err(error),
        };
        if sent.is_err() {
            return;
        }
    }
}

fn answer(outcome: Result<Grant, Fault>) -> LoginAnswer {
    match outcome {
        Ok(grant) => LoginAnswer::Granted(grant),
        Err(fault) => {
            tracing::info!(code = %fault.code, detail = fault.detail, "login refused");
            LoginAnswer::Refused(fault)
        }
    }
}

fn options(gateway: &Gateway) -> LoginOptions {
    LoginOptions {
        person: gateway.settings.person.as_ref().map(|person| person.login.clone()),
        workload_audiences: gateway.settings.workloads.iter().map(|rule| rule.audience.clone()).collect(),
    }
}

/// A login that was granted, and what of a workload's token its trust rule looked at.
struct Granted {
    grant: Grant,
    matched: BTreeMap<String, String>,
}

async fn login(gateway: &Arc<Gateway>, request: LoginRequest) -> Result<Granted, Fault> {
    let now = gateway.clock.now();
    match request {
        LoginRequest::Options => Err(fault::protocol("options were already asked for")),
        LoginRequest::Person { id_token, certificate_request, binding } => {
            let request = certificate(&certificate_request)?;
            let verifier = gateway.people.as_ref().ok_or_else(|| {
                Fault::new(
                    Side::Client,
                    "people_not_admitted",
                    Retry::Useless,
                    "this gateway lets only workloads in; use `hoopctl login --workload`",
                )
            })?;
            let key = digest::plain_hex(&request.spki());
            if let Some(login) = gateway.store.login_by_key(&key).await.map_err(fault::store)? {
                // The key has a login already: this is a renewal by a client that was away.
                let grant = renew(gateway, &login, &id_token, &certificate_request, &binding).await?;
                return Ok(Granted { grant, matched: BTreeMap::new() });
            }
            let binding = binding_bytes(&binding)?;
            let principal =
                verifier.verify(&id_token, &request.spki(), &binding, now).await.map_err(fault::identity)?;
            let grant = grant(gateway, principal, &request, now, gateway.settings.certificate_life).await?;
            Ok(Granted { grant, matched: BTreeMap::new() })
        }
        LoginRequest::Workload { token, certificate_request } => {
            let request = certificate(&certificate_request)?;
            let accepted = gateway.workloads.verify(&token, now).await.map_err(fault::identity)?;
            let fresh =
                gateway.store.use_token_once(&accepted.replay_key, accepted.expires_at).await.map_err(fault::store)?;
            if !fresh {
                return Err(Fault::new(
                    Side::Client,
                    "token_already_used",
                    Retry::Useless,
                    "this workload token was already used to log in; each token works once. Ask the CI platform for \
                     a new one, and look at the trail if it was not you.",
                ));
            }
            let life = accepted.max_session.unwrap_or(Duration::MAX).min(gateway.settings.certificate_life);
            let grant = grant(gateway, accepted.principal, &request, now, life).await?;
            Ok(Granted { grant, matched: accepted.matched })
        }
    }
}

async fn grant(
    gateway: &Gateway,
    principal: Principal,
    request: &Request,
    now: Timestamp,
    life: Duration,
) -> Result<Grant, Fault> {
    let id = LoginId::new();
    let expires_at = later(now, life);
    let login = Login {
        id,
        principal: principal.clone(),
        key: digest::plain_hex(&request.spki()),
        created_at: now,
        expires_at,
        ends_at: later(now, gateway.settings.longest_login),
        revoked_at: None,
    };
    gateway.store.insert_login(&login).await.map_err(fault::store)?;
    signed(gateway, id, principal, request, now, expires_at)
}

fn signed(
    gateway: &Gateway,
    id: LoginId,
    principal: Principal,
    request: &Request,
    now: Timestamp,
    expires_at: Timestamp,
) -> Result<Grant, Fault> {
    let life = expires_at.duration_since(now).unsigned_abs();
    let certificate = gateway.authority.client(request, Holder::Login(id), now, life).map_err(fault::internal)?;
    Ok(Grant { certificate, principal, expires_at })
}

/// Renewal, on a live connection or after one: the same person, the same key, a fresh ID token.
pub(super) async fn renew(
    gateway: &Arc<Gateway>,
    login: &Login,
    id_token: &Secret<String>,
    certificate_request: &str,
    binding: &str,
) -> Result<Grant, Fault> {
    let now = gateway.clock.now();
    let request = certificate(certificate_request)?;
    if digest::plain_hex(&request.spki()) != login.key {
        return Err(Fault::new(
            Side::Client,
            "other_key",
            Retry::Useless,
            "a session is renewed with the key it began with; run `hoopctl login`",
        ));
    }
    let verifier = gateway.people.as_ref().ok_or_else(|| fault::protocol("workload sessions are not renewed"))?;
    let principal = verifier
        .verify_renewal(id_token, &request.spki(), &binding_bytes(binding)?, &login.principal.subject, now)
        .await
        .map_err(fault::identity)?;
    let expires_at = later(now, gateway.settings.certificate_life).min(login.ends_at);
    if expires_at <= now {
        return Err(Fault::new(
            Side::Client,
            "login_ended",
            Retry::Useless,
            "this login has reached its longest life; run `hoopctl login`",
        ));
    }
    if !gateway.store.extend_login(login.id, &principal, expires_at).await.map_err(fault::store)? {
        return Err(Fault::new(
            Side::Client,
            "login_ended",
            Retry::Useless,
            "this login was ended; run `hoopctl login`",
        ));
    }
    signed(gateway, login.id, principal, &request, now, expires_at)
}

pub(super) fn renewed(outcome: Result<Grant, Fault>) -> LoginAnswer {
    answer(outcome)
}

fn certificate(pem: &str) -> Result<Request, Fault> {
    Request::parse(pem).map_err(|error| fault::protocol("the certificate request cannot be read").detail(error))
}

fn binding_bytes(text: &str) -> Result<Vec<u8>, Fault> {
    URL_SAFE_NO_PAD.decode(text).map_err(|error| fault::protocol("the nonce binding is no base64url").detail(error))
}
