//! Result chunks as cloud storage serves them: no session token, the URL and its headers are the secret.

use std::collections::HashMap;
use std::io::Write as _;
use std::sync::{Arc, Mutex};

use axum::body::Body;
use axum::extract::{Path, State};
use axum::http::{HeaderMap, Response, StatusCode, header};
use bytes::Bytes;
use flate2::Compression;
use flate2::write::GzEncoder;
use serde_json::{Value as Json, json};
use uuid::Uuid;

use super::server::App;
use super::session::locked;
use super::switches::{ChunkSecret, Format, Switches};
use super::table::{Column, Rows, Table, Width};
use super::{arrow, json};

const ALGORITHM: &str = "x-amz-server-side-encryption-customer-algorithm";
const KEY: &str = "x-amz-server-side-encryption-customer-key";
/// Generated chunks kept ready, so that a bulk run measures the path and not this server.
const KEPT: usize = 256;

/// One chunked result.
struct Chunked {
    table: Arc<Table>,
    format: Format,
    switches: Switches,
    key: String,
    /// First row and number of rows, per chunk.
    ranges: Vec<(usize, usize)>,
}

#[derive(Default)]
pub(crate) struct Chunks {
    results: Mutex<HashMap<String, Arc<Chunked>>>,
    ready: Mutex<HashMap<String, Bytes>>,
}

/// The parts of a query answer that concern chunks, and how many rows stay inline.
pub(crate) struct Split {
    pub(crate) inline: usize,
    pub(crate) fields: Vec<(&'static str, Json)>,
}

impl Chunks {
    pub(crate) fn split(&self, app: &App, table: &Arc<Table>, format: Format, switches: &Switches) -> Split {
        let total = table.len();
        let Some(chunks) = Some(switches.chunks).filter(|chunks| *chunks > 0 && total > 0) else {
            return Split { inline: total, fields: vec![("chunks", json!([]))] };
        };
        let inline = if switches.inline { total / (chunks + 1) } else { 0 };
        let each = (total - inline).div_ceil(chunks).max(1);
        let ranges: Vec<_> = (inline..total).step_by(each).map(|start| (start, each.min(total - start))).collect();

        let id = format!("{}-{}{}", app.marker, Uuid::new_v4().simple(), Uuid::new_v4().simple());
        let key = format!("{}-qrmk-{}", app.marker, Uuid::new_v4().simple());
        let sample = encode(table, format, 0, total.min(100), Width::Int64).map_or(0, |bytes| bytes.len());
        let listed: Vec<Json> = ranges
            .iter()
            .enumerate()
            .map(|(number, (_, rows))| {
                let size = sample * rows / total.clamp(1, 100);
                json!({
                    "url": format!("{}/chunks/{id}/{number}?X-Amz-Signature={}-{number}", app.url, app.marker),
                    "rowCount": rows, "uncompressedSize": size, "compressedSize": size / 4 + 1,
                })
            })
            .collect();
        let mut fields = vec![("chunks", Json::Array(listed))];
        match switches.secret {
            ChunkSecret::Headers => fields.push(("chunkHeaders", json!({ ALGORITHM: "AES256", KEY: key }))),
            ChunkSecret::Qrmk => fields.push(("qrmk", json!(key))),
            ChunkSecret::None => {}
        }
        let chunked = Chunked { table: Arc::clone(table), format, switches: switches.clone(), key, ranges };
        locked(&self.results).insert(id, Arc::new(chunked));
        Split { inline, fields }
    }

    fn body(&self, chunked: &Chunked, number: usize) -> Option<Bytes> {
        let (start, rows) = *chunked.ranges.get(number)?;
        let made = matches!(chunked.table.rows, Rows::Made(_));
        let name = format!("{:?} {number} {}", chunked.format, chunked.switches.text);
        if let Some(ready) = locked(&self.ready).get(&name).filter(|_| made) {
            return Some(ready.clone());
        }
        let width = match (chunked.switches.mixed, number % 2) {
            (false, _) => Width::Int64,
            (true, 0) => Width::Int32,
            (true, _) => Width::Decimal128,
        };
        let plain = encode(&chunked.table, chunked.format, start, rows, width)?;
        let body = Bytes::from(if chunked.switches.gzip { compressed(&plain)? } else { plain });
        let mut ready = locked(&self.ready);
        if made && ready.len() < KEPT {
            ready.insert(name, body.clone());
        }
        Some(body)
    }
}

/// A batch in its wire form; other widths than Int64 apply to whole-number columns.
pub(crate) fn encode(table: &Table, format: Format, start: usize, rows: usize, width: Width) -> Option<Vec<u8>> {
    let batch = table.slice(start, rows);
    match format {
        Format::Json => {
            let kinds: Vec<_> = table.columns.iter().map(|column| column.kind).collect();
            Some(json::chunk(&kinds, &batch).into_bytes())
        }
        Format::Arrow => {
            let widened =
                |column: &Column| if width == Width::Int64 { column.clone() } else { column.clone().wide(width) };
            let columns: Vec<_> = table.columns.iter().map(widened).collect();
            arrow::stream(&columns, &batch).ok()
        }
    }
}

pub(crate) fn compressed(plain: &[u8]) -> Option<Vec<u8>> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::fast());
    encoder.write_all(plain).ok()?;
    encoder.finish().ok()
}

pub(crate) async fn get(
    State(app): State<Arc<App>>,
    Path((id, number)): Path<(String, usize)>,
    headers: HeaderMap,
) -> Response<Body> {
    let status = |status: StatusCode| {
        let mut response = Response::new(Body::empty());
        *response.status_mut() = status;
        response
    };
    let Some(chunked) = locked(&app.chunks.results).get(&id).cloned() else { return status(StatusCode::NOT_FOUND) };
    let shown = |name: &str| headers.get(name).and_then(|value| value.to_str().ok());
    let allowed = chunked.switches.secret == ChunkSecret::None
        || (shown(ALGORITHM) == Some("AES256") && shown(KEY) == Some(&chunked.key));
    if !allowed {
        return status(StatusCode::FORBIDDEN);
    }
    if let Some((_, delay)) = chunked.switches.slow_chunk.filter(|(slow, _)| *slow == number) {
        tokio::time::sleep(delay).await;
    }
    let gzip = chunked.switches.gzip;
    let worker = Arc::clone(&app);
    let body = tokio::task::spawn_blocking(move || worker.chunks.body(&chunked, number)).await.ok().flatten();
    let Some(body) = body else { return status(StatusCode::NOT_FOUND) };
    let mut response = Response::new(Body::from(body));
    let headers = response.headers_mut();
    headers.insert(header::CONTENT_TYPE, header::HeaderValue::from_static("binary/octet-stream"));
    if gzip {
        headers.insert(header::CONTENT_ENCODING, header::HeaderValue::from_static("gzip"));
    }
    response
}
