//! Streamable HTTP through the agent.

use std::sync::{Arc, Mutex, PoisonError};

use ::http::{HeaderMap, HeaderName, HeaderValue, Method, Request, Response, StatusCode, header};
use bytes::Bytes;
use hoop_masking::Masker;
use hoop_mcp::{LIMIT, Message, sse};
use hoop_model::{Fault, Retry, Side};
use http_body_util::{BodyExt, Limited};
use tokio::sync::mpsc;

use super::{Incoming, words};
use crate::{Gateway, fault, link::UpstreamBody, pipeline::Authorized};

const SESSION: HeaderName = HeaderName::from_static("mcp-session-id");
const VERSION: HeaderName = HeaderName::from_static("mcp-protocol-version");
/// Messages read ahead of the client: bounds what one stream holds in memory.
const AHEAD: usize = 4;

/// The upstream's own session id and the revision agreed on; both known once `initialize` was answered.
#[derive(Default)]
pub(in super::super) struct HttpUpstream {
    headers: Arc<Mutex<HeaderMap>>,
}

impl HttpUpstream {
    pub(super) async fn send(&self, gateway: &Arc<Gateway>, message: Authorized<Message>) -> Result<Incoming, Fault> {
        let method = message.request().method().map(str::to_owned);
        let body = message.request().to_bytes().map_err(fault::internal)?;
        let mut request = self.request(Method::POST, Bytes::from(body));
        let accept = HeaderValue::from_static("application/json, text/event-stream");
        request.headers_mut().insert(header::ACCEPT, accept);
        request.headers_mut().insert(header::CONTENT_TYPE, HeaderValue::from_static("application/json"));
        let (exchange, answer) = gateway.links.send(message.map(|_| request)).await?;
        if let Some(id) = answer.headers().get(&SESSION) {
            self.headers().insert(SESSION, id.clone());
        }
        let learn = method.as_deref() == Some("initialize");
        let (streamed, mut messages) = read(answer, &gateway.masker).await?;
        if learn {
            messages = self.learn_version(messages);
        }
        Ok(Incoming { exchange, streamed, messages })
    }

    pub(super) async fn listen(
        &self,
        gateway: &Arc<Gateway>,
        listening: Authorized<()>,
    ) -> Result<Option<Incoming>, Fault> {
        let mut request = self.request(Method::GET, Bytes::new());
        request.headers_mut().insert(header::ACCEPT, HeaderValue::from_static("text/event-stream"));
        let (exchange, answer) = gateway.links.send(listening.map(|()| request)).await?;
        if answer.status() == StatusCode::METHOD_NOT_ALLOWED {
            return Ok(None);
        }
        let (streamed, messages) = read(answer, &gateway.masker).await?;
        Ok(Some(Incoming { exchange, streamed, messages }))
    }

    pub(super) async fn close(&self, gateway: &Arc<Gateway>, closing: Authorized<()>) -> Result<(), Fault> {
        let request = self.request(Method::DELETE, Bytes::new());
        gateway.links.send(closing.map(|()| request)).await.map(drop)
    }

    fn headers(&self) -> std::sync::MutexGuard<'_, HeaderMap> {
        self.headers.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn request(&self, method: Method, body: Bytes) -> Request<Bytes> {
        let mut request = Request::new(body);
        *request.method_mut() = method;
        *request.headers_mut() = self.headers().clone();
        request
    }

    /// Every request after `initialize` names the revision that its answer agreed on.
    fn learn_version(
        &self,
        mut messages: mpsc::Receiver<Result<Message, Fault>>,
    ) -> mpsc::Receiver<Result<Message, Fault>> {
        let headers = self.headers.clone();
        let (sender, receiver) = mpsc::channel(AHEAD);
        tokio::spawn(async move {
            while let Some(message) = messages.recv().await {
                if let Some(version) = message.as_ref().ok().and_then(agreed_version) {
                    headers.lock().unwrap_or_else(PoisonError::into_inner).insert(VERSION, version);
                }
                if sender.send(message).await.is_err() {
                    return;
                }
            }
        });
        receiver
    }
}

fn agreed_version(answer: &Message) -> Option<HeaderValue> {
    HeaderValue::from_str(answer.result()?.get("protocolVersion")?.as_str()?).ok()
}

/// The messages of an answer; whether they come as a stream.
async fn read(
    answer: Response<UpstreamBody>,
    masker: &Masker,
) -> Result<(bool, mpsc::Receiver<Result<Message, Fault>>), Fault> {
    let status = answer.status();
    let (sender, receiver) = mpsc::channel(AHEAD);
    if status == StatusCode::ACCEPTED || status == StatusCode::NO_CONTENT {
        return Ok((false, receiver));
    }
    if !status.is_success() {
        let words = words::of(answer.into_body(), masker).await;
        return Err(refused(status, words.as_deref()));
    }
    let content_type = answer.headers().get(header::CONTENT_TYPE).and_then(|value| value.to_str().ok());
    let content_type = content_type.unwrap_or_default().to_ascii_lowercase();
    if content_type.starts_with("text/event-stream") {
        tokio::spawn(stream(answer.into_body(), sender));
        return Ok((true, receiver));
    }
    let body = Limited::new(answer.into_body(), LIMIT).collect().await;
    let body = body.map_err(|error| broken(&*error))?.to_bytes();
    if body.is_empty() {
        return Ok((false, receiver));
    }
    let message = Message::parse(&body).map_err(fault::unreadable)?;
    let _ = sender.try_send(Ok(message));
    Ok((false, receiver))
}

async fn stream(mut body: UpstreamBody, sender: mpsc::Sender<Result<Message, Fault>>) {
    let mut decoder = sse::Decoder::new();
    loop {
        let frame = tokio::select! {
            frame = body.frame() => frame,
            () = sender.closed() => return,
        };
        let Some(frame) = frame else { return };
        let outcome = match frame {
            Ok(frame) => events(&mut decoder, frame.into_data().unwrap_or_default()),
            Err(error) => vec![Err(broken(&error))],
        };
        for message in outcome {
            let failed = message.is_err();
            if sender.send(message).await.is_err() || failed {
                return;
            }
        }
    }
}

fn events(decoder: &mut sse::Decoder, bytes: Bytes) -> Vec<Result<Message, Fault>> {
    match decoder.push(&bytes) {
        Ok(events) => events
            .into_iter()
            .filter(|event| !event.data.is_empty())
            .map(|event| Message::parse(event.data.as_bytes()).map_err(fault::unreadable))
            .collect(),
        Err(error) => vec![Err(fault::unreadable(error))],
    }
}

fn broken(error: &(dyn std::error::Error + 'static)) -> Fault {
    Fault::new(
        Side::Upstream,
        "upstream_broke_off",
        Retry::Unsafe,
        "the MCP server broke off its answer; the call may have run",
    )
    .detail(error)
}

/// With the server's own `words`, which may echo what was asked: masked.
fn refused(status: StatusCode, words: Option<&str>) -> Fault {
    if status == StatusCode::NOT_FOUND {
        return Fault::new(Side::Upstream, "session_gone", Retry::Safe, "the MCP server no longer knows this session");
    }
    let mut text = format!("the MCP server answered HTTP {}", status.as_u16());
    if let Some(words) = words {
        text.push_str(&format!(": {words}"));
    }
    Fault::new(Side::Upstream, "upstream_refused", Retry::Unsafe, text)
}
