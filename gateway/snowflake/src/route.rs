//! Which endpoint a driver asks for. Everything that is not listed is refused (§2).

/// One endpoint of the driver protocol.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Route {
    Login,
    /// Renewal by the master token.
    TokenRequest,
    Heartbeat,
    SessionClose,
    Query,
    /// Polling, and results by id.
    QueryResult {
        id: String,
    },
    AbortByRequest,
    AbortById {
        id: String,
    },
    Monitoring {
        id: String,
    },
    Telemetry,
    /// One of the gateway's own chunk URLs.
    Chunk {
        token: String,
        index: usize,
    },
    /// The SQL API (§7).
    Statement,
    StatementResult {
        handle: String,
    },
    StatementCancel {
        handle: String,
    },
    /// The rest of the REST API: it changes objects, or sends table text to a model, without any SQL to judge (§7).
    Closed,
    Refused,
}

/// `path` without its query. Doubled slashes are one (Python 5.x sends them); escapes, dots and upper case have no place
/// in these paths and are refused.
pub fn route(method: &str, path: &str) -> Route {
    if path.len() <= 512 && path.starts_with("/api/") && !path.starts_with("/api/v2/statements") {
        return Route::Closed;
    }
    let plain = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || "/-_".contains(c);
    if path.len() > 512 || !path.chars().all(plain) {
        return Route::Refused;
    }
    let parts: Vec<&str> = path.split('/').filter(|part| !part.is_empty()).collect();
    match (method, parts.as_slice()) {
        ("POST", ["session", "v1", "login-request"]) => Route::Login,
        ("POST", ["session", "token-request"]) => Route::TokenRequest,
        ("POST", ["session", "heartbeat"]) => Route::Heartbeat,
        ("POST", ["session"]) => Route::SessionClose,
        ("POST", ["queries", "v1", "query-request"]) => Route::Query,
        ("GET", ["queries", id, "result"]) => Route::QueryResult { id: (*id).to_owned() },
        ("POST", ["queries", "v1", "abort-request"]) => Route::AbortByRequest,
        ("POST", ["queries", id, "abort-request"]) => Route::AbortById { id: (*id).to_owned() },
        ("GET", ["monitoring", "queries", id]) => Route::Monitoring { id: (*id).to_owned() },
        ("POST", ["telemetry", "send"] | ["telemetry", "send", "sessionless"]) => Route::Telemetry,
        ("POST", ["api", "v2", "statements"]) => Route::Statement,
        ("GET", ["api", "v2", "statements", handle]) => Route::StatementResult { handle: (*handle).to_owned() },
        ("POST", ["api", "v2", "statements", handle, "cancel"]) => {
            Route::StatementCancel { handle: (*handle).to_owned() }
        }
        ("GET", ["hoop", "chunk", token, index]) => match index.parse() {
            Ok(index) => Route::Chunk { token: (*token).to_owned(), index },
            Err(_) => Route::Refused,
        },
        _ => Route::Refused,
    }
}

/// The logical request, the same over retries: `requestId`, spelt `request_id` by Python 4.x at login.
pub fn request_id(query: Option<&str>) -> Option<String> {
    url::form_urlencoded::parse(query?.as_bytes())
        .find(|(name, _)| name == "requestId" || name == "request_id")
        .map(|(_, id)| id.into_owned())
        .filter(|id| (1..=128).contains(&id.len()) && id.chars().all(|c| c.is_ascii_alphanumeric() || c == '-'))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_is_listed_is_a_route() {
        let id = "01b1-aa".to_owned();
        assert_eq!(route("POST", "/queries/v1/query-request"), Route::Query);
        assert_eq!(route("GET", "/monitoring/queries//01b1-aa"), Route::Monitoring { id: id.clone() });
        assert_eq!(route("GET", "//queries/01b1-aa/result"), Route::QueryResult { id });
        for (method, path) in [
            ("GET", "/queries/v1/query-request"),
            ("POST", "/queries/v1/Query-Request"),
            ("POST", "/queries/v1/query%2Drequest"),
            ("POST", "/queries/../queries/v1/query-request"),
            ("GET", "/api/v2/statements"),
            ("POST", "/api/v2/statements/../databases"),
            ("DELETE", "/api/v2/statements/01b1-aa"),
            ("GET", "/API/v2/cortex"),
            ("GET", "/hoop/chunk/abc/x"),
            ("POST", "/session/authenticator-request"),
        ] {
            assert_eq!(route(method, path), Route::Refused, "{method} {path}");
        }
    }

    #[test]
    fn of_the_rest_api_only_statements_are_open() {
        let handle = "01b1-aa".to_owned();
        assert_eq!(route("POST", "/api/v2/statements"), Route::Statement);
        assert_eq!(
            route("POST", "/api/v2/statements/01b1-aa/cancel"),
            Route::StatementCancel { handle: handle.clone() }
        );
        assert_eq!(route("GET", "/api/v2/statements/01b1-aa"), Route::StatementResult { handle });
        for path in [
            "/api/v2/cortex/inference:complete",
            "/api/v2/databases/D/schemas/S/mcp-servers/x",
            "/api/v2/databases/d/schemas/s/cortex-search-services/x:query",
            "/api/v2/warehouses",
            "/api/v2/cortex/agent:run",
        ] {
            assert_eq!(route("POST", path), Route::Closed, "{path}");
        }
    }

    #[test]
    fn a_request_id_is_found_in_both_spellings() {
        assert_eq!(request_id(Some("a=1&requestId=7b-3")), Some("7b-3".to_owned()));
        assert_eq!(request_id(Some("request_id=9")), Some("9".to_owned()));
        assert_eq!(request_id(Some("requestId=%00")), None);
    }
}
