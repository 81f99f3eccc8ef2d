//! A finished statement as the `data` of a query answer, and answers as HTTP responses.

use std::io::Read as _;
use std::sync::Arc;

use axum::body::Body;
use axum::http::{HeaderMap, HeaderValue, Response, header};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Map, Value as Json, json};

use super::chunks::{compressed, encode};
use super::failure::Failure;
use super::json;
use super::server::App;
use super::session::{Session, locked};
use super::switches::{Format, Switches};
use super::table::{Table, Width};

/// Requests above this are refused, packed or not.
const MOST: u64 = 64 << 20;
/// Answers above this are packed where the client takes it.
const PACKED_FROM: usize = 1 << 10;

pub(crate) fn success(data: &Json) -> Json {
    json!({ "data": data, "code": null, "message": null, "success": true })
}

/// "Not yet": the driver polls `getResultUrl`.
pub(crate) fn in_progress(query_id: &str, asynchronous: bool) -> Json {
    json!({
        "data": {
            "queryId": query_id, "getResultUrl": format!("/queries/{query_id}/result"), "queryAbortsAfterSecs": 300, "progressDesc": null,
        },
        "code": if asynchronous { "333334" } else { "333333" },
        "message": "Query execution in progress.",
        "success": true,
    })
}

/// The request's JSON, unpacked if it came as gzip.
pub(crate) fn read(headers: &HeaderMap, body: &[u8]) -> Result<Json, Failure> {
    let packed =
        headers.get(header::CONTENT_ENCODING).is_some_and(|value| value.as_bytes().eq_ignore_ascii_case(b"gzip"));
    let mut plain = Vec::new();
    let read = if packed {
        flate2::read::GzDecoder::new(body).take(MOST).read_to_end(&mut plain)
    } else {
        body.take(MOST).read_to_end(&mut plain)
    };
    let bad = |error: &dyn std::fmt::Display| {
        Failure::new("390142", "22023", format!("The request could not be read: {error}"))
    };
    read.map_err(|error| bad(&error))?;
    if plain.is_empty() { Ok(Json::Null) } else { serde_json::from_slice(&plain).map_err(|error| bad(&error)) }
}

pub(crate) fn respond(headers: &HeaderMap, body: &Json) -> Response<Body> {
    let plain = body.to_string().into_bytes();
    let takes_gzip = headers
        .get(header::ACCEPT_ENCODING)
        .and_then(|value| value.to_str().ok())
        .is_some_and(|value| value.contains("gzip"));
    let packed =
        Some(&plain).filter(|plain| takes_gzip && plain.len() > PACKED_FROM).and_then(|plain| compressed(plain));
    let gzip = packed.is_some();
    let mut response = Response::new(Body::from(packed.unwrap_or(plain)));
    response.headers_mut().insert(header::CONTENT_TYPE, HeaderValue::from_static("application/json"));
    if gzip {
        response.headers_mut().insert(header::CONTENT_ENCODING, HeaderValue::from_static("gzip"));
    }
    response
}

/// Node reads JSON only; the others take Arrow unless a `…_QUERY_RESULT_FORMAT` of the session or statement says JSON.
pub(crate) fn format(session: &Session, statement: &Json) -> Format {
    let json_wanted = |name: &str, value: &str| {
        name.to_uppercase().ends_with("QUERY_RESULT_FORMAT") && value.eq_ignore_ascii_case("json")
    };
    let by_session = locked(&session.parameters).iter().any(|(name, value)| json_wanted(name, value));
    let by_statement = statement.as_object().is_some_and(|parameters| {
        parameters.iter().any(|(name, value)| json_wanted(name, value.as_str().unwrap_or_default()))
    });
    if session.app == "JavaScript" || by_session || by_statement { Format::Json } else { Format::Arrow }
}

/// `data` of a query answer. DML, DDL and SHOW answer in JSON whatever the format.
pub(crate) fn data(
    app: &App,
    session: &Session,
    query_id: &str,
    table: &Arc<Table>,
    format: Format,
    switches: &Switches,
) -> Result<Json, Failure> {
    let format = if table.statement_type == Table::QUERY { switches.format.unwrap_or(format) } else { Format::Json };
    let split = app.chunks.split(app, table, format, switches);
    let mut data = frame(session, query_id, table);
    match format {
        Format::Json => {
            let kinds: Vec<_> = table.columns.iter().map(|column| column.kind).collect();
            let rows = table.slice(0, split.inline);
            data.insert("rowset".to_owned(), Json::Array(rows.iter().map(|row| json::row(&kinds, row)).collect()));
        }
        Format::Arrow if split.inline == 0 => {
            data.insert("rowsetBase64".to_owned(), json!(""));
        }
        Format::Arrow => {
            let stream = encode(table, format, 0, split.inline, Width::Int64);
            let stream =
                stream.ok_or_else(|| Failure::new("000603", "XX000", "the result could not be put into Arrow"))?;
            data.insert("rowsetBase64".to_owned(), json!(STANDARD.encode(stream)));
        }
    }
    data.insert("queryResultFormat".to_owned(), json!(if format == Format::Json { "json" } else { "arrow" }));
    data.extend(split.fields.into_iter().map(|(name, value)| (name.to_owned(), value)));
    Ok(Json::Object(data))
}

fn frame(session: &Session, query_id: &str, table: &Table) -> Map<String, Json> {
    let place = locked(&session.place).clone();
    let frame = json!({
        "parameters": parameters(session),
        "rowtype": table.columns.iter().map(super::table::Column::row_type).collect::<Vec<_>>(),
        "total": table.len(),
        "returned": table.len(),
        "queryId": query_id,
        "databaseProvider": null,
        "finalDatabaseName": place.database,
        "finalSchemaName": place.schema,
        "finalWarehouseName": place.warehouse,
        "finalRoleName": place.role,
        "numberOfBinds": 0,
        "arrayBindSupported": table.statement_type == 0x3100,
        "statementTypeId": table.statement_type,
        "version": 1,
        "sendResultTime": 0,
        "queryContext": { "entries": [] },
    });
    match frame {
        Json::Object(fields) => fields,
        _ => Map::new(),
    }
}

/// Session parameters as login and query answers list them.
pub(crate) fn parameters(session: &Session) -> Json {
    let listed = locked(&session.parameters)
        .iter()
        .map(|(name, value)| json!({ "name": name, "value": typed(value) }))
        .collect();
    Json::Array(listed)
}

fn typed(value: &str) -> Json {
    match value {
        "true" | "false" => json!(value == "true"),
        _ => value.parse::<i64>().map_or_else(|_| json!(value), |number| json!(number)),
    }
}
