//! Result chunks: fetched through the agent when the driver asks, masked, recorded, served; again as often as it asks.

use std::sync::Arc;

use ::http::{HeaderMap, HeaderName, HeaderValue, Response, StatusCode, header};
use axum::body::Body;
use bytes::Bytes;
use hoop_masking::{Findings, Masker, Released, Sink};
use hoop_model::Fault;
use hoop_snowflake::Delivery;
use hoop_wire::headers::{INFLATES, PLAIN_LENGTH};
use http_body_util::{BodyExt, Limited};
use hyper::body::Body as _;

use super::{
    Memory, ResultSet, not_found,
    room::{Lent, Room},
};
use crate::{
    Gateway, fault,
    link::UpstreamBody,
    pipeline::{Exchange, Outcome, offload},
};

/// Largest chunk in bytes, as sent and once inflated.
const LIMIT: usize = 256 * 1024 * 1024;
/// Most bytes that are made room for because an answer's head says that they come.
const BELIEVED: usize = 64 * 1024 * 1024;

/// What a client reads of a chunk.
pub(super) enum Reads<F> {
    /// The rows as they are recorded.
    Plain,
    /// The same, compressed: its end of the tunnel inflates them.
    Compressed,
    /// The rows as this puts them.
    Rewritten(F),
}

impl Reads<fn(Bytes) -> Option<Bytes>> {
    /// What its request says.
    pub(super) fn of(headers: &HeaderMap) -> Self {
        let inflates = headers.get(header::ACCEPT_ENCODING).is_some_and(|encodings| encodings == INFLATES);
        if inflates { Self::Compressed } else { Self::Plain }
    }
}

/// A chunk on its way down.
struct Chunk {
    bytes: Bytes,
    /// How long it is inflated; `None`: it is not compressed.
    inflated: Option<usize>,
}

pub(super) async fn serve(
    gateway: &Arc<Gateway>,
    memory: &Memory,
    result: &Arc<ResultSet>,
    index: usize,
    reads: Reads<impl FnOnce(Bytes) -> Option<Bytes>>,
) -> Response<Body> {
    let Some(url) = result.delivery.chunks.get(index).map(|chunk| chunk.url.clone()) else { return not_found() };
    let Some(room) = memory.rooms.one().await else { return later("too many result chunks at a time") };
    match fetch(gateway, result, index, url, room.memory(), reads).await {
        Ok(chunk) => sent(chunk, room),
        Err(fault) => {
            result.exchange.unanswered(&fault);
            tracing::info!(code = %fault.code, detail = fault.detail, "a result chunk failed");
            later(&fault.text)
        }
    }
}

/// There is `room` for another one once it has left.
fn sent(chunk: Chunk, room: Room) -> Response<Body> {
    let length = chunk.bytes.len();
    let mut response = Response::new(Body::from(room.kept_by(chunk.bytes)));
    let headers = response.headers_mut();
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("application/octet-stream"));
    headers.insert(header::CONTENT_LENGTH, length.into());
    if let Some(inflated) = chunk.inflated {
        headers.insert(header::CONTENT_ENCODING, HeaderValue::from_static(INFLATES));
        headers.insert(PLAIN_LENGTH, inflated.into());
    }
    response
}

/// Drivers ask for a chunk again.
fn later(text: &str) -> Response<Body> {
    let mut response = Response::new(Body::from(format!("{text}\n")));
    *response.status_mut() = StatusCode::SERVICE_UNAVAILABLE;
    response.headers_mut().insert(header::RETRY_AFTER, HeaderValue::from_static("1"));
    response
}

