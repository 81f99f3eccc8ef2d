//! The token and revocation endpoints (RFC 6749 §3.2, RFC 7009).

use std::sync::Arc;

use axum::{
    Form, Json,
    extract::State,
    http::{StatusCode, header},
    response::{IntoResponse, Response},
};
use serde::Deserialize;
use serde_json::json;

use super::{Inner, grants::Fresh, random};

#[derive(Deserialize)]
pub(super) struct Asked {
    grant_type: Option<String>,
    client_id: Option<String>,
    code: Option<String>,
    redirect_uri: Option<String>,
    code_verifier: Option<String>,
    refresh_token: Option<String>,
}

#[derive(Deserialize)]
pub(super) struct Revoked {
    token: Option<String>,
}

pub(super) async fn token(State(inner): State<Arc<Inner>>, Form(asked): Form<Asked>) -> Response {
    if inner.state().unavailable {
        return answer(StatusCode::SERVICE_UNAVAILABLE, "temporarily_unavailable");
    }
    let client = asked.client_id.as_deref().unwrap_or_default();
    let now = inner.clock.now().as_second();
    let fresh = match (asked.grant_type.as_deref(), &asked) {
        (
            Some("authorization_code"),
            Asked { code: Some(code), redirect_uri: Some(uri), code_verifier: Some(verifier), .. },
        ) => inner.state().grants.redeem(code, client, uri, verifier, now),
        (Some("refresh_token"), Asked { refresh_token: Some(token), .. }) => {
            inner.state().grants.refresh(token, client)
        }
        (Some("authorization_code" | "refresh_token"), _) => return refused("invalid_request"),
        _ => return refused("unsupported_grant_type"),
    };
    let Some(Fresh { grant, refresh_token }) = fresh else { return refused("invalid_grant") };
    let Some(id_token) = inner.id_token(&grant) else { return refused("invalid_grant") };
    let mut body = json!({
        // Opaque, and good for nothing: there is no resource that takes it.
        "access_token": random(),
        "token_type": "Bearer",
        "expires_in": super::ID_TOKEN_LIFE,
        "id_token": id_token,
    });
    if let (Some(token), Some(body)) = (refresh_token, body.as_object_mut()) {
        body.insert("refresh_token".to_owned(), token.into());
    }
    ([(header::CACHE_CONTROL, "no-store")], Json(body)).into_response()
}

/// Answers alike whether the token was known or not.
pub(super) async fn revoke(State(inner): State<Arc<Inner>>, Form(revoked): Form<Revoked>) -> Response {
    match revoked.token {
        Some(token) => {
            inner.state().grants.revoke(&token);
            StatusCode::OK.into_response()
        }
        None => refused("invalid_request"),
    }
}

fn refused(error: &'static str) -> Response {
    answer(StatusCode::BAD_REQUEST, error)
}

fn answer(status: StatusCode, error: &'static str) -> Response {
    (status, [(header::CACHE_CONTROL, "no-store")], Json(json!({ "error": error }))).into_response()
}
