//! From the trail to the archive: segment by segment, in order, and the newest signed head. The place moves on only with
//! what is there, so a crash repeats one segment at the most, which finds itself; and an S3 that is down leaves everything
//! where it lies: in the trail.

use std::{sync::Arc, time::Duration};

use aws_lc_rs::rand;
use hoop_audit::{Checkpoint, Note};
use tokio::{
    task::spawn_blocking,
    time::{Instant, sleep, timeout},
};

use crate::{
    archive::{Archive, ArchiveError},
    cursor::Cursor,
    probe::{self, ProbeError},
    segment,
    source::{Segments, Source},
    state::State,
};

/// How often, and how long.
#[derive(Debug, Clone, Copy)]
pub struct Pace {
    /// Between looks at the trail.
    pub look: Duration,
    /// Between signed heads, at least.
    pub head: Duration,
    /// For a segment: both objects, whole.
    pub round: Duration,
    /// After the first failure; doubled with each, half of it by chance.
    pub first_pause: Duration,
    pub longest_pause: Duration,
}

impl Default for Pace {
    fn default() -> Self {
        Self {
            look: Duration::from_secs(1),
            head: Duration::from_secs(60),
            round: Duration::from_secs(15 * 60),
            first_pause: Duration::from_millis(500),
            longest_pause: Duration::from_secs(60),
        }
    }
}

pub struct Uploader {
    archive: Archive,
    source: Arc<dyn Source>,
    cursor: Cursor,
    state: State,
    pace: Pace,
    /// Whether it is known that the lock holds, or need not.
    proven: bool,
    failures: u32,
    /// The newest head that was put, and when.
    head: Option<(u64, Instant)>,
}

/// What came of a round.
enum Round {
    /// Something was archived; there may be more.
    On,
    Idle,
}

