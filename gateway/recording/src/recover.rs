//! Opening a trail that a gateway left behind, cleanly or not.

use std::{
    collections::BTreeMap,
    fs::{self, File, OpenOptions},
    path::Path,
};

use hoop_audit::{
    Chain, Draft, Record, RecordType,
    segment::{FrameError, Frames},
};
use hoop_model::ExchangeId;

use crate::{RecordError, read};

/// What was found: where to go on, and what must be said first.
pub(crate) struct Recovered {
    pub chain: Chain,
    /// The newest segment, cut after its last whole frame; absent in an empty trail.
    pub segment: Option<(File, u64)>,
    /// To be written before anything else.
    pub first: Vec<Draft>,
}

/// Reads the whole trail. A torn tail is cut off and said; damage anywhere else is an error: it is never repaired.
pub(crate) fn recover(dir: &Path) -> Result<Recovered, RecordError> {
    let mut chain = Chain::default();
    let mut open: BTreeMap<ExchangeId, Record> = BTreeMap::new();
    let mut first = Vec::new();
    let mut segment = None;
    let paths = read::segments(dir)?;
    for (index, path) in paths.iter().enumerate() {
        let damaged = |text: String| RecordError::Damaged { path: path.clone(), text };
        let bytes = fs::read(path).map_err(|source| RecordError::Io { path: path.clone(), source })?;
        let newest = index + 1 == paths.len();
        let mut frames = Frames::new(&bytes);
        while let Some(frame) = frames.next() {
            match frame {
                Ok((at, stored)) => {
                    let record: Record = serde_json::from_slice(stored)
                        .map_err(|error| damaged(format!("the record at byte {at} cannot be read: {error}")))?;
                    if chain.head().is_some_and(|head| head.hash != record.prev) {
                        return Err(damaged(format!("record {} does not follow the one before it", record.seq)));
                    }
                    chain.resume(&record, stored);
                    track(&mut open, record);
                }
                Err(error) if newest && torn(&error, &bytes) => {
                    let lost = bytes.len().saturating_sub(frames.offset());
                    let gap = Draft::new(RecordType::Gap)
                        .detail("bytes_lost", lost.to_string())
                        .detail("because", error.to_string());
                    first.push(gap);
                    break;
                }
                Err(error) => return Err(damaged(error.to_string())),
            }
        }
        if newest {
            segment = Some(reopen(path, frames.offset() as u64)?);
        }
    }
    first.extend(open.into_values().map(unknown_end));
    Ok(Recovered { chain, segment, first })
}

/// A crash tears only the end: the damaged frame reaches to the end of the file, or past it.
fn torn(error: &FrameError, bytes: &[u8]) -> bool {
    match error {
        FrameError::Cut { .. } => true,
        FrameError::Checksum { at } => {
            let length = bytes.get(*at..at + 4).and_then(|length| length.try_into().ok()).map(u32::from_le_bytes);
            length.is_some_and(|length| at + hoop_audit::segment::PREFIX + length as usize >= bytes.len())
        }
        FrameError::NoSegment => bytes.len() < hoop_audit::segment::MAGIC.len(),
        _ => false,
    }
}

fn reopen(path: &Path, length: u64) -> Result<(File, u64), RecordError> {
    let io = |source| RecordError::Io { path: path.to_owned(), source };
    let file = OpenOptions::new().append(true).open(path).map_err(io)?;
    file.set_len(length).map_err(io)?;
    file.sync_all().map_err(io)?;
    let mut file = file;
    if length == 0 {
        crate::durable::Durable::append(&mut file, hoop_audit::segment::MAGIC).map_err(io)?;
    }
    Ok((file, length.max(hoop_audit::segment::MAGIC.len() as u64)))
}

fn track(open: &mut BTreeMap<ExchangeId, Record>, record: Record) {
    let Some(exchange) = record.draft.exchange_id else { return };
    match record.draft.kind {
        RecordType::Request => {
            open.insert(exchange, record);
        }
        RecordType::End => {
            open.remove(&exchange);
        }
        _ => {}
    }
}

/// The request was durable, so it may have run; nobody knows.
fn unknown_end(request: Record) -> Draft {
    let mut end = Draft::new(RecordType::End);
    end.session_id = request.draft.session_id;
    end.exchange_id = request.draft.exchange_id;
    end.origin = request.draft.origin;
    end.connection = request.draft.connection;
    end.protocol = request.draft.protocol;
    end.outcome = Some("unknown".to_owned());
    end.detail("because", "the gateway stopped before the exchange ended")
}
