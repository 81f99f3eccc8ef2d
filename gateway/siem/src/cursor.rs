//! How far a receiver has the trail, in a file of its own: replaced whole, so that a crash leaves the old or the new.

use std::{
    fs::{self, File, OpenOptions},
    io::{self, Write},
    os::unix::fs::OpenOptionsExt,
    path::{Path, PathBuf},
};

use hoop_audit::Hash;
use serde::{Deserialize, Serialize};

const VERSION: u32 = 1;

/// The next record to send, and the hash of the last that was taken.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Place {
    pub next: u64,
    /// What the next record must follow. Absent at the trail's beginning.
    pub last: Option<Hash>,
}

#[derive(Serialize, Deserialize)]
struct Stored {
    v: u32,
    #[serde(flatten)]
    place: Place,
}

#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum CursorError {
    #[error("{path}: {source}")]
    Io {
        path: PathBuf,
        #[source]
        source: io::Error,
    },
    /// Never guessed: a cursor that is too far on would leave records out.
    #[error("{path} does not say how far its receiver has the trail; remove it to send the whole trail again")]
    Unreadable { path: PathBuf },
}

/// A receiver's place, as it is on disk.
#[derive(Debug, Clone)]
pub struct Cursor {
    path: PathBuf,
    place: Place,
}

impl Cursor {
    /// The place in `path`; the trail's beginning where there is no such file. Blocks on the disk.
    pub fn open(path: &Path) -> Result<Self, CursorError> {
        let place = match fs::read(path) {
            Ok(bytes) => match serde_json::from_slice::<Stored>(&bytes) {
                Ok(stored) if stored.v == VERSION => stored.place,
                _ => return Err(CursorError::Unreadable { path: path.to_owned() }),
            },
            Err(error) if error.kind() == io::ErrorKind::NotFound => Place::default(),
            Err(source) => return Err(CursorError::Io { path: path.to_owned(), source }),
        };
        Ok(Self { path: path.to_owned(), place })
    }

    pub fn place(&self) -> &Place {
        &self.place
    }

    /// Durable when it returns. Blocks on the disk: three syncs for a batch, not for a record.
    pub fn advance(&mut self, place: Place) -> Result<(), CursorError> {
        self.write(&place).map_err(|source| CursorError::Io { path: self.path.clone(), source })?;
        self.place = place;
        Ok(())
    }

    fn write(&self, place: &Place) -> io::Result<()> {
        let stored = Stored { v: VERSION, place: place.clone() };
        let new = self.path.with_extension("new");
        let mut file = OpenOptions::new().write(true).create(true).truncate(true).mode(0o600).open(&new)?;
        file.write_all(&serde_json::to_vec(&stored)?)?;
        file.sync_all()?;
        fs::rename(&new, &self.path)?;
        match self.path.parent().filter(|parent| !parent.as_os_str().is_empty()) {
            Some(parent) => File::open(parent)?.sync_all(),
            None => Ok(()),
        }
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[test]
    fn a_place_outlives_its_holder_and_a_torn_replacement_changes_nothing() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("hec.cursor");
        let mut cursor = Cursor::open(&path).unwrap();
        assert_eq!(*cursor.place(), Place::default());
        let place = Place { next: 7, last: Some(Hash::of(b"ab")) };
        cursor.advance(place.clone()).unwrap();
        fs::write(path.with_extension("new"), "{\"v\":1,\"ne").unwrap();
        assert_eq!(*Cursor::open(&path).unwrap().place(), place);
    }

    #[test]
    fn a_damaged_cursor_is_not_taken_for_none() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("hec.cursor");
        for text in ["", "{}", "{\"v\":2,\"next\":1,\"last\":null}", "7"] {
            fs::write(&path, text).unwrap();
            assert!(matches!(Cursor::open(&path), Err(CursorError::Unreadable { .. })), "{text}");
        }
    }

    #[test]
    fn where_nothing_can_be_written_the_place_stays() {
        let dir = tempfile::tempdir().unwrap();
        let mut cursor = Cursor::open(&dir.path().join("missing/hec.cursor")).unwrap();
        assert!(matches!(cursor.advance(Place { next: 1, last: None }), Err(CursorError::Io { .. })));
        assert_eq!(cursor.place().next, 0);
    }
}
