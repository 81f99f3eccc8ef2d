use std::{
    fs, io,
    ops::ControlFlow,
    path::{Path, PathBuf},
};

use hoop_audit::{
    Hash, Later, Opening, Record, Subtree,
    payload::Payload,
    segment::{Frame, FrameError, Frames},
};
use memchr::memmem;

use crate::durable;

#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ReadError {
    #[error("cannot read {path}: {source}")]
    Io {
        path: PathBuf,
        #[source]
        source: io::Error,
    },
    #[error("{path}: {source}")]
    Frame {
        path: PathBuf,
        #[source]
        source: FrameError,
    },
    #[error("{path}: a record that is not one: {source}")]
    Record {
        path: PathBuf,
        #[source]
        source: serde_json::Error,
    },
}

/// Visits every record of a trail in order. The newest segment may be written to meanwhile: it is read up to its last
/// whole frame. Blocks on the disk.
pub fn records(dir: &Path, visit: impl FnMut(Record, &[u8])) -> Result<(), ReadError> {
    records_from(dir, 0, visit)
}

/// As [`records`], beginning with the record numbered `from`; earlier segments are not read.
pub fn records_from(dir: &Path, from: u64, mut visit: impl FnMut(Record, &[u8])) -> Result<(), ReadError> {
    entries_from(dir, from, |record, bytes, _| visit(record, bytes))
}

/// As [`records_from`], each record with its payload.
pub fn entries_from(
    dir: &Path,
    from: u64,
    mut visit: impl FnMut(Record, &[u8], Option<Payload<'_>>),
) -> Result<(), ReadError> {
    walk(dir, from, |stored, payload| {
        let record: Record = serde_json::from_slice(stored)?;
        if record.seq >= from {
            let own = payload.filter(|payload| payload.seq == record.seq);
            visit(record, stored, own);
        }
        Ok(ControlFlow::Continue(()))
    })
}

/// How the record numbered `seq` lies behind the log's first `size` records, under the first head that covers it. `None`:
/// there is no such head, or no such record.
pub fn later(dir: &Path, size: u64, seq: u64) -> Result<Option<Later>, ReadError> {
    let (mut next, mut leaves, mut record) = (None, Vec::new(), None);
    for (path, _) in segments_from(dir, size)? {
        let bytes = fs::read(&path).map_err(|source| ReadError::Io { path: path.clone(), source })?;
        // What is torn at the end lies behind all that is asked for.
        for (_, frame) in Frames::new(&bytes).flatten() {
            match frame {
                Frame::Opening(state) if next.is_none() => {
                    let opening: Opening = serde_json::from_slice(state)
                        .map_err(|source| ReadError::Record { path: path.clone(), source })?;
                    next = Some(opening.chain.next_seq());
                }
                Frame::Record(stored) => {
                    let number = next.unwrap_or_default();
                    if number == seq {
                        record = Some(String::from_utf8_lossy(stored).into_owned());
                    }
                    if number >= size {
                        leaves.push(Hash::leaf(stored));
                    }
                    next = Some(number + 1);
                }
                Frame::Checkpoint(note) => {
                    let Some(record) = record.take() else { continue };
                    let Some(at) = seq.checked_sub(size).and_then(|at| usize::try_from(at).ok()) else {
                        return Ok(None);
                    };
                    let before = Subtree::over(size, leaves.get(..at).unwrap_or_default());
                    let after = Subtree::over(seq + 1, leaves.get(at + 1..).unwrap_or_default());
                    return Ok(Some(Later { before, record, after, checkpoint: note.to_owned() }));
                }
                _ => {}
            }
        }
    }
    Ok(None)
}

/// Visits every record in which `text` stands anywhere. Others are not parsed.
pub fn containing(dir: &Path, text: &str, mut visit: impl FnMut(Record)) -> Result<(), ReadError> {
    let text = memmem::Finder::new(text);
    walk(dir, 0, |stored, _| {
        if text.find(stored).is_some() {
            visit(serde_json::from_slice(stored)?);
        }
        Ok(ControlFlow::Continue(()))
    })
}

/// Every stored record, with the payload before it, from the beginning of the segment that holds `from` on.
fn walk(
    dir: &Path,
    from: u64,
    mut visit: impl FnMut(&[u8], Option<Payload<'_>>) -> Result<ControlFlow<()>, serde_json::Error>,
) -> Result<(), ReadError> {
    for (path, newest) in segments_from(dir, from)? {
        let bytes = fs::read(&path).map_err(|source| ReadError::Io { path: path.clone(), source })?;
        let mut frames = Frames::new(&bytes);
        let mut payload = None;
        while let Some(frame) = frames.next() {
            match frame {
                Ok((_, Frame::Payload(next))) => payload = Some(next),
                Ok((_, Frame::Record(stored))) => {
                    let visited = visit(stored, payload.take());
                    if visited.map_err(|source| ReadError::Record { path: path.clone(), source })?.is_break() {
                        return Ok(());
                    }
                }
                Ok(_) => {}
                Err(_) if newest && frames.resume().is_none() => break,
                Err(source) => return Err(ReadError::Frame { path, source }),
            }
        }
    }
    Ok(())
}

/// The segments that hold `from` and what follows; the newest may end in a torn frame.
pub(crate) fn segments_from(dir: &Path, from: u64) -> Result<Vec<(PathBuf, bool)>, ReadError> {
    let segments = durable::segments(dir).map_err(|source| ReadError::Io { path: dir.to_owned(), source })?;
    let skipped = segments.iter().skip(1).take_while(|(first, _)| *first <= from).count();
    let count = segments.len();
    let numbered = segments.into_iter().enumerate().skip(skipped);
    Ok(numbered.map(|(index, (_, path))| (path, index + 1 == count)).collect())
}

/// The record of this number, if there is one.
pub(crate) fn record(dir: &Path, seq: u64) -> Result<Option<Record>, ReadError> {
    let segments = durable::segments(dir).map_err(|source| ReadError::Io { path: dir.to_owned(), source })?;
    let Some((_, path)) = segments.into_iter().rev().find(|(first, _)| *first <= seq) else { return Ok(None) };
    let bytes = fs::read(&path).map_err(|source| ReadError::Io { path: path.clone(), source })?;
    for (_, frame) in Frames::new(&bytes).flatten() {
        let Frame::Record(stored) = frame else { continue };
        let record: Record =
            serde_json::from_slice(stored).map_err(|source| ReadError::Record { path: path.clone(), source })?;
        if record.seq == seq {
            return Ok(Some(record));
        }
    }
    Ok(None)
}
