//! Stamped heads beside the trail, of each day the newest: the head as a signed note, and its token beside it.

use std::{
    fs, io,
    path::{Path, PathBuf},
};

use hoop_audit::{Checkpoint, Note};
use hoop_model::Timestamp;

use super::client::Client;
use crate::witness::replace;

/// The folder within the trail's.
const FOLDER: &str = "timestamp";

pub(super) struct Kept {
    folder: PathBuf,
    /// The newest: its size, and when it was stamped.
    newest: Option<(u64, Timestamp)>,
}

impl Kept {
    /// `trail`: its folder. Blocks on the disk.
    pub(super) fn of(trail: &Path, client: &Client) -> Self {
        let folder = trail.join(FOLDER);
        let newest = names(&folder).unwrap_or_default().pop().and_then(|name| {
            let note = fs::read_to_string(folder.join(&name).with_extension("note")).ok()?;
            let token = fs::read(folder.join(&name)).ok()?;
            let size = Checkpoint::read(&Note::parse(&note).ok()?).ok()?.size;
            Some((size, client.kept(&token, note.as_bytes())?.at))
        });
        Self { folder, newest }
    }

    pub(super) fn newest(&self) -> Option<(u64, Timestamp)> {
        self.newest
    }

    /// Durable when it returns; an earlier one of the same day goes. Blocks on the disk.
    pub(super) fn add(&mut self, size: u64, at: Timestamp, note: &str, token: &[u8]) -> io::Result<()> {
        let path = self.path(size);
        replace(&path.with_extension("note"), note.as_bytes())?;
        replace(&path, token)?;
        let before = self.newest.replace((size, at));
        let same_day = |(_, before): &(u64, Timestamp)| before.to_string().get(..10) == at.to_string().get(..10);
        if let Some((old, _)) = before.filter(same_day).filter(|(old, _)| *old != size) {
            fs::remove_file(self.path(old))?;
            fs::remove_file(self.path(old).with_extension("note"))?;
        }
        Ok(())
    }

    fn path(&self, size: u64) -> PathBuf {
        self.folder.join(format!("{size:020}.tst"))
    }
}

/// Of the tokens in the folder, the newest last.
fn names(folder: &Path) -> io::Result<Vec<String>> {
    let entries = match fs::read_dir(folder) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Vec::new()),
        entries => entries?,
    };
    let names = entries.map(|entry| Ok(entry?.file_name().to_string_lossy().into_owned()));
    let mut names = names.collect::<io::Result<Vec<_>>>()?;
    names.retain(|name| name.ends_with(".tst"));
    names.sort();
    Ok(names)
}

/// The newest of them, at most so many: the name that its files have in common, the note and the token.
pub(super) fn newest(trail: &Path, most: usize) -> io::Result<Vec<(String, String, Vec<u8>)>> {
    let folder = trail.join(FOLDER);
    let names = names(&folder)?;
    let newest = names.iter().skip(names.len().saturating_sub(most)).map(|name| {
        let path = folder.join(name);
        let stem = name.trim_end_matches(".tst").to_owned();
        Ok((stem, fs::read_to_string(path.with_extension("note"))?, fs::read(path)?))
    });
    // One that went meanwhile was followed by another.
    Ok(newest.filter_map(|one: io::Result<_>| one.ok()).collect())
}
