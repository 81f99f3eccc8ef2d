//! The newest head that was verified, kept outside the gateway's reach: only so can a rolled-back trail be found.

use std::path::PathBuf;

use hoop_audit::Head;

use crate::exit::{Exit, Failure};

pub(super) struct Anchor(Option<PathBuf>);

impl Anchor {
    pub(super) fn at(path: Option<PathBuf>) -> Self {
        Self(path)
    }

    /// The remembered head; `None` the first time. A file that cannot be read is an error: it is no first time.
    pub(super) fn head(&self) -> Result<Option<Head>, Failure> {
        let Some(path) = self.0.as_ref().filter(|path| path.exists()) else { return Ok(None) };
        let text = std::fs::read(path)?;
        serde_json::from_slice(&text).map(Some).map_err(|error| {
            Failure::new(
                Exit::Failed,
                "bad_state",
                format!("{} does not hold a remembered head ({error}); move it away to begin anew", path.display()),
            )
        })
    }

    pub(super) fn remember(&self, head: &Head) -> Result<(), Failure> {
        let Some(path) = &self.0 else { return Ok(()) };
        if let Some(parent) = path.parent() {
            std::fs::create_dir_all(parent)?;
        }
        let text =
            serde_json::to_vec(head).map_err(|error| Failure::new(Exit::Failed, "internal", error.to_string()))?;
        let beside = path.with_extension("new");
        std::fs::write(&beside, text)?;
        Ok(std::fs::rename(beside, path)?)
    }
}
