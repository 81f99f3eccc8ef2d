//! Which sessions a trail holds and where their records lie, so that a list or a replay need not read all of it.
//!
//! Beside each sealed segment lies a small file, made when the segment is sealed or first needed; of the newest it is kept
//! in memory and read on. Derived, and never trusted for what a record says: records are verified as they are read. One that
//! is missing, torn, or of another segment than lies beside it is made anew.

mod file;
mod listing;
mod part;
mod reading;

use std::{
    fs::File,
    path::{Path, PathBuf},
    sync::{Arc, Mutex, PoisonError},
    thread,
};

use file::Kept;
use hoop_audit::{Chain, Opening};
use hoop_model::{SessionId, Timestamp};
pub use listing::{Page, Wanted};
pub use part::SessionFacts;
use part::{Begins, Listed, Part, Parts};
pub use reading::{Beside, Entry as IndexedEntry};

use crate::{
    ReadError, durable,
    scan::{Found, Scan},
};

/// Of one trail. Everything in it blocks on the disk.
pub struct Index {
    dir: PathBuf,
    newest: Mutex<Option<Newest>>,
}

/// The segment that is written to, as far as it was read.
struct Newest {
    scan: Scan,
    parts: Parts,
    /// Where the log stood as the segment began.
    chain: Option<Chain>,
}

/// A segment's place in the trail.
struct Segment {
    first: u64,
    path: PathBuf,
    newest: bool,
}

/// What is taken for good.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Trust {
    /// Index files, as long as nothing contradicts them.
    Files,
    /// The segments alone.
    Segments,
}

impl Index {
    /// Of the trail in `dir`. Reads nothing yet.
    pub fn of(dir: &Path) -> Self {
        Self { dir: dir.to_owned(), newest: Mutex::new(None) }
    }

    /// Oldest first.
    fn segments(&self) -> Result<Vec<Segment>, ReadError> {
        let io = |source| ReadError::Io { path: self.dir.clone(), source };
        let segments = durable::segments(&self.dir).map_err(io)?;
        let count = segments.len();
        let numbered = segments.into_iter().enumerate();
        Ok(numbered.map(|(index, (first, path))| Segment { first, path, newest: index + 1 == count }).collect())
    }

    /// What lists say of the sessions in a segment, and when its last record was written.
    fn listed(&self, segment: &Segment) -> Result<(Listed, Option<Timestamp>), ReadError> {
        if segment.newest {
            return self.newest(segment, |newest| (newest.parts.listed(), newest.parts.latest()));
        }
        let (_, kept) = sealed(&segment.path, Trust::Files)?;
        Ok((kept.listed(), kept.latest()))
    }

    /// One session's part of a segment, with the file that its places are in.
    fn part(&self, segment: &Segment, id: SessionId, trust: Trust) -> Result<Option<(Arc<File>, Part)>, ReadError> {
        if segment.newest {
            return self
                .newest(segment, |newest| newest.parts.one(id).map(|part| (newest.scan.file().clone(), part.clone())));
        }
        let (file, kept) = sealed(&segment.path, trust)?;
        Ok(kept.one(id).map(|part| (Arc::new(file), part)))
    }

    /// What is known of the newest segment is read anew.
    fn forget(&self) {
        *self.newest.lock().unwrap_or_else(PoisonError::into_inner) = None;
    }

    /// Reads the newest segment on, and looks at what is known of it.
    fn newest<T>(&self, segment: &Segment, look: impl FnOnce(&Newest) -> T) -> Result<T, ReadError> {
        let mut kept = self.newest.lock().unwrap_or_else(PoisonError::into_inner);
        // After an error it is begun anew.
        let mut newest = match kept.take().filter(|newest| newest.scan.path() == segment.path) {
            Some(newest) => newest,
            None => Newest { scan: Scan::of(&segment.path, true)?, parts: Parts::default(), chain: None },
        };
        newest.read_on()?;
        let seen = look(&newest);
        *kept = Some(newest);
        Ok(seen)
    }
}

impl Newest {
    fn read_on(&mut self) -> Result<(), ReadError> {
        let path = self.scan.path().to_owned();
        let record = |source| ReadError::Record { path: path.clone(), source };
        while let Some(found) = self.scan.next_found()? {
            match found {
                Found::Opening(state) => {
                    let opening: Opening = serde_json::from_slice(state).map_err(record)?;
                    self.chain.get_or_insert(opening.chain);
                }
                Found::Record(place, stored) => self.parts.take(place, stored).map_err(record)?,
                Found::Checkpoint(_) => {}
            }
        }
        Ok(())
    }
}

/// The index of a segment that is not written to any more, from its file or else made anew.
fn sealed(path: &Path, trust: Trust) -> Result<(File, Kept), ReadError> {
    let io = |source| ReadError::Io { path: path.to_owned(), source };
    let file = File::open(path).map_err(io)?;
    if trust == Trust::Files
        && let Some(kept) = file::read(path, &file).map_err(io)?
    {
        return Ok((file, kept));
    }
    // What it is known by is taken first: should it change meanwhile, the file is of no use.
    let identity = file::Identity::of(&file).map_err(io)?;
    let file = Arc::new(file);
    let mut scan = Scan::on(path, file.clone(), false);
    let mut parts = Parts::default();
    while let Some(found) = scan.next_found()? {
        if let Found::Record(place, stored) = found {
            parts.take(place, stored).map_err(|source| ReadError::Record { path: path.to_owned(), source })?;
        }
    }
    drop(scan);
    let bytes =
        file::encoded(&identity, &parts).map_err(|source| ReadError::Record { path: path.to_owned(), source })?;
    if let Err(error) = file::write(path, &bytes) {
        // The answer is right without it, only slower.
        tracing::warn!(%error, path = %path.display(), "the index of a segment could not be written");
    }
    let kept = file::decoded(bytes).ok_or_else(|| io(std::io::ErrorKind::InvalidData.into()))?;
    let file = Arc::try_unwrap(file).or_else(|shared| shared.try_clone()).map_err(io)?;
    Ok((file, kept))
}

/// Makes the index of the segment before the one that begins with record `next`, while the writer goes on.
pub(crate) fn follow_seal(dir: &Path, next: u64) {
    let dir = dir.to_owned();
    let making = move || {
        let segments = durable::segments(&dir).unwrap_or_default();
        let Some((_, path)) = segments.into_iter().rev().find(|(first, _)| *first < next) else { return };
        if let Err(error) = sealed(&path, Trust::Files) {
            tracing::warn!(%error, "the index of a sealed segment could not be made; it is once it is needed");
        }
    };
    // Without a thread it is made when it is first needed.
    let _ = thread::Builder::new().name("trail-index".to_owned()).spawn(making);
}
