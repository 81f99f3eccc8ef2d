//! Login: an ID token or a workload token comes in once, a session certificate goes out; renewal: the same again, for the
//! key that has a login already.

use std::{collections::BTreeMap, net::IpAddr, sync::Arc, time::Duration};

use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use hoop_identity::IdentityError;
use hoop_model::{Fault, LoginId, Principal, Retry, Side, Timestamp, later};
use hoop_store::Login;
use hoop_tunnel::Connection;
use hoop_wire::login::{Grant, LoginAnswer, LoginOptions, LoginRequest, WorkloadAudience};

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
            Ok(request) => super::answer(stream, &answer(gateway, request, None, client_ip).await).await,
            Err(error) => Err(error),
        };
        if sent.is_err() {
            return;
        }
    }
}

fn options(gateway: &Gateway) -> LoginOptions {
    LoginOptions {
        person: gateway.settings.person.as_ref().map(|person| person.login.clone()),
        workload_audiences: gateway
            .settings
            .workloads
            .iter()
            .map(|rule| WorkloadAudience { issuer: rule.issuer.clone(), audience: rule.audience.clone() })
            .collect(),
    }
}

/// What came of a login, or of the renewal of `live`, once the trail has it.
pub(super) async fn answer(
    gateway: &Arc<Gateway>,
    request: LoginRequest,
    live: Option<&Login>,
    client_ip: IpAddr,
) -> LoginAnswer {
    let outcome = granted(gateway, request, live).await;
    let event = match &outcome {
        Ok(Granted { renewed: false, .. }) => "login",
        Err(_) if live.is_none() => "login",
        _ => "renewal",
    };
    let told = outcome.as_ref().map(|granted| (&granted.grant, &granted.matched));
    let outcome = trail::login(gateway, client_ip, event, told).await.and(outcome);
    match outcome {
        Ok(granted) => LoginAnswer::Granted(granted.grant),
        Err(fault) => {
            tracing::info!(code = %fault.code, detail = fault.detail, event, "refused");
            LoginAnswer::Refused(fault)
        }
    }
}

struct Granted {
    grant: Grant,
    /// What of a workload's token its trust rule looked at.
    matched: BTreeMap<String, String>,
    renewed: bool,
}

async fn granted(gateway: &Arc<Gateway>, request: LoginRequest, live: Option<&Login>) -> Result<Granted, Fault> {
    let now = gateway.clock.now();
    match request {
        LoginRequest::Options => Err(fault::protocol("options were already asked for")),
        LoginRequest::Person { id_token, certificate_request, binding } => {
            let verifier = gateway.people.as_ref().ok_or_else(people_not_admitted)?;
            let request = certificate(&certificate_request)?;
            let (spki, binding) = (request.spki(), binding_bytes(&binding)?);
            let matched = BTreeMap::new();
            match standing(gateway, &request, live).await? {
                Some(login) => {
                    let subject = &login.principal.subject;
                    let principal = verifier.verify_renewal(&id_token, &spki, &binding, subject, now).await;
                    let grant = extend(gateway, &login, principal.map_err(fault::identity)?, &request, now).await?;
                    Ok(Granted { grant, matched, renewed: true })
                }
                None => {
                    let principal = verifier.verify(&id_token, &spki, &binding, now).await.map_err(fault::identity)?;
                    let grant = begin(gateway, principal, &request, now, Duration::MAX).await?;
                    Ok(Granted { grant, matched, renewed: false })
                }
            }
        }
        LoginRequest::Workload { token, certificate_request } => {
            let request = certificate(&certificate_request)?;
            let accepted = gateway.workloads.verify(&token, now).await.map_err(fault::identity)?;
            let fresh = gateway.store.use_token_once(&accepted.replay_key, accepted.expires_at).await;
            if !fresh.map_err(fault::store)? {
                return Err(token_already_used());
            }
            let (principal, matched) = (accepted.principal, accepted.matched);
            match standing(gateway, &request, live).await? {
                Some(login) if login.principal.subject != principal.subject => {
                    Err(fault::identity(IdentityError::OtherSubject))
                }
                Some(login) => {
                    let grant = extend(gateway, &login, principal, &request, now).await?;
                    Ok(Granted { grant, matched, renewed: true })
                }
                None => {
                    let longest = accepted.max_session.unwrap_or(Duration::MAX);
                    let grant = begin(gateway, principal, &request, now, longest).await?;
                    Ok(Granted { grant, matched, renewed: false })
                }
            }
        }
    }
}

/// The login that the request's key belongs to: the live one's, or that of a client that was away.
async fn standing(gateway: &Gateway, request: &Request, live: Option<&Login>) -> Result<Option<Login>, Fault> {
    let key = digest::plain_hex(&request.spki());
    match live {
        None => gateway.store.login_by_key(&key).await.map_err(fault::store),
        Some(login) if login.key == key => Ok(Some(login.clone())),
        Some(_) => Err(Fault::new(
            Side::Client,
            "other_key",
            Retry::Useless,
            "a session is renewed with the key it began with; run `hoopctl login`",
        )),
    }
}

/// A new login, which ends after `longest` or the gateway's own limit.
async fn begin(
    gateway: &Gateway,
    principal: Principal,
    request: &Request,
    now: Timestamp,
    longest: Duration,
) -> Result<Grant, Fault> {
    let id = LoginId::new();
    let ends_at = later(now, longest.min(gateway.settings.longest_login));
    let expires_at = later(now, gateway.settings.certificate_life).min(ends_at);
    let login = Login {
        id,
        principal: principal.clone(),
        key: digest::plain_hex(&request.spki()),
        created_at: now,
        expires_at,
        ends_at,
        revoked_at: None,
    };
    gateway.store.insert_login(&login).await.map_err(fault::store)?;
    signed(gateway, id, principal, request, now, expires_at)
}

/// A further certificate for a login, with what its issuer says of the principal now.
async fn extend(
    gateway: &Gateway,
    login: &Login,
    principal: Principal,
    request: &Request,
    now: Timestamp,
) -> Result<Grant, Fault> {
    let ended = |text| Fault::new(Side::Client, "login_ended", Retry::Useless, text);
    let expires_at = later(now, gateway.settings.certificate_life).min(login.ends_at);
    if expires_at <= now {
        return Err(ended("this login has reached its longest life; run `hoopctl login`"));
    }
    if !gateway.store.extend_login(login.id, &principal, expires_at).await.map_err(fault::store)? {
        return Err(ended("this login was ended; run `hoopctl login`"));
    }
    signed(gateway, login.id, principal, request, now, expires_at)
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

fn people_not_admitted() -> Fault {
    Fault::new(
        Side::Client,
        "people_not_admitted",
        Retry::Useless,
        "this gateway lets only workloads in; use `hoopctl login --workload`",
    )
}

fn token_already_used() -> Fault {
    Fault::new(
        Side::Client,
        "token_already_used",
        Retry::Useless,
        "this workload token was already used to log in; each token works once. Ask the CI platform for a new one, and \
         look at the trail if it was not you.",
    )
}

fn certificate(pem: &str) -> Result<Request, Fault> {
    Request::parse(pem).map_err(|error| fault::protocol("the certificate request cannot be read").detail(error))
}

fn binding_bytes(text: &str) -> Result<Vec<u8>, Fault> {
    URL_SAFE_NO_PAD.decode(text).map_err(|error| fault::protocol("the nonce binding is no base64url").detail(error))
}
