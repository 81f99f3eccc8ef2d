//! The chain: each record holds the hash of the one before it, in the whole log and in its session, and is a leaf of the
//! log's tree.

use std::collections::BTreeMap;

use hoop_model::{ClockState, ExchangeId, SessionId, Timestamp};
use serde::{Deserialize, Serialize};

use crate::{
    checkpoint::Checkpoint,
    digest::Hash,
    record::{Draft, Record, RecordType, VERSION},
    tree::Tree,
};

/// The newest record of a log.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Head {
    pub seq: u64,
    pub hash: Hash,
}

/// A record as it is to be stored.
#[derive(Debug, Clone)]
pub struct Stored {
    pub record: Record,
    pub bytes: Vec<u8>,
    pub hash: Hash,
}

/// The time that a record is placed at.
#[derive(Debug, Clone, Copy)]
pub struct Moment {
    pub wall: Timestamp,
    /// Since the writer began; see [`Record::mono_ns`].
    pub mono_ns: Option<u64>,
    pub clock: ClockState,
}

impl From<Timestamp> for Moment {
    fn from(wall: Timestamp) -> Self {
        Self { wall, mono_ns: None, clock: ClockState::Unmeasured }
    }
}

/// A session whose end is not in the log yet.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct OpenSession {
    /// Its newest record, and that one's place within it.
    pub session_seq: u64,
    pub hash: Hash,
    /// The record that says who began it. Absent where only other records name it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub started: Option<u64>,
}

/// Where a log stands: all that the next record depends on.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Chain {
    head: Option<Head>,
    tree: Tree,
    latest: Option<Timestamp>,
    sessions: BTreeMap<SessionId, OpenSession>,
    /// Exchanges whose end is not in the log yet, and the record of their request.
    exchanges: BTreeMap<ExchangeId, u64>,
}

/// What of a record its place in the log depends on.
pub(crate) struct Place {
    pub seq: u64,
    pub ts: Timestamp,
    pub kind: RecordType,
    pub session: Option<(SessionId, u64)>,
    pub exchange: Option<ExchangeId>,
}

impl Chain {
    pub fn head(&self) -> Option<&Head> {
        self.head.as_ref()
    }

    pub fn tree(&self) -> &Tree {
        &self.tree
    }

    pub fn checkpoint(&self, origin: &str) -> Checkpoint {
        Checkpoint::of(origin, &self.tree)
    }

    /// Number of the next record.
    pub fn next_seq(&self) -> u64 {
        self.head.as_ref().map_or(0, |head| head.seq.saturating_add(1))
    }

    /// The hash that the next record holds of the one before it.
    pub(crate) fn prev(&self) -> Hash {
        self.head.as_ref().map_or_else(|| Hash::of(b""), |head| head.hash)
    }

    /// Place within its session, and the hash of the record before it there, that the session's next record has.
    pub(crate) fn next_in_session(&self, session: SessionId) -> (u64, Hash) {
        let open = self.sessions.get(&session);
        open.map_or_else(|| (0, Hash::of(b"")), |open| (open.session_seq.saturating_add(1), open.hash))
    }

    pub(crate) fn latest(&self) -> Option<Timestamp> {
        self.latest
    }

    /// How many sessions and exchanges have begun and not ended.
    pub fn unended(&self) -> usize {
        self.exchanges.len() + self.sessions.values().filter(|session| session.started.is_some()).count()
    }

    /// A session's newest record by its place within it, where the session's end is not in the log yet.
    pub fn newest_of(&self, session: SessionId) -> Option<u64> {
        self.sessions.get(&session).map(|open| open.session_seq)
    }

    /// Requests without an end.
    pub fn open_exchanges(&self) -> u64 {
        self.exchanges.len() as u64
    }

    /// The records that began what has not ended: requests, then sessions, in order of their ids.
    pub fn begun(&self) -> Vec<u64> {
        let sessions = self.sessions.values().filter_map(|session| session.started);
        self.exchanges.values().copied().chain(sessions).collect()
    }

    /// The record a draft would be, in the next place; nothing changes until [`Chain::take`]. A clock that went back
    /// does not take the trail back: the time of the record before is kept then.
    pub fn place(&self, draft: Draft, now: impl Into<Moment>) -> Result<Stored, serde_json::Error> {
        let Moment { wall, mono_ns, clock } = now.into();
        let session = draft.session_id.map(|id| self.next_in_session(id));
        let record = Record {
            v: VERSION,
            seq: self.next_seq(),
            prev: self.prev(),
            session_seq: session.map(|(seq, _)| seq),
            prev_session: session.map(|(_, prev)| prev),
            ts: self.latest.map_or(wall, |latest| latest.max(wall)),
            mono_ns,
            clock,
            draft,
        };
        let bytes = serde_json::to_vec(&record)?;
        let hash = Hash::leaf(&bytes);
        Ok(Stored { record, bytes, hash })
    }

    /// Makes a placed record the newest.
    pub fn take(&mut self, stored: &Stored) {
        self.took(&Place::of(&stored.record), stored.hash);
    }

    /// Takes over a record that is stored already: how a log is resumed.
    pub fn resume(&mut self, record: &Record, bytes: &[u8]) {
        self.took(&Place::of(record), Hash::leaf(bytes));
    }

    pub(crate) fn took(&mut self, place: &Place, hash: Hash) {
        let seq = place.seq;
        self.head = Some(Head { seq, hash });
        self.tree.push(hash);
        self.latest = Some(place.ts);
        if place.kind == RecordType::WriterStart {
            // Neither lives longer than the gateway: it has closed in the log what was open.
            self.sessions.clear();
            self.exchanges.clear();
        }
        match (place.kind, place.exchange) {
            (RecordType::Request, Some(exchange)) => drop(self.exchanges.insert(exchange, seq)),
            (RecordType::End, Some(exchange)) => drop(self.exchanges.remove(&exchange)),
            _ => {}
        }
        match (place.session, place.kind) {
            (None, _) => {}
            (Some((session, _)), RecordType::SessionEnd) => drop(self.sessions.remove(&session)),
            (Some((session, session_seq)), kind) => {
                let started = (kind == RecordType::SessionStart).then_some(seq);
                let started = started.or_else(|| self.sessions.get(&session).and_then(|open| open.started));
                self.sessions.insert(session, OpenSession { session_seq, hash, started });
            }
        }
    }
}

impl Place {
    fn of(record: &Record) -> Self {
        Self {
            seq: record.seq,
            ts: record.ts,
            kind: record.draft.kind,
            session: record.draft.session_id.zip(record.session_seq),
            exchange: record.draft.exchange_id,
        }
    }
}
