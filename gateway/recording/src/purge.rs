//! Purge: payloads whose time is over go, their records stay. What goes is recorded before it does.

use std::{
    collections::{BTreeMap, HashSet},
    fs,
    path::{Path, PathBuf},
};

use hoop_audit::{
    Draft, PurgeFacts, RecordType,
    retention::{self, SHORTEST},
    segment::{Frame, Frames, MAGIC},
};
use hoop_model::{ConnectionName, SessionId, Timestamp};
use serde::Deserialize;

use crate::{ReadError, RecordError, durable};

/// For how many days payloads are kept, by connection.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Retention {
    days: u16,
    of: BTreeMap<ConnectionName, u16>,
}

impl Retention {
    /// `days` where `of` does not say otherwise. Nothing is kept shorter than the [`SHORTEST`] time.
    pub fn new(days: u16, of: BTreeMap<ConnectionName, u16>) -> Self {
        let of = of.into_iter().map(|(name, days)| (name, days.max(SHORTEST))).collect();
        Self { days: days.max(SHORTEST), of }
    }

    pub fn of(&self, connection: Option<&ConnectionName>) -> u16 {
        connection.and_then(|name| self.of.get(name)).copied().unwrap_or(self.days)
    }

    /// The longest that anything is kept.
    pub fn longest(&self) -> u16 {
        self.of.values().copied().fold(self.days, u16::max)
    }

    fn shortest(&self) -> u16 {
        self.of.values().copied().fold(self.days, u16::min)
    }
}

/// Looks through a trail's sealed segments for what is to go.
pub struct Purge {
    dir: PathBuf,
    retention: Retention,
    /// Segments in which no payload is left, and whose time is over.
    empty: HashSet<u64>,
}

/// A segment that holds, or held, payloads whose time is over.
pub struct Old {
    /// The number of its first record.
    pub first: u64,
    /// What is to go.
    pub due: Option<Due>,
    /// Whether a hold keeps any that would go without it.
    pub held: bool,
    /// Whether any is left once that is gone.
    pub rest: bool,
}

/// What of a payload's record decides about it.
#[derive(Deserialize)]
struct Kept {
    seq: u64,
    ts: Timestamp,
    session_id: Option<SessionId>,
    connection: Option<ConnectionName>,
}

/// Payloads of one segment that are to go.
pub struct Due {
    path: PathBuf,
    records: HashSet<u64>,
    facts: Vec<PurgeFacts>,
}

/// Connections that one record of a purge names: they have to fit into it.
const CONNECTIONS: usize = 500;

impl Purge {
    /// Of the trail in `dir`.
    pub fn new(dir: &Path, retention: Retention) -> Self {
        Self { dir: dir.to_owned(), retention, empty: HashSet::new() }
    }

    /// The next segment after the one that begins with record `after`, as long as there are some that are old enough.
    /// `held` tells by session and connection what stays. Blocks on the disk.
    pub fn next(
        &mut self,
        after: Option<u64>,
        now: Timestamp,
        held: impl Fn(Option<SessionId>, Option<&ConnectionName>) -> bool,
    ) -> Result<Option<Old>, ReadError> {
        let io = |source| ReadError::Io { path: self.dir.clone(), source };
        let mut segments = durable::segments(&self.dir).map_err(io)?;
        // The newest is written to.
        segments.pop();
        let next = segments.into_iter().find(|(first, _)| after.is_none_or(|after| *first > after));
        let Some((first, path)) = next else { return Ok(None) };
        if self.empty.contains(&first) {
            return Ok(Some(Old { first, due: None, held: false, rest: false }));
        }
        let old = self.look(first, &path, now, &held)?;
        if old.as_ref().is_some_and(|old| old.due.is_none() && !old.rest) {
            self.empty.insert(first);
        }
        Ok(old)
    }

