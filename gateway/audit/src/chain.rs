//! The chain: each record holds the hash of the one before it, in the whole log and in its session.

use std::collections::HashMap;

use hoop_model::{SessionId, Timestamp};

use crate::{
    digest::sha256_hex,
    record::{Draft, Record, RecordType, VERSION},
};

/// The newest record of a log. Remembered elsewhere, it finds a log that was rolled back.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct Head {
    pub seq: u64,
    pub hash: String,
}

/// A record as it is to be stored.
#[derive(Debug, Clone)]
pub struct Stored {
    pub record: Record,
    pub bytes: Vec<u8>,
    pub hash: String,
}

/// Where the next record goes.
#[derive(Debug, Clone, Default)]
pub struct Chain {
    head: Option<Head>,
    sessions: HashMap<SessionId, Head>,
    latest: Option<Timestamp>,
}

impl Chain {
    pub fn head(&self) -> Option<&Head> {
        self.head.as_ref()
    }

    /// The record a draft would be, in the next place; nothing changes until [`Chain::take`]. A clock that went back
    /// does not take the trail back: the time of the record before is kept then.
    pub fn place(&self, draft: Draft, now: Timestamp) -> Result<Stored, serde_json::Error> {
        let ts = self.latest.map_or(now, |latest| latest.max(now));
        let session = draft.session_id.map(|id| self.sessions.get(&id));
        let record = Record {
            v: VERSION,
            seq: self.head.as_ref().map_or(0, |head| head.seq.saturating_add(1)),
            prev: self.head.as_ref().map_or_else(|| sha256_hex(b""), |head| head.hash.clone()),
            session_seq: session.map(|head| head.map_or(0, |head| head.seq.saturating_add(1))),
            prev_session: session.map(|head| head.map_or_else(|| sha256_hex(b""), |head| head.hash.clone())),
            ts,
            draft,
        };
        let bytes = serde_json::to_vec(&record)?;
        let hash = sha256_hex(&bytes);
        Ok(Stored { record, bytes, hash })
    }

    /// Makes a placed record the newest.
    pub fn take(&mut self, stored: &Stored) {
        self.took(&stored.record, &stored.hash);
    }

    /// Takes over a record that is stored already: how a log is resumed.
    pub fn resume(&mut self, record: &Record, bytes: &[u8]) {
        self.took(record, &sha256_hex(bytes));
    }

    fn took(&mut self, record: &Record, hash: &str) {
        self.head = Some(Head { seq: record.seq, hash: hash.to_owned() });
        self.latest = Some(record.ts);
        let (Some(session), Some(seq)) = (record.draft.session_id, record.session_seq) else { return };
        if record.draft.kind == RecordType::SessionEnd {
            self.sessions.remove(&session);
        } else {
            self.sessions.insert(session, Head { seq, hash: hash.to_owned() });
        }
    }
}
