//! The archive's copy of old segments: held there while anything in them is held here, purged once nothing is left.
//!
//! Before its time Object Lock keeps it anyway; so only what is old needs a hold.

use std::collections::HashSet;

use hoop_archive::{Archive, Purged};
use hoop_recording::Old;

pub(super) struct Copies {
    archive: Archive,
    /// Segments that a hold was put on, by this process.
    held: HashSet<u64>,
    /// Segments of which nothing that was delivered is left there.
    gone: HashSet<u64>,
}

impl Copies {
    pub(super) fn of(archive: Archive) -> Self {
        Self { archive, held: HashSet::new(), gone: HashSet::new() }
    }

    /// Does to the copy what was done here. What S3 refuses now, the next round tries again.
    pub(super) async fn follow(&mut self, old: &Old) {
        if self.gone.contains(&old.first) {
            return;
        }
        if let Err(error) = self.followed(old).await {
            tracing::warn!(%error, segment = old.first, "the archive's copy could not be held or purged; tried again later");
        }
    }

    async fn followed(&mut self, old: &Old) -> Result<(), hoop_archive::S3Error> {
        if old.held {
            if !self.held.contains(&old.first) && self.archive.set_hold(old.first, true).await? > 0 {
                self.held.insert(old.first);
            }
            return Ok(());
        }
        if old.rest {
            return Ok(());
        }
        let mut purged = self.archive.purge(old.first).await?;
        if matches!(purged, Purged::Locked { held: true, .. }) {
            self.archive.set_hold(old.first, false).await?;
            self.held.remove(&old.first);
            purged = self.archive.purge(old.first).await?;
        }
        if matches!(purged, Purged::Gone { .. }) {
            self.gone.insert(old.first);
        }
        Ok(())
    }
}
