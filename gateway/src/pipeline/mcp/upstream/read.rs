//! An upstream's HTTP answer as messages.

use std::sync::Arc;

use ::http::{Response, StatusCode, header};
use bytes::Bytes;
use hoop_masking::Masker;
use hoop_mcp::{LIMIT, Message, sse};
use hoop_model::{Fault, Retry, Side};
use http_body_util::{BodyExt, Limited};
use tokio::sync::mpsc;

use super::{
    super::{asked::Asked, item::Mark},
    Incoming, Piece, refused,
};
use crate::{fault, link::UpstreamBody, pipeline::Exchange};

/// Pieces read ahead of the client: bounds what one stream holds in memory.
const AHEAD: usize = 4;
/// Of a longer refusal nothing is read.
const REFUSAL: usize = 64 * 1024;

pub(super) async fn answer(
    exchange: Arc<Exchange>,
    answer: Response<UpstreamBody>,
    asked: &Asked,
    masker: &Masker,
) -> Result<Incoming, Fault> {
    let status = answer.status();
    let (sender, pieces) = mpsc::channel(AHEAD);
    let single = |message: Option<Message>, status: StatusCode| {
        if let Some(message) = message {
            let _ = sender.try_send(Ok(message.into()));
        }
        (false, status)
    };
    let (streamed, status) = if status == StatusCode::ACCEPTED || status == StatusCode::NO_CONTENT {
        single(None, status)
    } else if !status.is_success() {
        let (message, status) = refused::read(status, &refusal(answer).await, asked, masker)?;
        single(Some(message), status)
    } else if is_stream(&answer) {
        tokio::spawn(stream(answer.into_body(), sender));
        (true, status)
    } else {
        let body = Limited::new(answer.into_body(), LIMIT).collect().await;
        let body = body.map_err(|error| broken(&*error))?.to_bytes();
        let message = if body.is_empty() { None } else { Some(Message::parse(&body).map_err(fault::unreadable)?) };
        let (message, status) = match message {
            Some(message) => {
                let (message, status) = refused::look(message, asked, status);
                (Some(message), status)
            }
            None => (None, status),
        };
        single(message, status)
    };
    Ok(Incoming { exchange, streamed, status, pieces })
}

/// What is said beside a status that says no; nothing where it is too long or broke off.
pub(super) async fn refusal(answer: Response<UpstreamBody>) -> Bytes {
    let body = Limited::new(answer.into_body(), REFUSAL).collect().await;
    body.map(|body| body.to_bytes()).unwrap_or_default()
}

pub(super) fn is_stream(answer: &Response<UpstreamBody>) -> bool {
    says(answer, "text/event-stream")
}

/// Whether an answer's type is this one, whatever its parameters.
pub(super) fn says(answer: &Response<UpstreamBody>, wanted: &str) -> bool {
    let content_type = answer.headers().get(header::CONTENT_TYPE).and_then(|value| value.to_str().ok());
    content_type.is_some_and(|value| value.to_ascii_lowercase().starts_with(wanted))
}

async fn stream(mut body: UpstreamBody, sender: mpsc::Sender<Result<Piece, Fault>>) {
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
        for piece in outcome {
            let failed = piece.is_err();
            if sender.send(piece).await.is_err() || failed {
                return;
            }
        }
    }
}

fn events(decoder: &mut sse::Decoder, bytes: Bytes) -> Vec<Result<Piece, Fault>> {
    match decoder.push(&bytes) {
        Ok(events) => events.into_iter().filter_map(piece).collect(),
        Err(error) => vec![Err(fault::unreadable(error))],
    }
}

/// `None` for an event that says nothing.
fn piece(event: sse::Event) -> Option<Result<Piece, Fault>> {
    let mark = Mark { id: event.id, retry: event.retry };
    if event.data.is_empty() {
        let says = mark.id.is_some() || mark.retry.is_some();
        return says.then_some(Ok(Piece { message: None, mark }));
    }
    let message = Message::parse(event.data.as_bytes()).map_err(fault::unreadable);
    Some(message.map(|message| Piece { message: Some(message), mark }))
}

pub(super) fn broken(error: &(dyn std::error::Error + 'static)) -> Fault {
    Fault::new(
        Side::Upstream,
        "upstream_broke_off",
        Retry::Unsafe,
        "the MCP server broke off its answer; the call may have run",
    )
    .detail(error)
}
