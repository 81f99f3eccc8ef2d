//! The trail's way to S3, beside the data path, and whether new sessions may begin.

mod fetch;
mod source;

use std::{path::Path, sync::Arc, time::Duration};

use hoop_archive::{Client, Condition, Cursor, Layout, LayoutError, Pace, ProbeError, State, Status, Uploader, prove};
use hoop_model::{Clock, Fault};
use hoop_recording::Recorder;
use serde::Serialize;
use source::Trail;
use tokio::time::timeout;
use tokio_util::task::AbortOnDropHandle;

use crate::{Settings, SettingsError, fault};

pub use fetch::{Archive as ArchiveCommand, ArchiveFailure, archive as run_archive};

/// How long a start waits for S3 to prove its lock. Without an answer the gateway starts, and asks again before it
/// archives anything.
const PATIENCE: Duration = Duration::from_secs(20);

/// The longest that records wait for their segment to be full (`audit-and-recording.md` §2).
const SEAL: Duration = Duration::from_secs(5 * 60);

/// Why the gateway does not start with this archive.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ArchiveError {
    #[error(transparent)]
    Settings(#[from] SettingsError),
    #[error(
        "the trail cannot be archived: {0}. worm = \"required\" in [trail.archive] asks for a bucket made with Object \
         Lock; make one, or set worm = \"off\" and know that whoever has the bucket can remove the trail"
    )]
    NoLock(String),
    #[error("the trail cannot be archived: {0}; check bucket, region and keys in [trail.archive]")]
    Refused(String),
    #[error(transparent)]
    Name(#[from] LayoutError),
}

/// Where the trail goes, and whether it was seen that the lock holds there.
pub(crate) struct Target {
    client: Arc<Client>,
    proven: bool,
}

/// Proves the lock, where one is asked for and S3 answers.
pub(crate) async fn target(settings: &Settings, clock: &Arc<dyn Clock>) -> Result<Option<Target>, ArchiveError> {
    let Some(archive) = &settings.archive else { return Ok(None) };
    let client = archive.client(settings)?;
    if !archive.terms(&settings.retention).locked {
        tracing::warn!("worm is off in [trail.archive]: whoever has the bucket can remove the trail from it");
        return Ok(Some(Target { client, proven: true }));
    }
    let proof = timeout(PATIENCE, prove(&client, archive.prefix(), clock.as_ref())).await;
    let proven = match proof {
        Ok(Ok(())) => true,
        Ok(Err(ProbeError::NoLock(why))) => return Err(ArchiveError::NoLock(why)),
        Ok(Err(error)) if error.is_final() => return Err(ArchiveError::Refused(error.to_string())),
        Ok(Err(error)) => {
            tracing::warn!(%error, "S3 cannot be asked for its lock; the trail stays here until it can");
            false
        }
        Err(_) => {
            tracing::warn!("S3 did not answer in time; the trail stays here until it does");
            false
        }
    };
    Ok(Some(Target { client, proven }))
}

/// At work, where there is an archive, until this is dropped.
pub(crate) struct Archiving(Option<Running>);

struct Running {
    archive: hoop_archive::Archive,
    spool_limit: u64,
    state: State,
    task: AbortOnDropHandle<()>,
    sealing: AbortOnDropHandle<()>,
}

/// A segment that is not full is archived all the same after a while: a disk that is lost takes no more along.
async fn seal(recorder: Recorder) {
    loop {
        tokio::time::sleep(SEAL).await;
        if let Err(error) = recorder.seal().await {
            tracing::warn!(%error, "the trail's segment could not be sealed");
        }
    }
}

/// For the status.
#[derive(Serialize)]
pub(crate) struct Report {
    spool_limit: u64,
    #[serde(flatten)]
    status: Status,
}

impl Archiving {
    /// `dir`: the gateway's own, for the cursor.
    pub(crate) fn open(
        dir: &Path,
        target: Option<Target>,
        settings: &Settings,
        recorder: &Recorder,
        clock: &Arc<dyn Clock>,
    ) -> Result<Self, ArchiveError> {
        let (Some(set), Some(Target { client, proven })) = (&settings.archive, target) else { return Ok(Self(None)) };
        let layout = Layout::new(set.prefix(), recorder.key().name())?;
        let archive = hoop_archive::Archive::new(client, layout, set.terms(&settings.retention), clock.clone());
        let cursor = Cursor::open(&dir.join("archive.cursor"), &archive.name());
        let source = Arc::new(Trail::new(recorder.clone()));
        let uploader = Uploader::new(archive.clone(), source, cursor, proven, Pace::default());
        let (spool_limit, state) = (set.spool_limit, uploader.state());
        let task = AbortOnDropHandle::new(tokio::spawn(uploader.run()));
        let sealing = AbortOnDropHandle::new(tokio::spawn(seal(recorder.clone())));
        Ok(Self(Some(Running { archive, spool_limit, state, task, sealing })))
    }

    /// What holds and purges what lies there.
    pub(crate) fn archive(&self) -> Option<hoop_archive::Archive> {
        self.0.as_ref().map(|running| running.archive.clone())
    }

    /// Whether the archive keeps up, or could again by itself.
    pub(crate) fn admits(&self) -> Result<(), Fault> {
        let Some(running) = &self.0 else { return Ok(()) };
        let status = running.state.status();
        if status.condition == Condition::Stopped {
            return Err(fault::archive(status.problem.unwrap_or_default()));
        }
        if status.waiting_bytes > running.spool_limit {
            let detail = format!("{} bytes wait, the limit is {}", status.waiting_bytes, running.spool_limit);
            return Err(fault::archive(detail));
        }
        Ok(())
    }

    /// What waits is archived after the next start.
    pub(crate) fn stop(&self) {
        if let Some(running) = &self.0 {
            running.task.abort();
            running.sealing.abort();
        }
    }

    pub(crate) fn status(&self) -> Option<Report> {
        let running = self.0.as_ref()?;
        Some(Report { spool_limit: running.spool_limit, status: running.state.status() })
    }
}
