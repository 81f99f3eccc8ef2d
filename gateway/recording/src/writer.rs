//! The thread that writes: takes what callers bring, makes a batch durable with one sync, answers each, and signs.

use std::{
    fs::File,
    io, mem,
    path::{Path, PathBuf},
    sync::{Arc, Mutex},
    time::{Duration, Instant},
};

use hoop_audit::{
    Chain, Draft, KEY, Moment, Opening, RecordType, SigningKey, UNSIGNED, UNSIGNED_RECORDS, VerifyingKey,
    payload::PayloadKeys,
    segment::{Frame, LIMIT, MAGIC},
};
use hoop_model::Clock;
use tokio::sync::{mpsc, oneshot};

use crate::{
    Entry, Failpoint, Receipt, RecordError, Recorded,
    durable::{self, Durable, Room},
    index,
    recorder::Standing,
    recover::Recovered,
};

/// Calls answered by one sync, at the most: bounds what a crash tears and what a caller waits for.
const BATCH: usize = 256;
/// Bytes of a full segment.
pub(crate) const SEGMENT: u64 = 64 * 1024 * 1024;
/// Without a record for so long, one says that nothing happened (`audit-and-recording.md` §1.2).
const HEARTBEAT: Duration = Duration::from_secs(60);
/// What may be written on a thread that others wait for: so many bytes, to a disk whose last sync took so long.
const SMALL: usize = 64 * 1024;
const QUICK: Duration = Duration::from_millis(1);

/// Bytes of a batch whose memory serves the next one too.
const SPARE: usize = 4 * 1024 * 1024;

pub(crate) type Done = oneshot::Sender<Result<Vec<Receipt>, RecordError>>;

pub(crate) enum Job {
    Append { entries: Vec<Entry>, done: Done },
    Sign { done: Done },
    Rotate { key: SigningKey, done: Done },
    Seal { done: Done },
    Close { done: Done },
    Tick,
}

pub(crate) struct Writer {
    /// Absent in tests that bring their own disk.
    pub dir: Option<PathBuf>,
    /// Held as long as this writer may write.
    pub lock: Option<File>,
    pub disk: Box<dyn Durable>,
    pub length: u64,
    /// [`SPARE`].
    pub spare: Vec<u8>,
    /// The segment holds more than heartbeats.
    pub worth_sealing: bool,
    /// A segment that has grown over this many bytes is closed.
    pub full: u64,
    pub chain: Chain,
    pub key: SigningKey,
    /// Signs the next checkpoint too, and then alone.
    pub next_key: Option<SigningKey>,
    /// Becomes that once the record of it has its place.
    pub incoming_key: Option<SigningKey>,
    /// Records that no checkpoint covers.
    pub unsigned: u64,
    pub clock: Arc<dyn Clock>,
    /// What the steady clock read as this writer began; absent before it said so.
    pub began: Option<Duration>,
    pub disk_is_full: bool,
    pub written: Instant,
    /// How long the newest write and sync took.
    pub last_sync: Duration,
    pub closed: bool,
    pub standing: Standing,
}

impl Writer {
    /// Goes on where the trail was left: says first what has to be said, and that recording begins.
    pub(crate) fn start(
        dir: &Path,
        lock: File,
        recovered: Recovered,
        clock: Arc<dyn Clock>,
        standing: Standing,
    ) -> Result<Self, RecordError> {
        let io = |source| RecordError::Io { path: dir.to_owned(), source };
        let Recovered { chain, key, next_key, unsigned, segment, first, before } = recovered;
        let (segment, length) = match segment {
            Some(segment) => segment,
            None => {
                let head = opening(key.verifying(), &chain)?;
                (durable::create(dir, chain.next_seq(), &head).map_err(io)?, head.len() as u64)
            }
        };
        let mut writer = Self {
            dir: Some(dir.to_owned()),
            lock: Some(lock),
            disk: Box::new(segment),
            length,
            spare: Vec::new(),
            worth_sealing: true,
            full: standing.failpoints.segment.unwrap_or(SEGMENT),
            chain,
            key,
            next_key,
            incoming_key: None,
            unsigned,
            clock,
            began: None,
            disk_is_full: false,
            written: Instant::now(),
            last_sync: Duration::ZERO,
            closed: false,
            standing,
        };
        let mut start = Draft::new(RecordType::WriterStart).detail("version", env!("CARGO_PKG_VERSION"));
        if unsigned > 0 {
            // Nobody has vouched for them: whoever had the files could have changed them until now.
            start = start.detail(UNSIGNED_RECORDS, unsigned.to_string());
        }
        if let Some(before) = before {
            start = before.tell(start);
        }
        let first = first.into_iter().chain([start]).map(|draft| Entry::from(draft).fit(&PayloadKeys::default()));
        let first = first.collect::<Result<_, _>>()?;
        for outcome in writer.write(first, Signed::Now) {
            outcome?;
        }
        Ok(writer)
    }

