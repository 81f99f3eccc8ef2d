//! What happened in one session, whole: each record as stored, and before it what it commits to, as frames of the trail
//! (`hoop_audit::segment`). The caller verifies them.

use std::{ops::ControlFlow, sync::Arc, time::Duration};

use axum::{
    body::Body,
    extract::{Path, Query, State},
    response::Response,
};
use bytes::Bytes;
use futures_util::stream;
use hoop_audit::{RecordType, is_before, payload::PayloadKeys, segment::Frame};
use hoop_model::{SessionId, Timestamp};
use hoop_recording::{Beside, Index, ReadError, Recorder};
use serde::Deserialize;
use tokio::sync::mpsc;

use super::{Caller, Refusal, sessions::seen};
use crate::trail;

/// Frames that are read ahead of the stream.
const AHEAD: usize = 4;
/// How long it rests between two readings of the newest segment while it follows a session.
const REST: Duration = Duration::from_millis(500);

#[derive(Deserialize)]
pub(super) struct How {
    /// Why somebody looks; goes into the trail.
    reason: Option<String>,
    /// Goes on with what is recorded meanwhile, until the session has ended.
    #[serde(default)]
    follow: bool,
    /// Taken away, to be kept elsewhere.
    #[serde(default)]
    export: bool,
    /// Without the payloads of records that are older than so many seconds after the session's start.
    #[serde(default)]
    at: f64,
}

/// Of one's own sessions; of everybody's for auditors and admins.
pub(super) async fn stream(
    State(caller): State<Caller>,
    Path(id): Path<SessionId>,
    Query(how): Query<How>,
) -> Result<Response, Refusal> {
    let facts = seen(&caller, id).await?;
    let what = if how.export { "export" } else { "recording" };
    trail::recording_read(&caller.gateway, &caller, what, id, how.reason.as_deref()).await?;
    let recorder = (*caller.gateway.recorder).clone();
    let (frames, ready) = mpsc::channel(AHEAD);
    let reading = Reading {
        index: Arc::clone(recorder.index()),
        id,
        began: facts.started_at,
        at: how.at,
        keys: recorder.payload_keys().clone(),
        frames,
    };
    tokio::spawn(reading.run(recorder, facts.first, how.follow));
    let body = stream::unfold(ready, async |mut ready| ready.recv().await.map(|frame| (frame, ready)));
    Ok(Response::new(Body::from_stream(body)))
}

/// A session's records on their way to somebody.
#[derive(Clone)]
struct Reading {
    index: Arc<Index>,
    id: SessionId,
    began: Timestamp,
    at: f64,
    keys: Arc<PayloadKeys>,
    frames: mpsc::Sender<Result<Bytes, ReadError>>,
}

impl Reading {
    async fn run(self, recorder: Recorder, mut from: u64, follow: bool) {
        loop {
            let head = recorder.head().map_or(0, |head| head.seq);
            let this = self.clone();
            let Ok(read) = tokio::task::spawn_blocking(move || this.read(from, head)).await else { return };
            let over = match read {
                Ok(over) => over,
                Err(error) => {
                    // The stream breaks off, which the caller sees: there is no status left to send.
                    tracing::error!(%error, "a recording could not be read");
                    let _ = self.frames.send(Err(error)).await;
                    return;
                }
            };
            if over || !follow {
                return;
            }
            from = head + 1;
            tokio::select! {
                () = self.frames.closed() => return,
                () = async {
                    tokio::time::sleep(REST).await;
                    recorder.reached(from).await;
                } => {}
            }
        }
    }

    /// What is durable from one record to another; whether that is the last, or nobody listens any more.
    fn read(&self, from: u64, to: u64) -> Result<bool, ReadError> {
        let mut over = false;
        self.index.read(self.id, from, |entry| {
            if entry.seq > to {
                return ControlFlow::Break(());
            }
            let mut bytes = Vec::new();
            if !is_before(entry.ts, self.began, self.at) {
                self.delivered(entry.seq, &entry.payload, &mut bytes);
            }
            Frame::Record(entry.record).write(&mut bytes);
            over = self.frames.blocking_send(Ok(Bytes::from(bytes))).is_err() || entry.kind == RecordType::SessionEnd;
            if over { ControlFlow::Break(()) } else { ControlFlow::Continue(()) }
        })?;
        Ok(over)
    }

    /// One that is damaged or does not open is left out: whoever reads it sees that it is missing.
    fn delivered(&self, seq: u64, beside: &Beside<'_>, out: &mut Vec<u8>) {
        let mut frame = Vec::new();
        let payload = match beside.read(&mut frame) {
            Ok(payload) => payload,
            Err(error) => return tracing::error!(%error, seq, "what was delivered cannot be read back"),
        };
        if let Some(payload) = payload
            && let Err(error) = hoop_recording::unsealed(payload, &self.keys, out)
        {
            tracing::error!(%error, seq, "what was delivered cannot be read back");
        }
    }
}
