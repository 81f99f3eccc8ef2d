//! One session's records, read by ranges. Each is held against what the index and the session before it say; where that
//! does not fit, the index is not believed any more, and the segments are read in its place.

use std::{fs::File, ops::ControlFlow, os::unix::fs::FileExt, path::Path};

use hoop_audit::{
    RecordType,
    payload::Payload,
    segment::{Frame, FrameError, Frames, Lead},
};
use hoop_model::{SessionId, Timestamp};
use serde::Deserialize;

use super::{Begins, Index, Segment, Trust};
use crate::{ReadError, scan::Place};

/// Records that the system is told of at a time, and bytes between two of them that are read with them.
const AHEAD: usize = 128;
#[cfg(target_os = "linux")]
const NEAR: u64 = 8 * 1024;

/// A record as it is given out.
pub struct Entry<'a> {
    pub seq: u64,
    pub ts: Timestamp,
    pub kind: RecordType,
    /// As stored.
    pub record: &'a [u8],
    pub payload: Beside<'a>,
}

/// What may lie beside a record. It is read only when it is asked for.
pub struct Beside<'a> {
    seq: u64,
    place: Place,
    file: &'a File,
    path: &'a Path,
}

impl Beside<'_> {
    /// Reads it into `frame`, whatever that held before. `None`: there is none.
    ///
    /// # Errors
    /// When it cannot be read, or is damaged.
    pub fn read<'b>(&self, frame: &'b mut Vec<u8>) -> Result<Option<Payload<'b>>, ReadError> {
        let Place { at, payload, .. } = self.place;
        if payload == 0 {
            return Ok(None);
        }
        frame.resize(payload as usize, 0);
        let io = |source| ReadError::Io { path: self.path.to_owned(), source };
        self.file.read_exact_at(frame, at).map_err(io)?;
        match Frames::onward(frame).next() {
            Some(Ok((_, Frame::Payload(payload)))) => Ok((payload.seq == self.seq).then_some(payload)),
            Some(Err(source)) => {
                Err(ReadError::Frame { path: self.path.to_owned(), source: source.behind(at as usize) })
            }
            _ => Ok(None),
        }
    }
}

/// What reading looks at in a record.
#[derive(Deserialize)]
struct Own {
    seq: u64,
    session_seq: Option<u64>,
    session_id: Option<SessionId>,
    ts: Timestamp,
    #[serde(rename = "type")]
    kind: RecordType,
}

/// How far a session was read.
#[derive(Clone, Copy)]
struct Progress {
    /// Records before this one are not given out (any more).
    next: u64,
    /// Of the newest record that was read: its place in the session, and whether it ends it.
    latest: Option<(u64, bool)>,
}

enum Outcome {
    Read,
    /// What the index says does not fit.
    Doubtful,
}

