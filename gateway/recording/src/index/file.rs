//! An index as a file: `hoopix\0\1`, the SHA-256 of all that follows, the length of the lines (u32 LE), the lines, and places
//! of 16 bytes each. Of the lines, JSON, the first says of which segment; each further one is a session's.

use std::{
    fs::{self, File, OpenOptions},
    io::{self, Read, Write},
    os::unix::fs::{FileExt, OpenOptionsExt},
    path::Path,
    sync::{Mutex, PoisonError},
};

use hoop_audit::Hash;
use hoop_model::{SessionId, Timestamp};
use memchr::memmem;
use serde::{Deserialize, Serialize};

use super::part::{Begins, Listed, Part, Parts, SessionFacts};
use crate::{durable::FILE_MODE, scan::Place};

const MAGIC: &[u8; 8] = b"hoopix\x00\x01";
/// Bytes of a place.
const PLACE: usize = 16;
/// Bytes at both ends of a segment that it is known by: its opening's checksum is in the first, its last frame in the last.
const ENDS: u64 = 4096;

/// What a segment is known by. A purge makes it shorter.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Identity {
    length: u64,
    ends: Hash,
}

impl Identity {
    pub fn of(segment: &File) -> io::Result<Self> {
        let length = segment.metadata()?.len();
        let some = length.min(ENDS);
        let mut ends = vec![0; some as usize * 2];
        let (first, last) = ends.split_at_mut(some as usize);
        segment.read_exact_at(first, 0)?;
        segment.read_exact_at(last, length - some)?;
        Ok(Self { length, ends: Hash::of(&ends) })
    }
}

#[derive(Serialize, Deserialize)]
struct Head {
    segment: Identity,
    latest: Option<Timestamp>,
}

#[derive(Serialize, Deserialize)]
struct Line {
    facts: SessionFacts,
    begins: Begins,
    /// Its places: the first of them, and how many.
    places: (usize, usize),
}

/// An index as it was read.
pub(super) struct Kept {
    head: Head,
    bytes: Vec<u8>,
    /// Where the sessions' lines and the places begin.
    lines: usize,
    places: usize,
}

impl Kept {
    fn lines(&self) -> &[u8] {
        self.bytes.get(self.lines..self.places).unwrap_or_default()
    }

    pub fn listed(&self) -> Listed {
        let lines = self.lines().split(|byte| *byte == b'\n').filter(|line| !line.is_empty());
        let read = lines.filter_map(|line| serde_json::from_slice::<Line>(line).ok());
        read.map(|line| (line.facts, line.begins)).collect()
    }

    /// Reads only that session's line.
    pub fn one(&self, id: SessionId) -> Option<Part> {
        let lines = self.lines();
        let named = format!("{{\"facts\":{{\"id\":\"{id}\"");
        let begin = memmem::find(lines, named.as_bytes())?;
        let line = lines.get(begin..)?.split(|byte| *byte == b'\n').next()?;
        let Line { facts, begins, places: (first, count) } = serde_json::from_slice(line).ok()?;
        let begin = self.places.checked_add(first.checked_mul(PLACE)?)?;
        let bytes = self.bytes.get(begin..begin.checked_add(count.checked_mul(PLACE)?)?)?;
        let places = bytes.as_chunks::<PLACE>().0.iter().map(|place| {
            let [a, b, c, d, e, f, g, h, i, j, k, l, m, n, o, p] = *place;
            Place {
                at: u64::from_le_bytes([a, b, c, d, e, f, g, h]),
                payload: u32::from_le_bytes([i, j, k, l]),
                record: u32::from_le_bytes([m, n, o, p]),
            }
        });
        Some(Part { facts, begins, places: places.collect() })
    }

    pub fn latest(&self) -> Option<Timestamp> {
        self.head.latest
    }
}

/// An index as it lies in its file.
pub(super) fn encoded(segment: &Identity, parts: &Parts) -> Result<Vec<u8>, serde_json::Error> {
    let mut lines = serde_json::to_vec(&Head { segment: segment.clone(), latest: parts.latest() })?;
    lines.push(b'\n');
    let mut places = Vec::new();
    for part in parts.iter() {
        let own = (places.len() / PLACE, part.places.len());
        serde_json::to_writer(&mut lines, &Line { facts: part.facts.clone(), begins: part.begins, places: own })?;
        lines.push(b'\n');
        for place in &part.places {
            places.extend_from_slice(&place.at.to_le_bytes());
            places.extend_from_slice(&place.payload.to_le_bytes());
            places.extend_from_slice(&place.record.to_le_bytes());
        }
    }
    let length = u32::try_from(lines.len()).unwrap_or(u32::MAX).to_le_bytes();
    let rest = [length.as_slice(), &lines, &places].concat();
    Ok([MAGIC, Hash::of(&rest).as_bytes().as_slice(), &rest].concat())
}

/// `None`: it is torn, or none.
pub(super) fn decoded(bytes: Vec<u8>) -> Option<Kept> {
    let (digest, rest) = bytes.strip_prefix(MAGIC)?.split_first_chunk::<32>()?;
    if Hash::of(rest).as_bytes() != digest {
        return None;
    }
    let (length, text) = rest.split_first_chunk::<4>()?;
    let begin = bytes.len() - text.len();
    let places = begin.checked_add(u32::from_le_bytes(*length) as usize)?;
    let first = memchr::memchr(b'\n', text)?;
    let head = serde_json::from_slice(text.get(..first)?).ok()?;
    (places <= bytes.len()).then_some(())?;
    Some(Kept { head, lines: begin + first + 1, places, bytes })
}

/// The index beside a segment; `None` where there is none of it as it is now.
pub(super) fn read(path: &Path, segment: &File) -> io::Result<Option<Kept>> {
    let mut bytes = Vec::new();
    match File::open(beside(path)).and_then(|mut file| file.read_to_end(&mut bytes)) {
        Ok(_) => {}
        Err(_) => return Ok(None),
    }
    let now = Identity::of(segment)?;
    Ok(decoded(bytes).filter(|kept| kept.head.segment == now))
}

/// Puts an index beside its segment. Not synced: one that a crash tears is made anew.
pub(super) fn write(segment: &Path, bytes: &[u8]) -> io::Result<()> {
    static ONE_AT_A_TIME: Mutex<()> = Mutex::new(());
    let _held = ONE_AT_A_TIME.lock().unwrap_or_else(PoisonError::into_inner);
    let path = beside(segment);
    let new = path.with_extension("index-new");
    let mut file = OpenOptions::new().write(true).create(true).truncate(true).mode(FILE_MODE).open(&new)?;
    file.write_all(bytes)?;
    fs::rename(&new, path)
}

fn beside(segment: &Path) -> std::path::PathBuf {
    segment.with_extension("index")
}