async fn fetch(
    gateway: &Arc<Gateway>,
    result: &Arc<ResultSet>,
    index: usize,
    url: String,
    memory: Lent,
    reads: Reads<impl FnOnce(Bytes) -> Option<Bytes>>,
) -> Result<Chunk, Fault> {
    let mut headers = HeaderMap::new();
    for (name, value) in &result.delivery.headers {
        let name = HeaderName::from_bytes(name.as_bytes()).map_err(fault::unreadable)?;
        headers.insert(name, HeaderValue::from_str(value).map_err(fault::unreadable)?);
    }
    let (exchange, answer) = gateway.links.fetch(result.exchange.further((url, headers))).await?;
    if !answer.status().is_success() {
        return Err(fault::unreadable(format!("chunk storage answered HTTP {}", answer.status().as_u16())));
    }
    let body = gathered(answer.into_body()).await?;
    let fetched = Fetched { result: result.clone(), masker: exchange.masker(), body };
    let chunk = match &reads {
        Reads::Compressed => fetched.packed(gateway, &exchange).await?,
        Reads::Plain | Reads::Rewritten(_) => fetched.plain(gateway, &exchange, memory).await?,
    };
    // The exchange is over with its last chunk, though a driver may ask for one again.
    if result.served(index) {
        exchange.end(Outcome::Success).await?;
    }
    match reads {
        Reads::Plain | Reads::Compressed => Ok(chunk),
        Reads::Rewritten(write) => write(chunk.bytes)
            .map(|bytes| Chunk { bytes, inflated: None })
            .ok_or_else(|| fault::unreadable("rows in a form that this client does not read")),
    }
}

/// A chunk as it came, and what masks it.
struct Fetched {
    result: Arc<ResultSet>,
    masker: Masker,
    body: Vec<u8>,
}

impl Fetched {
    /// Masked, compressed and recorded piece by piece.
    async fn packed(self, gateway: &Arc<Gateway>, exchange: &Exchange) -> Result<Chunk, Fault> {
        let mut packing = exchange.packing()?;
        let packed = offload(gateway, hoop_snowflake::to_read(&self.body, LIMIT), move |_| {
            let (rows, findings) = self.mask(&mut packing)?;
            Ok::<_, Fault>((packing.finish().map_err(fault::record)?, rows, findings))
        });
        let (packed, rows, findings) = packed.await??;
        let packed = exchange.deliver_packed(packed, rows, findings).await?;
        let length = packed.length();
        let (bytes, compressed) = packed.into_bytes();
        Ok(Chunk { bytes, inflated: compressed.then_some(length) })
    }

    /// Masked and recorded, all of it in `memory`.
    async fn plain(self, gateway: &Arc<Gateway>, exchange: &Exchange, mut memory: Lent) -> Result<Chunk, Fault> {
        let into = memory.take();
        let masked = offload(gateway, hoop_snowflake::to_read(&self.body, LIMIT), move |_| {
            let expected = hoop_snowflake::expected_length(&self.body, LIMIT, self.result.delivery.form);
            // To grow it would copy what was in it.
            let into = if into.capacity() < expected { Vec::with_capacity(expected) } else { into };
            let mut masked = Released::within(into);
            let (rows, findings) = self.mask(&mut masked)?;
            Ok::<_, Fault>((masked, rows, findings))
        });
        let (masked, rows, findings) = masked.await??;
        let bytes = exchange.deliver(masked, rows, findings).await?;
        Ok(Chunk { bytes: Bytes::from_owner(memory.with(bytes)), inflated: None })
    }

    /// Its count of rows, and what was found in them.
    fn mask(self, sink: &mut impl Sink) -> Result<(u64, Findings), Fault> {
        let Delivery { form, columns, .. } = &self.result.delivery;
        let mut findings = Findings::default();
        let rows = hoop_snowflake::mask_chunk(&self.body, LIMIT, *form, columns, &self.masker, sink, &mut findings);
        Ok((rows.map_err(fault::unreadable)?, findings))
    }
}

/// In one piece, without as much again on the way.
async fn gathered(body: UpstreamBody) -> Result<Vec<u8>, Fault> {
    let expected = body.size_hint().exact().and_then(|length| usize::try_from(length).ok());
    let mut bytes = Vec::with_capacity(expected.unwrap_or_default().min(BELIEVED));
    let mut body = Limited::new(body, LIMIT);
    while let Some(frame) = body.frame().await {
        if let Ok(data) = frame.map_err(fault::unreadable)?.into_data() {
            bytes.extend_from_slice(&data);
        }
    }
    Ok(bytes)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_who_inflates_gets_it_compressed() {
        let reads = |encodings: Option<&'static str>| {
            let value = encodings.map(|encodings| (header::ACCEPT_ENCODING, HeaderValue::from_static(encodings)));
            matches!(Reads::of(&value.into_iter().collect()), Reads::Compressed)
        };
        assert!(reads(Some(INFLATES)));
        assert!(!reads(None) && !reads(Some("gzip, zstd")) && !reads(Some("identity")));
    }
}
