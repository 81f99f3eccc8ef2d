//! That a session's record is in the signed log, for somebody who has not the log.

use std::ops::ControlFlow;

use axum::{
    Json,
    extract::{Path, Query, State},
};
use hoop_audit::VerifyingKey;
use hoop_model::{Fault, Retry, SessionId, Side};
use serde::{Deserialize, Serialize};

use super::{
    Answer, Caller, Refusal,
    sessions::{blocking, seen},
};
use crate::fault;

#[derive(Deserialize)]
pub(super) struct Of {
    /// The record's number.
    record: u64,
}

#[derive(Serialize)]
pub(super) struct Proven {
    /// A C2SP proof (tlog-proof).
    proof: String,
    /// The key that signed its head.
    key: VerifyingKey,
}

/// For whoever may see the session. Has hashes only: what was read to get here is recorded already.
pub(super) async fn show(
    State(caller): State<Caller>,
    Path(id): Path<SessionId>,
    Query(of): Query<Of>,
) -> Answer<Proven> {
    seen(&caller, id).await?;
    let own = blocking(&caller, move |index| {
        let mut own = false;
        index.read(id, of.record, |entry| {
            own = entry.seq == of.record;
            ControlFlow::Break(())
        })?;
        Ok(own)
    });
    if !own.await? {
        return Err(no_such_record(id, of.record));
    }
    let recorder = &caller.gateway.recorder;
    recorder.sign().await.map_err(fault::record)?;
    let dir = recorder.dir().to_owned();
    let proof = tokio::task::spawn_blocking(move || hoop_recording::proof(&dir, of.record));
    let proof = proof.await.map_err(fault::internal)?.map_err(fault::internal)?;
    let (proof, key) = proof.ok_or_else(|| fault::internal("a record of the trail is under no signed head"))?;
    Ok(Json(Proven { proof: proof.to_string(), key }))
}

fn no_such_record(id: SessionId, record: u64) -> Refusal {
    let text = format!("session {id} has no record {record}; `hoopctl sessions show {id}` lists those it has");
    Refusal(Fault::new(Side::Client, "unknown_record", Retry::Useless, text))
}
