//! What a client is told whose token is missing or does not do (RFC 6750 §3, RFC 9728 §5.1).

use axum::body::Body;
use hoop_model::ConnectionName;
use http::{HeaderValue, Response, StatusCode, header};

use super::{address::Address, plain};

/// Why there is no answer without another token.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Challenge {
    Missing,
    Misplaced,
    Invalid,
    InsufficientScope,
}

impl Challenge {
    fn status(self) -> StatusCode {
        match self {
            Self::Missing | Self::Invalid => StatusCode::UNAUTHORIZED,
            Self::Misplaced => StatusCode::BAD_REQUEST,
            Self::InsufficientScope => StatusCode::FORBIDDEN,
        }
    }

    /// A client that showed nothing is told of no error.
    fn error(self) -> Option<&'static str> {
        match self {
            Self::Missing => None,
            Self::Misplaced => Some("invalid_request"),
            Self::Invalid => Some("invalid_token"),
            Self::InsufficientScope => Some("insufficient_scope"),
        }
    }

    /// `text`: for whoever reads the client's log.
    pub(super) fn response(
        self,
        address: &Address,
        connection: &ConnectionName,
        scope: Option<&str>,
        text: &str,
    ) -> Response<Body> {
        let mut value = format!("Bearer resource_metadata=\"{}\"", address.metadata(connection));
        for (name, word) in [("scope", scope), ("error", self.error())] {
            if let Some(word) = word {
                value.push_str(&format!(", {name}=\"{word}\""));
            }
        }
        let mut response = plain(self.status(), text);
        // Host, name and scope were checked when they were read: none of them holds what a header may not.
        if let Ok(value) = HeaderValue::from_str(&value) {
            response.headers_mut().insert(header::WWW_AUTHENTICATE, value);
        }
        response
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::indexing_slicing)]
    use super::*;

    #[test]
    fn each_says_where_to_read_on_and_what_was_wrong() {
        let address = Address::new(&"https://mcp.test".parse().unwrap(), "127.0.0.1:1".parse().unwrap());
        let metadata = "Bearer resource_metadata=\"https://mcp.test/.well-known/oauth-protected-resource/mcp/tools\"";
        for (challenge, status, scope, rest) in [
            (Challenge::Missing, 401, None, ""),
            (Challenge::Missing, 401, Some("mcp"), ", scope=\"mcp\""),
            (Challenge::Misplaced, 400, None, ", error=\"invalid_request\""),
            (Challenge::Invalid, 401, None, ", error=\"invalid_token\""),
            (Challenge::InsufficientScope, 403, Some("mcp"), ", scope=\"mcp\", error=\"insufficient_scope\""),
        ] {
            let response = challenge.response(&address, &"tools".parse().unwrap(), scope, "words");
            assert_eq!(response.status().as_u16(), status);
            assert_eq!(response.headers()["www-authenticate"], format!("{metadata}{rest}"));
        }
    }
}
