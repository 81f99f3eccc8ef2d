use std::collections::HashMap;
use std::sync::Arc;
use std::sync::atomic::Ordering;

use axum::body::{Body, Bytes};
use axum::extract::{Query, State};
use axum::http::{HeaderMap, Response};
use serde_json::{Value as Json, json};

use super::answer::{parameters, read, respond, success};
use super::credential::Credential;
use super::failure::Failure;
use super::server::App;
use super::session::{Place, Session, locked};

type Params = Query<HashMap<String, String>>;

const DEFAULTS: [(&str, &str); 14] = [
    ("AUTOCOMMIT", "true"),
    ("TIMEZONE", "UTC"),
    ("CLIENT_SESSION_KEEP_ALIVE", "false"),
    ("CLIENT_PREFETCH_THREADS", "4"),
    ("CLIENT_RESULT_CHUNK_SIZE", "160"),
    ("CLIENT_STAGE_ARRAY_BINDING_THRESHOLD", "0"),
    ("QUERY_RESULT_FORMAT", "ARROW"),
    // Node spells its values by these, and fails on a BINARY without them.
    ("BINARY_OUTPUT_FORMAT", "HEX"),
    ("DATE_OUTPUT_FORMAT", "YYYY-MM-DD"),
    ("TIME_OUTPUT_FORMAT", "HH24:MI:SS"),
    ("TIMESTAMP_OUTPUT_FORMAT", "YYYY-MM-DD HH24:MI:SS.FF3 TZHTZM"),
    ("TIMESTAMP_NTZ_OUTPUT_FORMAT", "YYYY-MM-DD HH24:MI:SS.FF3"),
    ("TIMESTAMP_LTZ_OUTPUT_FORMAT", ""),
    ("TIMESTAMP_TZ_OUTPUT_FORMAT", ""),
];

pub(crate) async fn login(
    State(app): State<Arc<App>>,
    Query(params): Params,
    headers: HeaderMap,
    body: Bytes,
) -> Response<Body> {
    app.logins.fetch_add(1, Ordering::Relaxed);
    let answer = open(&app, &params, &headers, &body).unwrap_or_else(|failure| failure.body(None));
    respond(&headers, &answer)
}

fn open(app: &App, params: &HashMap<String, String>, headers: &HeaderMap, body: &[u8]) -> Result<Json, Failure> {
    if let Some(code) = locked(&app.refuse_logins).clone() {
        return Err(Failure::of_session(&code));
    }
    let request = read(headers, body)?;
    let data = request.get("data").unwrap_or(&Json::Null);
    let user = Credential::check(&app.credentials, data)?;
    let named =
        |name: &str, default: &str| params.get(name).map_or_else(|| default.to_owned(), |value| value.to_uppercase());
    let place = Place {
        database: named("databaseName", &app.place.database),
        schema: named("schemaName", &app.place.schema),
        warehouse: named("warehouse", &app.place.warehouse),
        role: named("roleName", &app.place.role),
    };
    let mut wanted: HashMap<String, String> =
        DEFAULTS.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect();
    for (name, value) in data.get("SESSION_PARAMETERS").and_then(Json::as_object).into_iter().flatten() {
        wanted.insert(name.to_uppercase(), value.as_str().map_or_else(|| value.to_string(), str::to_owned));
    }
    let client = data.get("CLIENT_APP_ID").and_then(Json::as_str).unwrap_or_default();
    let (session, token, master) = app.sessions.open(&user, client, place.clone(), wanted);
    Ok(success(&json!({
        "token": token, "validityInSeconds": 3600, "masterToken": master, "masterValidityInSeconds": 14400,
        "sessionId": session.id, "serverVersion": "9.40.1", "displayUserName": user.to_uppercase(), "firstLogin": false,
        "remMeToken": null, "remMeValidityInSeconds": 0, "healthCheckInterval": 45, "newClientForUpgrade": null,
        "idToken": null, "idTokenValidityInSeconds": 0, "mfaToken": null, "mfaTokenValidityInSeconds": 0, "responseData": null,
        "sessionInfo": {
            "databaseName": place.database, "schemaName": place.schema, "warehouseName": place.warehouse, "roleName": place.role,
        },
        "parameters": parameters(&session),
    })))
}

pub(crate) async fn renew(State(app): State<Arc<App>>, headers: HeaderMap) -> Response<Body> {
    let renewed = |(session, token): (Arc<Session>, String)| {
        success(&json!({
            "sessionToken": token, "validityInSecondsST": 3600, "masterToken": session.master(), "validityInSecondsMT": 14400,
            "sessionId": session.id,
        }))
    };
    let answer = app.sessions.renew(&headers).map_or_else(|failure| failure.body(None), renewed);
    app.renewals.fetch_add(1, Ordering::Relaxed);
    respond(&headers, &answer)
}

pub(crate) async fn heartbeat(State(app): State<Arc<App>>, headers: HeaderMap) -> Response<Body> {
    let answer = app.sessions.of(&headers).map_or_else(|failure| failure.body(None), |_| success(&Json::Null));
    respond(&headers, &answer)
}

/// `POST /session?delete=true`; without it, a no-op.
pub(crate) async fn session(State(app): State<Arc<App>>, Query(params): Params, headers: HeaderMap) -> Response<Body> {
    let ended = app.sessions.of(&headers).map(|session| {
        if params.get("delete").is_some_and(|value| value == "true") {
            app.sessions.close(&session);
        }
    });
    respond(&headers, &ended.map_or_else(|failure| failure.body(None), |()| success(&Json::Null)))
}

pub(crate) async fn telemetry(headers: HeaderMap) -> Response<Body> {
    respond(&headers, &success(&json!("Log Received")))
}
