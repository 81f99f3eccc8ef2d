//! The session credential: a certificate of at most 15 minutes for a key made here, got with an identity provider's
//! token and renewed with the next one.

use std::future::Future;

use hoop_model::{Principal, Retry, Secret, Timestamp};
use hoop_wire::login::{Grant, LoginAnswer, LoginOptions, LoginRequest, PersonLogin, WorkloadAudience};

use super::{
    browser::{self, Opener},
    error::LoginError,
    key::SessionKey,
    provider::{Provider, RefreshError, Tokens},
    state::{Lock, Origin, State},
    workload::Source,
};
use crate::{
    context::Context,
    exit::{Exit, Failure},
    secrets::{SecretStore, Vault},
};

/// The gateway's login door: a stream to it on which [`LoginRequest`]s are asked.
pub trait Gateway: Sync {
    fn options(&self) -> impl Future<Output = Result<LoginOptions, Failure>> + Send;
    fn login(&self, request: LoginRequest) -> impl Future<Output = Result<LoginAnswer, Failure>> + Send;
}

/// What a tunnel is dialled with.
#[derive(Clone)]
pub struct Credentials {
    /// PEM, leaf first.
    pub certificate: String,
    /// PKCS#8, PEM.
    pub key: Secret<String>,
    pub principal: Principal,
    pub granted_at: Timestamp,
    pub expires_at: Timestamp,
    /// Whether a next token can be got without a person at hand.
    pub renewable: bool,
}

impl Credentials {
    /// When to renew: at two thirds of its life.
    pub fn renew_at(&self) -> Timestamp {
        let life = self.granted_at.duration_until(self.expires_at).unsigned_abs();
        hoop_model::later(self.granted_at, life / 3 * 2)
    }
}

fn refresh_token(context: &Context) -> String {
    format!("{}/refresh-token", context.name)
}

fn session_key(context: &Context) -> String {
    format!("{}/session-key", context.name)
}

/// Logs a person in through the browser and keeps the login.
pub async fn log_in(
    context: &Context,
    vault: &Vault,
    gateway: &impl Gateway,
    opener: &impl Opener,
    now: Timestamp,
) -> Result<Credentials, Failure> {
    let person = gateway.options().await?.person.ok_or(LoginError::PeopleNotAdmitted)?;
    let key = SessionKey::generate()?;
    let tokens = browser::log_in(&person, key.nonce()?, opener).await?;
    present(context, vault, gateway, &person, &key, tokens, now).await
}

/// Logs a person in with tokens that were got elsewhere, for a key made before: for `hoopctl dev`.
pub async fn present(
    context: &Context,
    vault: &Vault,
    gateway: &impl Gateway,
    person: &PersonLogin,
    key: &SessionKey,
    tokens: Tokens,
    now: Timestamp,
) -> Result<Credentials, Failure> {
    let missing = || LoginError::provider(&person.issuer, "it gave no ID token");
    let request = LoginRequest::Person {
        id_token: tokens.id_token.ok_or_else(missing)?,
        certificate_request: key.certificate_request()?,
        binding: key.binding().to_owned(),
    };
    let grant = granted(gateway.login(request).await?)?;
    let _lock = Lock::take(context).await?;
    match tokens.refresh_token {
        Some(token) => vault.write(&refresh_token(context), token).await?,
        None => vault.remove(&refresh_token(context)).await?,
    }
    keep(context, vault, key, grant, Origin::Person(person.clone()), now).await
}

/// Logs a workload in with its platform's token and keeps the login. Where the platform gives a job further tokens, it
/// is renewed with them.
pub async fn log_in_workload(
    context: &Context,
    vault: &Vault,
    gateway: &impl Gateway,
    source: &Source,
    now: Timestamp,
) -> Result<Credentials, Failure> {
    let audiences = gateway.options().await?.workload_audiences;
    let audience = audience(source, &audiences).ok_or(LoginError::WorkloadsNotAdmitted)?;
    let token = source.token(audience).await?;
    let key = SessionKey::generate()?;
    let request = LoginRequest::Workload { token, certificate_request: key.certificate_request()? };
    let grant = granted(gateway.login(request).await?)?;
    let _lock = Lock::take(context).await?;
    vault.remove(&refresh_token(context)).await?;
    let origin = Origin::Workload { source: source.clone(), audience: audience.clone() };
    keep(context, vault, &key, grant, origin, now).await
}

/// What to ask the source's platform for: GitHub's rules have an issuer of their own; of others the gateway's first counts.
fn audience<'a>(source: &Source, audiences: &'a [WorkloadAudience]) -> Option<&'a String> {
    let meant = audiences.iter().find(|rule| *source == Source::GitHub && is_github(&rule.issuer));
    meant.or(audiences.first()).map(|rule| &rule.audience)
}

/// GitHub, GitHub Enterprise Cloud with data residency, or an Enterprise Server.
fn is_github(issuer: &str) -> bool {
    issuer.parse::<url::Url>().is_ok_and(|issuer| {
        let host = issuer.host_str().unwrap_or_default();
        host == "token.actions.githubusercontent.com"
            || (host.starts_with("token.actions.") && host.ends_with(".ghe.com"))
            || issuer.path().starts_with("/_services/token")
    })
}

