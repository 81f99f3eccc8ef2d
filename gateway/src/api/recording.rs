//! What happened in one session, whole: each record as stored, and before it what it commits to, as frames of the trail
//! (`hoop_audit::segment`). The caller verifies them.

use std::ops::ControlFlow;

use axum::{
    body::Body,
    extract::{Path, Query, State},
    response::Response,
};
use bytes::Bytes;
use futures_util::stream;
use hoop_audit::{Record, segment::Frame};
use hoop_model::SessionId;
use serde::Deserialize;
use tokio::sync::mpsc;

use super::{Caller, Refusal, sessions::unknown};
use crate::{fault, trail};

/// Frames that are read ahead of the stream.
const AHEAD: usize = 4;

#[derive(Deserialize)]
pub(super) struct Why {
    /// Why somebody looks; goes into the trail.
    reason: Option<String>,
}

/// Of one's own sessions; of everybody's for auditors and admins.
pub(super) async fn stream(
    State(caller): State<Caller>,
    Path(id): Path<SessionId>,
    Query(why): Query<Why>,
) -> Result<Response, Refusal> {
    let dir = caller.gateway.recorder.dir().to_owned();
    let begin = {
        let dir = dir.clone();
        tokio::task::spawn_blocking(move || begin(&dir, id)).await.map_err(fault::internal)?.map_err(fault::internal)?
    };
    let own =
        |begin: &Record| begin.draft.origin.as_ref().is_some_and(|origin| origin.subject == caller.principal().subject);
    let begin = begin.filter(|begin| caller.is_auditor() || own(begin)).ok_or_else(|| unknown(id))?;
    trail::recording_read(&caller.gateway, &caller, id, why.reason.as_deref()).await?;
    let (frames, ready) = mpsc::channel(AHEAD);
    tokio::task::spawn_blocking(move || {
        let read = hoop_recording::session(&dir, begin.seq, id, |record, payload| {
            let mut bytes = Vec::new();
            if let Some(payload) = payload {
                Frame::Payload(payload).write(&mut bytes);
            }
            Frame::Record(record).write(&mut bytes);
            match frames.blocking_send(Ok(Bytes::from(bytes))) {
                Ok(()) => ControlFlow::Continue(()),
                Err(_) => ControlFlow::Break(()),
            }
        });
        if let Err(error) = read {
            // The stream breaks off, which the caller sees: there is no status left to send.
            tracing::error!(%error, "a recording could not be read");
            let _ = frames.blocking_send(Err(error));
        }
    });
    let body = stream::unfold(ready, async |mut ready| ready.recv().await.map(|frame| (frame, ready)));
    Ok(Response::new(Body::from_stream(body)))
}

/// The session's first record.
fn begin(dir: &std::path::Path, id: SessionId) -> Result<Option<Record>, hoop_recording::ReadError> {
    let mut first = None;
    hoop_recording::session(dir, 0, id, |record, _| {
        first = serde_json::from_slice(record).ok();
        ControlFlow::Break(())
    })?;
    Ok(first)
}
