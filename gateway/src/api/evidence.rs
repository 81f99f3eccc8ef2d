//! The seal of an evidence pack: the log's own record of its manifest, and the proof that it is in the log.

use axum::{Json, extract::State};
use hoop_audit::{Hash, Later};
use hoop_model::{Fault, Retry, Side, Timestamp};
use serde::Deserialize;

use super::{Answer, Caller, Refusal};
use crate::{fault, trail};

/// What is to be sealed.
#[derive(Deserialize)]
pub(super) struct Pack {
    /// SHA-256 of its manifest.
    manifest: Hash,
    from: Timestamp,
    to: Timestamp,
    /// How many records the log had as it was made: the proof goes on from there.
    size: u64,
}

/// Records the pack as read by whoever made it, and shows the record under a signed head.
pub(super) async fn seal(State(caller): State<Caller>, Json(pack): Json<Pack>) -> Answer<Later> {
    caller.must(caller.is_auditor(), "sealing evidence")?;
    let recorder = &caller.gateway.recorder;
    let records = recorder.head().map_or(0, |head| head.seq.saturating_add(1));
    if pack.size > records {
        return Err(other_log());
    }
    let seq = trail::evidence_sealed(&caller.gateway, &caller, pack.manifest, pack.from, pack.to).await?;
    recorder.sign().await.map_err(fault::record)?;
    let dir = recorder.dir().to_owned();
    let later = tokio::task::spawn_blocking(move || hoop_recording::later(&dir, pack.size, seq));
    let later = later.await.map_err(fault::internal)?.map_err(fault::internal)?;
    Ok(Json(later.ok_or_else(|| fault::internal("the record of a sealed pack is not in the trail"))?))
}

fn other_log() -> Refusal {
    Refusal(Fault::new(
        Side::Client,
        "other_trail",
        Retry::Useless,
        "the evidence was made of another trail than this gateway's; make it anew from this gateway",
    ))
}
