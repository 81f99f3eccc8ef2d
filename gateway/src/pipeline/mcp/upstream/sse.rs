//! HTTP with SSE as 2024-11-05 has it: one stream carries all answers, and its first event names where messages go.

use std::{sync::Arc, time::Duration};

use ::http::{HeaderName, HeaderValue, Method, Request, header};
use bytes::Bytes;
use hoop_mcp::{Message, sse};
use hoop_model::{Fault, Retry, Side};
use hoop_wire::headers;
use http_body_util::BodyExt;
use tokio_util::sync::{CancellationToken, DropGuard};

use super::{super::posted::Posted, Incoming, read, routes::Routes, words};
use crate::{
    Gateway, fault,
    link::UpstreamBody,
    pipeline::{Authorized, Exchange},
};

/// How long a server may take to name its endpoint.
const PATIENCE: Duration = Duration::from_secs(10);
const ENDPOINT: HeaderName = HeaderName::from_static(headers::MCP_ENDPOINT);

pub(super) struct SseUpstream {
    /// Where messages go, as the server named it. The agent holds it to the server's own origin.
    endpoint: HeaderValue,
    routes: Arc<Routes>,
    /// Ends the stream with the session.
    _reading: DropGuard,
}

impl SseUpstream {
    /// Opens the stream, as a part of the exchange that begins the session, and waits for its first event.
    pub(super) async fn open(gateway: &Arc<Gateway>, exchange: &Arc<Exchange>) -> Result<Self, Fault> {
        let mut request = Request::new(Bytes::new());
        request.headers_mut().insert(header::ACCEPT, HeaderValue::from_static("text/event-stream"));
        let (_, answer) = gateway.links.send(exchange.further(request)).await?;
        if !answer.status().is_success() || !read::is_stream(&answer) {
            return Err(neither());
        }
        let (mut body, mut decoder) = (answer.into_body(), sse::Decoder::new());
        let named = tokio::time::timeout(PATIENCE, endpoint(&mut body, &mut decoder));
        let (endpoint, first) = named.await.map_err(|_| neither())??;
        let routes = Arc::new(Routes::default());
        let (reading, ended) = (CancellationToken::new(), exchange.session.ended.clone());
        let (sink, stopped) = (routes.clone(), reading.clone());
        tokio::spawn(async move {
            let fault = tokio::select! {
                fault = hand_out(first, body, decoder, &sink) => fault,
                () = stopped.cancelled() => gone(),
                () = ended.cancelled() => gone(),
            };
            sink.fail(&fault);
        });
        Ok(Self { endpoint, routes, _reading: reading.drop_guard() })
    }

    pub(super) async fn send(&self, gateway: &Arc<Gateway>, posted: Authorized<Posted>) -> Result<Incoming, Fault> {
        let message = &posted.request().message;
        let pieces = self.routes.expect(message)?;
        let mut request = Request::new(Bytes::from(message.to_bytes().map_err(fault::internal)?));
        *request.method_mut() = Method::POST;
        request.headers_mut().insert(ENDPOINT, self.endpoint.clone());
        request.headers_mut().insert(header::CONTENT_TYPE, HeaderValue::from_static("application/json"));
        let (exchange, answer) = gateway.links.send(posted.map(|_| request)).await?;
        if !answer.status().is_success() {
            let (status, body) = (answer.status(), read::refusal(answer).await);
            return Err(super::refused::failure(status, words::of(&body, &gateway.masker).as_deref()));
        }
        Ok(Incoming::streamed(exchange, pieces))
    }

    pub(super) fn listen(&self, listening: &Authorized<()>) -> Incoming {
        Incoming::streamed(listening.exchange().clone(), self.routes.listen())
    }
}

/// The first event, and those that came with it.
async fn endpoint(
    body: &mut UpstreamBody,
    decoder: &mut sse::Decoder,
) -> Result<(HeaderValue, Vec<sse::Event>), Fault> {
    loop {
        let frame = body.frame().await.ok_or_else(neither)?.map_err(|error| read::broken(&error))?;
        let mut events = decoder.push(&frame.into_data().unwrap_or_default()).map_err(fault::unreadable)?.into_iter();
        if let Some(first) = events.next() {
            let named = Some(first).filter(|first| first.event.as_deref() == Some("endpoint"));
            let named = named.and_then(|first| HeaderValue::from_str(&first.data).ok()).ok_or_else(neither)?;
            return Ok((named, events.collect()));
        }
    }
}

/// Reads to the stream's end; why it ended.
async fn hand_out(first: Vec<sse::Event>, mut body: UpstreamBody, mut decoder: sse::Decoder, routes: &Routes) -> Fault {
    let mut events = first;
    loop {
        for event in events.drain(..).filter(|event| !event.data.is_empty()) {
            match Message::parse(event.data.as_bytes()) {
                Ok(message) => routes.route(message).await,
                Err(error) => return fault::unreadable(error),
            }
        }
        let frame = match body.frame().await {
            Some(Ok(frame)) => frame,
            Some(Err(error)) => return read::broken(&error),
            None => return gone(),
        };
        match decoder.push(&frame.into_data().unwrap_or_default()) {
            Ok(decoded) => events = decoded,
            Err(error) => return fault::unreadable(error),
        }
    }
}

fn neither() -> Fault {
    Fault::new(
        Side::Upstream,
        "no_endpoint",
        Retry::Useless,
        "the MCP server takes neither a POST nor, as 2024-11-05 has it, opens a stream that names its endpoint",
    )
}

fn gone() -> Fault {
    Fault::new(
        Side::Upstream,
        "server_ended",
        Retry::Unsafe,
        "the MCP server ended its stream; the call may have run. Connect again for a new one.",
    )
}
