//! Login, answered by the gateway itself: the driver gets tokens of ours and never any of the upstream's (§3).

use hoop_model::Secret;
use serde_json::{Value, json};

use crate::json;

#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("the login request cannot be read")]
pub struct LoginError;

/// What of a driver's login request the gateway uses. The environment facts in it are forwarded to nobody.
pub struct LoginRequest {
    /// What stood in the password or token field: the listener's secret, if it is one of ours.
    pub secret: Option<Secret<String>>,
    pub client_app_id: Option<String>,
    pub client_app_version: Option<String>,
    pub database: Option<String>,
    pub schema: Option<String>,
    pub warehouse: Option<String>,
    pub role: Option<String>,
    pub session_parameters: serde_json::Map<String, Value>,
}

/// Longest name of a driver, a database or a role in bytes: as long as an identifier of Snowflake's may be.
pub(crate) const LONGEST_NAME: usize = 1024;

impl LoginRequest {
    /// `query` is that of the URL: drivers name database, schema, warehouse and role there.
    pub fn parse(body: &[u8], query: Option<&str>) -> Result<Self, LoginError> {
        let body: Value = json::read(body).ok_or(LoginError)?;
        let data = body.get("data").filter(|data| data.is_object()).ok_or(LoginError)?;
        let named = |name: &str| {
            url::form_urlencoded::parse(query.unwrap_or_default().as_bytes())
                .find(|(key, value)| key == name && !value.is_empty())
                .map(|(_, value)| value.into_owned())
        };
        let secret = json::owned(data, "/PASSWORD").or_else(|| json::owned(data, "/TOKEN"));
        let short = |name: Option<String>| match name {
            Some(name) if name.len() > LONGEST_NAME => Err(LoginError),
            name => Ok(name),
        };
        Ok(Self {
            secret: secret.map(Secret::new),
            client_app_id: short(json::owned(data, "/CLIENT_APP_ID"))?,
            client_app_version: short(json::owned(data, "/CLIENT_APP_VERSION"))?,
            database: short(named("databaseName"))?,
            schema: short(named("schemaName"))?,
            warehouse: short(named("warehouse"))?,
            role: short(named("roleName"))?,
            session_parameters: data.get("SESSION_PARAMETERS").and_then(Value::as_object).cloned().unwrap_or_default(),
        })
    }

    /// The session parameters that `is_modelled`, to be forwarded, and the names of the others, which go no further.
    pub fn parameters(&self, is_modelled: impl Fn(&str) -> bool) -> (serde_json::Map<String, Value>, Vec<String>) {
        let (modelled, others): (Vec<_>, Vec<_>) =
            self.session_parameters.iter().partition(|(name, _)| is_modelled(name.as_str()));
        let modelled = modelled.into_iter().map(|(name, value)| (name.clone(), value.clone())).collect();
        (modelled, others.into_iter().map(|(name, _)| name.clone()).collect())
    }
}

/// The tokens of one driver session; made by the gateway, good for nothing elsewhere.
pub struct Tokens {
    pub session: Secret<String>,
    pub master: Secret<String>,
    pub session_id: u32,
}

/// Seconds the tokens are said to last; the session behind them ends when the tunnel says so.
const SESSION_SECONDS: u32 = 3600;
const MASTER_SECONDS: u32 = 14400;

/// The login answer that satisfies every driver measured (§3). `upstream` is what the agent says of its own login,
/// without tokens: server version, parameters, current database and so on.
pub fn logged_in(tokens: &Tokens, upstream: &Value) -> Value {
    let take = |pointer: &str, default: Value| upstream.pointer(pointer).cloned().unwrap_or(default);
    let place = |name: &str| take(&format!("/sessionInfo/{name}"), Value::Null);
    json!({
        "data": {
            "token": tokens.session.expose(),
            "validityInSeconds": SESSION_SECONDS,
            "masterToken": tokens.master.expose(),
            "masterValidityInSeconds": MASTER_SECONDS,
            "sessionId": tokens.session_id,
            "displayUserName": "",
            "serverVersion": take("/serverVersion", Value::from("hoop")),
            "firstLogin": false,
            "remMeToken": null,
            "remMeValidityInSeconds": 0,
            "healthCheckInterval": 45,
            "newClientForUpgrade": null,
            "idToken": null,
            "idTokenValidityInSeconds": 0,
            "mfaToken": null,
            "mfaTokenValidityInSeconds": 0,
            "responseData": null,
            "sessionInfo": {
                "databaseName": place("databaseName"),
                "schemaName": place("schemaName"),
                "warehouseName": place("warehouseName"),
                "roleName": place("roleName"),
            },
            "parameters": parameters(upstream),
        },
        "code": null,
        "message": null,
        "success": true,
    })
}