async fn keep(
    context: &Context,
    vault: &Vault,
    key: &SessionKey,
    grant: Grant,
    origin: Origin,
    now: Timestamp,
) -> Result<Credentials, Failure> {
    vault.write(&session_key(context), key.pem()).await?;
    let state = State {
        certificate: grant.certificate,
        principal: grant.principal,
        granted_at: now,
        expires_at: grant.expires_at,
        binding: key.binding().to_owned(),
        origin,
        secrets: Some(vault.place()),
    };
    state.save(context)?;
    Ok(credentials(state, key.pem()))
}

fn credentials(state: State, key: Secret<String>) -> Credentials {
    let State { certificate, principal, granted_at, expires_at, origin, .. } = state;
    let renewable = match origin {
        Origin::Person(_) => true,
        Origin::Workload { source, .. } => source.gives_more(),
    };
    Credentials { certificate, key, principal, granted_at, expires_at, renewable }
}

fn granted(answer: LoginAnswer) -> Result<Grant, Failure> {
    match answer {
        LoginAnswer::Granted(grant) => Ok(grant),
        LoginAnswer::Refused(fault) => Err(fault.into()),
    }
}

/// The login to dial with. One that has passed two thirds of its life is renewed first, over a door that `open` opens
/// only then; while it is still valid, a renewal that fails is no failure.
pub async fn current<G: Gateway>(
    context: &Context,
    vault: &Vault,
    open: impl AsyncFnOnce() -> Result<G, Failure>,
    now: Timestamp,
) -> Result<Credentials, Failure> {
    let held = held(context, vault).await?;
    if now < held.renew_at() {
        return Ok(held);
    }
    let renewed = async {
        let _lock = Lock::take(context).await?;
        // Whoever held the lock before may have done it.
        let (state, key) = loaded(context, vault).await?;
        let again = credentials(state.clone(), key.pem());
        if now < again.renew_at() {
            return Ok(again);
        }
        let request = refreshed(context, vault, &state, &key).await?;
        let grant = renewed(open().await?.login(request).await?)?;
        keep(context, vault, &key, grant, state.origin, now).await
    };
    match renewed.await {
        Ok(credentials) => Ok(credentials),
        Err(failure) if now < held.expires_at => {
            tracing::debug!(%failure, "the login was not renewed yet");
            Ok(held)
        }
        Err(failure) => Err(failure),
    }
}

/// The login that is kept, whatever its age.
pub async fn held(context: &Context, vault: &Vault) -> Result<Credentials, Failure> {
    let (state, key) = loaded(context, vault).await?;
    Ok(credentials(state, key.pem()))
}

/// Renews the login of a live tunnel, which was dialled with `live`: `ask` brings the request to the gateway. Another
/// process may have done it already, or logged in anew; the tunnel's own key stays the tunnel's.
pub async fn renew_live(
    context: &Context,
    vault: &Vault,
    live: &Credentials,
    ask: impl AsyncFnOnce(LoginRequest) -> Result<LoginAnswer, Failure>,
    now: Timestamp,
) -> Result<Credentials, Failure> {
    let _lock = Lock::take(context).await?;
    let (state, key) = loaded(context, vault).await?;
    if key.pem().expose() != live.key.expose() {
        return Err(Failure::not_logged_in(format!(
            "you have logged in to {} anew since this began, so it is not renewed; start it again",
            context.gateway
        )));
    }
    let request = refreshed(context, vault, &state, &key).await?;
    let grant = renewed(ask(request).await?)?;
    keep(context, vault, &key, grant, state.origin, now).await
}

async fn loaded(context: &Context, vault: &Vault) -> Result<(State, SessionKey), Failure> {
    let state = State::load(context)?.ok_or_else(|| not_logged_in(context))?;
    let key = vault.read(&session_key(context)).await?.ok_or_else(|| no_key(context))?;
    let key = SessionKey::restore(&key, &state.binding)?;
    Ok((state, key))
}

fn not_logged_in(context: &Context) -> Failure {
    Failure::not_logged_in(format!("you are not logged in to {}; run `hoopctl login`", context.gateway))
}

fn no_key(context: &Context) -> Failure {
    Failure::not_logged_in(format!(
        "the key of your login to {} is not in the secret store; run `hoopctl login`",
        context.gateway
    ))
}

/// What to renew with: a fresh token for the same key.
async fn refreshed(context: &Context, vault: &Vault, state: &State, key: &SessionKey) -> Result<LoginRequest, Failure> {
    let certificate_request = key.certificate_request()?;
    match &state.origin {
        Origin::Person(person) => {
            let id_token = refreshed_token(context, vault, person).await?;
            Ok(LoginRequest::Person { id_token, certificate_request, binding: key.binding().to_owned() })
        }
        Origin::Workload { source, audience } if source.gives_more() => {
            Ok(LoginRequest::Workload { token: source.token(audience).await?, certificate_request })
        }
        Origin::Workload { .. } => Err(Failure::not_logged_in(format!(
            "your login to {} has expired; a variable holds one token, which is used up: run `hoopctl login --workload` \
             with a new one",
            context.gateway
        ))),
    }
}

