use std::{
    collections::BTreeSet,
    fs::File,
    io,
    path::{Path, PathBuf},
    sync::Arc,
    thread,
    time::Instant,
};

use hoop_audit::{Chain, Draft, Head, RecordType, segment};
use hoop_model::{Clock, ExchangeId, SessionId};
use tokio::sync::{mpsc, oneshot, watch};

use crate::{
    durable::{self, Durable},
    read::ReadError,
    recover,
    stats::{SyncCounter, SyncStats},
};

/// Callers that may wait for the writer before further ones wait to be let in.
const QUEUE: usize = 1024;
/// Calls answered by one sync, at the most: bounds what a crash tears and what a caller waits for.
const BATCH: usize = 256;
/// Bytes of a full segment.
const SEGMENT: u64 = 64 * 1024 * 1024;

/// Where a record came to lie.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Receipt {
    pub seq: u64,
    pub hash: String,
}

#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum RecordError {
    #[error("{path}: {source}")]
    Io {
        path: PathBuf,
        #[source]
        source: io::Error,
    },
    #[error(transparent)]
    Read(#[from] ReadError),
    /// Not a torn end: somebody changed it, or the disk did. Never repaired.
    #[error("{path} is damaged: {text}; look at it with `hoopctl audit verify`")]
    Damaged { path: PathBuf, text: String },
    #[error("another gateway is writing the trail in {path}; stop it, or give this one its own data directory")]
    InUse { path: PathBuf },
    /// An earlier write or sync failed; the gateway must be restarted.
    #[error("the trail's writer has stopped after a failed write: {0}")]
    Poisoned(String),
    #[error("the trail was closed")]
    Closed,
    #[error("a record of {length} bytes is over the limit")]
    TooLong { length: usize },
    #[error("the system gave no random bytes for a payload's salt")]
    NoRandom,
    #[error("a record cannot be encoded: {0}")]
    Encode(String),
}

/// The trail's one writer. Cheap to clone.
#[derive(Clone)]
pub struct Recorder {
    queue: mpsc::Sender<Job>,
    stats: Arc<SyncCounter>,
    head: watch::Receiver<Option<Head>>,
    poisoned: watch::Receiver<Option<String>>,
    open: watch::Receiver<usize>,
    dir: PathBuf,
}

type Done = oneshot::Sender<Result<Vec<Receipt>, RecordError>>;

enum Job {
    Append { drafts: Vec<Draft>, done: Done },
    Close { done: Done },
}

impl Recorder {
    /// Opens or begins the trail in `dir`: cuts a torn tail off and says so, ends the exchanges and sessions that a
    /// crash left open, and records the start. Blocks on the disk.
    pub fn open(dir: &Path, clock: Arc<dyn Clock>) -> Result<Self, RecordError> {
        let io = |source| RecordError::Io { path: dir.to_owned(), source };
        durable::folder(dir).map_err(io)?;
        let lock = durable::lock(dir).map_err(io)?.ok_or_else(|| RecordError::InUse { path: dir.to_owned() })?;
        let recovered = recover::recover(dir)?;
        let (file, length) = match recovered.segment {
            Some(segment) => segment,
            None => (durable::create(dir, 0).map_err(io)?, segment::MAGIC.len() as u64),
        };
        let head = watch::Sender::new(recovered.chain.head().cloned());
        let stats = Arc::new(SyncCounter::default());
        let mut writer = Writer {
            dir: Some(dir.to_owned()),
            lock: Some(lock),
            disk: Box::new(file),
            length,
            full: SEGMENT,
            chain: recovered.chain,
            clock,
            stats: stats.clone(),
            head,
            poisoned: watch::Sender::new(None),
            unended: Unended::default(),
            open: watch::Sender::new(0),
        };
        let mut first = recovered.first;
        first.push(Draft::new(RecordType::WriterStart).detail("version", env!("CARGO_PKG_VERSION")));
        for outcome in writer.write(first) {
            outcome?;
        }
        Self::with(writer, stats, dir.to_owned()).map_err(io)
    }

