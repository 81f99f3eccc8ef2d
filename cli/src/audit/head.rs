//! Signed heads as they lie in files beside a trail.

use std::{
    fs, io,
    path::{Path, PathBuf},
};

use hoop_audit::{Checkpoint, Note, VerifyingKey};

use crate::exit::Failure;

/// Longest file that is read as one, in bytes.
pub(super) const LONGEST: u64 = 64 * 1024;

pub(super) struct Head {
    pub note: String,
    pub checkpoint: Checkpoint,
}

impl Head {
    /// `None`: it is none. Whoever has the gateway's disk writes there, and what is no head says nothing.
    pub(super) fn read(path: &Path) -> Option<Self> {
        let short = fs::metadata(path).ok()?.len() <= LONGEST;
        let note = fs::read_to_string(path).ok().filter(|_| short)?;
        let checkpoint = Checkpoint::read(&Note::parse(&note).ok()?).ok()?;
        Some(Self { note, checkpoint })
    }

    /// Whether it is of the log that one of these keys signs: another one may have the same records.
    pub(super) fn is_of(&self, keys: &[VerifyingKey]) -> bool {
        let signed = |key: &VerifyingKey| {
            key.name() == self.checkpoint.origin && Note::parse(&self.note).is_ok_and(|note| note.is_signed_by(key))
        };
        keys.iter().any(signed)
    }
}

/// The files of this extension in a folder, if it is there, in order of their names.
pub(super) fn beside(folder: &Path, extension: &str) -> io::Result<Vec<PathBuf>> {
    let entries = match fs::read_dir(folder) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Vec::new()),
        entries => entries?,
    };
    let paths = entries.map(|entry| Ok(entry?.path())).collect::<io::Result<Vec<_>>>()?;
    let mut paths: Vec<_> =
        paths.into_iter().filter(|path| path.extension().is_some_and(|of| of == extension)).collect();
    paths.sort();
    Ok(paths)
}

/// Copies them into another folder.
pub(super) fn copy(from: &Path, to: &Path, extension: &str) -> Result<(), Failure> {
    for path in beside(from, extension)? {
        if let Some(name) = path.file_name() {
            fs::create_dir_all(to)?;
            fs::copy(&path, to.join(name))?;
        }
    }
    Ok(())
}