/// Exchanges the refresh token. The next one is kept before anything is done with the rest: a crash after this must
/// not leave only the used one.
async fn refreshed_token(context: &Context, vault: &Vault, person: &PersonLogin) -> Result<Secret<String>, Failure> {
    let expired = |why: &str| Failure::not_logged_in(format!("your login to {} has expired{why}", context.gateway));
    let token = vault.read(&refresh_token(context)).await?.ok_or_else(|| expired("; run `hoopctl login`"))?;
    let provider = Provider::discover(person).await?;
    let tokens = match provider.refresh(&token).await {
        Ok(tokens) => tokens,
        Err(RefreshError::Refused) => {
            vault.remove(&refresh_token(context)).await?;
            return Err(expired(" and the identity provider does not renew it; run `hoopctl login`"));
        }
        Err(RefreshError::Failed(why)) => return Err(LoginError::provider(provider.issuer(), why).into()),
    };
    if let Some(next) = tokens.refresh_token {
        vault.write(&refresh_token(context), next).await?;
    }
    tokens.id_token.ok_or_else(|| expired(", and the identity provider gives no new ID token; run `hoopctl login`"))
}

/// A renewal that the gateway refuses is mended by logging in anew; where it could not decide, by trying again.
fn renewed(answer: LoginAnswer) -> Result<Grant, Failure> {
    match answer {
        LoginAnswer::Refused(fault) if fault.retry != Retry::Safe => {
            Err(Failure { exit: Exit::NotLoggedIn, ..Failure::from(fault) })
        }
        answer => granted(answer),
    }
}

/// What logging out has ended beyond this machine; an error says why not, and what that means.
pub struct LoggedOut {
    pub at_gateway: Result<(), Failure>,
    /// `None` for a workload: it has nothing there.
    pub at_provider: Option<Result<(), LoginError>>,
}

/// Ends the login at the gateway by `end`, and at the provider, where it offers that; then forgets it here. A store that
/// does not answer may do so later, so nothing is ended or forgotten then.
pub async fn log_out(
    context: &Context,
    vault: &Vault,
    end: impl AsyncFnOnce(&Credentials) -> Result<(), Failure>,
    now: Timestamp,
) -> Result<LoggedOut, Failure> {
    let _lock = Lock::take(context).await?;
    let state = State::load(context)?.ok_or_else(|| not_logged_in(context))?;
    let key = vault.read(&session_key(context)).await?;
    let token = vault.read(&refresh_token(context)).await?;
    let at_gateway = match key {
        _ if now >= state.expires_at => Ok(()),
        None => Err(no_key(context)),
        Some(key) => end(&credentials(state.clone(), key)).await,
    };
    let at_provider = match (&state.origin, token) {
        (Origin::Workload { .. }, _) => None,
        (Origin::Person(person), Some(token)) => Some(revoke(person, &token).await),
        (Origin::Person(person), None) => Some(Err(LoginError::NotEnded {
            issuer: person.issuer.clone(),
            why: "no refresh token is kept that could be handed back, so what else it gave stays valid there",
        })),
    };
    vault.remove(&refresh_token(context)).await?;
    vault.remove(&session_key(context)).await?;
    State::remove(context)?;
    Ok(LoggedOut { at_gateway, at_provider })
}

/// Removes what is kept of a login, and tells nobody: for a context that is itself forgotten. Blocks.
pub fn forget(context: &Context, store: &dyn SecretStore) -> Result<(), Failure> {
    store.remove(&refresh_token(context))?;
    store.remove(&session_key(context))?;
    Ok(State::remove(context)?)
}

async fn revoke(person: &PersonLogin, token: &Secret<String>) -> Result<(), LoginError> {
    let provider = Provider::discover(person).await?;
    match provider.revoke(token).await? {
        true => Ok(()),
        false => Err(LoginError::NotEnded {
            issuer: person.issuer.clone(),
            why: "it offers no revocation, so what it gave stays valid there until it expires",
        }),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn github_is_asked_for_the_audience_of_githubs_rule() {
        let rules = |issuers: &[&str]| -> Vec<_> {
            let audience =
                |issuer: &&str| WorkloadAudience { issuer: (*issuer).into(), audience: format!("for {issuer}") };
            issuers.iter().map(audience).collect()
        };
        for github in [
            "https://token.actions.githubusercontent.com",
            "https://token.actions.corp.ghe.com",
            "https://ghes.corp.test/_services/token",
        ] {
            let rules = rules(&["https://gitlab.com", github]);
            assert_eq!(audience(&Source::GitHub, &rules), Some(&format!("for {github}")));
            let file = Source::File("token".into());
            assert_eq!(audience(&file, &rules), Some(&"for https://gitlab.com".to_owned()));
        }
        let others = rules(&["https://gitlab.com", "https://token.actions.githubusercontent.com.evil.test"]);
        assert_eq!(audience(&Source::GitHub, &others), Some(&"for https://gitlab.com".to_owned()));
        assert_eq!(audience(&Source::GitHub, &[]), None);
    }
}