/// More values than a request has room for. Zero would say "never by stage" to Python, and "always" to Node.
const NEVER: u32 = 1 << 30;

/// The upstream's parameters, with array bindings kept inline: above the threshold a driver would PUT them to a stage.
fn parameters(upstream: &Value) -> Value {
    const THRESHOLD: &str = "CLIENT_STAGE_ARRAY_BINDING_THRESHOLD";
    let mut list = upstream.get("parameters").and_then(Value::as_array).cloned().unwrap_or_default();
    list.retain(|parameter| json::text(parameter, "/name") != Some(THRESHOLD));
    list.push(json!({ "name": THRESHOLD, "value": NEVER }));
    Value::Array(list)
}

/// The answer to a renewal.
pub fn renewed(tokens: &Tokens) -> Value {
    json!({
        "data": {
            "sessionToken": tokens.session.expose(),
            "validityInSecondsST": SESSION_SECONDS,
            "masterToken": tokens.master.expose(),
            "validityInSecondsMT": MASTER_SECONDS,
            "sessionId": tokens.session_id,
        },
        "code": null,
        "message": null,
        "success": true,
    })
}

/// The token in `Authorization: Snowflake Token="…"`.
pub fn token(authorization: &str) -> Option<&str> {
    authorization.strip_prefix("Snowflake Token=\"")?.strip_suffix('"')
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[test]
    fn the_secret_comes_as_password_or_token() {
        for field in ["PASSWORD", "TOKEN"] {
            let body = json!({ "data": { field: "s3", "CLIENT_APP_ID": "Go" } }).to_string();
            let login = LoginRequest::parse(body.as_bytes(), Some("databaseName=D&warehouse=")).unwrap();
            assert_eq!(login.secret.unwrap().expose(), "s3");
            assert_eq!((login.database.as_deref(), login.warehouse), (Some("D"), None));
        }
        assert!(LoginRequest::parse(b"{}", None).is_err());
    }

    #[test]
    fn session_parameters_that_are_not_modelled_go_no_further() {
        let body = json!({ "data": { "SESSION_PARAMETERS": {
            "TIMEZONE": "UTC", "SEARCH_PATH": "x", "CLIENT_PREFETCH_THREADS": "2", "CLIENT_APPLICATION_PATH": "/home/x.py",
        } } });
        let login = LoginRequest::parse(body.to_string().as_bytes(), None).unwrap();
        let (kept, others) = login.parameters(|name| name == "TIMEZONE" || name == "CLIENT_PREFETCH_THREADS");
        assert_eq!(Value::Object(kept), json!({ "TIMEZONE": "UTC", "CLIENT_PREFETCH_THREADS": "2" }));
        assert_eq!(others, ["SEARCH_PATH", "CLIENT_APPLICATION_PATH"]);
    }

    #[test]
    fn names_are_bounded() {
        let app = |length: usize| json!({ "data": { "CLIENT_APP_ID": "x".repeat(length) } }).to_string();
        assert!(LoginRequest::parse(app(LONGEST_NAME).as_bytes(), None).is_ok());
        assert!(LoginRequest::parse(app(LONGEST_NAME + 1).as_bytes(), None).is_err());
        let query = format!("roleName={}", "x".repeat(LONGEST_NAME + 1));
        assert!(LoginRequest::parse(app(1).as_bytes(), Some(&query)).is_err());
    }

    #[test]
    fn array_bindings_stay_inline() {
        let tokens = Tokens { session: Secret::new("a".into()), master: Secret::new("b".into()), session_id: 7 };
        let upstream = json!({ "parameters": [{ "name": "CLIENT_STAGE_ARRAY_BINDING_THRESHOLD", "value": 65280 }] });
        let answer = logged_in(&tokens, &upstream);
        assert_eq!(
            answer.pointer("/data/parameters"),
            Some(&json!([{ "name": "CLIENT_STAGE_ARRAY_BINDING_THRESHOLD", "value": NEVER }]))
        );
    }
}