    /// Until the trail is closed, or nobody is left who could append.
    pub(crate) fn run(writer: &Mutex<Self>, mut jobs: mpsc::Receiver<Job>) {
        let mut batch = Vec::with_capacity(BATCH);
        while jobs.blocking_recv_many(&mut batch, BATCH) > 0 {
            // A writer that panicked is not asked again: those who wait are told that the trail is closed.
            let Ok(mut writer) = writer.lock() else { return };
            writer.take(batch.drain(..));
            if writer.closed {
                return;
            }
        }
    }

    /// Whether whoever appends this may do the writer's work itself, on a thread that others wait for: it is of the only
    /// exchange that is under way, so nobody is there to share a sync with, and it is over soon.
    pub(crate) fn is_idle_for(&self, entries: &[Entry]) -> bool {
        use RecordType::{End, Request, ResponseChunk};
        let size: usize = entries.iter().map(Entry::size).sum();
        let length = self.length.saturating_add(size as u64);
        let of_exchange = entries.iter().all(|entry| matches!(entry.draft.kind, Request | ResponseChunk | End));
        let alone = of_exchange && self.chain.open_exchanges() <= 1;
        alone && size <= SMALL && self.last_sync <= QUICK && length < self.full
    }

    /// Does all of it with one sync. Nothing after a close.
    pub(crate) fn take(&mut self, jobs: impl Iterator<Item = Job>) {
        self.at(Failpoint::BatchTaken);
        let mut entries = Vec::new();
        let mut waiting = Vec::new();
        let mut signed = Signed::WhenDue;
        let mut tick = false;
        let mut closing = false;
        let mut sealing = false;
        for job in jobs {
            let (mut more, done) = match job {
                Job::Append { entries, done } => (entries, done),
                Job::Sign { done } => {
                    signed = Signed::Now;
                    (Vec::new(), done)
                }
                Job::Rotate { key, done } => {
                    signed = Signed::Now;
                    (vec![self.rotation(key).into()], done)
                }
                Job::Seal { done } => {
                    sealing = true;
                    (Vec::new(), done)
                }
                Job::Close { done } => {
                    signed = Signed::Now;
                    closing = true;
                    (vec![Draft::new(RecordType::WriterStop).into()], done)
                }
                Job::Tick => {
                    tick = true;
                    continue;
                }
            };
            Entry::mark(&mut more);
            waiting.push((more.len(), done));
            entries.extend(more);
            if closing {
                break;
            }
        }
        if tick && entries.is_empty() && self.unsigned == 0 && self.written.elapsed() >= HEARTBEAT {
            entries.push(Draft::new(RecordType::Heartbeat).into());
        }
        if tick {
            signed = Signed::Now;
        }
        let mut outcomes = self.write(entries, signed).into_iter();
        if sealing && !closing && self.worth_sealing {
            self.roll();
        }
        if closing {
            if let Err(error) = self.disk.seal() {
                self.poison(&error);
            }
            self.lock = None;
            self.closed = true;
        }
        for (count, done) in waiting {
            let _ = done.send(outcomes.by_ref().take(count).collect());
        }
        self.at(Failpoint::Answered);
    }

    fn rotation(&mut self, key: SigningKey) -> Draft {
        let draft = Draft::new(RecordType::KeyRotation).detail(KEY, key.verifying().to_string());
        self.incoming_key = Some(key);
        draft
    }

