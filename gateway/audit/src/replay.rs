//! One session's records as they are replayed: each is held against the one before it in the session, and its payload
//! against what it commits to. That the session is in the signed log, `hoopctl audit verify` says.

use std::time::Duration;

use hoop_model::{SessionId, Timestamp};

use crate::{
    digest::Hash,
    payload::{Payload, PayloadError},
    record::{PayloadFacts, Record},
    retention::{self, SHORTEST},
};

/// Why a replayed record is not what was written.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ReplayError {
    #[error("it cannot be read: {0}")]
    Unreadable(#[from] serde_json::Error),
    #[error("it does not follow record {expected} of the session: something was changed, removed, added or moved")]
    Broken { expected: u64 },
    #[error("its payload is missing")]
    NoPayload,
    #[error("its payload is not the one it commits to: {0}")]
    Payload(#[from] PayloadError),
}

/// Takes a session's records in order.
pub struct Replay {
    session: SessionId,
    now: Timestamp,
    /// Of records that are older than this many seconds after the first, no payload was asked for.
    at: f64,
    began: Option<Timestamp>,
    next: u64,
    prev: Hash,
}

/// A record as it came, and what does not hold about it.
pub struct Replayed {
    pub record: Record,
    pub problem: Option<ReplayError>,
    /// Its payload is not there, and its time may be over: whether it was purged, `hoopctl audit verify` says.
    pub may_be_purged: bool,
    /// It commits to a payload, which was not asked for and not looked at.
    pub not_asked_for: bool,
}

impl Replay {
    /// `now`: what is to be found of recordings depends on their age.
    pub fn of(session: SessionId, now: Timestamp) -> Self {
        Self { session, now, at: 0.0, began: None, next: 0, prev: Hash::of(b"") }
    }

    /// Asks for no payloads of what happened before so many seconds after the session's first record.
    #[must_use]
    pub fn from(self, at: f64) -> Self {
        Self { at, ..self }
    }

    /// The next record's stored bytes. One that does not hold is given out all the same, with why.
    ///
    /// # Errors
    /// When the bytes are no record.
    pub fn take(&mut self, bytes: &[u8], payload: Option<&Payload<'_>>) -> Result<Replayed, ReplayError> {
        let record: Record = serde_json::from_slice(bytes)?;
        let follows = record.draft.session_id == Some(self.session)
            && record.session_seq == Some(self.next)
            && record.prev_session == Some(self.prev);
        let early = is_before(record.ts, *self.began.get_or_insert(record.ts), self.at);
        let not_asked_for = early && record.draft.payload.is_some();
        let mut problem = match &record.draft.payload {
            _ if !follows => Some(ReplayError::Broken { expected: self.next }),
            Some(_) if not_asked_for => None,
            Some(facts) => kept(facts, payload, record.seq).err(),
            None => None,
        };
        let is_old = retention::is_over(record.ts, SHORTEST, self.now);
        let may_be_purged = problem.take_if(|why| is_old && matches!(why, ReplayError::NoPayload)).is_some();
        self.next = record.session_seq.unwrap_or(self.next).saturating_add(1);
        self.prev = Hash::leaf(bytes);
        Ok(Replayed { record, problem, may_be_purged, not_asked_for })
    }
}

/// Whether a record is older than so many seconds after a session's first.
pub fn is_before(ts: Timestamp, began: Timestamp, at: f64) -> bool {
    Duration::try_from(ts.duration_since(began)).unwrap_or_default().as_secs_f64() < at
}

fn kept(facts: &PayloadFacts, payload: Option<&Payload<'_>>, seq: u64) -> Result<(), ReplayError> {
    let payload = payload.filter(|payload| payload.seq == seq).ok_or(ReplayError::NoPayload)?;
    Ok(payload.check(facts)?)
}
