//! One witness: each head that is new is sent to it, at most so often, and once more at the end.

use std::{sync::Arc, time::Duration};

use hoop_audit::{Checkpoint, Note};
use hoop_recording::{Recorder, consistency, newest_checkpoint};
use tokio::time::sleep;
use tokio_util::sync::CancellationToken;

use super::{
    client::{Answer, Client, Refusal},
    kept::Kept,
};
use crate::vouching::State;

/// Between two looks whether there is a new head.
const LOOK: Duration = Duration::from_secs(1);
/// After a failure it is tried again, first after this, at last after that.
const SOON: Duration = Duration::from_millis(500);
const LATE: Duration = Duration::from_secs(60);
/// How often a witness may correct what it has seen before that is a failure.
const CORRECTIONS: usize = 3;

pub(super) struct Submitter {
    pub recorder: Recorder,
    pub client: Client,
    pub kept: Arc<Kept>,
    pub state: State,
    pub every: Duration,
    /// Records that the witness is known to have seen.
    pub seen: u64,
    /// The trail is closed: the last head may be sent.
    pub ending: CancellationToken,
}

#[derive(Debug, thiserror::Error)]
enum Failure {
    #[error(transparent)]
    Refused(#[from] Refusal),
    #[error(
        "the witness has cosigned {seen} records, and the trail has only {size}: it was cut back, or restored from a copy"
    )]
    CutBack { seen: u64, size: u64 },
    #[error("the witness does not say how many records it has seen")]
    Undecided,
    #[error("the trail cannot be read: {0}")]
    Trail(String),
    #[error("the cosigned head cannot be kept: {0}")]
    Kept(std::io::Error),
}

impl Failure {
    /// Nothing that the gateway does makes it good.
    fn is_final(&self) -> bool {
        matches!(self, Self::Refused(Refusal::OtherLog) | Self::CutBack { .. })
    }
}

impl Submitter {
    pub(super) async fn run(mut self) {
        let ending = self.ending.clone();
        let working = async {
            let mut pause = SOON;
            loop {
                // One that is shorter than what was cosigned is told of at once.
                while self.recorder.checkpoint().is_none_or(|head| head.size == self.seen && self.state.is_good()) {
                    sleep(LOOK).await;
                }
                match self.send().await {
                    Ok(()) => {
                        pause = SOON;
                        sleep(self.every).await;
                    }
                    Err(failure) if failure.is_final() => return,
                    Err(_) => {
                        sleep(pause).await;
                        pause = (pause * 2).min(LATE);
                    }
                }
            }
        };
        tokio::select! {
            () = working => return,
            () = ending.cancelled() => {}
        }
        // What the witness may have got meanwhile it says itself.
        let _ = self.send().await;
    }

    /// Sends the newest head, and says how that went.
    async fn send(&mut self) -> Result<(), Failure> {
        let sent = self.newest().await;
        if let Err(failure) = &sent {
            tracing::warn!(%failure, witness = self.client.key().name(), "a head was not cosigned");
            self.state.failed(&failure.to_string(), failure.is_final());
        }
        sent
    }

    async fn newest(&mut self) -> Result<(), Failure> {
        let durable = self.recorder.head().map_or(0, |head| head.seq.saturating_add(1));
        let dir = self.recorder.dir().to_owned();
        let head = blocking(move || newest_checkpoint(&dir, durable)).await?;
        let Some(head) = head.map_err(|error| Failure::Trail(error.to_string()))? else { return Ok(()) };
        let size = Note::parse(&head).and_then(|note| Checkpoint::read(&note));
        let size = size.map_err(|error| Failure::Trail(error.to_string()))?.size;
        for _ in 0..CORRECTIONS {
            if self.seen > size {
                return Err(Failure::CutBack { seen: self.seen, size });
            }
            let (dir, old) = (self.recorder.dir().to_owned(), self.seen);
            let proof = blocking(move || consistency(&dir, old, size)).await?;
            let proof = proof.map_err(|error| Failure::Trail(error.to_string()))?;
            let proof = proof.ok_or_else(|| Failure::Trail("it has not as many records as its head".to_owned()))?;
            match self.client.add(old, &proof, &head).await? {
                Answer::Knows(seen) => self.seen = seen,
                Answer::Cosigned { note, at } => {
                    self.seen = size;
                    let kept = self.kept.clone();
                    blocking(move || kept.replace(&note)).await?.map_err(Failure::Kept)?;
                    self.state.vouched(size, at);
                    return Ok(());
                }
            }
        }
        Err(Failure::Undecided)
    }
}

async fn blocking<T: Send + 'static>(work: impl FnOnce() -> T + Send + 'static) -> Result<T, Failure> {
    tokio::task::spawn_blocking(work).await.map_err(|error| Failure::Trail(error.to_string()))
}
