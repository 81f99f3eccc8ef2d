//! Streamable HTTP through the agent, of either era.

use std::sync::{Arc, Mutex, PoisonError};

use ::http::{HeaderName, HeaderValue, Method, Request, Response, StatusCode, header};
use bytes::Bytes;
use hoop_mcp::{Era, era, modern, session};
use hoop_model::Fault;
use tokio::sync::OnceCell;

use super::{
    super::{asked::Asked, posted::Posted},
    Incoming, read,
    sse::SseUpstream,
};
use crate::{Gateway, fault, link::UpstreamBody, pipeline::Authorized};

const SESSION: HeaderName = HeaderName::from_static(session::SESSION);
const VERSION: HeaderName = HeaderName::from_static(era::VERSION);
const LAST_EVENT: HeaderName = HeaderName::from_static(session::LAST_EVENT);
const STREAM: HeaderValue = HeaderValue::from_static("text/event-stream");

#[derive(Default)]
pub(in super::super) struct HttpUpstream {
    /// The upstream's own session id, where it has given one.
    session: Mutex<Option<HeaderValue>>,
    /// A server of the first revision, which takes no POST at its URL.
    first: OnceCell<SseUpstream>,
}

impl HttpUpstream {
    pub(super) async fn send(
        &self,
        gateway: &Arc<Gateway>,
        posted: Authorized<Posted>,
        revision: Option<&str>,
    ) -> Result<Incoming, Fault> {
        if let Some(first) = self.first.get() {
            return first.send(gateway, posted).await;
        }
        let asked = Asked::of(posted.request());
        let beginning = asked.initializes.then(|| posted.request().clone());
        let body = posted.request().message.to_bytes().map_err(fault::internal)?;
        let mut request = match posted.request().era {
            Era::Legacy => self.in_session(Method::POST, Bytes::from(body), revision),
            Era::Modern => mirroring(posted.request(), Bytes::from(body)),
        };
        let accept = HeaderValue::from_static("application/json, text/event-stream");
        request.headers_mut().insert(header::ACCEPT, accept);
        request.headers_mut().insert(header::CONTENT_TYPE, HeaderValue::from_static("application/json"));
        let (exchange, answer) = gateway.links.send(posted.map(|_| request)).await?;
        if let Some(beginning) = beginning.filter(|_| is_of_first_revision(&answer)) {
            let first = self.first.get_or_try_init(|| SseUpstream::open(gateway, &exchange)).await?;
            return first.send(gateway, exchange.further(beginning)).await;
        }
        if asked.era == Era::Legacy
            && let Some(id) = answer.headers().get(&SESSION)
        {
            *self.session() = Some(id.clone());
        }
        read::answer(exchange, answer, &asked, &gateway.masker).await
    }

    pub(super) async fn listen(
        &self,
        gateway: &Arc<Gateway>,
        listening: Authorized<()>,
        revision: Option<&str>,
        from: Option<&str>,
    ) -> Result<Option<Incoming>, Fault> {
        if let Some(first) = self.first.get() {
            return Ok(Some(first.listen(&listening)));
        }
        let mut request = self.in_session(Method::GET, Bytes::new(), revision);
        request.headers_mut().insert(header::ACCEPT, STREAM);
        if let Some(from) = from.and_then(|from| HeaderValue::from_str(from).ok()) {
            request.headers_mut().insert(LAST_EVENT, from);
        }
        let (exchange, answer) = gateway.links.send(listening.map(|()| request)).await?;
        if answer.status() == StatusCode::METHOD_NOT_ALLOWED {
            return Ok(None);
        }
        read::answer(exchange, answer, &Asked::nothing(), &gateway.masker).await.map(Some)
    }

    pub(super) fn has_session(&self) -> bool {
        self.session().is_some()
    }

    pub(super) async fn close(&self, gateway: &Arc<Gateway>, closing: Authorized<()>) -> Result<(), Fault> {
        let request = self.in_session(Method::DELETE, Bytes::new(), None);
        gateway.links.send(closing.map(|()| request)).await.map(drop)
    }

    fn session(&self) -> std::sync::MutexGuard<'_, Option<HeaderValue>> {
        self.session.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Every request after `initialize` names the session and the revision that its answer agreed on.
    fn in_session(&self, method: Method, body: Bytes, revision: Option<&str>) -> Request<Bytes> {
        let mut request = Request::new(body);
        *request.method_mut() = method;
        if let Some(id) = self.session().clone() {
            request.headers_mut().insert(SESSION, id);
        }
        if let Some(revision) = revision.and_then(|revision| HeaderValue::from_str(revision).ok()) {
            request.headers_mut().insert(VERSION, revision);
        }
        request
    }
}

/// Whether a server knows no POST at its URL (2025-03-26/basic/transports, backwards compatibility). One of the new era
/// answers 404 too, with JSON.
fn is_of_first_revision(answer: &Response<UpstreamBody>) -> bool {
    match answer.status() {
        StatusCode::METHOD_NOT_ALLOWED => true,
        StatusCode::NOT_FOUND => !read::says(answer, "application/json"),
        _ => false,
    }
}

/// A request that stands for itself: headers made from the body that was judged, and the client's mirrors of
/// arguments.
fn mirroring(posted: &Posted, body: Bytes) -> Request<Bytes> {
    let mut request = Request::new(body);
    *request.method_mut() = Method::POST;
    let mirrors = modern::headers(&posted.message).into_iter().chain(posted.mirrored().iter().cloned());
    request.headers_mut().extend(mirrors);
    request
}
