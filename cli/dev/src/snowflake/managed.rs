//! A Snowflake-managed MCP server: one POST endpoint below the account's URL, answers in JSON, a bearer token, and tools
//! that carry only the names an admin gave them (`mcp-protocol.md` §9). Rows are written as the SQL API writes them, as
//! text and as structured content; how an account writes them has not been seen.

use std::sync::Arc;

use axum::{
    body::{Body, Bytes},
    extract::{Path, State},
    http::{HeaderMap, HeaderValue, Response, StatusCode, header},
    response::IntoResponse,
};
use serde_json::{Value as Json, json};
use uuid::Uuid;

use super::{
    credential::Credential,
    execute::{Done, execute},
    failure::Failure,
    journal::Executed,
    json,
    server::App,
    session::Session,
    switches::Switches,
    table::Table,
};

/// Revisions that the documentation names, newest first.
const REVISIONS: [&str; 2] = ["2025-11-25", "2025-06-18"];
/// The one server there is: `/api/v2/databases/PAYMENTS/schemas/PUBLIC/mcp-servers/PAYMENTS_MCP`.
pub const PATH: &str = "/api/v2/databases/PAYMENTS/schemas/PUBLIC/mcp-servers/PAYMENTS_MCP";

/// As in `CREATE MCP SERVER … FROM SPECIFICATION`; clients see names and schemas, not types.
const SQL: &str = "run-sql";
const SEARCH: &str = "search-payments";

pub(crate) async fn post(
    State(app): State<Arc<App>>,
    Path((database, schema, name)): Path<(String, String, String)>,
    headers: HeaderMap,
    body: Bytes,
) -> Response<Body> {
    let Some(user) = bearer(&app, &headers) else {
        let refusal = json!({ "code": "390303", "message": "Invalid OAuth access token." });
        return answer(StatusCode::UNAUTHORIZED, &refusal);
    };
    if [database, schema, name].map(|part| part.to_uppercase()) != ["PAYMENTS", "PUBLIC", "PAYMENTS_MCP"] {
        let refusal = json!({ "code": "002003", "message": "MCP server does not exist or not authorized." });
        return answer(StatusCode::NOT_FOUND, &refusal);
    }
    let Ok(message) = serde_json::from_slice::<Json>(&body) else {
        return answer(StatusCode::BAD_REQUEST, &json!({ "code": "391902", "message": "The body is not JSON." }));
    };
    let Some(id) = message.get("id") else { return StatusCode::ACCEPTED.into_response() };
    let params = message.get("params").unwrap_or(&Json::Null);
    let result = match message.get("method").and_then(Json::as_str).unwrap_or_default() {
        "initialize" => Ok(initialize(params)),
        "ping" => Ok(json!({})),
        "tools/list" => Ok(json!({ "tools": tools() })),
        "tools/call" => call(&app, &user, params).await,
        other => Err(json!({ "code": -32601, "message": format!("Method not found: {other}") })),
    };
    let reply = match result {
        Ok(result) => json!({ "jsonrpc": "2.0", "id": id, "result": result }),
        Err(error) => json!({ "jsonrpc": "2.0", "id": id, "error": error }),
    };
    answer(StatusCode::OK, &reply)
}

/// The user whose token the request brings: a programmatic access token or one of OAuth.
fn bearer(app: &App, headers: &HeaderMap) -> Option<String> {
    let token = headers.get(header::AUTHORIZATION)?.to_str().ok()?.strip_prefix("Bearer ")?;
    app.credentials.iter().find_map(|credential| match credential {
        Credential::Token { user, token: accepted } if accepted.expose() == token => Some(user.clone()),
        _ => None,
    })
}

fn answer(status: StatusCode, body: &Json) -> Response<Body> {
    let mut response = Response::new(Body::from(body.to_string()));
    *response.status_mut() = status;
    response.headers_mut().insert(header::CONTENT_TYPE, HeaderValue::from_static("application/json"));
    response
}

fn initialize(params: &Json) -> Json {
    let asked = params.get("protocolVersion").and_then(Json::as_str).unwrap_or_default();
    let [newest, ..] = REVISIONS;
    json!({
        "protocolVersion": REVISIONS.iter().copied().find(|revision| *revision == asked).unwrap_or(newest),
        "capabilities": { "tools": { "listChanged": false } },
        "serverInfo": { "name": "PAYMENTS_MCP", "version": "1.0.0" },
    })
}

fn tools() -> Json {
    let tool = |name: &str, description: &str, argument: &str| {
        let properties = json!({ argument: { "type": "string" } });
        json!({
            "name": name, "title": name, "description": description,
            "inputSchema": { "type": "object", "properties": properties, "required": [argument] },
        })
    };
    json!([
        tool(SQL, "Runs one SQL statement in the account", "sql"),
        tool(SEARCH, "Searches payments by their holders, in plain words", "query"),
    ])
}

async fn call(app: &App, user: &str, params: &Json) -> Result<Json, Json> {
    let argument = |name: &str| params.pointer(&format!("/arguments/{name}")).and_then(Json::as_str);
    let sql = match params.get("name").and_then(Json::as_str).unwrap_or_default() {
        SQL => argument("sql").unwrap_or_default().to_owned(),
        SEARCH => {
            let words = argument("query").unwrap_or_default().replace('\'', "''");
            format!("SELECT id, holder, card_number FROM payments WHERE holder LIKE '%{words}%' LIMIT 10")
        }
        other => return Err(json!({ "code": -32602, "message": format!("Unknown tool: {other}") })),
    };
    Ok(match table(app, user, &sql).await {
        Ok(table) => {
            let rows = result_set(&table);
            json!({ "content": [{ "type": "text", "text": rows.to_string() }], "structuredContent": rows, "isError": false })
        }
        Err(failure) => json!({ "content": [{ "type": "text", "text": failure.message }], "isError": true }),
    })
}

async fn table(app: &App, user: &str, sql: &str) -> Result<Table, Failure> {
    let query_id = Uuid::now_v7().to_string();
    let executed = Executed {
        number: 0,
        request_id: query_id.clone(),
        query_id,
        user: user.to_owned(),
        tag: None,
        sql: sql.to_owned(),
    };
    app.journal.record(executed).map_err(|error| Failure::new("000603", "XX000", error.to_string()))?;
    let switches = Switches::read(sql)?;
    if let Some(text) = &switches.error {
        return Err(Failure::not_numeric(text));
    }
    if let Some(table) = switches.table() {
        return Ok(table);
    }
    let session = Session::of_one_call(user, app.place.clone());
    match execute(app.pool(), &session, &app.marker, sql, &Json::Null).await? {
        Done::Table(table) => Ok(table),
        Done::Transfer(_) => Err(Failure::syntax("PUT and GET are not supported here.")),
    }
}

fn result_set(table: &Table) -> Json {
    let kinds: Vec<_> = table.columns.iter().map(|column| column.kind).collect();
    let rows: Vec<Json> = table.slice(0, table.len()).iter().map(|row| json::row(&kinds, row)).collect();
    let columns: Vec<Json> = table.columns.iter().map(super::table::Column::row_type).collect();
    json!({ "result_set": { "resultSetMetaData": { "numRows": rows.len(), "rowType": columns }, "data": rows } })
}
