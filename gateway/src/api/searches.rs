//! Which exchanges hid or showed a given card: by its keyed digest, which records have in its place. One person asks,
//! another lets it happen, and all of it is recorded.

use std::time::Duration;

use axum::{
    Json,
    extract::{Path, State},
};
use hoop_audit::RecordType;
use hoop_masking::Findings;
use hoop_model::{ConnectionName, ExchangeId, Fault, Retry, SearchId, SessionId, Side, Subject, Timestamp, later};
use hoop_store::{Answer as Said, CardSearch, Reviewer};
use serde::{Deserialize, Serialize};

use super::{Answer, Caller, Refusal};
use crate::{fault, trail};

/// How long somebody may let a search happen, and look at what it finds.
const LIFE: Duration = Duration::from_secs(24 * 3600);
/// Exchanges that one answer names.
const MOST: usize = 10_000;

#[derive(Deserialize)]
pub(super) struct Wanted {
    /// The number itself, which goes no further than this.
    card: hoop_model::Secret<String>,
    reason: String,
}

#[derive(Deserialize)]
pub(super) struct Approval {
    reason: Option<String>,
}

#[derive(Serialize)]
pub(super) struct Searches {
    searches: Vec<CardSearch>,
}

#[derive(Serialize)]
pub(super) struct Found {
    #[serde(flatten)]
    search: CardSearch,
    /// In the trail's order.
    exchanges: Vec<Hit>,
    /// Beyond those.
    further: usize,
}

/// A record that speaks of the card.
#[derive(Serialize)]
struct Hit {
    record: u64,
    at: Timestamp,
    kind: RecordType,
    session: Option<SessionId>,
    exchange: Option<ExchangeId>,
    connection: Option<ConnectionName>,
    subject: Option<Subject>,
    /// Whether card numbers were shown in it.
    shown: bool,
}

pub(super) async fn ask(State(caller): State<Caller>, Json(wanted): Json<Wanted>) -> Answer<CardSearch> {
    caller.must(caller.is_auditor(), "searching for a card")?;
    let gateway = &caller.gateway;
    let mut findings = Findings::default();
    // The masker finds the number as it would in an answer, so the digest is the one that records have.
    let _ = gateway.masker.text(wanted.card.expose().trim(), &mut findings);
    let [digest] = &findings.take_digests()[..] else { return Err(no_card(gateway.masker.rules().key().is_some())) };
    let now = gateway.clock.now();
    let search = CardSearch {
        id: SearchId::new(),
        digest: digest.clone(),
        reason: trail::masked(gateway, &wanted.reason),
        by: reviewer(&caller),
        at: now,
        ends: later(now, LIFE),
        approved: None,
    };
    trail::card_search(gateway, &caller, &search, "asked", &search.reason).await?;
    gateway.store.insert_card_search(&search).await.map_err(fault::store)?;
    Ok(Json(search))
}

pub(super) async fn list(State(caller): State<Caller>) -> Answer<Searches> {
    caller.must(caller.is_auditor(), "listing searches")?;
    let now = caller.gateway.clock.now();
    Ok(Json(Searches { searches: caller.gateway.store.card_searches(now).await.map_err(fault::store)? }))
}

pub(super) async fn approve(
    State(caller): State<Caller>,
    Path(id): Path<SearchId>,
    Json(approval): Json<Approval>,
) -> Answer<CardSearch> {
    caller.must(caller.is_auditor(), "approving a search")?;
    let gateway = &caller.gateway;
    let mut search = live(&caller, id).await?;
    if search.by.subject == caller.principal().subject {
        let text = "a search is let happen by somebody else than who asked for it";
        return Err(Fault::new(Side::Policy, "own_search", Retry::Useless, text).into());
    }
    let reason = approval.reason.map(|reason| trail::masked(gateway, &reason));
    trail::card_search(gateway, &caller, &search, "approved", reason.as_deref().unwrap_or_default()).await?;
    search.approved.get_or_insert(Said { by: reviewer(&caller), at: gateway.clock.now(), reason });
    if !gateway.store.approve_card_search(&search).await.map_err(fault::store)? {
        search = live(&caller, id).await?;
    }
    Ok(Json(search))
}

/// For the two who stand for it alone. That somebody looked is recorded before anything is read.
pub(super) async fn show(State(caller): State<Caller>, Path(id): Path<SearchId>) -> Answer<Found> {
    caller.must(caller.is_auditor(), "searching for a card")?;
    let gateway = &caller.gateway;
    let search = live(&caller, id).await?;
    let Some(approved) = &search.approved else {
        let text = format!(
            "nobody has let this search happen yet; another auditor does by `hoopctl audit search approve {id}`"
        );
        return Err(Fault::new(Side::Policy, "approval_pending", Retry::Safe, text).into());
    };
    let subject = &caller.principal().subject;
    caller
        .must(search.by.subject == *subject || approved.by.subject == *subject, "looking at somebody else's search")?;
    trail::card_search(gateway, &caller, &search, "read", &search.reason).await?;
    let (dir, digest) = (gateway.recorder.dir().to_owned(), search.digest.clone());
    let read = tokio::task::spawn_blocking(move || hits(&dir, &digest)).await.map_err(fault::internal)?;
    let (exchanges, further) = read.map_err(fault::internal)?;
    Ok(Json(Found { search, exchanges, further }))
}

fn hits(dir: &std::path::Path, digest: &str) -> Result<(Vec<Hit>, usize), hoop_recording::ReadError> {
    let (mut hits, mut further) = (Vec::new(), 0);
    hoop_recording::containing(dir, digest, |record| {
        let draft = record.draft;
        let counts = draft.counts.unwrap_or_default();
        if !counts.cards.iter().any(|card| card == digest) {
            return;
        }
        if hits.len() == MOST {
            further += 1;
            return;
        }
        hits.push(Hit {
            record: record.seq,
            at: record.ts,
            kind: draft.kind,
            session: draft.session_id,
            exchange: draft.exchange_id,
            connection: draft.connection,
            subject: draft.origin.map(|origin| origin.subject),
            shown: draft.reveal.is_some(),
        });
    })?;
    Ok((hits, further))
}

/// One that has not ended.
async fn live(caller: &Caller, id: SearchId) -> Result<CardSearch, Refusal> {
    let now = caller.gateway.clock.now();
    let found = caller.gateway.store.card_search(id).await.map_err(fault::store)?;
    found.filter(|search| search.ends > now).ok_or_else(|| {
        let text = format!("there is no search {id}, or it has ended; `hoopctl audit search list` names them");
        Fault::new(Side::Client, "unknown_search", Retry::Useless, text).into()
    })
}

fn reviewer(caller: &Caller) -> Reviewer {
    let principal = caller.principal();
    Reviewer { subject: principal.subject.clone(), name: trail::masked(&caller.gateway, principal.display_name()) }
}

fn no_card(key: bool) -> Refusal {
    let text = match key {
        true => "that is not one card number that the masker would hide; give the whole number, and nothing else",
        false => "cards cannot be found again: the gateway has no key in [masking], so records have no digests of them",
    };
    Fault::new(Side::Client, "not_a_card", Retry::Useless, text).into()
}