    /// Makes a batch durable, in order; one outcome per entry.
    pub(crate) fn write(&mut self, entries: Vec<Entry>, signed: Signed) -> Vec<Result<Receipt, RecordError>> {
        let refused = |why: &str, count| (0..count).map(|_| Err(RecordError::Poisoned(why.to_owned()))).collect();
        if let Some(why) = self.standing.poisoned.borrow().as_deref() {
            return refused(why, entries.len());
        }
        let size: usize = entries.iter().map(Entry::size).sum();
        let mut left = match self.disk.reserve(size as u64) {
            Ok(Room::There) => u64::MAX,
            Ok(Room::Made) => {
                self.at(Failpoint::RoomMade);
                u64::MAX
            }
            Ok(Room::Full { left }) => left,
            Err(error) => {
                self.poison(&error);
                return refused(&error.to_string(), entries.len());
            }
        };
        self.full_disk(left < u64::MAX);
        let mut bytes = mem::take(&mut self.spare);
        bytes.clear();
        bytes.reserve(size);
        let mut recorded = Vec::with_capacity(entries.len());
        let mut due = signed == Signed::Now && left == u64::MAX;
        let outcomes: Vec<_> = entries
            .into_iter()
            .map(|entry| {
                if left < u64::MAX {
                    left =
                        left.checked_sub(entry.size() as u64).filter(|_| entry.only_ends).ok_or(RecordError::Full)?;
                }
                let kind = entry.draft.kind;
                self.worth_sealing |= kind != RecordType::Heartbeat;
                due |= matches!(kind, RecordType::SessionEnd | RecordType::KeyRotation | RecordType::WriterStop);
                let receipt = self.place(entry, &mut bytes, &mut recorded)?;
                self.unsigned += 1;
                if self.unsigned >= UNSIGNED {
                    self.sign(&mut bytes)?;
                }
                Ok(receipt)
            })
            .collect();
        let records = outcomes.len();
        let placed = outcomes.iter().filter(|outcome| outcome.is_ok()).count();
        if due
            && self.unsigned > 0
            && let Err(error) = self.sign(&mut bytes)
        {
            self.poison(&error);
            return refused(&error.to_string(), records);
        }
        if bytes.is_empty() {
            return outcomes;
        }
        self.at(Failpoint::Placed);
        let started = Instant::now();
        if let Err(error) = self.make_durable(&bytes, placed > 0) {
            self.poison(&error);
            return refused(&error.to_string(), records);
        }
        if placed > 0 {
            self.written = Instant::now();
            self.last_sync = started.elapsed();
            self.standing.stats.add(placed, self.last_sync);
        }
        self.length += bytes.len() as u64;
        self.spare = Some(bytes).filter(|bytes| bytes.capacity() <= SPARE).unwrap_or_default();
        // Before anybody is told that they are there.
        self.standing.recent.add(recorded);
        self.standing.head.send_replace(self.chain.head().cloned());
        self.standing.open.send_replace(self.chain.unended());
        if self.unsigned == 0 {
            self.standing.checkpoint.send_replace(Some(self.chain.checkpoint(self.key.verifying().name())));
        }
        if self.length >= self.full {
            self.roll();
        }
        outcomes
    }

    /// A checkpoint alone vouches for what is durable already.
    fn make_durable(&mut self, bytes: &[u8], records: bool) -> io::Result<()> {
        let rest = if self.standing.failpoints.are_watched() {
            let (half, rest) = bytes.split_at(bytes.len() / 2);
            self.disk.put(half)?;
            self.at(Failpoint::HalfWritten);
            rest
        } else {
            bytes
        };
        self.disk.put(rest)?;
        if !records {
            self.at(Failpoint::CheckpointPut);
            return Ok(());
        }
        self.at(Failpoint::Written);
        self.disk.sync()?;
        self.at(Failpoint::Synced);
        Ok(())
    }

    fn at(&self, point: Failpoint) {
        self.standing.failpoints.reached(point);
    }

    /// Says once that the disk is full, and once that it is not any more.
    fn full_disk(&mut self, full: bool) {
        match (self.disk_is_full, full) {
            (false, true) => tracing::error!("the disk of the trail is full: nothing new passes until there is room"),
            (true, false) => tracing::warn!("there is room for the trail again"),
            _ => {}
        }
        self.disk_is_full = full;
    }

