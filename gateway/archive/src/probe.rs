//! The proof that the lock holds, before anything is trusted to it: a server may take the headers of a lock and know
//! nothing of it.

use std::time::Duration;

use bytes::Bytes;
use hoop_model::{Clock, later};
use uuid::Uuid;

use crate::{
    client::Client,
    error::S3Error,
    lock::{Mode, whole},
    object::Put,
};

/// How long a probe's object stays, at least.
const TIME: Duration = Duration::from_secs(60);
/// What its time is to be shortened to.
const SHORTER: Duration = Duration::from_secs(10);

#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ProbeError {
    /// What is put there is not safe there.
    #[error("{0}")]
    NoLock(String),
    /// Nothing is proved, one way or the other.
    #[error(transparent)]
    S3(#[from] S3Error),
}

impl ProbeError {
    /// Whether trying again alone changes nothing.
    pub fn is_final(&self) -> bool {
        match self {
            Self::NoLock(_) => true,
            Self::S3(error) => error.is_no(),
        }
    }
}

fn unlocked(why: impl Into<String>) -> ProbeError {
    ProbeError::NoLock(why.into())
}

/// Puts an object under `prefix` that is locked for a minute, and tries to be rid of it in every way there is.
pub async fn prove(client: &Client, prefix: &str, clock: &dyn Clock) -> Result<(), ProbeError> {
    if !client.is_lockable().await? {
        return Err(unlocked("the bucket has no Object Lock"));
    }
    let key = format!("{prefix}/probe/{}", Uuid::now_v7().as_simple());
    let now = clock.now();
    let (until, shorter) = (whole(later(now, TIME)), whole(later(now, SHORTER)));
    let body = Bytes::from_static(b"hoop-gateway tries whether Object Lock holds here\n");
    let version = match client.put(&key, body, Some(until)).await? {
        Put::Stored { version: Some(version) } if version != "null" => version,
        Put::Stored { .. } => return Err(unlocked("the bucket keeps no versions")),
        Put::Exists => return Err(unlocked(format!("{key} was there before it was put"))),
    };
    let (key, version) = (key.as_str(), version.as_str());
    let locked = async || {
        let facts = client.facts(key, Some(version)).await?;
        let facts = facts.ok_or_else(|| unlocked("a locked object is gone"))?;
        match (facts.mode, facts.until) {
            (Some(Mode::Compliance), Some(there)) if there == until => Ok(()),
            (mode, there) => {
                Err(unlocked(format!("an object locked in COMPLIANCE until {until} is so in {mode:?} until {there:?}")))
            }
        }
    };
    locked().await?;
    // Without the permission to pass governance by, asking for that is refused whatever the lock; so it is asked without
    // it too.
    for bypass in [false, true] {
        let removed = client.remove(key, version, bypass).await;
        refused(removed, "a locked object could be removed")?;
        let shortened = client.retain(key, version, Mode::Compliance, shorter, bypass).await;
        refused(shortened, "a locked object's time could be shortened")?;
        let weakened = client.retain(key, version, Mode::Governance, until, bypass).await;
        refused(weakened, "a lock in COMPLIANCE could be made one in GOVERNANCE")?;
    }
    // Whatever was answered: it is there, as it was.
    locked().await
}

fn refused(outcome: Result<(), S3Error>, otherwise: &str) -> Result<(), ProbeError> {
    match outcome {
        Ok(()) => Err(unlocked(otherwise)),
        Err(S3Error::Refused { status: 400 | 403 | 405 | 409, .. }) => Ok(()),
        Err(error) => Err(error.into()),
    }
}
