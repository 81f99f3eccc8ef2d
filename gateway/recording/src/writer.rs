use std::{
    fs,
    io,
    path::{Path, PathBuf},
    sync::Arc,
    thread,
    time::Instant,
};

use hoop_audit::{Chain, Draft, Head, Record, RecordType, segment};
use hoop_model::Clock;
use tokio::sync::{mpsc, oneshot, watch};

use crate::{
    durable::{self, Durable},
    read::ReadError,
    recover,
    stats::{SyncCounter, SyncStats},
};

/// Callers that may wait for the writer before further ones wait to be let in.
const QUEUE: usize = 1024;
/// Records made durable by one sync, at the most: bounds what a crash tears and what a caller waits for.
const BATCH: usize = 256;
/// A segment is closed when it has grown over this many bytes.
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
    /// An earlier write or sync failed; the gateway must be restarted.
    #[error("the trail's writer has stopped after a failed write: {0}")]
    Poisoned(String),
    #[error("a record of {length} bytes is over the limit")]
    TooLong { length: usize },
    #[error("a record cannot be encoded: {0}")]
    Encode(String),
}

/// The trail's one writer. Cheap to clone.
#[derive(Clone)]
pub struct Recorder {
    queue: mpsc::Sender<Job>,
    stats: Arc<SyncCounter>,
    head: watch::Receiver<Option<Head>>,
    dir: PathBuf,
}

enum Job {
    Append { draft: Box<Draft>, done: oneshot::Sender<Result<Receipt, RecordError>> },
    Close { done: oneshot::Sender<Result<Receipt, RecordError>> },
}

impl Recorder {
    /// Opens or begins the trail in `dir`: cuts a torn tail off and says so, ends the exchanges that a crash left open,
    /// and records the start.
    pub fn open(dir: &Path, clock: Arc<dyn Clock>) -> Result<Self, RecordError> {
        let io = |source| RecordError::Io { path: dir.to_owned(), source };
        fs::create_dir_all(dir).map_err(io)?;
        let recovered = recover::recover(dir)?;
        let (file, length) = match recovered.segment {
            Some(segment) => segment,
            None => (durable::create(dir, 0).map_err(io)?, segment::MAGIC.len() as u64),
        };
        let head = watch::Sender::new(recovered.chain.head().cloned());
        let stats = Arc::new(SyncCounter::default());
        let mut writer = Writer {
            dir: Some(dir.to_owned()),
            disk: Box::new(file),
            length,
            chain: recovered.chain,
            clock,
            stats: stats.clone(),
            head,
            poisoned: None,
        };
        let mut first = recovered.first;
        first.push(Draft::new(RecordType::WriterStart).detail("version", env!("CARGO_PKG_VERSION")));
        for outcome in writer.write(first) {
            outcome?;
        }
        Ok(Self::with(writer, stats, dir.to_owned()))
    }

    fn with(mut writer: Writer, stats: Arc<SyncCounter>, dir: PathBuf) -> Self {
        let (queue, jobs) = mpsc::channel(QUEUE);
        let head = writer.head.subscribe();
        thread::spawn(move || writer.run(jobs));
        Self { queue, stats, head, dir }
    }

    /// Returns once the record is durable. Dropping the future does not take the record back.
    pub async fn append(&self, draft: Draft) -> Result<Receipt, RecordError> {
        self.job(|done| Job::Append { draft: Box::new(draft), done }).await
    }

    /// Records the stop and ends the writer; later appends fail.
    pub async fn close(&self) -> Result<(), RecordError> {
        self.job(|done| Job::Close { done }).await.map(|_| ())
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

    async fn job(
        &self,
        job: impl FnOnce(oneshot::Sender<Result<Receipt, RecordError>>) -> Job,
    ) -> Result<Receipt, RecordError> {
        let (done, outcome) = oneshot::channel();
        let stopped = || RecordError::Poisoned("it was closed".to_owned());
        self.queue.send(job(done)).await.map_err(|_| stopped())?;
        outcome.await.map_err(|_| stopped())?
    }
}

struct Writer {
    /// Absent in tests that bring their own disk.
    dir: Option<PathBuf>,
    disk: Box<dyn Durable>,
    length: u64,
    chain: Chain,
    clock: Arc<dyn Clock>,
    stats: Arc<SyncCounter>,
    head: watch::Sender<Option<Head>>,
    poisoned: Option<String>,
}

impl Writer {
    fn run(&mut self, mut jobs: mpsc::Receiver<Job>) {
        let mut batch = Vec::with_capacity(BATCH);
        while jobs.blocking_recv_many(&mut batch, BATCH) > 0 {
            let mut drafts = Vec::with_capacity(batch.len());
            let mut waiting = Vec::with_capacity(batch.len());
            let mut closing = false;
            for job in batch.drain(..) {
                match job {
                    Job::Append { draft, done } => {
                        drafts.push(*draft);
                        waiting.push(done);
                    }
                    Job::Close { done } => {
                        drafts.push(Draft::new(RecordType::WriterStop));
                        waiting.push(done);
                        closing = true;
                        break;
                    }
                }
            }
            for (done, outcome) in waiting.into_iter().zip(self.write(drafts)) {
                let _ = done.send(outcome);
            }
            if closing {
                return;
            }
        }
    }

    /// Makes a batch durable, in order; one outcome per draft.
    fn write(&mut self, drafts: Vec<Draft>) -> Vec<Result<Receipt, RecordError>> {
        if let Some(why) = &self.poisoned {
            return drafts.iter().map(|_| Err(RecordError::Poisoned(why.clone()))).collect();
        }
        let mut bytes = Vec::new();
        let mut newest = None;
        let outcomes: Vec<_> = drafts
            .into_iter()
            .map(|draft| {
                let (record, framed, hash) = self.place(draft)?;
                bytes.extend_from_slice(&framed);
                newest = Some(Head { seq: record.seq, hash: hash.clone() });
                Ok(Receipt { seq: record.seq, hash })
            })
            .collect();
        let started = Instant::now();
        if let Err(error) = self.disk.append(&bytes) {
            let why = error.to_string();
            tracing::error!(%error, "the trail cannot be written; nothing more will pass");
            self.poisoned = Some(why.clone());
            return outcomes.iter().map(|_| Err(RecordError::Poisoned(why.clone()))).collect();
        }
        self.stats.add(outcomes.len(), started.elapsed());
        self.length += bytes.len() as u64;
        if let Some(newest) = newest {
            let next = newest.seq + 1;
            self.head.send_replace(Some(newest));
            self.roll(next);
        }
        outcomes
    }

    /// A draft's place in the chain. One that cannot be stored takes none.
    fn place(&mut self, draft: Draft) -> Result<(Record, Vec<u8>, String), RecordError> {
        let stored = self
            .chain
            .place(draft, self.clock.now())
            .map_err(|error| RecordError::Encode(error.to_string()))?;
        let framed = segment::frame(&stored.bytes).ok_or(RecordError::TooLong { length: stored.bytes.len() })?;
        self.chain.take(&stored);
        Ok((stored.record, framed, stored.hash))
    }

    /// Begins a new segment when this one is full. Failing to is as final as a failed write.
    fn roll(&mut self, next: u64) {
        let Some(dir) = self.dir.as_ref().filter(|_| self.length >= SEGMENT) else { return };
        match durable::create(dir, next) {
            Ok(file) => {
                self.disk = Box::new(file);
                self.length = segment::MAGIC.len() as u64;
            }
            Err(error) => self.poisoned = Some(error.to_string()),
        }
    }
}