    fn with(mut writer: Writer, stats: Arc<SyncCounter>, dir: PathBuf) -> io::Result<Self> {
        let (queue, jobs) = mpsc::channel(QUEUE);
        let (head, poisoned, open) = (writer.head.subscribe(), writer.poisoned.subscribe(), writer.open.subscribe());
        thread::Builder::new().name("trail".to_owned()).spawn(move || writer.run(jobs))?;
        Ok(Self { queue, stats, head, poisoned, open, dir })
    }

    /// Returns once the record is durable. Waits while the writer is behind. Dropping the future does not take back
    /// a record that the writer has got.
    pub async fn append(&self, draft: Draft) -> Result<Receipt, RecordError> {
        self.append_all(vec![draft]).await?.pop().ok_or(RecordError::Closed)
    }

    /// Several records, one behind the other and durable together: after an error or a crash there may be fewer, but
    /// none was answered for. Otherwise as [`Recorder::append`].
    pub async fn append_all(&self, drafts: Vec<Draft>) -> Result<Vec<Receipt>, RecordError> {
        self.job(|done| Job::Append { drafts, done }).await
    }

    /// Records the stop and ends the writer; later appends fail. Another [`Recorder::open`] may follow at once.
    pub async fn close(&self) -> Result<(), RecordError> {
        self.job(|done| Job::Close { done }).await.map(drop)
    }

    /// Returns when the writer has failed for good, with the reason: the process should end. Never returns otherwise.
    pub async fn failed(&self) -> String {
        let mut poisoned = self.poisoned.clone();
        if let Ok(why) = poisoned.wait_for(Option::is_some).await
            && let Some(why) = why.as_ref()
        {
            return why.clone();
        }
        std::future::pending().await
    }

    /// Returns when every exchange and session that began since [`Recorder::open`] has its end in the trail: before
    /// [`Recorder::close`], for those whose last record is still on its way.
    pub async fn settled(&self) {
        // An error means that the writer has ended: nothing more will come.
        let _ = self.open.clone().wait_for(|open| *open == 0).await;
    }

    /// The newest durable record.
    pub fn head(&self) -> Option<Head> {
        self.head.borrow().clone()
    }

    /// The trail's folder.
    pub fn dir(&self) -> &Path {
        &self.dir
    }

    pub fn sync_stats(&self) -> SyncStats {
        self.stats.read()
    }

    async fn job(&self, job: impl FnOnce(Done) -> Job) -> Result<Vec<Receipt>, RecordError> {
        let (done, outcome) = oneshot::channel();
        self.queue.send(job(done)).await.map_err(|_| RecordError::Closed)?;
        outcome.await.map_err(|_| RecordError::Closed)?
    }
}

struct Writer {
    /// Absent in tests that bring their own disk.
    dir: Option<PathBuf>,
    /// Held as long as this writer may write.
    lock: Option<File>,
    disk: Box<dyn Durable>,
    length: u64,
    /// A segment that has grown over this many bytes is closed.
    full: u64,
    chain: Chain,
    clock: Arc<dyn Clock>,
    stats: Arc<SyncCounter>,
    head: watch::Sender<Option<Head>>,
    poisoned: watch::Sender<Option<String>>,
    unended: Unended,
    /// How many of those there are, all durable.
    open: watch::Sender<usize>,
}

/// What began and has not ended, by the records.
#[derive(Default)]
struct Unended {
    exchanges: BTreeSet<ExchangeId>,
    sessions: BTreeSet<SessionId>,
}

impl Unended {
    fn take(&mut self, draft: &Draft) {
        match (draft.kind, draft.session_id, draft.exchange_id) {
            (RecordType::SessionStart, Some(session), _) => drop(self.sessions.insert(session)),
            (RecordType::SessionEnd, Some(session), _) => drop(self.sessions.remove(&session)),
            (RecordType::Request, _, Some(exchange)) => drop(self.exchanges.insert(exchange)),
            (RecordType::End, _, Some(exchange)) => drop(self.exchanges.remove(&exchange)),
            _ => {}
        }
    }

