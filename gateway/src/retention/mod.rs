//! Purge: once an hour, what was kept beside the trail's records longer than it has to be goes, unless a legal hold keeps
//! it. That it goes is recorded first.

mod copies;

use std::{sync::Arc, time::Duration};

use copies::Copies;
use hoop_archive::Archive;
use hoop_model::Clock;
use hoop_recording::{Purge, Recorder, Retention};
use hoop_store::Store;
use tokio::sync::Mutex;
use tokio_util::task::AbortOnDropHandle;

/// Between two rounds. Whole days count, so more often gains nothing.
const ROUND: Duration = Duration::from_secs(3600);

/// Legal holds as they stand. Held while a segment is purged: what is put on hold then is kept from the next one on, and
/// whoever put it is answered once that is certain.
pub(crate) type Holds = Arc<Mutex<()>>;

/// The rounds, until this is dropped.
pub(crate) struct Purging {
    _task: AbortOnDropHandle<()>,
}

impl Purging {
    pub(crate) fn start(
        recorder: Recorder,
        store: Store,
        holds: Holds,
        retention: Retention,
        clock: Arc<dyn Clock>,
        archive: Option<Archive>,
    ) -> Self {
        let rounds = async move {
            let afresh = || Purge::new(recorder.dir(), retention.clone());
            let mut purge = afresh();
            let mut copies = archive.map(Copies::of);
            loop {
                match round(&recorder, &store, &holds, purge, clock.as_ref(), &mut copies).await {
                    Ok((again, gone)) => {
                        purge = again;
                        if gone > 0 {
                            tracing::info!(payloads = gone, "purged recordings whose time was over");
                        }
                    }
                    Err(error) => {
                        tracing::error!(%error, "recordings could not be purged; the next round tries again");
                        purge = afresh();
                    }
                }
                tokio::time::sleep(ROUND).await;
            }
        };
        Self { _task: AbortOnDropHandle::new(tokio::spawn(rounds)) }
    }
}

#[derive(Debug, thiserror::Error)]
enum PurgeError {
    #[error(transparent)]
    Read(#[from] hoop_recording::ReadError),
    #[error(transparent)]
    Record(#[from] hoop_recording::RecordError),
    #[error(transparent)]
    Store(#[from] hoop_store::StoreError),
    #[error(transparent)]
    Task(#[from] tokio::task::JoinError),
}

/// Looks through all old segments once; says how many payloads went.
async fn round(
    recorder: &Recorder,
    store: &Store,
    holds: &Holds,
    mut purge: Purge,
    clock: &dyn Clock,
    copies: &mut Option<Copies>,
) -> Result<(Purge, usize), PurgeError> {
    let mut gone = 0;
    let mut after = None;
    loop {
        let steady = holds.lock().await;
        let (held, now) = (store.legal_holds().await?, clock.now());
        let found = tokio::task::spawn_blocking(move || {
            let keeps = |session, connection: Option<&_>| held.iter().any(|hold| hold.keeps(session, connection));
            let old = purge.next(after, now, keeps);
            (purge, old)
        });
        let (again, old) = found.await?;
        purge = again;
        let Some(mut old) = old? else { return Ok((purge, gone)) };
        after = Some(old.first);
        if let Some(due) = old.due.take() {
            recorder.append_all(due.drafts().into_iter().map(Into::into).collect()).await?;
            gone += due.payloads();
            tokio::task::spawn_blocking(move || due.remove()).await??;
        }
        drop(steady);
        if let Some(copies) = copies {
            copies.follow(&old).await;
        }
    }
}
