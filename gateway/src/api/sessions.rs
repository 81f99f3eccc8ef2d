//! Sessions and what happened in them, read from the trail by its index.

use std::{ops::ControlFlow, sync::Arc};

use axum::{
    Json,
    extract::{Path, Query, State},
};
use hoop_audit::Record;
use hoop_model::{ConnectionName, Fault, Retry, SessionId, Side, Subject, Timestamp};
use hoop_recording::{Index, ReadError, SessionFacts, Wanted};
use serde::{Deserialize, Serialize};

use super::{Answer, Caller, Refusal};
use crate::{fault, trail};

/// Sessions that one answer lists.
const MOST: usize = 10_000;

#[derive(Deserialize)]
pub(super) struct Which {
    limit: Option<usize>,
    /// Those that began then or later.
    since: Option<Timestamp>,
    /// Those that began before this one: the next page.
    before: Option<SessionId>,
}

#[derive(Serialize)]
pub(super) struct Sessions {
    sessions: Vec<Summary>,
    /// Whether there are further ones.
    more: bool,
}

#[derive(Serialize)]
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
pub(super) async fn list(State(caller): State<Caller>, Query(which): Query<Which>) -> Answer<Sessions> {
    let limit = which.limit.unwrap_or(MOST).min(MOST);
    let wanted = Wanted { limit, since: which.since, before: which.before };
    let who = caller.clone();
    let page = blocking(&caller, move |index| index.list(&wanted, |facts| sees(&who, facts))).await?;
    let page = match (page, which.before) {
        (None, Some(before)) => return Err(unknown(before)),
        (page, _) => page.unwrap_or_default(),
    };
    if caller.is_auditor() {
        trail::read(&caller.gateway, &caller, "sessions").await?;
    }
    let sessions = page.sessions.into_iter().map(|facts| Summary::of(&caller, facts)).collect();
    Ok(Json(Sessions { sessions, more: page.more }))
}

pub(super) async fn show(State(caller): State<Caller>, Path(id): Path<SessionId>) -> Answer<Session> {
    let facts = seen(&caller, id).await?;
    let records = blocking(&caller, move |index| {
        let (mut records, mut failed) = (Vec::new(), None);
        index.read(id, 0, |entry| match serde_json::from_slice(entry.record) {
            Ok(record) => {
                records.push(record);
                ControlFlow::Continue(())
            }
            Err(error) => {
                failed = Some(error);
                ControlFlow::Break(())
            }
        })?;
        Ok(failed.map_or(Ok(records), Err))
    });
    let records = records.await?.map_err(fault::internal)?;
    trail::read(&caller.gateway, &caller, &format!("session {id}")).await?;
    Ok(Json(Session { summary: Summary::of(&caller, facts), records }))
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

/// Asks the trail's index on a thread that may wait for the disk.
pub(super) async fn blocking<T: Send + 'static>(
    caller: &Caller,
    ask: impl FnOnce(&Index) -> Result<T, ReadError> + Send + 'static,
) -> Result<T, Refusal> {
    let index = Arc::clone(caller.gateway.recorder.index());
    let asked = tokio::task::spawn_blocking(move || ask(&index));
    Ok(asked.await.map_err(fault::internal)?.map_err(fault::internal)?)
}

/// What is known of a session, for who may see it.
pub(super) async fn seen(caller: &Caller, id: SessionId) -> Result<SessionFacts, Refusal> {
    let facts = blocking(caller, move |index| index.session(id)).await?;
    facts.filter(|facts| sees(caller, facts)).ok_or_else(|| unknown(id))
}

fn sees(caller: &Caller, facts: &SessionFacts) -> bool {
    caller.is_auditor() || facts.subject.as_ref() == Some(&caller.principal().subject)
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
    fn of(caller: &Caller, facts: SessionFacts) -> Self {
        Self {
            id: facts.id,
            subject: facts.subject,
            connection: facts.connection,
            started_at: facts.started_at,
            ended_at: facts.ended_at,
            live: caller.gateway.sessions.is_live(facts.id),
            exchanges: facts.exchanges,
            denied: facts.denied,
            held: facts.held,
            rows: facts.rows,
            masked: facts.masked,
            revealed: facts.revealed,
        }
    }
}