    fn len(&self) -> usize {
        self.exchanges.len() + self.sessions.len()
    }
}

impl Writer {
    fn run(&mut self, mut jobs: mpsc::Receiver<Job>) {
        let mut batch = Vec::with_capacity(BATCH);
        while jobs.blocking_recv_many(&mut batch, BATCH) > 0 {
            let mut drafts = Vec::with_capacity(batch.len());
            let mut waiting = Vec::with_capacity(batch.len());
            let mut closing = false;
            for job in batch.drain(..) {
                let (more, done) = match job {
                    Job::Append { drafts, done } => (drafts, done),
                    Job::Close { done } => {
                        closing = true;
                        (vec![Draft::new(RecordType::WriterStop)], done)
                    }
                };
                waiting.push((more.len(), done));
                drafts.extend(more);
                if closing {
                    break;
                }
            }
            let mut outcomes = self.write(drafts).into_iter();
            if closing {
                self.lock = None;
            }
            for (count, done) in waiting {
                let _ = done.send(outcomes.by_ref().take(count).collect());
            }
            if closing {
                return;
            }
        }
    }

    /// Makes a batch durable, in order; one outcome per draft.
    fn write(&mut self, drafts: Vec<Draft>) -> Vec<Result<Receipt, RecordError>> {
        let refused = |why: &str, count| (0..count).map(|_| Err(RecordError::Poisoned(why.to_owned()))).collect();
        if let Some(why) = self.poisoned.borrow().as_deref() {
            return refused(why, drafts.len());
        }
        let mut bytes = Vec::new();
        let outcomes: Vec<_> = drafts
            .into_iter()
            .map(|draft| {
                let (framed, receipt) = self.place(draft)?;
                bytes.extend_from_slice(&framed);
                Ok(receipt)
            })
            .collect();
        if bytes.is_empty() {
            return outcomes;
        }
        let started = Instant::now();
        if let Err(error) = self.disk.append(&bytes) {
            self.poison(&error);
            return refused(&error.to_string(), outcomes.len());
        }
        self.stats.add(outcomes.len(), started.elapsed());
        self.length += bytes.len() as u64;
        self.head.send_replace(self.chain.head().cloned());
        self.open.send_replace(self.unended.len());
        self.roll();
        outcomes
    }

    /// A draft's place in the chain. One that cannot be stored takes none.
    fn place(&mut self, draft: Draft) -> Result<(Vec<u8>, Receipt), RecordError> {
        let stored =
            self.chain.place(draft, self.clock.now()).map_err(|error| RecordError::Encode(error.to_string()))?;
        let framed = segment::frame(&stored.bytes).ok_or(RecordError::TooLong { length: stored.bytes.len() })?;
        self.chain.take(&stored);
        self.unended.take(&stored.record.draft);
        Ok((framed, Receipt { seq: stored.record.seq, hash: stored.hash }))
    }

    /// Begins a new segment when this one is full. Failing to is as final as a failed write.
    fn roll(&mut self) {
        let Some(dir) = self.dir.as_ref().filter(|_| self.length >= self.full) else { return };
        let next = self.chain.head().map_or(0, |head| head.seq.saturating_add(1));
        match durable::create(dir, next) {
            Ok(file) => {
                self.disk = Box::new(file);
                self.length = segment::MAGIC.len() as u64;
            }
            Err(error) => self.poison(&error),
        }
    }

    fn poison(&self, error: &io::Error) {
        tracing::error!(%error, "the trail cannot be written; nothing more will pass");
        self.poisoned.send_replace(Some(error.to_string()));
    }
}

#[cfg(test)]
#[path = "writer_tests.rs"]
mod tests;
