//! People: an ID token of the configured issuer, bound to the session's key by its nonce.

use std::{sync::Arc, time::Duration};

use aws_lc_rs::constant_time;
use hoop_model::{Assurance, Clock, LoginMethod, Principal, PrincipalKind, Secret, Subject, Timestamp};
use serde_json::Value;

use crate::{
    error::IdentityError,
    groups,
    jwks::Issuer,
    jwt::{Claims, Expectation, LOGIN_TYPES, TokenError},
    nonce::nonce,
};

/// No token of a person is taken that lives longer.
pub const LONGEST_LIFE: Duration = Duration::from_secs(24 * 3600);
/// An ID token is shown right after it was issued. Without this bound, one kept back could renew a login long after the
/// issuer disabled its owner.
const OLDEST: Duration = Duration::from_secs(10 * 60);

/// Verifies people's ID tokens, and what they are given for other clients ([`crate::access`]).
pub struct PersonVerifier {
    pub(crate) issuer: Issuer,
    client_id: String,
    groups_claim: String,
}

impl PersonVerifier {
    /// `issuer` as its tokens spell it; `groups_claim` an exact name, or a JSON Pointer when it begins with `/`.
    pub fn new(
        issuer: &str,
        client_id: &str,
        groups_claim: &str,
        clock: Arc<dyn Clock>,
    ) -> Result<Self, IdentityError> {
        Self::of(Issuer::new(issuer, clock)?, client_id, groups_claim)
    }

    /// The same over an issuer that the caller made.
    pub fn of(issuer: Issuer, client_id: &str, groups_claim: &str) -> Result<Self, IdentityError> {
        if client_id.is_empty() || groups_claim.is_empty() {
            return Err(IdentityError::Settings("client_id and groups_claim must not be empty".to_owned()));
        }
        Ok(Self { issuer, client_id: client_id.to_owned(), groups_claim: groups_claim.to_owned() })
    }

    /// A first login: the token's nonce must be [`nonce()`] of the key (SubjectPublicKeyInfo, DER) and `binding`.
    pub async fn verify(
        &self,
        id_token: &Secret<String>,
        spki: &[u8],
        binding: &[u8],
        now: Timestamp,
    ) -> Result<Principal, IdentityError> {
        let claims = self.claims(id_token, now).await?;
        if !names_nonce(&claims, &nonce(spki, binding))? {
            return Err(IdentityError::Nonce);
        }
        self.principal(&claims)
    }

    /// A renewal by the same subject. A refreshed ID token may come without a nonce (OpenID Connect Core §12.2); one
    /// that has it must have this key's.
    pub async fn verify_renewal(
        &self,
        id_token: &Secret<String>,
        spki: &[u8],
        binding: &[u8],
        subject: &Subject,
        now: Timestamp,
    ) -> Result<Principal, IdentityError> {
        let claims = self.claims(id_token, now).await?;
        if claims.get("nonce").is_some() && !names_nonce(&claims, &nonce(spki, binding))? {
            return Err(IdentityError::Nonce);
        }
        let principal = self.principal(&claims)?;
        if principal.subject == *subject { Ok(principal) } else { Err(IdentityError::OtherSubject) }
    }

    async fn claims(&self, id_token: &Secret<String>, now: Timestamp) -> Result<Claims, IdentityError> {
        let expected = Expectation {
            issuer: self.issuer.name(),
            types: LOGIN_TYPES,
            audiences: &[&self.client_id],
            longest_life: LONGEST_LIFE,
            oldest: OLDEST,
        };
        let claims = self.issuer.verify(id_token.expose(), &expected, now).await?;
        if claims.get("azp").is_some_and(|azp| azp != self.client_id.as_str()) {
            return Err(TokenError::Audience.into());
        }
        // Keycloak marks its access and refresh tokens only here.
        if claims.get("typ").is_some_and(|kind| kind != "ID") {
            return Err(TokenError::Type.into());
        }
        Ok(claims)
    }

    pub(crate) fn principal(&self, claims: &Claims) -> Result<Principal, IdentityError> {
        let verified = claims.get("email_verified") == Some(&Value::Bool(true));
        Ok(Principal {
            subject: Subject { issuer: claims.issuer.clone(), sub: claims.subject.clone() },
            kind: PrincipalKind::Person,
            groups: groups::read(claims, &self.groups_claim)?,
            email: claims.text("email").filter(|email| verified && email.len() <= 320).map(str::to_owned),
            assurance: assurance(claims),
            login_method: LoginMethod::Browser,
            authenticated_at: claims.time("auth_time")?.unwrap_or(claims.issued_at),
        })
    }
}

/// Kept with each record, so what is longer than anybody's is left out.
fn assurance(claims: &Claims) -> Assurance {
    let short = |text: &&str| !text.is_empty() && text.len() <= 64;
    let methods = claims.get("amr").and_then(Value::as_array).into_iter().flatten();
    let amr = methods.filter_map(Value::as_str).filter(short).take(16).map(str::to_owned).collect();
    Assurance { amr, acr: claims.text("acr").filter(short).map(str::to_owned) }
}

fn names_nonce(claims: &Claims, expected: &str) -> Result<bool, TokenError> {
    match claims.get("nonce") {
        None => Ok(false),
        Some(Value::String(named)) => {
            Ok(constant_time::verify_slices_are_equal(named.as_bytes(), expected.as_bytes()).is_ok())
        }
        Some(_) => Err(TokenError::Claim("nonce")),
    }
}