/// Why a round did not come to its end.
#[derive(Debug, thiserror::Error)]
enum Failure {
    #[error(transparent)]
    Archive(#[from] ArchiveError),
    #[error("nothing is archived before it is known that Object Lock holds: {0}")]
    Probe(#[from] ProbeError),
    #[error("the trail does not reach as far as the archive, or is another: no segment begins with record {next}")]
    Diverged { next: u64 },
    #[error("a thread ended")]
    Thread,
}

impl Failure {
    /// A person has to look: trying again changes nothing, or would hide something.
    fn is_final(&self) -> bool {
        match self {
            Self::Archive(ArchiveError::Finding(_) | ArchiveError::Segment(_)) | Self::Diverged { .. } => true,
            Self::Probe(error) => matches!(error, ProbeError::NoLock(_)),
            Self::Archive(_) | Self::Thread => false,
        }
    }
}

impl Uploader {
    /// `proven`: that the lock holds was seen already.
    pub fn new(archive: Archive, source: Arc<dyn Source>, cursor: Cursor, proven: bool, pace: Pace) -> Self {
        let proven = proven || !archive.terms().locked;
        let state = State::new(cursor.next(), proven);
        Self { archive, source, cursor, state, pace, proven, failures: 0, head: None }
    }

    /// How it is doing, while it runs and after.
    pub fn state(&self) -> State {
        self.state.clone()
    }

    /// Until something is found that a person has to look at. May be dropped at any time.
    pub async fn run(mut self) {
        let watching = watch(self.source.clone(), self.state.clone(), self.pace.look);
        let why = tokio::select! {
            why = self.work() => why.to_string(),
            () = watching => return,
        };
        tracing::error!(
            problem = why,
            "archiving has stopped; the trail stays on this machine until somebody has looked"
        );
        self.state.stopped(why);
    }

    async fn work(&mut self) -> Failure {
        loop {
            match timeout(self.pace.round, self.round()).await {
                Ok(Ok(round)) => {
                    self.failures = 0;
                    self.state.up();
                    if matches!(round, Round::Idle) {
                        sleep(self.pace.look).await;
                    }
                }
                Ok(Err(failure)) if failure.is_final() => return failure,
                Ok(Err(failure)) => self.pause(failure.to_string()).await,
                Err(_) => self.pause(format!("nothing was done within {} s", self.pace.round.as_secs())).await,
            }
        }
    }

    async fn round(&mut self) -> Result<Round, Failure> {
        let source = self.source.clone();
        let segments = blocking(move || Ok(source.segments()?)).await?;
        let next = self.cursor.next();
        if !segments.begins_at(next) {
            return Err(Failure::Diverged { next });
        }
        if !self.proven {
            probe::prove(self.archive.client(), self.archive.layout().prefix(), self.archive.clock()).await?;
            self.proven = true;
            self.state.up();
        }
        let Some(segment) = segments.sealed.iter().find(|segment| segment.first >= next) else {
            self.anchor().await?;
            return Ok(Round::Idle);
        };
        let (source, first) = (self.source.clone(), segment.first);
        let split = blocking(move || Ok(segment::split(&source.read(first)?)?)).await?;
        let head = split.checkpoint.clone();
        self.archive.put_segment(first, split).await?;
        // The head that ends a segment is what it is verified against, whatever comes after it.
        if let Some(head) = head {
            let size = self.archive.put_head(&head).await?;
            self.anchored(size);
        }
        let (mut cursor, next) = (self.cursor.clone(), segment.next);
        self.cursor = blocking(move || {
            cursor.advance(next)?;
            Ok(cursor)
        })
        .await?;
        self.state.archived(next);
        self.state.waiting(segments.bytes_from(next));
        Ok(Round::On)
    }

    /// The newest head, should there be a newer one than was put, and that a while ago.
    async fn anchor(&mut self) -> Result<(), Failure> {
        if self.head.is_some_and(|(_, put)| put.elapsed() < self.pace.head) {
            return Ok(());
        }
        let source = self.source.clone();
        let Some(note) = blocking(move || Ok(source.checkpoint()?)).await? else { return Ok(()) };
        let size = Checkpoint::read(&Note::parse(&note).map_err(ArchiveError::from)?).map_err(ArchiveError::from)?.size;
        if self.head.is_none_or(|(newest, _)| newest < size) {
            self.archive.put_head(&note).await?;
            self.anchored(size);
        }
        Ok(())
    }

    fn anchored(&mut self, size: u64) {
        let newest = self.head.map_or(size, |(before, _)| before.max(size));
        self.head = Some((newest, Instant::now()));
        self.state.anchored(newest);
    }

    async fn pause(&mut self, problem: String) {
        let whole = self.pace.first_pause.saturating_mul(1 << self.failures.min(16)).min(self.pace.longest_pause);
        self.failures = self.failures.saturating_add(1);
        let pause = whole / 2 + whole.mul_f64(chance() / 2.0);
        tracing::warn!(problem, failures = self.failures, ?pause, "the trail is not archived");
        self.state.failed(problem);
        sleep(pause).await;
    }
}

/// Counts what waits, also while an S3 that is slow holds a round up.
async fn watch(source: Arc<dyn Source>, state: State, every: Duration) {
    loop {
        let source = source.clone();
        match blocking(move || Ok(source.segments()?)).await {
            Ok(Segments { sealed, open }) => {
                let next = state.status().archived_records;
                state.waiting(Segments { sealed, open }.bytes_from(next));
            }
            Err(error) => tracing::warn!(%error, "the trail's segments cannot be counted"),
        }
        sleep(every).await;
    }
}

async fn blocking<T: Send + 'static>(
    work: impl FnOnce() -> Result<T, ArchiveError> + Send + 'static,
) -> Result<T, Failure> {
    Ok(spawn_blocking(work).await.map_err(|_| Failure::Thread)??)
}

/// Between 0 and 1: gateways that lost one S3 do not all come back to it at once.
fn chance() -> f64 {
    let mut bytes = [0; 2];
    match rand::fill(&mut bytes) {
        Ok(()) => f64::from(u16::from_be_bytes(bytes)) / 65536.0,
        Err(_) => 0.5,
    }
}
