//! Protected resource metadata (RFC 9728): which authorization server gives tokens for a connection.

use axum::body::Body;
use hoop_model::ConnectionName;
use http::{HeaderValue, Response, header};
use serde::Serialize;

use super::address::Address;

#[derive(Serialize)]
struct Document<'a> {
    resource: String,
    authorization_servers: [&'a str; 1],
    #[serde(skip_serializing_if = "Option::is_none")]
    scopes_supported: Option<[&'a str; 1]>,
    bearer_methods_supported: [&'static str; 1],
}

/// The same for every name, so that it tells nobody which connections there are.
pub(super) fn answer(
    address: &Address,
    connection: &ConnectionName,
    issuer: &str,
    scope: Option<&str>,
) -> Result<Response<Body>, serde_json::Error> {
    let document = Document {
        resource: address.resource(connection),
        authorization_servers: [issuer],
        scopes_supported: scope.map(|scope| [scope]),
        bearer_methods_supported: ["header"],
    };
    let mut response = Response::new(Body::from(serde_json::to_vec(&document)?));
    response.headers_mut().insert(header::CONTENT_TYPE, HeaderValue::from_static("application/json"));
    Ok(response)
}
