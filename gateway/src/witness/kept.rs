//! The newest head that a witness cosigned, as a signed note in a file of its own beside the trail: replaced whole, so that
//! a crash leaves the old or the new.

use std::{
    fs::{self, File, OpenOptions},
    io::{self, Write},
    os::unix::fs::{DirBuilderExt, OpenOptionsExt},
    path::{Path, PathBuf},
};

use hoop_audit::{Checkpoint, Note, WitnessKey};
use hoop_model::Timestamp;

/// The folder within the trail's.
const FOLDER: &str = "witness";

pub(super) struct Kept {
    path: PathBuf,
    key: WitnessKey,
}

impl Kept {
    /// `trail`: its folder.
    pub(super) fn of(trail: &Path, key: &WitnessKey) -> Self {
        Self { path: trail.join(FOLDER).join(key.file_name()), key: key.clone() }
    }

    /// Over how many records it is, and when it was cosigned. One that cannot be read is none: the witness is asked.
    pub(super) fn read(&self) -> Option<(u64, Timestamp)> {
        let text = fs::read_to_string(&self.path).ok()?;
        let note = Note::parse(&text).ok()?;
        Some((Checkpoint::read(&note).ok()?.size, self.key.cosigned(&note)?))
    }

    /// Durable when it returns. Blocks on the disk.
    pub(super) fn replace(&self, note: &str) -> io::Result<()> {
        replace(&self.path, note.as_bytes())
    }
}

/// Puts these bytes into a file in a folder beside the trail's segments, which is made when it is missing; durable when it
/// returns, and all or nothing of it.
pub(crate) fn replace(path: &Path, bytes: &[u8]) -> io::Result<()> {
    let folder = path.parent().unwrap_or(Path::new("."));
    if !folder.exists() {
        fs::DirBuilder::new().mode(0o700).create(folder)?;
        folder.parent().map_or(Ok(()), |above| File::open(above)?.sync_all())?;
    }
    let new = path.with_extension("new");
    let mut file = OpenOptions::new().write(true).create(true).truncate(true).mode(0o600).open(&new)?;
    file.write_all(bytes)?;
    file.sync_all()?;
    fs::rename(&new, path)?;
    File::open(folder)?.sync_all()
}

/// All that are kept beside a trail: the file's name, and what stands in it.
pub(super) fn all(trail: &Path) -> io::Result<Vec<(String, String)>> {
    let entries = match fs::read_dir(trail.join(FOLDER)) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Vec::new()),
        entries => entries?,
    };
    let mut all = Vec::new();
    for entry in entries {
        let path = entry?.path();
        if path.extension().is_some_and(|extension| extension == "note") {
            let name = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
            all.push((name, fs::read_to_string(&path)?));
        }
    }
    all.sort();
    Ok(all)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use hoop_audit::{Cosigner, SigningKey, Tree};

    use super::*;

    #[test]
    fn what_is_kept_is_read_back_and_anything_else_is_nothing() {
        let dir = tempfile::tempdir().unwrap();
        let witness = Cosigner::from_seed("witness.example/w1", &[2; 32]).unwrap();
        let log = SigningKey::from_seed("log", &[1; 32]).unwrap();
        let signed = Checkpoint::of("log", &Tree::default()).sign([&log]);
        let cosigned = format!("{signed}{}", witness.cosign(Note::parse(&signed).unwrap().text(), 7));
        let kept = Kept::of(dir.path(), witness.key());
        assert!(kept.read().is_none() && all(dir.path()).unwrap().is_empty());
        kept.replace(&signed).unwrap();
        assert_eq!(kept.read(), None, "nobody cosigned it");
        kept.replace(&cosigned).unwrap();
        fs::write(kept.path.with_extension("new"), "half of a").unwrap();
        assert_eq!(kept.read().map(|(size, at)| (size, at.as_second())), Some((0, 7)));
        assert_eq!(all(dir.path()).unwrap(), [(witness.key().file_name(), cosigned)]);
    }
}
