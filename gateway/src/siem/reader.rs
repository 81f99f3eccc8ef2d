//! The trail as a source of events. What has just been written is still in memory; the rest is read, in passes.
//!
//! A pass goes on from one segment to the next and to the trail's end, and is kept between batches. The next one goes on
//! from there, at most a tenth of the time.

use std::{
    sync::{Arc, Mutex, PoisonError},
    thread,
    time::Duration,
    vec,
};

use hoop_audit::Hash;
use hoop_recording::{Recorded, Recorder, Tail};
use hoop_siem::{Entry, Reading, Source, SourceError, Waiting};
use tokio::{
    sync::mpsc,
    time::{Instant, sleep, sleep_until},
};

/// Records that are handed over at once: to wake whoever waits for them takes longer than reading one.
const TOGETHER: usize = 64;
/// So many times [`TOGETHER`] are read ahead.
const AHEAD: usize = 16;
/// How often it is looked whether the trail has grown.
const LOOK: Duration = Duration::from_millis(100);
/// After a pass nothing is read for so many times what it took, but no longer than this.
const REST: u32 = 9;
const LONGEST_REST: Duration = Duration::from_secs(5);

pub(crate) struct TrailReader {
    recorder: Recorder,
    pass: Option<Pass>,
    /// Where the last pass ended.
    tail: Option<Tail>,
    rested: Instant,
}

/// A reading of the trail that is under way.
struct Pass {
    next: u64,
    /// How long it took, without the waiting for the receiver, and where it ended; there once it is over.
    over: Arc<Mutex<Option<(Duration, Tail)>>>,
    records: mpsc::Receiver<Result<Vec<Entry>, SourceError>>,
    /// What was handed over and not yet taken.
    here: vec::IntoIter<Entry>,
}

impl Pass {
    /// The next record; `None` after the last. Cancel-safe.
    async fn next(&mut self) -> Option<Result<Entry, SourceError>> {
        loop {
            if let Some(entry) = self.here.next() {
                return Some(Ok(entry));
            }
            match self.records.recv().await? {
                Ok(more) => self.here = more.into_iter(),
                Err(error) => return Some(Err(error)),
            }
        }
    }
}

/// Hands over what is read, some records at a time.
struct Handing {
    to: mpsc::Sender<Result<Vec<Entry>, SourceError>>,
    gathered: Vec<Entry>,
    /// For whoever takes them.
    waited: Duration,
}

impl Handing {
    fn put(&mut self, entry: Entry) {
        self.gathered.push(entry);
        if self.gathered.len() == TOGETHER {
            self.hand_over();
        }
    }

    fn hand_over(&mut self) {
        if self.gathered.is_empty() {
            return;
        }
        let full = Instant::now();
        // Nobody asks any more once this fails.
        let _ = self.to.blocking_send(Ok(std::mem::take(&mut self.gathered)));
        self.waited += full.elapsed();
    }
}

/// The number that the next durable record will have.
pub(crate) fn end(recorder: &Recorder) -> u64 {
    recorder.head().map_or(0, |head| head.seq.saturating_add(1))
}

impl TrailReader {
    pub(crate) fn new(recorder: Recorder) -> Self {
        Self { recorder, pass: None, tail: None, rested: Instant::now() }
    }

    fn begin(&mut self, from: u64) -> Result<Pass, SourceError> {
        let (tell, records) = mpsc::channel(AHEAD);
        let kept = self.tail.take().filter(|tail| tail.next() == from);
        let mut tail = kept.unwrap_or_else(|| Tail::new(self.recorder.dir(), from));
        let over = Arc::new(Mutex::new(None));
        let done = over.clone();
        let mut handing = Handing { to: tell, gathered: Vec::new(), waited: Duration::ZERO };
        // Not of the runtime's: a pass that waits for a receiver must not keep the gateway from ending.
        let read = move || {
            let began = Instant::now();
            let read = tail.read(|record, bytes| {
                handing.put(Entry { record: Arc::new(record), hash: Hash::leaf(bytes) });
            });
            handing.hand_over();
            match read {
                Ok(()) => {
                    let took = began.elapsed().saturating_sub(handing.waited);
                    *done.lock().unwrap_or_else(PoisonError::into_inner) = Some((took, tail));
                }
                Err(error) => drop(handing.to.blocking_send(Err(SourceError(error.to_string())))),
            }
        };
        let started = thread::Builder::new().name("siem".to_owned()).spawn(read);
        started.map_err(|error| SourceError(error.to_string()))?;
        Ok(Pass { next: from, over, records, here: Vec::new().into_iter() })
    }

    /// `None`: they have to be read from the disk.
    fn in_memory(&self, from: u64, most: usize) -> Option<Vec<Entry>> {
        let recent = self.recorder.recent(from, most).into_iter();
        let entries: Vec<_> = recent.map(|Recorded { record, hash }| Entry { record, hash }).collect();
        (!entries.is_empty()).then_some(entries)
    }

    async fn next_of(&mut self, from: u64, most: usize) -> Result<Vec<Entry>, SourceError> {
        // What is written and not yet durable may be seen, and is left for later.
        let durable = end(&self.recorder).saturating_sub(from);
        let most = usize::try_from(durable).unwrap_or(usize::MAX).min(most);
        let kept = self.pass.take().filter(|pass| pass.next == from);
        if kept.is_none()
            && let Some(entries) = self.in_memory(from, most)
        {
            return Ok(entries);
        }
        let mut entries = Vec::new();
        let mut fresh = kept.is_none();
        let mut pass = kept.map_or_else(|| self.begin(from), Ok)?;
        while entries.len() < most {
            match pass.next().await {
                Some(Ok(entry)) => {
                    pass.next = entry.record.seq.saturating_add(1);
                    entries.push(entry);
                }
                Some(Err(error)) => return Err(error),
                None => {
                    let over = pass.over.lock().unwrap_or_else(PoisonError::into_inner).take();
                    let (took, tail) = over.unzip();
                    self.tail = tail;
                    let rest = took.unwrap_or_default().saturating_mul(REST).min(LONGEST_REST);
                    self.rested = Instant::now() + rest;
                    if fresh || !entries.is_empty() {
                        return Ok(entries);
                    }
                    if let Some(entries) = self.in_memory(from, most) {
                        return Ok(entries);
                    }
                    sleep_until(self.rested).await;
                    (pass, fresh) = (self.begin(from)?, true);
                }
            }
        }
        self.pass = Some(pass);
        Ok(entries)
    }
}

impl Source for TrailReader {
    fn read(&mut self, from: u64, most: usize) -> Reading<'_> {
        Box::pin(self.next_of(from, most))
    }

    fn end(&self) -> u64 {
        end(&self.recorder)
    }

    fn grown(&self, from: u64) -> Waiting<'_> {
        Box::pin(async move {
            while end(&self.recorder) <= from {
                sleep(LOOK).await;
            }
            if self.pass.is_none() && self.recorder.recent(from, 1).is_empty() {
                sleep_until(self.rested).await;
            }
        })
    }
}
