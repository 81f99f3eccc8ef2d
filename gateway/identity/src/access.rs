//! Access tokens that the issuer made for one of our resources (RFC 9068, RFC 8707): shown with every request by
//! clients that are not ours.

use std::{collections::BTreeSet, time::Duration};

use hoop_model::{Principal, Secret, Timestamp, later};
use serde_json::Value;

use crate::{
    error::IdentityError,
    jwt::{ACCESS_TYPES, Claims, Expectation, LEEWAY, TokenError},
    person::{LONGEST_LIFE, PersonVerifier},
};

/// What an access token that was taken gives.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Access {
    pub principal: Principal,
    /// The client that the issuer gave it to, where it says so.
    pub client: Option<String>,
    pub scopes: BTreeSet<String>,
    pub issued_at: Timestamp,
    /// Until then it is taken.
    pub expires_at: Timestamp,
}

impl PersonVerifier {
    /// A person's token for `resource` and nothing else.
    pub async fn verify_access(
        &self,
        token: &Secret<String>,
        resource: &str,
        now: Timestamp,
    ) -> Result<Access, IdentityError> {
        let expected = Expectation {
            issuer: self.issuer.name(),
            types: ACCESS_TYPES,
            audiences: &[resource],
            longest_life: LONGEST_LIFE,
            oldest: LONGEST_LIFE,
        };
        let claims = self.issuer.verify(token.expose(), &expected, now).await?;
        // Keycloak calls its ID and refresh tokens so, and only here.
        if claims.get("typ").is_some_and(|kind| kind != "Bearer") {
            return Err(TokenError::Type.into());
        }
        // Bound to a key whose proof is not asked for here (RFC 9449 §7.2).
        if claims.get("cnf").is_some() {
            return Err(TokenError::Type.into());
        }
        let client = claims.text("client_id").or_else(|| claims.text("azp")).map(str::to_owned);
        // A client that speaks for itself is nobody (RFC 9068 §5).
        if client.as_ref() == Some(&claims.subject) {
            return Err(TokenError::Claim("sub").into());
        }
        Ok(Access {
            principal: self.principal(&claims)?,
            client,
            scopes: scopes(&claims),
            issued_at: claims.issued_at,
            expires_at: later(claims.expires_at, Duration::from_secs(LEEWAY.unsigned_abs())),
        })
    }
}

/// `scope` as RFC 9068 has it, or `scp`: Entra's text, Okta's list.
fn scopes(claims: &Claims) -> BTreeSet<String> {
    match claims.get("scope").or_else(|| claims.get("scp")) {
        Some(Value::String(text)) => text.split_whitespace().map(str::to_owned).collect(),
        Some(Value::Array(list)) => list.iter().filter_map(Value::as_str).map(str::to_owned).collect(),
        _ => BTreeSet::new(),
    }
}
