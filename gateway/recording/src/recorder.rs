use std::{
    io,
    path::{Path, PathBuf},
    sync::{Arc, Mutex},
    thread,
    time::Duration,
};

use hoop_audit::{Checkpoint, Hash, Head, SigningKey, VerifyingKey, payload::PayloadKeys};
use hoop_masking::Masked;
use hoop_model::Clock;
use tokio::{
    runtime::{Handle, RuntimeFlavor},
    sync::{mpsc, oneshot, watch},
};

use crate::{
    Attachment, Entry, Failpoint, Failpoints, Index, Packing, RecordError, Recorded, Seeds, durable,
    recent::Recent,
    recover,
    stats::{SyncCounter, SyncStats},
    writer::{Done, Job, Writer},
};

/// Callers that may wait for the writer before further ones wait to be let in.
const QUEUE: usize = 1024;
/// How often the writer looks whether something is unsigned, or nothing has happened for long.
const TICK: Duration = Duration::from_secs(1);

/// Where a record came to lie.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Receipt {
    pub seq: u64,
    pub hash: Hash,
}

/// What everybody may know of the log at any time.
#[derive(Clone)]
pub(crate) struct Standing {
    pub head: watch::Sender<Option<Head>>,
    pub checkpoint: watch::Sender<Option<Checkpoint>>,
    pub key: watch::Sender<VerifyingKey>,
    pub poisoned: watch::Sender<Option<String>>,
    /// How many exchanges and sessions have begun and not ended, all durable.
    pub open: watch::Sender<usize>,
    pub recent: Arc<Recent>,
    pub stats: Arc<SyncCounter>,
    pub failpoints: Failpoints,
}

impl Standing {
    pub(crate) fn new(head: Option<Head>, key: VerifyingKey, failpoints: Failpoints) -> Self {
        Self {
            head: watch::Sender::new(head),
            checkpoint: watch::Sender::new(None),
            key: watch::Sender::new(key),
            poisoned: watch::Sender::new(None),
            open: watch::Sender::new(0),
            recent: Arc::default(),
            stats: Arc::default(),
            failpoints,
        }
    }
}

/// The trail's one writer. Cheap to clone.
#[derive(Clone)]
pub struct Recorder {
    queue: mpsc::Sender<Job>,
    writer: Arc<Mutex<Writer>>,
    standing: Standing,
    dir: PathBuf,
    index: Arc<Index>,
    payload_keys: Arc<PayloadKeys>,
}

impl Recorder {
    /// Opens or begins the trail in `dir`: cuts a torn tail off and says so, ends the exchanges and sessions that a
    /// crash left open, records the start and signs it all. Blocks on the disk.
    pub fn open(dir: &Path, seeds: Seeds, clock: Arc<dyn Clock>) -> Result<Self, RecordError> {
        Self::open_with(dir, seeds, clock, Failpoints::default())
    }

    /// The same for a test that ends the process on the way.
    pub fn open_with(
        dir: &Path,
        seeds: Seeds,
        clock: Arc<dyn Clock>,
        failpoints: Failpoints,
    ) -> Result<Self, RecordError> {
        let io = |source| RecordError::Io { path: dir.to_owned(), source };
        durable::folder(dir).map_err(io)?;
        let lock = durable::lock(dir).map_err(io)?.ok_or_else(|| RecordError::InUse { path: dir.to_owned() })?;
        let recovered = recover::recover(dir, &seeds)?;
        failpoints.reached(Failpoint::Recovered);
        let standing = Standing::new(recovered.chain.head().cloned(), recovered.key.verifying().clone(), failpoints);
        let writer = Writer::start(dir, lock, recovered, clock, standing.clone())?;
        standing.failpoints.reached(Failpoint::Started);
        Self::with(writer, standing, dir.to_owned()).map_err(io)
    }

    pub(crate) fn with(writer: Writer, standing: Standing, dir: PathBuf) -> io::Result<Self> {
        let (queue, jobs) = mpsc::channel(QUEUE);
        let writer = Arc::new(Mutex::new(writer));
        let running = writer.clone();
        thread::Builder::new().name("trail".to_owned()).spawn(move || Writer::run(&running, jobs))?;
        let ticking = queue.downgrade();
        thread::Builder::new().name("trail-tick".to_owned()).spawn(move || {
            loop {
                thread::sleep(TICK);
                let Some(queue) = ticking.upgrade() else { return };
                match queue.try_send(Job::Tick) {
                    // With a full queue there is no lack of occasions to sign.
                    Ok(()) | Err(mpsc::error::TrySendError::Full(_)) => {}
                    Err(mpsc::error::TrySendError::Closed(_)) => return,
                }
            }
        })?;
        let index = Arc::new(Index::of(&dir));
        Ok(Self { queue, writer, standing, dir, index, payload_keys: Arc::default() })
    }

    /// Seals payloads from now on by the first of these keys.
    #[must_use]
    pub fn with_payload_keys(mut self, keys: PayloadKeys) -> Self {
        self.payload_keys = Arc::new(keys);
        self
    }

    /// The keys that payloads are sealed by, for whoever reads the trail back.
    pub fn payload_keys(&self) -> &Arc<PayloadKeys> {
        &self.payload_keys
    }

    /// What is delivered, to be appended with the record that commits to it. Compresses: for much at a time, on a thread
    /// that may be kept busy.
    pub fn attach(&self, delivered: &Masked<impl AsRef<[u8]>>) -> Result<Attachment, RecordError> {
        Attachment::delivered(delivered, &self.payload_keys)
    }

