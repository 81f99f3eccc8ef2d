//! Sessions and what happened in them, read from the trail.

use std::collections::{BTreeMap, btree_map::Entry};

use axum::{
    Json,
    extract::{Path, State},
};
use hoop_audit::{Record, RecordType};
use hoop_model::{ConnectionName, Fault, Retry, SessionId, Side, Subject, Timestamp};
use serde::Serialize;

use super::{Answer, Caller, Refusal};
use crate::{fault, trail};

#[derive(Serialize)]
pub(super) struct Sessions {
    sessions: Vec<Summary>,
}

#[derive(Serialize, Clone)]
pub(super) struct Summary {
    id: SessionId,
    subject: Option<Subject>,
    connection: Option<ConnectionName>,
    started_at: Timestamp,
    ended_at: Option<Timestamp>,
    live: bool,
    exchanges: u64,
    denied: u64,
    held: u64,
    rows: u64,
    masked: u64,
    /// Card numbers shown.
    revealed: u64,
}

#[derive(Serialize)]
pub(super) struct Session {
    #[serde(flatten)]
    summary: Summary,
    records: Vec<Record>,
}

/// One's own sessions; everybody's for auditors and admins. Newest first.
pub(super) async fn list(State(caller): State<Caller>) -> Answer<Sessions> {
    let sessions = visit(&caller, BTreeMap::new(), |sessions: &mut BTreeMap<_, Summary>, caller, record| {
        let Some(id) = record.draft.session_id else { return };
        match sessions.entry(id) {
            Entry::Occupied(mut known) => known.get_mut().count(&record),
            Entry::Vacant(place) => {
                let begun = Summary::begun(caller, id, &record);
                // What is not shown is not kept either.
                if sees(caller, &begun) {
                    place.insert(begun).count(&record);
                }
            }
        }
    })
    .await?;
    if caller.is_auditor() {
        trail::read(&caller.gateway, &caller, "sessions").await?;
    }
    Ok(Json(Sessions { sessions: sessions.into_values().rev().collect() }))
}

pub(super) async fn show(State(caller): State<Caller>, Path(id): Path<SessionId>) -> Answer<Session> {
    let found = visit(&caller, None, move |found: &mut Option<Session>, caller, record| {
        if record.draft.session_id != Some(id) {
            return;
        }
        let session =
            found.get_or_insert_with(|| Session { summary: Summary::begun(caller, id, &record), records: Vec::new() });
        session.summary.count(&record);
        if sees(caller, &session.summary) {
            session.records.push(record);
        }
    })
    .await?;
    let session = found.filter(|session| sees(&caller, &session.summary)).ok_or_else(|| unknown(id))?;
    trail::read(&caller.gateway, &caller, &format!("session {id}")).await?;
    Ok(Json(session))
}

/// Ends a live session: one's own, or anybody's for admins.
pub(super) async fn kill(State(caller): State<Caller>, Path(id): Path<SessionId>) -> Answer<()> {
    let own = caller.gateway.sessions.of(id, caller.login.id).is_some();
    if !own && !caller.is_admin() {
        return Err(unknown(id));
    }
    if !caller.gateway.sessions.kill(id, &format!("by {}", caller.principal().display_name())) {
        return Err(unknown(id));
    }
    trail::session_killed(&caller.gateway, &caller, id).await?;
    Ok(Json(()))
}

/// Reads the whole trail on a blocking thread, one segment in memory at a time, and folds it into `into`: the index that
/// spares the reading is an issue of its own.
async fn visit<T: Send + 'static>(
    caller: &Caller,
    mut into: T,
    each: impl Fn(&mut T, &Caller, Record) + Send + 'static,
) -> Result<T, Refusal> {
    let caller = caller.clone();
    let folded = tokio::task::spawn_blocking(move || {
        let dir = caller.gateway.recorder.dir();
        hoop_recording::records(dir, |record, _| each(&mut into, &caller, record)).map(|()| into)
    });
    Ok(folded.await.map_err(fault::internal)?.map_err(fault::internal)?)
}

fn sees(caller: &Caller, summary: &Summary) -> bool {
    caller.is_auditor() || summary.subject.as_ref() == Some(&caller.principal().subject)
}

pub(super) fn unknown(id: SessionId) -> Refusal {
    Refusal(Fault::new(
        Side::Client,
        "unknown_session",
        Retry::Useless,
        format!("there is no session {id}; `hoopctl sessions` lists those you can see"),
    ))
}

impl Summary {
    fn begun(caller: &Caller, id: SessionId, record: &Record) -> Self {
        Self {
            id,
            subject: record.draft.origin.as_ref().map(|origin| origin.subject.clone()),
            connection: record.draft.connection.clone(),
            started_at: record.ts,
            ended_at: None,
            live: caller.gateway.sessions.is_live(id),
            exchanges: 0,
            denied: 0,
            held: 0,
            rows: 0,
            masked: 0,
            revealed: 0,
        }
    }

    fn count(&mut self, record: &Record) {
        match record.draft.kind {
            RecordType::Request => self.exchanges += 1,
            RecordType::Denied => self.denied += 1,
            RecordType::ApprovalRequested => self.held += 1,
            RecordType::SessionEnd => self.ended_at = Some(record.ts),
            RecordType::ResponseChunk => {
                if let Some(counts) = &record.draft.counts {
                    self.rows += counts.rows;
                    self.masked += counts.masked.values().sum::<u64>();
                    self.revealed += counts.revealed.iter().map(|place| place.count).sum::<u64>();
                }
            }
            _ => {}
        }
    }
}