    /// `None`: the segment is young, and so is each that follows.
    fn look(
        &self,
        first: u64,
        path: &Path,
        now: Timestamp,
        held: &impl Fn(Option<SessionId>, Option<&ConnectionName>) -> bool,
    ) -> Result<Option<Old>, ReadError> {
        let bytes = fs::read(path).map_err(|source| ReadError::Io { path: path.to_owned(), source })?;
        let read = |stored| -> Result<Kept, ReadError> {
            serde_json::from_slice(stored).map_err(|source| ReadError::Record { path: path.to_owned(), source })
        };
        let mut due = Due { path: path.to_owned(), records: HashSet::new(), facts: Vec::new() };
        let mut old = Old { first, due: None, held: false, rest: false };
        let (mut payload, mut last) = (None, None);
        for frame in Frames::new(&bytes) {
            let (_, frame) = frame.map_err(|source| ReadError::Frame { path: path.to_owned(), source })?;
            let stored = match frame {
                Frame::Payload(next) => {
                    payload = Some(next);
                    continue;
                }
                Frame::Record(stored) => stored,
                Frame::Opening(_) | Frame::Checkpoint(_) => continue,
            };
            last = Some(stored);
            let Some(payload) = payload.take() else { continue };
            let kept = read(stored)?;
            if !retention::is_over(kept.ts, self.retention.shortest(), now) {
                // Nor is what follows, here or in a later segment.
                if due.records.is_empty() && !old.rest {
                    return Ok(None);
                }
                old.rest = true;
                break;
            }
            let days = self.retention.of(kept.connection.as_ref());
            let over = retention::is_over(kept.ts, days, now);
            let keeps = held(kept.session_id, kept.connection.as_ref());
            if over && !keeps {
                due.add(kept.seq, kept.connection, days, payload.stored.len() as u64);
            } else {
                old.held |= over;
                old.rest = true;
            }
        }
        if due.records.is_empty() && !old.rest {
            // Nothing is kept in it; what it held before, its records' age says.
            let last = last.map(read).transpose()?;
            if last.is_none_or(|last| !retention::is_over(last.ts, self.retention.shortest(), now)) {
                return Ok(None);
            }
        }
        old.due = (!due.records.is_empty()).then_some(due);
        Ok(Some(old))
    }
}

impl Due {
    fn add(&mut self, seq: u64, connection: Option<ConnectionName>, days: u16, bytes: u64) {
        self.records.insert(seq);
        let has_place = |facts: &PurgeFacts| {
            facts.days == days && (facts.connections.len() < CONNECTIONS || facts.is_of(connection.as_ref()))
        };
        let index = self.facts.iter().position(has_place).unwrap_or(self.facts.len());
        if index == self.facts.len() {
            let (connections, unconnected) = (Vec::new(), false);
            self.facts.push(PurgeFacts {
                first: seq,
                last: seq,
                connections,
                unconnected,
                days,
                payloads: 0,
                bytes: 0,
            });
        }
        let Some(facts) = self.facts.get_mut(index) else { return };
        facts.last = seq;
        facts.payloads += 1;
        facts.bytes += bytes;
        match connection {
            None => facts.unconnected = true,
            Some(name) if !facts.connections.contains(&name) => facts.connections.push(name),
            Some(_) => {}
        }
    }

    pub fn payloads(&self) -> usize {
        self.records.len()
    }

    /// What has to be recorded before [`Self::remove`].
    pub fn drafts(&self) -> Vec<Draft> {
        let draft = |facts: &PurgeFacts| {
            let mut draft = Draft::new(RecordType::Purge);
            draft.purge = Some(facts.clone());
            draft.outcome = Some("success".to_owned());
            draft
        };
        self.facts.iter().map(draft).collect()
    }

    /// Takes the payloads out of the segment, whose records stay as they are. After a crash it is as it was, or as it
    /// shall be. Blocks on the disk.
    pub fn remove(&self) -> Result<(), RecordError> {
        let io = |source| RecordError::Io { path: self.path.clone(), source };
        let bytes = fs::read(&self.path).map_err(io)?;
        let mut rest = MAGIC.to_vec();
        let mut begin = MAGIC.len();
        let mut frames = Frames::new(&bytes);
        while let Some(frame) = frames.next() {
            let (_, frame) = frame.map_err(|source| ReadError::Frame { path: self.path.clone(), source })?;
            let goes = matches!(frame, Frame::Payload(payload) if self.records.contains(&payload.seq));
            if !goes {
                rest.extend_from_slice(bytes.get(begin..frames.offset()).unwrap_or_default());
            }
            begin = frames.offset();
        }
        durable::replace(&self.path, &rest).map_err(io)
    }
}