    /// An entry's place in the chain, and its frames. One that cannot be stored takes none.
    fn place(
        &mut self,
        entry: Entry,
        bytes: &mut Vec<u8>,
        recorded: &mut Vec<(Recorded, usize)>,
    ) -> Result<Receipt, RecordError> {
        let Entry { draft, attachment, .. } = entry;
        let moment = self.moment(draft.kind);
        let stored = self.chain.place(draft, moment).map_err(|error| RecordError::Encode(error.to_string()))?;
        let length = stored.bytes.len();
        if length > LIMIT {
            return Err(RecordError::TooLong { length });
        }
        if let Some(attachment) = attachment {
            let payload = Frame::Payload(attachment.at(stored.record.seq));
            payload.write(bytes).ok_or(RecordError::TooLong { length: attachment.size() })?;
        }
        Frame::Record(&stored.bytes).write(bytes).ok_or(RecordError::TooLong { length })?;
        self.chain.take(&stored);
        if stored.record.draft.kind == RecordType::KeyRotation {
            self.next_key = self.incoming_key.take();
        }
        let receipt = Receipt { seq: stored.record.seq, hash: stored.hash };
        recorded.push((Recorded { record: Arc::new(stored.record), hash: stored.hash }, length));
        Ok(receipt)
    }

    fn moment(&mut self, kind: RecordType) -> Moment {
        let steady = self.clock.steady();
        if kind == RecordType::WriterStart {
            self.began = Some(steady);
        }
        let nanos = |began| u64::try_from(steady.saturating_sub(began).as_nanos()).unwrap_or(u64::MAX);
        Moment { wall: self.clock.now(), mono_ns: self.began.map(nanos), clock: self.clock.state() }
    }

    /// A checkpoint over all records so far, by the key that signs and by the one that comes in.
    fn sign(&mut self, bytes: &mut Vec<u8>) -> Result<(), RecordError> {
        let checkpoint = self.chain.checkpoint(self.key.verifying().name());
        let note = checkpoint.sign([&self.key].into_iter().chain(&self.next_key));
        Frame::Checkpoint(&note).write(bytes).ok_or(RecordError::TooLong { length: note.len() })?;
        self.unsigned = 0;
        if let Some(next) = self.next_key.take() {
            self.standing.key.send_replace(next.verifying().clone());
            self.key = next;
        }
        Ok(())
    }

    /// Begins a new segment. Failing to is as final as a failed write.
    fn roll(&mut self) {
        let poisoned = self.standing.poisoned.borrow().is_some();
        let Some(dir) = self.dir.clone().filter(|_| !poisoned) else { return };
        if let Err(error) = self.begin(&dir) {
            self.poison(&error);
        }
    }

    fn begin(&mut self, dir: &Path) -> Result<(), RecordError> {
        let io = |source| RecordError::Io { path: dir.to_owned(), source };
        if self.unsigned > 0 {
            let mut bytes = Vec::new();
            self.sign(&mut bytes)?;
            self.disk.put(&bytes).map_err(io)?;
            self.length += bytes.len() as u64;
        }
        let head = opening(self.key.verifying(), &self.chain)?;
        let next = match durable::create(dir, self.chain.next_seq(), &head) {
            Ok(next) => next,
            // It goes on in this one until there is room.
            Err(error) if durable::is_full(&error) => return Ok(()),
            Err(error) => return Err(io(error)),
        };
        self.at(Failpoint::SegmentCreated);
        self.disk.seal().map_err(io)?;
        self.at(Failpoint::SegmentSealed);
        index::follow_seal(dir, self.chain.next_seq());
        self.disk = Box::new(next);
        self.length = head.len() as u64;
        self.worth_sealing = false;
        Ok(())
    }

    fn poison(&self, error: &dyn std::fmt::Display) {
        tracing::error!(%error, "the trail cannot be written; nothing more will pass");
        self.standing.poisoned.send_replace(Some(error.to_string()));
    }
}

/// Whether a batch ends with a checkpoint.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Signed {
    Now,
    WhenDue,
}

/// What a segment begins with.
pub(crate) fn opening(key: &VerifyingKey, chain: &Chain) -> Result<Vec<u8>, RecordError> {
    let opening = Opening { key: key.clone(), chain: chain.clone() };
    let state = serde_json::to_vec(&opening).map_err(|error| RecordError::Encode(error.to_string()))?;
    let mut head = MAGIC.to_vec();
    Frame::Opening(&state).write(&mut head).ok_or(RecordError::TooLong { length: state.len() })?;
    Ok(head)
}

#[cfg(test)]
#[path = "writer_tests.rs"]
mod tests;