    /// Takes what is delivered as it is masked. `kept`: also for the record that will commit to it. As [`Self::attach`], on a
    /// thread that may be kept busy.
    pub fn packing(&self, kept: bool) -> Result<Packing, RecordError> {
        Packing::new(kept.then(|| self.payload_keys.clone()))
    }

    /// Returns once the record is durable. Waits while the writer is behind. Dropping the future does not take back
    /// a record that the writer has got.
    pub async fn append(&self, entry: impl Into<Entry>) -> Result<Receipt, RecordError> {
        self.append_all(vec![entry.into()]).await?.pop().ok_or(RecordError::Closed)
    }

    /// Several records, one behind the other and durable together: after an error or a crash there may be fewer, but
    /// none was answered for. Otherwise as [`Recorder::append`].
    pub async fn append_all(&self, entries: Vec<Entry>) -> Result<Vec<Receipt>, RecordError> {
        let entries = entries.into_iter().map(|entry| entry.fit(&self.payload_keys)).collect::<Result<_, _>>()?;
        match self.written_here(entries) {
            Ok(outcome) => outcome,
            Err(entries) => self.job(|done| Job::Append { entries, done }).await,
        }
    }

    /// Without the writer's thread, where only one exchange is under way: to wake that one, and to be woken by it,
    /// takes longer than the work.
    fn written_here(&self, entries: Vec<Entry>) -> Result<Result<Vec<Receipt>, RecordError>, Vec<Entry>> {
        let shared = Handle::try_current().is_ok_and(|runtime| runtime.runtime_flavor() == RuntimeFlavor::MultiThread);
        if !shared || self.queue.capacity() < self.queue.max_capacity() {
            return Err(entries);
        }
        match self.writer.try_lock() {
            Ok(mut writer) if !writer.closed && writer.is_idle_for(&entries) => {
                let (done, mut outcome) = oneshot::channel();
                writer.take([Job::Append { entries, done }].into_iter());
                Ok(outcome.try_recv().unwrap_or(Err(RecordError::Closed)))
            }
            _ => Err(entries),
        }
    }

    /// Signs all that is recorded, and returns once the checkpoint over it lies in the segment.
    pub async fn sign(&self) -> Result<(), RecordError> {
        self.job(|done| Job::Sign { done }).await.map(drop)
    }

    /// From the next record on, `seed`'s key signs the log, after a record of the change that both sign. Keep the seed
    /// before, and the old one until this returns: [`Recorder::open`] asks for one of them.
    pub async fn rotate(&self, seed: [u8; 32]) -> Result<VerifyingKey, RecordError> {
        let origin = self.key().name().to_owned();
        let key = SigningKey::from_seed(&origin, &seed)?;
        let next = key.verifying().clone();
        self.job(|done| Job::Rotate { key, done }).await?;
        Ok(next)
    }

    /// Begins a new segment if this one holds anything but heartbeats: what is recorded so far lies in files that are
    /// not written to any more.
    pub async fn seal(&self) -> Result<(), RecordError> {
        self.job(|done| Job::Seal { done }).await.map(drop)
    }

    /// Records the stop and ends the writer; later appends fail. Another [`Recorder::open`] may follow at once.
    pub async fn close(&self) -> Result<(), RecordError> {
        self.job(|done| Job::Close { done }).await.map(drop)
    }

    /// Returns when the writer has failed for good, with the reason: the process should end. Never returns otherwise.
    pub async fn failed(&self) -> String {
        let mut poisoned = self.standing.poisoned.subscribe();
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
        let _ = self.standing.open.subscribe().wait_for(|open| *open == 0).await;
    }

    /// Says that the gateway is at one of them.
    pub fn reached_point(&self, point: Failpoint) {
        self.standing.failpoints.reached(point);
    }

    /// The newest durable record.
    pub fn head(&self) -> Option<Head> {
        self.standing.head.borrow().clone()
    }

    /// The durable records from `from` on, at most so many, as far as they are in memory still. None: they have to be read
    /// ([`crate::Tail`]).
    pub fn recent(&self, from: u64, most: usize) -> Vec<Recorded> {
        self.standing.recent.from(from, most)
    }

    /// Returns once a record of this number, or a later one, is durable.
    pub async fn reached(&self, seq: u64) {
        let mut head = self.standing.head.subscribe();
        let _ = head.wait_for(|head| head.as_ref().is_some_and(|head| head.seq >= seq)).await;
    }

    /// The newest checkpoint; before the first of this writer, `None`.
    pub fn checkpoint(&self) -> Option<Checkpoint> {
        self.standing.checkpoint.borrow().clone()
    }

    /// The key that signs the log now.
    pub fn key(&self) -> VerifyingKey {
        self.standing.key.borrow().clone()
    }

    /// The trail's folder.
    pub fn dir(&self) -> &Path {
        &self.dir
    }

    /// Which sessions the trail holds, and where.
    pub fn index(&self) -> &Arc<Index> {
        &self.index
    }

    pub fn sync_stats(&self) -> SyncStats {
        self.standing.stats.read()
    }

    async fn job(&self, job: impl FnOnce(Done) -> Job) -> Result<Vec<Receipt>, RecordError> {
        let (done, outcome) = oneshot::channel();
        self.queue.send(job(done)).await.map_err(|_| RecordError::Closed)?;
        outcome.await.map_err(|_| RecordError::Closed)?
    }

    #[cfg(test)]
    pub(crate) fn open_now(&self) -> usize {
        *self.standing.open.borrow()
    }

    #[cfg(test)]
    pub(crate) async fn tick(&self) {
        let _ = self.queue.send(Job::Tick).await;
    }
}