impl Index {
    /// Visits a session's records from the one numbered `from` on, in order, until `visit` breaks off. That a record is what
    /// was written, whoever gets it verifies.
    pub fn read(
        &self,
        id: SessionId,
        from: u64,
        mut visit: impl FnMut(Entry<'_>) -> ControlFlow<()>,
    ) -> Result<(), ReadError> {
        let mut progress = Progress { next: from, latest: None };
        if let Outcome::Doubtful = self.pass(id, Trust::Files, &mut progress, &mut visit)? {
            tracing::warn!(session = %id, "an index of the trail does not fit the trail; it is made anew");
            self.forget();
            self.pass(id, Trust::Segments, &mut progress, &mut visit)?;
        }
        Ok(())
    }

    fn pass(
        &self,
        id: SessionId,
        trust: Trust,
        progress: &mut Progress,
        visit: &mut impl FnMut(Entry<'_>) -> ControlFlow<()>,
    ) -> Result<Outcome, ReadError> {
        let mut stored = Vec::new();
        for segment in self.holding(id, progress.next, trust)? {
            if segment.newest && trust == Trust::Files && self.misses(&segment, id, progress)? {
                return Ok(Outcome::Doubtful);
            }
            let Some((file, part)) = self.part(&segment, id, trust)? else { continue };
            for (index, place) in part.places.iter().enumerate() {
                if index.is_multiple_of(AHEAD) {
                    announce(&file, part.places.get(index..).unwrap_or_default());
                }
                let place = *place;
                let own = record(&file, place, &segment.path, &mut stored);
                let own = own.and_then(|own| (own.session_id == Some(id)).then_some(own));
                let Some(own) = own else {
                    if trust == Trust::Files {
                        return Ok(Outcome::Doubtful);
                    }
                    // It was read a moment ago.
                    let source = FrameError::Checksum { at: place.at as usize };
                    return Err(ReadError::Frame { path: segment.path, source });
                };
                if trust == Trust::Files && !follows(progress, &own) {
                    return Ok(Outcome::Doubtful);
                }
                let asked = own.seq >= progress.next;
                progress.latest = own.session_seq.map(|seq| (seq, own.kind == RecordType::SessionEnd));
                if !asked {
                    continue;
                }
                progress.next = own.seq.saturating_add(1);
                let payload = Beside { seq: own.seq, place, file: &file, path: &segment.path };
                let record = stored.get(Lead::LENGTH..).unwrap_or_default();
                if visit(Entry { seq: own.seq, ts: own.ts, kind: own.kind, record, payload }).is_break() {
                    return Ok(Outcome::Read);
                }
            }
        }
        Ok(Outcome::Read)
    }

    /// The segments that a session's records from `from` on lie in, oldest first; the newest segment always.
    fn holding(&self, id: SessionId, from: u64, trust: Trust) -> Result<Vec<Segment>, ReadError> {
        let mut holding = Vec::new();
        for segment in self.segments()?.into_iter().rev() {
            let part = self.part(&segment, id, trust)?;
            let begins = part.as_ref().is_some_and(|(_, part)| part.begins == Begins::Here);
            let first = segment.first;
            if part.is_some() || segment.newest {
                holding.push(segment);
            }
            if begins || first <= from {
                break;
            }
        }
        holding.reverse();
        Ok(holding)
    }

    /// Whether the newest segment says that the session had other records before it than were read.
    fn misses(&self, newest: &Segment, id: SessionId, progress: &Progress) -> Result<bool, ReadError> {
        if progress.latest.is_none() && progress.next > 0 {
            // They may lie before what was asked for.
            return Ok(false);
        }
        let said = self.newest(newest, |newest| newest.chain.as_ref().map(|chain| chain.newest_of(id)))?;
        Ok(match (said, progress.latest) {
            (None, _) => false,
            (Some(Some(said)), latest) => latest.is_none_or(|(seq, _)| seq != said),
            (Some(None), latest) => latest.is_some_and(|(_, ended)| !ended),
        })
    }
}

/// Tells the system which records are read next, so that a disk fetches many of them at a time.
#[cfg(target_os = "linux")]
fn announce(file: &File, places: &[Place]) {
    use std::num::NonZero;

    use rustix::fs::{Advice, fadvise};

    let mut ranges: Vec<(u64, u64)> = Vec::new();
    for place in places.iter().take(AHEAD) {
        let begin = place.at.saturating_add(u64::from(place.payload));
        let end = begin.saturating_add(u64::from(place.record));
        match ranges.last_mut() {
            Some((_, last)) if begin <= last.saturating_add(NEAR) => *last = end,
            _ => ranges.push((begin, end)),
        }
    }
    for (begin, end) in ranges {
        // Without it they are read one by one.
        let _ = fadvise(file, begin, NonZero::new(end.saturating_sub(begin)), Advice::WillNeed);
    }
}

#[cfg(not(target_os = "linux"))]
fn announce(_: &File, _: &[Place]) {}

/// The record at a place, in `stored` with its frame; `None`: there is none.
fn record(file: &File, place: Place, path: &Path, stored: &mut Vec<u8>) -> Option<Own> {
    let at = place.at.checked_add(u64::from(place.payload))?;
    // No longer than a record may be, whatever the index says.
    let length = usize::try_from(place.record).ok().filter(|length| *length <= hoop_audit::segment::LIMIT + 64)?;
    stored.resize(length, 0);
    if let Err(error) = file.read_exact_at(stored, at) {
        tracing::debug!(%error, path = %path.display(), "no record where one should be");
        return None;
    }
    let mut frames = Frames::onward(stored);
    match frames.next() {
        // A place that is longer than the record would give out what lies behind it, too.
        Some(Ok((_, Frame::Record(record)))) if frames.offset() == length => serde_json::from_slice(record).ok(),
        _ => None,
    }
}

/// Whether a record is the next of its session after what was read.
fn follows(progress: &Progress, own: &Own) -> bool {
    match progress.latest {
        // What comes before it was not asked for.
        None if progress.next > 0 => true,
        None | Some((_, true)) => own.session_seq == Some(0),
        Some((seq, false)) => own.session_seq == seq.checked_add(1),
    }
}
