//! Where an issuer publishes its keys (OpenID Connect Discovery 1.0).

use serde::Deserialize;
use url::Url;

use crate::{
    fetch::{Fetch, FetchError, is_acceptable},
    json,
};

#[derive(Deserialize)]
struct Document {
    issuer: String,
    jwks_uri: Url,
}

/// Fetches the issuer's document and returns the address of its keys. The document must name the issuer byte for byte.
pub(crate) async fn keys_address(issuer: &str, fetch: &dyn Fetch) -> Result<Url, FetchError> {
    let address = format!("{}/.well-known/openid-configuration", issuer.strip_suffix('/').unwrap_or(issuer));
    let address: Url = address.parse().map_err(|error| FetchError(format!("{address} is no address: {error}")))?;
    let fetched = fetch.get(&address).await?;
    let unreadable = |error: serde_json::Error| FetchError(format!("{address}: is no discovery document: {error}"));
    let document = json::object(&fetched.body).map_err(unreadable)?;
    let document: Document = serde_json::from_value(document.into()).map_err(unreadable)?;
    if document.issuer != issuer {
        return Err(FetchError(format!("{address}: speaks for another issuer, \"{}\"", document.issuer)));
    }
    if !is_acceptable(&document.jwks_uri) {
        return Err(FetchError(format!("{address}: its keys lie at {}, which is not HTTPS", document.jwks_uri)));
    }
    Ok(document.jwks_uri)
}
