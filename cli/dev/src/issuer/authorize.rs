//! The authorization endpoint (OpenID Connect Core §3.1.2): a request is checked, a person chooses who they are, the
//! browser goes back with a code.

use std::sync::Arc;

use axum::{
    Form,
    extract::{Query, State},
    http::StatusCode,
    response::{IntoResponse, Redirect, Response},
};
use serde::Deserialize;
use url::{Host, Url};

use super::{
    CLIENT_ID, Inner,
    grants::{Asked, Grant},
    page,
};

#[derive(Deserialize)]
pub(super) struct Question {
    client_id: Option<String>,
    redirect_uri: Option<String>,
    response_type: Option<String>,
    scope: Option<String>,
    state: Option<String>,
    nonce: Option<String>,
    code_challenge: Option<String>,
    code_challenge_method: Option<String>,
    login_hint: Option<String>,
    prompt: Option<String>,
}

#[derive(Deserialize)]
pub(super) struct Answer {
    request: String,
    user: String,
}

/// `prompt=none` with a user's name as `login_hint` goes straight back: for scripts.
pub(super) async fn ask(State(inner): State<Arc<Inner>>, Query(question): Query<Question>) -> Response {
    let hint = question.login_hint.clone();
    let silent = question.prompt.as_deref() == Some("none");
    let asked = match question.checked() {
        Ok(asked) => asked,
        Err(Refusal::Told(why)) => return (StatusCode::BAD_REQUEST, page::refused(why)).into_response(),
        Err(Refusal::SentBack { redirect_uri, state, error }) => {
            return send_back(&redirect_uri, state.as_deref(), &inner.name, ("error", error));
        }
    };
    match (silent, hint.filter(|hint| inner.user(hint).is_some())) {
        (true, Some(user)) => logged_in(&inner, &user, asked),
        (true, None) => {
            send_back(&asked.redirect_uri, asked.state.as_deref(), &inner.name, ("error", "login_required"))
        }
        (false, _) => {
            let handle = inner.state().grants.ask(asked);
            page::choose(&inner.users, &handle)
        }
    }
}

pub(super) async fn answer(State(inner): State<Arc<Inner>>, Form(answer): Form<Answer>) -> Response {
    let Some(asked) = inner.state().grants.answered(&answer.request) else {
        return (
            StatusCode::BAD_REQUEST,
            page::refused("this sign-in was already used or is too old; start again from the program that opened it"),
        )
            .into_response();
    };
    if inner.user(&answer.user).is_none() {
        return send_back(&asked.redirect_uri, asked.state.as_deref(), &inner.name, ("error", "access_denied"));
    }
    logged_in(&inner, &answer.user, asked)
}

fn logged_in(inner: &Inner, user: &str, asked: Asked) -> Response {
    let now = inner.clock.now().as_second();
    let grant = Grant::new(user, CLIENT_ID, asked.nonce.clone(), now);
    let (redirect_uri, state) = (asked.redirect_uri.clone(), asked.state.clone());
    let code = inner.state().grants.code(grant, asked, now);
    send_back(&redirect_uri, state.as_deref(), &inner.name, ("code", &code))
}

/// Back to the client, naming the issuer (RFC 9207).
fn send_back(redirect_uri: &str, state: Option<&str>, issuer: &str, outcome: (&str, &str)) -> Response {
    let Ok(mut target) = Url::parse(redirect_uri) else {
        return (StatusCode::BAD_REQUEST, page::refused("the redirect address cannot be read")).into_response();
    };
    target.query_pairs_mut().append_pair(outcome.0, outcome.1).append_pair("iss", issuer);
    if let Some(state) = state {
        target.query_pairs_mut().append_pair("state", state);
    }
    Redirect::to(target.as_str()).into_response()
}

enum Refusal {
    /// Nothing may be sent to an address that was not checked.
    Told(&'static str),
    SentBack {
        redirect_uri: String,
        state: Option<String>,
        error: &'static str,
    },
}

impl Question {
    fn checked(self) -> Result<Asked, Refusal> {
        if self.client_id.as_deref() != Some(CLIENT_ID) {
            return Err(Refusal::Told("this program is not known here"));
        }
        let redirect_uri = self.redirect_uri.filter(|uri| is_loopback_callback(uri)).ok_or(Refusal::Told(
            "the redirect address must be http://127.0.0.1:PORT/callback or http://[::1]:PORT/callback",
        ))?;
        let refused =
            |error| Err(Refusal::SentBack { redirect_uri: redirect_uri.clone(), state: self.state.clone(), error });
        if self.response_type.as_deref() != Some("code") {
            return refused("unsupported_response_type");
        }
        let scopes: Vec<&str> = self.scope.as_deref().unwrap_or_default().split(' ').collect();
        if !scopes.contains(&"openid") {
            return refused("invalid_scope");
        }
        let refreshable = scopes.contains(&"offline_access");
        // Without a method the challenge would be the verifier itself (RFC 7636 §4.3): not accepted.
        let challenge = match (self.code_challenge, self.code_challenge_method.as_deref()) {
            (Some(challenge), Some("S256")) if challenge.len() == 43 => challenge,
            _ => return refused("invalid_request"),
        };
        let (state, nonce) = (self.state, self.nonce);
        Ok(Asked { redirect_uri, state, challenge, nonce, refreshable })
    }
}

fn is_loopback_callback(uri: &str) -> bool {
    let Ok(url) = Url::parse(uri) else { return false };
    let loopback = match url.host() {
        Some(Host::Ipv4(address)) => address == std::net::Ipv4Addr::LOCALHOST,
        Some(Host::Ipv6(address)) => address == std::net::Ipv6Addr::LOCALHOST,
        _ => false,
    };
    loopback
        && url.scheme() == "http"
        && url.path() == "/callback"
        && url.query().is_none()
        && url.fragment().is_none()
        && url.username().is_empty()
        && url.password().is_none()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_a_loopback_callback_is_redirected_to() {
        assert!(is_loopback_callback("http://127.0.0.1:4711/callback"));
        assert!(is_loopback_callback("http://[::1]:4711/callback"));
        for uri in [
            "https://127.0.0.1:1/callback",
            "http://localhost:1/callback",
            "http://127.0.0.1.evil.test/callback",
            "http://127.0.0.1:1/callback/../other",
            "http://127.0.0.1:1/callback?x=1",
            "http://user@127.0.0.1:1/callback",
            "http://10.0.0.1/callback",
            "javascript:alert(1)",
        ] {
            assert!(!is_loopback_callback(uri), "{uri}");
        }
    }
}
