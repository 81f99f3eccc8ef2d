//! Sessions and what happened in them, read from the trail.

use std::collections::BTreeMap;

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
}

#[derive(Serialize)]
pub(super) struct Session {
    #[serde(flatten)]
    summary: Summary,
    records: Vec<Record>,
}

/// One's own sessions; everybody's for auditors and admins. Newest first.
pub(super) async fn list(State(caller): State<Caller>) -> Answer<Sessions> {
    let mut sessions: BTreeMap<SessionId, Summary> = BTreeMap::new();
    visit(&caller, |record| {
        let Some(id) = record.draft.session_id else { return };
        let summary = sessions.entry(id).or_insert_with(|| Summary::begun(&caller, id, &record));
        summary.count(&record);
    })
    .await?;
    if caller.is_auditor() {
        trail::read(&caller.gateway, &caller, "sessions").await?;
    }
    let sessions = sessions.into_values().rev().filter(|summary| sees(&caller, summary)).collect();
    Ok(Json(Sessions { sessions }))
}

pub(super) async fn show(State(caller): State<Caller>, Path(id): Path<SessionId>) -> Answer<Session> {
    let mut found: Option<Session> = None;
    visit(&caller, |record| {
        if record.draft.session_id != Some(id) {
            return;
        }
        let session =
            found.get_or_insert_with(|| Session { summary: Summary::begun(&caller, id, &record), records: Vec::new() });
        session.summary.count(&record);
        session.records.push(record);
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

/// Reads the whole trail on a blocking thread; the index that spares it is an issue of its own.
async fn visit(caller: &Caller, mut each: impl FnMut(Record)) -> Result<(), Refusal> {
    let dir = caller.gateway.recorder.dir().to_owned();
    let records = tokio::task::spawn_blocking(move || {
        let mut records = Vec::new();
        hoop_recording::records(&dir, |record, _| records.push(record)).map(|()| records)
    });
    let records = records.await.map_err(fault::internal)?.map_err(fault::internal)?;
    records.into_iter().for_each(&mut each);
    Ok(())
}

fn sees(caller: &Caller, summary: &Summary) -> bool {
    caller.is_auditor() || summary.subject.as_ref() == Some(&caller.principal().subject)
}

fn unknown(id: SessionId) -> Refusal {
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
                }
            }
            _ => {}
        }
    }
}
