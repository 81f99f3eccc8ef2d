//! The archive of one log: segments and heads put there for good, held, and purged when their time is over.

use std::{io, sync::Arc, time::Duration};

use bytes::Bytes;
use hoop_audit::{Checkpoint, Hash, Note, NoteError};
use hoop_model::{Clock, Timestamp, earlier, later};

use crate::{
    client::Client,
    error::S3Error,
    finding::Finding,
    layout::{Layout, Part},
    lock::{Mode, whole},
    object::Put,
    segment::{SegmentError, Split},
    versions::Version,
};

/// Behind what was promised: a clock may be wrong, and a purge late.
pub(crate) const MARGIN: Duration = Duration::from_secs(7 * 24 * 3600);

/// S3's clock may be so far behind the gateway's.
const SKEW: Duration = Duration::from_secs(15 * 60);

/// How long things stay.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Terms {
    pub retention: Duration,
    /// Under Object Lock; without it anybody with the permission removes them.
    pub locked: bool,
}

#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ArchiveError {
    #[error(transparent)]
    S3(#[from] S3Error),
    /// Never mended by trying again.
    #[error(transparent)]
    Finding(#[from] Finding),
    #[error("a sealed segment is damaged: {0}; look at it with `hoopctl audit verify`")]
    Segment(#[from] SegmentError),
    #[error("a signed head cannot be read: {0}")]
    Head(#[from] NoteError),
    #[error(transparent)]
    Io(#[from] io::Error),
}

/// What came of a purge.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Purged {
    /// Nothing of it is left; so many versions were removed now.
    Gone { versions: usize },
    /// S3 keeps it: until then, or as long as it is held.
    Locked { until: Option<Timestamp>, held: bool },
}

/// Cheap to clone.
#[derive(Clone)]
pub struct Archive {
    client: Arc<Client>,
    layout: Layout,
    terms: Terms,
    clock: Arc<dyn Clock>,
}

impl Archive {
    pub fn new(client: Arc<Client>, layout: Layout, terms: Terms, clock: Arc<dyn Clock>) -> Self {
        Self { client, layout, terms, clock }
    }

    pub fn client(&self) -> &Client {
        &self.client
    }

    pub fn layout(&self) -> &Layout {
        &self.layout
    }

    pub fn terms(&self) -> Terms {
        self.terms
    }

    pub(crate) fn clock(&self) -> &dyn Clock {
        self.clock.as_ref()
    }

    /// For the cursor: another server, bucket or name is another archive.
    pub fn name(&self) -> String {
        let bucket = self.client.bucket();
        format!("{}{}/{}/{}", bucket.endpoint, bucket.name, self.layout.prefix(), self.layout.origin())
    }

    /// Puts the two objects of a segment, where they are not there already. What was delivered stays for the retention
    /// from when the segment was sealed on; its records, from now on.
    pub async fn put_segment(&self, first: u64, split: Split) -> Result<(), ArchiveError> {
        let now = self.clock.now();
        let sealed = split.last.unwrap_or(now);
        // A retention that is over is none: S3 takes no date that has passed.
        let payload_until = self.ends(sealed).max(later(now, MARGIN));
        self.keep(&self.layout.key(Part::Payload(first)), split.payload.into(), payload_until).await?;
        self.keep(&self.layout.key(Part::Log(first)), split.log.into(), self.ends(now)).await
    }

    /// Puts a signed head, and says over how many records it is.
    pub async fn put_head(&self, note: &str) -> Result<u64, ArchiveError> {
        let checkpoint = Checkpoint::read(&Note::parse(note)?)?;
        let key = self.layout.key(Part::Checkpoint(checkpoint.size));
        self.keep(&key, note.to_owned().into(), self.ends(self.clock.now())).await?;
        Ok(checkpoint.size)
    }

    fn ends(&self, from: Timestamp) -> Timestamp {
        later(later(from, self.terms.retention), MARGIN)
    }

    async fn keep(&self, key: &str, body: Bytes, until: Timestamp) -> Result<(), ArchiveError> {
        let until = self.terms.locked.then(|| whole(until));
        match self.client.put(key, body.clone(), until).await? {
            Put::Stored { .. } => Ok(()),
            Put::Exists => self.is_ours(key, &body, until).await,
        }
    }

    /// Whether what lies there is what would have been put: a put whose reply was lost. It is given the lock that it
    /// should have, should somebody have put it without.
    async fn is_ours(&self, key: &str, body: &Bytes, until: Option<Timestamp>) -> Result<(), ArchiveError> {
        let history = self.client.history(key).await?;
        if let Some(finding) = history.findings(key).into_iter().next() {
            return Err(finding.into());
        }
        let busy = || S3Error::Unreadable { what: "a put", problem: format!("{key} is there, and is not listed") };
        let version = history.oldest().ok_or_else(busy)?;
        let facts = self.client.facts(key, Some(&version.id)).await?.ok_or_else(busy)?;
        let other = |why: &str| Finding::Other { key: key.to_owned(), why: why.to_owned() };
        if facts.length != body.len() as u64 {
            return Err(other("it has another length").into());
        }
        let found = match facts.sha256 {
            Some(sha256) => sha256,
            None => Hash::of(&self.client.get(key, Some(&version.id), facts.length).await?),
        };
        if found != Hash::of(body) {
            return Err(other("its bytes are others").into());
        }
        let Some(until) = until else { return Ok(()) };
        if facts.mode != Some(Mode::Compliance) || facts.until.is_none_or(|there| there < until) {
            self.client.retain(key, &version.id, Mode::Compliance, until, false).await?;
        }
        Ok(())
    }

    /// Puts a legal hold on all that there is of a segment, or takes it off. Says on how many versions.
    pub async fn set_hold(&self, first: u64, on: bool) -> Result<usize, S3Error> {
        let mut count = 0;
        for part in [Part::Log(first), Part::Payload(first)] {
            let key = self.layout.key(part);
            for version in self.client.history(&key).await?.versions {
                self.client.hold(&key, &version.id, on).await?;
                count += 1;
            }
        }
        Ok(count)
    }

    /// Removes what was delivered in a segment, once its time is over. Its records stay.
    pub async fn purge(&self, first: u64) -> Result<Purged, S3Error> {
        let (now, key) = (self.clock.now(), self.layout.key(Part::Payload(first)));
        let history = self.client.history(&key).await?;
        // All or nothing: what is not locked is not removed as long as another version is.
        for Version { id, .. } in &history.versions {
            let Some(facts) = self.client.facts(&key, Some(id)).await? else { continue };
            let locked = facts.until.is_some_and(|until| until > now);
            if facts.held || locked {
                return Ok(Purged::Locked { until: facts.until, held: facts.held });
            }
        }
        for Version { id, .. } in &history.versions {
            match self.client.remove(&key, id, false).await {
                Ok(()) => {}
                Err(error) if error.is_absent() => {}
                // Locked meanwhile, or by S3's clock; or the gateway may not, which S3's word for it says.
                Err(error) if error.status() == Some(403) => match self.client.facts(&key, Some(id)).await? {
                    Some(facts) if facts.held || facts.until.is_some_and(|until| until > earlier(now, SKEW)) => {
                        return Ok(Purged::Locked { until: facts.until, held: facts.held });
                    }
                    _ => return Err(error),
                },
                Err(error) => return Err(error),
            }
        }
        Ok(Purged::Gone { versions: history.versions.len() })
    }
}
