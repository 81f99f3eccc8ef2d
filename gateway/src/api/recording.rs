//! What happened in one session, whole: each record as stored, and before it what it commits to, as frames of the trail
//! (`hoop_audit::segment`). The caller verifies them.

use std::{ops::ControlFlow, path::PathBuf, sync::Arc, time::Duration};

use axum::{
    body::Body,
    extract::{Path, Query, State},
    response::Response,
};
use bytes::Bytes;
use futures_util::stream;
use hoop_audit::{Record, RecordType, payload::PayloadKeys, segment::Frame};
use hoop_model::SessionId;
use hoop_recording::{ReadError, Recorder};
use serde::Deserialize;
use tokio::sync::mpsc;

use super::{Caller, Refusal, sessions::unknown};
use crate::{fault, trail};

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
}

/// Of one's own sessions; of everybody's for auditors and admins.
pub(super) async fn stream(
    State(caller): State<Caller>,
    Path(id): Path<SessionId>,
    Query(how): Query<How>,
) -> Result<Response, Refusal> {
    let recorder = (*caller.gateway.recorder).clone();
    let begin = {
        let dir = recorder.dir().to_owned();
        tokio::task::spawn_blocking(move || begin(&dir, id)).await.map_err(fault::internal)?.map_err(fault::internal)?
    };
    let own =
        |begin: &Record| begin.draft.origin.as_ref().is_some_and(|origin| origin.subject == caller.principal().subject);
    let begin = begin.filter(|begin| caller.is_auditor() || own(begin)).ok_or_else(|| unknown(id))?;
    trail::recording_read(&caller.gateway, &caller, id, how.reason.as_deref()).await?;
    let (frames, ready) = mpsc::channel(AHEAD);
    let reading = Reading { dir: recorder.dir().to_owned(), id, keys: recorder.payload_keys().clone(), frames };
    tokio::spawn(reading.run(recorder, begin.seq, how.follow));
    let body = stream::unfold(ready, async |mut ready| ready.recv().await.map(|frame| (frame, ready)));
    Ok(Response::new(Body::from_stream(body)))
}

/// A session's records on their way to somebody.
#[derive(Clone)]
struct Reading {
    dir: PathBuf,
    id: SessionId,
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
        hoop_recording::session(&self.dir, from, self.id, |seq, record, payload| {
            if seq < from {
                return ControlFlow::Continue(());
            }
            if seq > to {
                return ControlFlow::Break(());
            }
            let mut bytes = Vec::new();
            // One that does not open is left out: whoever reads it sees that it is missing.
            if let Some(payload) = payload
                && let Err(error) = hoop_recording::unsealed(payload, &self.keys, &mut bytes)
            {
                tracing::error!(%error, seq, "what was delivered cannot be read back");
            }
            Frame::Record(record).write(&mut bytes);
            let ended =
                serde_json::from_slice(record).is_ok_and(|record: Record| record.draft.kind == RecordType::SessionEnd);
            over = self.frames.blocking_send(Ok(Bytes::from(bytes))).is_err() || ended;
            if over { ControlFlow::Break(()) } else { ControlFlow::Continue(()) }
        })?;
        Ok(over)
    }
}

/// The session's first record.
fn begin(dir: &std::path::Path, id: SessionId) -> Result<Option<Record>, ReadError> {
    let mut first = None;
    hoop_recording::session(dir, 0, id, |_, record, _| {
        first = serde_json::from_slice(record).ok();
        ControlFlow::Break(())
    })?;
    Ok(first)
}
