//! How far the archive has the trail, in a file of its own: replaced whole, so that a crash leaves the old or the new.
//!
//! One that is lost, or cannot be read, costs time and nothing else: everything is put again, and found to be there.

use std::{
    fs::{self, File, OpenOptions},
    io::{self, Write},
    os::unix::fs::OpenOptionsExt,
    path::{Path, PathBuf},
};

use serde::{Deserialize, Serialize};

const VERSION: u32 = 1;

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Stored {
    v: u32,
    /// Server, bucket and names: another archive has nothing yet.
    archive: String,
    /// The first record of the first segment that is not there.
    next: u64,
}

#[derive(Debug, Clone)]
pub struct Cursor {
    path: PathBuf,
    stored: Stored,
}

impl Cursor {
    /// The place in `path`, if it is one of this archive's; else the trail's beginning. Blocks on the disk.
    pub fn open(path: &Path, archive: &str) -> Self {
        let read = fs::read(path).ok().and_then(|bytes| serde_json::from_slice::<Stored>(&bytes).ok());
        let known = read.filter(|stored| stored.v == VERSION && stored.archive == archive);
        let stored = known.unwrap_or_else(|| Stored { v: VERSION, archive: archive.to_owned(), next: 0 });
        Self { path: path.to_owned(), stored }
    }

    /// The first record of the first segment that is not archived.
    pub fn next(&self) -> u64 {
        self.stored.next
    }

    /// Durable when it returns. Blocks on the disk.
    pub fn advance(&mut self, next: u64) -> io::Result<()> {
        let stored = Stored { next, ..self.stored.clone() };
        let new = self.path.with_extension("new");
        let mut file = OpenOptions::new().write(true).create(true).truncate(true).mode(0o600).open(&new)?;
        file.write_all(&serde_json::to_vec(&stored)?)?;
        file.sync_all()?;
        fs::rename(&new, &self.path)?;
        if let Some(parent) = self.path.parent().filter(|parent| !parent.as_os_str().is_empty()) {
            File::open(parent)?.sync_all()?;
        }
        self.stored = stored;
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[test]
    fn a_place_outlives_its_holder_and_is_of_one_archive() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("archive.cursor");
        let mut cursor = Cursor::open(&path, "one");
        assert_eq!(cursor.next(), 0);
        cursor.advance(7).unwrap();
        fs::write(path.with_extension("new"), "{\"v\":1,\"ne").unwrap();
        assert_eq!(Cursor::open(&path, "one").next(), 7);
        assert_eq!(Cursor::open(&path, "another").next(), 0);
    }

    #[test]
    fn a_damaged_one_begins_anew_and_one_that_cannot_be_written_stays() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("archive.cursor");
        for text in ["", "{}", "{\"v\":2,\"archive\":\"one\",\"next\":1}", "7"] {
            fs::write(&path, text).unwrap();
            assert_eq!(Cursor::open(&path, "one").next(), 0, "{text}");
        }
        let mut cursor = Cursor::open(&dir.path().join("missing/archive.cursor"), "one");
        assert!(cursor.advance(1).is_err());
        assert_eq!(cursor.next(), 0);
    }
}
