//! Reading on: a trail from where it was left, again and again, and only what was added since.

use std::{
    fs::File,
    path::{Path, PathBuf},
    sync::Arc,
};

use hoop_audit::Record;
use serde::Deserialize;

use crate::{
    ReadError, durable,
    scan::{Found, Scan},
};

/// As much of a record as says whether it has to be read.
#[derive(Deserialize)]
struct Numbered {
    seq: u64,
}

/// A place in a trail.
pub struct Tail {
    dir: PathBuf,
    /// The record that is read next.
    next: u64,
    /// The segment that was read last, and how far.
    place: Option<(PathBuf, u64)>,
}

impl Tail {
    /// Begins with the record numbered `next`.
    pub fn new(dir: &Path, next: u64) -> Self {
        Self { dir: dir.to_owned(), next, place: None }
    }

    /// The number of the record that is read next.
    pub fn next(&self) -> u64 {
        self.next
    }

    /// Visits each record from the next one to the trail's end. What is written just now is read up to its last whole
    /// frame. Blocks on the disk.
    pub fn read(&mut self, mut visit: impl FnMut(Record, &[u8])) -> Result<(), ReadError> {
        loop {
            let io = |source| ReadError::Io { path: self.dir.clone(), source };
            let segments = durable::segments(&self.dir).map_err(io)?;
            let last = segments.len().saturating_sub(1);
            let index = match &self.place {
                Some((path, _)) => segments.iter().position(|(_, one)| one == path),
                None => segments.iter().rposition(|(first, _)| *first <= self.next).or(Some(0)),
            };
            let Some((index, (_, path))) = index.and_then(|index| Some((index, segments.get(index)?))) else {
                return Ok(());
            };
            self.segment(path, index == last, &mut visit)?;
            match segments.get(index + 1) {
                Some((_, next)) => self.place = Some((next.clone(), 0)),
                None => return Ok(()),
            }
        }
    }

    fn segment(&mut self, path: &Path, newest: bool, visit: &mut impl FnMut(Record, &[u8])) -> Result<(), ReadError> {
        let io = |source| ReadError::Io { path: path.to_owned(), source };
        let from = self.place.as_ref().filter(|(one, _)| one == path).map_or(0, |(_, from)| *from);
        let file = File::open(path).map_err(io)?;
        // Payloads may have been purged from a segment that was read in part: then from its beginning again.
        let from = if file.metadata().map_err(io)?.len() < from { 0 } else { from };
        let mut scan = Scan::on(path, Arc::new(file), newest).onward(from);
        let mut behind = true;
        loop {
            match scan.next_found() {
                Ok(Some(Found::Record(_, stored))) => {
                    let wrong = |source| ReadError::Record { path: path.to_owned(), source };
                    // Those that come before the next one need not be read in full.
                    if behind && serde_json::from_slice::<Numbered>(stored).map_err(wrong)?.seq < self.next {
                        continue;
                    }
                    behind = false;
                    let record: Record = serde_json::from_slice(stored).map_err(wrong)?;
                    if record.seq >= self.next {
                        self.next = record.seq.saturating_add(1);
                        visit(record, stored);
                    }
                }
                Ok(Some(Found::Opening(_) | Found::Checkpoint(_))) => {}
                Ok(None) => break,
                // A sealed segment that was read in part may have been rewritten since, by a purge: it is read from its
                // beginning once.
                Err(ReadError::Frame { .. }) if !newest && from > 0 => {
                    self.place = Some((path.to_owned(), 0));
                    return self.segment(path, newest, visit);
                }
                Err(error) => return Err(error),
            }
        }
        self.place = Some((path.to_owned(), scan.at()));
        Ok(())
    }
}
