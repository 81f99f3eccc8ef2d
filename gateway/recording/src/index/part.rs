//! What an index says of a session.

use std::collections::{BTreeMap, HashMap};

use hoop_audit::RecordType;
use hoop_model::{ConnectionName, SessionId, Subject, Timestamp};
use serde::{Deserialize, Serialize};

use crate::scan::Place;

/// What a list says of a session: all of it, or one segment's part.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SessionFacts {
    pub id: SessionId,
    /// The number of its first record; what that one says of who and where.
    pub first: u64,
    pub subject: Option<Subject>,
    pub connection: Option<ConnectionName>,
    pub started_at: Timestamp,
    pub ended_at: Option<Timestamp>,
    pub exchanges: u64,
    pub denied: u64,
    pub held: u64,
    pub rows: u64,
    /// Values masked, and card numbers shown.
    pub masked: u64,
    pub revealed: u64,
}

impl SessionFacts {
    /// With what a later segment says of the same session.
    pub(super) fn with(self, later: &Self) -> Self {
        Self {
            ended_at: later.ended_at.or(self.ended_at),
            exchanges: self.exchanges + later.exchanges,
            denied: self.denied + later.denied,
            held: self.held + later.held,
            rows: self.rows + later.rows,
            masked: self.masked + later.masked,
            revealed: self.revealed + later.revealed,
            ..self
        }
    }
}

/// Whether a session begins in a segment.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum Begins {
    /// With its start.
    Here,
    /// Its place in the session says so, but what comes after a session's end is numbered from the beginning too.
    Perhaps,
    Before,
}

/// What a segment's lists say of its sessions, in order of their first records in it.
pub(super) type Listed = Vec<(SessionFacts, Begins)>;

/// A session in one segment.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Part {
    pub facts: SessionFacts,
    pub begins: Begins,
    pub places: Vec<Place>,
}

/// All sessions of one segment, in order of their first records.
#[derive(Default)]
pub(super) struct Parts {
    parts: Vec<Part>,
    by_id: HashMap<SessionId, usize>,
    latest: Option<Timestamp>,
}

/// What an index looks at in a record.
#[derive(Deserialize)]
struct Seen {
    seq: u64,
    session_seq: Option<u64>,
    ts: Timestamp,
    #[serde(rename = "type")]
    kind: RecordType,
    session_id: Option<SessionId>,
    origin: Option<Who>,
    connection: Option<ConnectionName>,
    counts: Option<Tally>,
}

#[derive(Deserialize)]
struct Who {
    subject: Subject,
}

#[derive(Deserialize)]
struct Tally {
    rows: u64,
    masked: BTreeMap<String, u64>,
    #[serde(default)]
    revealed: Vec<Shown>,
}

#[derive(Deserialize)]
struct Shown {
    count: u64,
}

impl Parts {
    /// The segment's next record.
    pub fn take(&mut self, place: Place, stored: &[u8]) -> Result<(), serde_json::Error> {
        let seen: Seen = serde_json::from_slice(stored)?;
        self.latest = Some(seen.ts);
        let Some(id) = seen.session_id else { return Ok(()) };
        let next = self.parts.len();
        let index = *self.by_id.entry(id).or_insert(next);
        if index == next {
            let begins = match (seen.session_seq, seen.kind) {
                (Some(0), RecordType::SessionStart) => Begins::Here,
                (Some(0), _) => Begins::Perhaps,
                _ => Begins::Before,
            };
            let facts = SessionFacts {
                id,
                first: seen.seq,
                subject: seen.origin.map(|origin| origin.subject),
                connection: seen.connection,
                started_at: seen.ts,
                ended_at: None,
                exchanges: 0,
                denied: 0,
                held: 0,
                rows: 0,
                masked: 0,
                revealed: 0,
            };
            self.parts.push(Part { facts, begins, places: Vec::new() });
        }
        let Some(part) = self.parts.get_mut(index) else { return Ok(()) };
        part.places.push(place);
        let facts = &mut part.facts;
        match (seen.kind, seen.counts) {
            (RecordType::Request, _) => facts.exchanges += 1,
            (RecordType::Denied, _) => facts.denied += 1,
            (RecordType::ApprovalRequested, _) => facts.held += 1,
            (RecordType::SessionEnd, _) => facts.ended_at = Some(seen.ts),
            (RecordType::ResponseChunk, Some(counts)) => {
                facts.rows += counts.rows;
                facts.masked += counts.masked.values().sum::<u64>();
                facts.revealed += counts.revealed.iter().map(|shown| shown.count).sum::<u64>();
            }
            _ => {}
        }
        Ok(())
    }

    pub fn iter(&self) -> impl Iterator<Item = &Part> {
        self.parts.iter()
    }

    pub fn listed(&self) -> Listed {
        self.parts.iter().map(|part| (part.facts.clone(), part.begins)).collect()
    }

    pub fn one(&self, id: SessionId) -> Option<&Part> {
        self.by_id.get(&id).and_then(|index| self.parts.get(*index))
    }

    /// When the segment's last record was written.
    pub fn latest(&self) -> Option<Timestamp> {
        self.latest
    }
}
