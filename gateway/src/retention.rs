//! Purge: once an hour, what was kept beside the trail's records longer than it has to be goes, unless a legal hold keeps
//! it. That it goes is recorded first.

use std::{path::PathBuf, sync::Arc, time::Duration};

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
    ) -> Self {
        let rounds = async move {
            let mut purge = Purge::new(recorder.dir(), retention);
            loop {
                match round(&recorder, &store, &holds, purge, clock.as_ref()).await {
                    Ok((again, gone)) => {
                        purge = again;
                        if gone > 0 {
                            tracing::info!(payloads = gone, "purged recordings whose time was over");
                        }
                    }
                    Err(error) => {
                        tracing::error!(%error, "recordings could not be purged; the next start tries again");
                        return;
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

/// Looks through all sealed segments once; says how many payloads went.
async fn round(
    recorder: &Recorder,
    store: &Store,
    holds: &Holds,
    mut purge: Purge,
    clock: &dyn Clock,
) -> Result<(Purge, usize), PurgeError> {
    let mut gone = 0;
    let mut after: Option<PathBuf> = None;
    loop {
        let steady = holds.lock().await;
        let (held, now) = (store.legal_holds().await?, clock.now());
        let found = tokio::task::spawn_blocking(move || {
            let keeps = |session, connection: Option<&_>| held.iter().any(|hold| hold.keeps(session, connection));
            let due = purge.due(after.as_deref(), now, keeps);
            (purge, due)
        });
        let (again, due) = found.await?;
        purge = again;
        let Some(due) = due? else { return Ok((purge, gone)) };
        recorder.append_all(due.drafts().into_iter().map(Into::into).collect()).await?;
        gone += due.payloads();
        after = Some(due.path().to_owned());
        tokio::task::spawn_blocking(move || due.remove()).await??;
        drop(steady);
    }
}
