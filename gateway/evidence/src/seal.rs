//! The seal: the log's own record of a pack's manifest, under a later head of the same log.

use std::{fs, io, path::PathBuf};

use hoop_audit::{Hash, Later, Record, RecordType, Tree, VerifyingKey};

use crate::{Coverage, pack::json};

pub(crate) const SEAL: &str = "seal.json";

/// A pack that is whole but for its seal.
pub struct Unsealed {
    pub(crate) dir: PathBuf,
    pub(crate) keys: Vec<VerifyingKey>,
    pub(crate) tree: Tree,
    /// What the log is asked to record.
    pub manifest: Hash,
    /// Records of the period.
    pub records: u64,
    pub coverage: Coverage,
}

impl Unsealed {
    /// How many records the log had: the seal comes behind them.
    pub fn size(&self) -> u64 {
        self.tree.size()
    }

    /// Takes the log's own record of the manifest's digest.
    ///
    /// # Errors
    /// When it is not that, or not in a log that goes on from this one, or not signed by its key.
    pub fn seal(&self, seal: &Later) -> Result<(), SealError> {
        let key = self.keys.last().ok_or(SealError::Key)?;
        seal.check(self.tree.clone(), &[key])?;
        let record: Record = serde_json::from_str(&seal.record).map_err(|_| SealError::Record)?;
        if !is_seal_of(&record, self.manifest) {
            return Err(SealError::Record);
        }
        let text = json(seal).map_err(|_| SealError::Record)?;
        fs::write(self.dir.join(SEAL), text).map_err(SealError::Io)
    }
}

#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum SealError {
    #[error("the seal does not hold: {0}")]
    Later(#[from] hoop_audit::LaterError),
    #[error("the seal's record is not of this pack")]
    Record,
    #[error("the log has no key")]
    Key,
    #[error("the seal could not be written: {0}")]
    Io(#[source] io::Error),
}

/// Whether a record is the log's own of a pack with this manifest.
pub(crate) fn is_seal_of(record: &Record, manifest: Hash) -> bool {
    let detail = &record.draft.detail;
    record.draft.kind == RecordType::AuditRead
        && record.draft.origin.is_some()
        && detail.get("what").is_some_and(|what| what == hoop_audit::EVIDENCE)
        && detail.get(hoop_audit::MANIFEST) == Some(&manifest.to_string())
}
