//! What a login shows of the agent's credential.

use hoop_model::{Clock, Fault, Retry, Secret, Side};
use reqwest::Client;

use crate::{
    SnowflakeCredential, SnowflakeTarget,
    credential::{SecretRef, key_pair, oauth},
    settings::is_loopback_http,
    upstream::{address::Reach, client},
};

/// One way to log in.
pub(super) struct Proof {
    pub(super) authenticator: Option<&'static str>,
    /// The field that carries the secret.
    pub(super) field: &'static str,
    pub(super) secret: Secret<String>,
}

/// Makes proofs, the one to be tried first before the others.
pub(super) struct Prover {
    /// For the authorization server, where there is one.
    http: Option<Client>,
}

impl Prover {
    pub(super) fn build(target: &SnowflakeTarget) -> Result<Self, String> {
        let http = match &target.credential {
            SnowflakeCredential::OAuth(oauth) => Some(client::build(&oauth.token_url, None, Reach::Configured)?),
            SnowflakeCredential::Password(_) if !is_loopback_http(&target.url) => {
                tracing::warn!(
                    user = target.user,
                    "the agent logs in to Snowflake by password, which Snowflake is about to end for services; \
                     a key pair or a token can be rotated without a pause"
                );
                None
            }
            _ => None,
        };
        Ok(Self { http })
    }

    /// How many ways there are.
    pub(super) fn ways(target: &SnowflakeTarget) -> usize {
        match &target.credential {
            SnowflakeCredential::KeyPair { other: Some(_), .. } => 2,
            _ => 1,
        }
    }

    /// The way of this number, from 0 on.
    pub(super) async fn proof(&self, target: &SnowflakeTarget, clock: &dyn Clock, way: usize) -> Result<Proof, Fault> {
        let proof = |authenticator, field, secret| Proof { authenticator, field, secret };
        Ok(match &target.credential {
            SnowflakeCredential::Password(password) => proof(None, "PASSWORD", resolved(password).await?),
            SnowflakeCredential::AccessToken(token) => {
                proof(Some("PROGRAMMATIC_ACCESS_TOKEN"), "TOKEN", resolved(token).await?)
            }
            SnowflakeCredential::KeyPair { key, other } => {
                let key = other.as_ref().filter(|_| way > 0).unwrap_or(key);
                let pem = resolved(key).await?;
                let token = key_pair::token(pem.expose(), &target.account, &target.user, clock.now());
                proof(Some("SNOWFLAKE_JWT"), "TOKEN", token.map_err(|error| unusable(&error))?)
            }
            SnowflakeCredential::OAuth(client) => {
                let http = self.http.as_ref().ok_or_else(|| unusable(&std::fmt::Error))?;
                proof(Some("OAUTH"), "TOKEN", oauth::token(client, http).await.map_err(|error| unusable(&error))?)
            }
        })
    }
}

async fn resolved(reference: &SecretRef) -> Result<Secret<String>, Fault> {
    reference.resolve().await.map_err(|error| unusable(&error))
}

fn unusable(error: &dyn std::error::Error) -> Fault {
    let text = "The agent cannot use its Snowflake credential. An administrator must look at the agent's log.";
    Fault::new(Side::Agent, "credential_unusable", Retry::Useless, text).detail(error)
}
