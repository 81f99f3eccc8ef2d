//! A log that begins because the key of the one before it is lost or stolen. That one is set aside as it is; the first record
//! of the new one says where it ended, as far as it was signed.

use std::{
    fs, io,
    path::{Path, PathBuf},
};

use hoop_audit::{
    CONTINUES, Checkpoint, Draft, Note, Opening,
    segment::{Frame, Frames},
};
use serde::{Deserialize, Serialize};

use crate::{RecordError, durable};

const FILE: &str = "trail-before.json";

/// The log that was set aside.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Before {
    /// Its newest head that was signed; a log may have been too young for one.
    pub head: Option<Checkpoint>,
    pub origin: String,
    /// The admin's.
    pub reason: String,
}

impl Before {
    /// Looks for where the log in `dir` ended. Damage is passed over: it is kept, and verification finds it.
    ///
    /// # Errors
    /// Where there is no log, or the disk cannot be read; and while a gateway writes to it.
    pub fn of(dir: &Path, reason: &str) -> Result<Self, RecordError> {
        let io = |source| RecordError::Io { path: dir.to_owned(), source };
        let segments = durable::segments(dir).map_err(io)?;
        let _lock = durable::lock(dir).map_err(io)?.ok_or_else(|| RecordError::InUse { path: dir.to_owned() })?;
        let mut origin = None;
        for (_, path) in segments.iter().rev() {
            let bytes = fs::read(path).map_err(|source| RecordError::Io { path: path.clone(), source })?;
            let mut head = None;
            for (_, frame) in Frames::new(&bytes).flatten() {
                match frame {
                    Frame::Opening(state) if origin.is_none() => {
                        let opening = serde_json::from_slice::<Opening>(state).ok();
                        origin = opening.map(|opening| opening.key.name().to_owned());
                    }
                    Frame::Checkpoint(note) => head = Note::parse(note).and_then(|note| Checkpoint::read(&note)).ok(),
                    _ => {}
                }
            }
            if let Some(head) = head {
                return Ok(Self { origin: head.origin.clone(), head: Some(head), reason: reason.to_owned() });
            }
        }
        let origin = origin.ok_or_else(|| io(io::Error::new(io::ErrorKind::NotFound, "there is no trail in it")))?;
        Ok(Self { origin, head: None, reason: reason.to_owned() })
    }

    /// Has the next log that begins in `dir` say it. Durable when it returns.
    pub fn announce(&self, dir: &Path) -> Result<(), RecordError> {
        let json = serde_json::to_vec(self).map_err(|error| RecordError::Encode(error.to_string()))?;
        let path = file(dir);
        durable::replace(&path, &json).map_err(|source| RecordError::Io { path, source })
    }

    /// What was announced to a log that begins in `dir`.
    pub(crate) fn announced(dir: &Path) -> Result<Option<Self>, RecordError> {
        let path = file(dir);
        match fs::read(&path) {
            Ok(json) => serde_json::from_slice(&json)
                .map(Some)
                .map_err(|error| RecordError::Damaged { path, text: error.to_string() }),
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
            Err(source) => Err(RecordError::Io { path, source }),
        }
    }

    /// In the first record of the new log.
    pub(crate) fn tell(self, start: Draft) -> Draft {
        let Self { head, origin, reason } = self;
        let start = start.detail(CONTINUES, origin).detail("because", reason);
        match head {
            Some(head) => {
                start.detail("continues_size", head.size.to_string()).detail("continues_root", head.root.to_string())
            }
            None => start,
        }
    }
}

/// Beside the trail: it outlives the folder that is set aside.
fn file(dir: &Path) -> PathBuf {
    dir.with_file_name(FILE)
}
