use std::{fs, path::Path};

use hoop_audit::{Checkpoint, Later, Note};

use crate::{
    PackError,
    pack::{CHECKPOINT, io_at},
    seal::SEAL,
};

/// The head of a pack before this one, and the note that says so.
pub struct Previous {
    pub(crate) head: Checkpoint,
    pub(crate) note: String,
}

impl Previous {
    /// Of a pack's folder: the newest head in it.
    ///
    /// # Errors
    /// When there is none that can be read.
    pub fn of(dir: &Path) -> Result<Self, PackError> {
        let path = dir.join(SEAL);
        let note = if path.exists() {
            serde_json::from_slice::<Later>(&fs::read(&path).map_err(io_at(&path))?)?.checkpoint
        } else {
            let path = dir.join(CHECKPOINT);
            fs::read_to_string(&path).map_err(io_at(&path))?
        };
        Ok(Self { head: Checkpoint::read(&Note::parse(&note)?)?, note })
    }
}
