//! The access token of a request: where it may stand, and what it must say.

use hoop_identity::{Access, IdentityError};
use hoop_model::Secret;
use http::{Request, header};

use super::challenge::Challenge;
use crate::Gateway;

/// Why a request shows no token.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub(super) enum Unshown {
    #[error("this endpoint wants an access token: Authorization: Bearer TOKEN")]
    Missing,
    /// In the address logs keep it; of two, it is not clear which one counts.
    #[error("the access token belongs into one Authorization header, and not into the address")]
    Misplaced,
}

impl Unshown {
    pub(super) fn challenge(self) -> Challenge {
        match self {
            Self::Missing => Challenge::Missing,
            Self::Misplaced => Challenge::Misplaced,
        }
    }
}

/// The token that a request shows, in its header and there alone.
pub(super) fn shown<B>(request: &Request<B>) -> Result<Secret<String>, Unshown> {
    let query = request.uri().query().unwrap_or_default();
    if url::form_urlencoded::parse(query.as_bytes()).any(|(name, _)| name == "access_token") {
        return Err(Unshown::Misplaced);
    }
    let mut headers = request.headers().get_all(header::AUTHORIZATION).iter();
    let (Some(value), None) = (headers.next(), headers.next()) else {
        return Err(match request.headers().contains_key(header::AUTHORIZATION) {
            true => Unshown::Misplaced,
            false => Unshown::Missing,
        });
    };
    let (scheme, token) = value.to_str().ok().and_then(|value| value.split_once(' ')).ok_or(Unshown::Missing)?;
    match scheme.eq_ignore_ascii_case("bearer") {
        true => Ok(Secret::new(token.trim().to_owned())),
        false => Err(Unshown::Missing),
    }
}

/// Whom the identity provider made it for, if it did so for `resource`.
pub(super) async fn verified(
    gateway: &Gateway,
    token: &Secret<String>,
    resource: &str,
) -> Result<Access, IdentityError> {
    let people = gateway.people.as_ref();
    let people = people.ok_or_else(|| IdentityError::Settings("[identity.oidc] is missing".to_owned()))?;
    people.verify_access(token, resource, gateway.clock.now()).await
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    fn of(uri: &str, headers: &[&str]) -> Result<String, Unshown> {
        let request = headers.iter().fold(Request::get(uri), |request, value| request.header("authorization", *value));
        shown(&request.body(()).unwrap()).map(|token| token.expose().clone())
    }

    #[test]
    fn a_token_stands_in_the_header_and_nowhere_else() {
        assert_eq!(of("/mcp/tools", &["Bearer a.b.c"]), Ok("a.b.c".to_owned()));
        assert_eq!(of("/mcp/tools?x=access_token", &["bearer a.b.c"]), Ok("a.b.c".to_owned()));
        for headers in [&[] as &[_], &["Basic YTpi"], &["a.b.c"], &[""]] {
            assert_eq!(of("/mcp/tools", headers), Err(Unshown::Missing), "{headers:?}");
        }
        assert_eq!(of("/mcp/tools", &["Bearer a", "Bearer b"]), Err(Unshown::Misplaced));
        for query in ["access_token=a", "x=1&access_token=a", "%61ccess_token=a", "access_token"] {
            let uri = format!("/mcp/tools?{query}");
            assert_eq!(of(&uri, &[]), Err(Unshown::Misplaced), "{query}");
            assert_eq!(of(&uri, &["Bearer a.b.c"]), Err(Unshown::Misplaced), "{query}");
        }
    }
}
