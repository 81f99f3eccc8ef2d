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

    fn shortest(&self) -> u16 {
        self.of.values().copied().fold(self.days, u16::min)
    }
}

/// Looks through a trail's sealed segments for what is to go.
pub struct Purge {
    dir: PathBuf,
    retention: Retention,
    /// Segments in which no payload is left.
    empty: HashSet<PathBuf>,
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
    /// By the days they were kept.
    facts: BTreeMap<u16, PurgeFacts>,
}

impl Purge {
    /// Of the trail in `dir`.
    pub fn new(dir: &Path, retention: Retention) -> Self {
        Self { dir: dir.to_owned(), retention, empty: HashSet::new() }
    }

    /// The next segment, after the one called `after`, that holds payloads whose time is over and that are not `held`, by
    /// session and connection. Blocks on the disk.
    pub fn due(
        &mut self,
        after: Option<&Path>,
        now: Timestamp,
        held: impl Fn(Option<SessionId>, Option<&ConnectionName>) -> bool,
    ) -> Result<Option<Due>, ReadError> {
        let io = |source| ReadError::Io { path: self.dir.clone(), source };
        let mut segments = durable::segments(&self.dir).map_err(io)?;
        // The newest is written to.
        segments.pop();
        for (_, path) in segments.into_iter().filter(|(_, path)| after.is_none_or(|after| path.as_path() > after)) {
            if self.empty.contains(&path) {
                continue;
            }
            let bytes = fs::read(&path).map_err(|source| ReadError::Io { path: path.clone(), source })?;
            let found = self.look(&path, &bytes, now, &held)?;
            if found.empty {
                self.empty.insert(path.clone());
            }
            if !found.due.records.is_empty() {
                return Ok(Some(found.due));
            }
            if found.young {
                break;
            }
        }
        Ok(None)
    }

    fn look(
        &self,
        path: &Path,
        bytes: &[u8],
        now: Timestamp,
        held: &impl Fn(Option<SessionId>, Option<&ConnectionName>) -> bool,
    ) -> Result<Found, ReadError> {
        let due = Due { path: path.to_owned(), records: HashSet::new(), facts: BTreeMap::new() };
        let mut found = Found { due, empty: true, young: false };
        let mut payload = None;
        for frame in Frames::new(bytes) {
            let (_, frame) = frame.map_err(|source| ReadError::Frame { path: path.to_owned(), source })?;
            let stored = match frame {
                Frame::Payload(next) => {
                    payload = Some(next);
                    continue;
                }
                Frame::Record(stored) => stored,
                Frame::Opening(_) | Frame::Checkpoint(_) => continue,
            };
            let Some(payload) = payload.take() else { continue };
            found.empty = false;
            let kept: Kept =
                serde_json::from_slice(stored).map_err(|source| ReadError::Record { path: path.to_owned(), source })?;
            if !retention::is_over(kept.ts, self.retention.shortest(), now) {
                // Nor is what follows, here or in a later segment.
                found.young = true;
                break;
            }
            let days = self.retention.of(kept.connection.as_ref());
            if retention::is_over(kept.ts, days, now) && !held(kept.session_id, kept.connection.as_ref()) {
                found.due.add(kept.seq, kept.connection, days, payload.stored.len() as u64);
            }
        }
        Ok(found)
    }
}

struct Found {
    due: Due,
    empty: bool,
    young: bool,
}

impl Due {
    fn add(&mut self, seq: u64, connection: Option<ConnectionName>, days: u16, bytes: u64) {
        self.records.insert(seq);
        let facts = self.facts.entry(days).or_insert_with(|| PurgeFacts {
            first: seq,
            last: seq,
            connections: Vec::new(),
            unconnected: false,
            days,
            payloads: 0,
            bytes: 0,
        });
        facts.last = seq;
        facts.payloads += 1;
        facts.bytes += bytes;
        match connection {
            None => facts.unconnected = true,
            Some(name) if !facts.connections.contains(&name) => facts.connections.push(name),
            Some(_) => {}
        }
    }

    /// The segment's file.
    pub fn path(&self) -> &Path {
        &self.path
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
        self.facts.values().map(draft).collect()
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
