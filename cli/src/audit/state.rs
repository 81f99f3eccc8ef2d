//! What was verified last time, kept outside the gateway's reach: only so can a rolled-back trail be found.

use std::{fs, path::PathBuf};

use hoop_audit::{Anchor, Checkpoint, Report, VerifyingKey};
use serde::{Deserialize, Serialize};

use crate::exit::{Exit, Failure};

#[derive(Default)]
pub(crate) struct State(Option<PathBuf>);

/// The newest verified head, and the keys that signed up to it.
#[derive(Serialize, Deserialize)]
pub(crate) struct Remembered {
    pub checkpoint: Checkpoint,
    pub keys: Vec<VerifyingKey>,
}

impl State {
    pub(crate) fn at(path: Option<PathBuf>) -> Self {
        Self(path)
    }

    /// `None` the first time. A file that cannot be read is an error: it is no first time.
    pub(crate) fn remembered(&self) -> Result<Option<Remembered>, Failure> {
        let Some(path) = self.0.as_ref().filter(|path| path.exists()) else { return Ok(None) };
        let text = fs::read(path)?;
        serde_json::from_slice(&text).map(Some).map_err(|error| {
            Failure::new(
                Exit::Failed,
                "bad_state",
                format!("{} does not hold a remembered head ({error}); move it away to begin anew", path.display()),
            )
        })
    }

    /// Remembers the head of a trail that holds.
    pub(crate) fn remember(&self, report: &Report) -> Result<(), Failure> {
        match &report.checkpoint {
            Some(checkpoint) => self.keep(checkpoint, &report.keys),
            None => Ok(()),
        }
    }

    /// Remembers a head that holds, and the keys that signed up to it.
    pub(crate) fn keep(&self, checkpoint: &Checkpoint, keys: &[VerifyingKey]) -> Result<(), Failure> {
        let Some(path) = &self.0 else { return Ok(()) };
        if let Some(parent) = path.parent() {
            fs::create_dir_all(parent)?;
        }
        let remembered = Remembered { checkpoint: checkpoint.clone(), keys: keys.to_vec() };
        let text = serde_json::to_vec(&remembered)
            .map_err(|error| Failure::new(Exit::Failed, "internal", error.to_string()))?;
        let beside = path.with_extension("new");
        fs::write(&beside, text)?;
        Ok(fs::rename(beside, path)?)
    }
}

impl Remembered {
    pub(crate) fn anchor(&self) -> Anchor {
        Anchor::Checkpoint { name: "the last verification".to_owned(), checkpoint: self.checkpoint.clone() }
    }
}
