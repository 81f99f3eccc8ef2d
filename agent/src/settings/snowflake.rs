//! A `snowflake` upstream of the settings file.

use std::path::Path;

use hoop_model::ConnectionName;
use url::Url;

use super::{
    file::{Upstream, read, web_address},
    upstream::is_loopback_http,
};
use crate::{OAuthClient, SnowflakeCredential, SnowflakeTarget, credential::SecretRef};

pub(super) fn target(name: &ConnectionName, folder: &Path, upstream: Upstream) -> Result<SnowflakeTarget, String> {
    if !upstream.env.is_empty() || !upstream.headers.is_empty() {
        return Err(format!("'{name}': a snowflake upstream takes neither 'env' nor 'headers'; remove them"));
    }
    let url = web_address(name, upstream.url.clone())?;
    let credential = credential(name, &upstream)?;
    Ok(SnowflakeTarget {
        url,
        account: upstream.account.ok_or_else(|| format!("'{name}': 'account' is missing"))?,
        user: upstream.user.ok_or_else(|| format!("'{name}': 'user' is missing"))?,
        credential,
        role: upstream.role,
        warehouse: upstream.warehouse,
        database: upstream.database,
        schema: upstream.schema,
        chunk_hosts: upstream.chunk_hosts,
        authority: upstream.ca.map(|path| read(folder, &path)).transpose()?,
    })
}

/// What each authenticator takes; what belongs to another one is a mistake.
const PASSWORD: &[&str] = &["password"];
const KEY_PAIR: &[&str] = &["private_key", "other_private_key"];
const ACCESS_TOKEN: &[&str] = &["token"];
const OAUTH: &[&str] = &["token_url", "client_id", "client_secret", "scope"];

fn credential(name: &ConnectionName, upstream: &Upstream) -> Result<SnowflakeCredential, String> {
    let authenticator = upstream.authenticator.as_deref().unwrap_or("password");
    let takes = match authenticator {
        "password" => PASSWORD,
        "keypair" => KEY_PAIR,
        "pat" => ACCESS_TOKEN,
        "oauth" => OAUTH,
        other => {
            return Err(format!(
                "'{name}': authenticator '{other}' is unknown; write \"password\", \"keypair\", \"pat\" or \"oauth\""
            ));
        }
    };
    let given = [
        ("password", upstream.password.is_some()),
        ("private_key", upstream.private_key.is_some()),
        ("other_private_key", upstream.other_private_key.is_some()),
        ("token", upstream.token.is_some()),
        ("token_url", upstream.token_url.is_some()),
        ("client_id", upstream.client_id.is_some()),
        ("client_secret", upstream.client_secret.is_some()),
        ("scope", upstream.scope.is_some()),
    ];
    if let Some((key, _)) = given.iter().find(|(key, given)| *given && !takes.contains(key)) {
        let takes = takes.join("', '");
        return Err(format!("'{name}': authenticator '{authenticator}' takes '{takes}', and not '{key}'; remove it"));
    }
    let missing = |key: &str| format!("'{name}': this authenticator needs '{key}'");
    let reference = |key: &str, text: &str| -> Result<SecretRef, String> {
        text.parse().map_err(|error| format!("'{name}': {key}: {error}"))
    };
    let secret = |key: &str, text: &Option<String>| -> Result<SecretRef, String> {
        reference(key, text.as_ref().ok_or_else(|| missing(key))?)
    };
    Ok(match authenticator {
        "keypair" => SnowflakeCredential::KeyPair {
            key: secret("private_key", &upstream.private_key)?,
            other: upstream.other_private_key.as_ref().map(|text| reference("other_private_key", text)).transpose()?,
        },
        "pat" => SnowflakeCredential::AccessToken(secret("token", &upstream.token)?),
        "oauth" => SnowflakeCredential::OAuth(Box::new(OAuthClient {
            token_url: token_url(name, upstream.token_url.clone().ok_or_else(|| missing("token_url"))?)?,
            client_id: upstream.client_id.clone().ok_or_else(|| missing("client_id"))?,
            client_secret: secret("client_secret", &upstream.client_secret)?,
            scope: upstream.scope.clone(),
        })),
        _ => SnowflakeCredential::Password(secret("password", &upstream.password)?),
    })
}

/// The client's secret goes there.
fn token_url(name: &ConnectionName, url: Url) -> Result<Url, String> {
    let url = web_address(name, Some(url))?;
    if url.scheme() != "https" && !is_loopback_http(&url) {
        return Err(format!("'{name}': 'token_url' must begin with https://, for the client's secret goes there"));
    }
    Ok(url)
}
