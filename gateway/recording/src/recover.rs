//! Opening a trail that a gateway left behind, cleanly or not.

use std::{
    collections::BTreeMap,
    fs::{self, File, OpenOptions},
    path::{Path, PathBuf},
};

use hoop_audit::{
    Chain, Draft, Record, RecordType,
    segment::{FrameError, Frames, MAGIC},
};
use hoop_model::{ExchangeId, SessionId};
use serde::Deserialize;

use crate::{
    RecordError,
    durable::{self, Durable},
};

/// What was found: where to go on, and what must be said first.
pub(crate) struct Recovered {
    pub chain: Chain,
    /// The newest segment, cut after its last whole frame, and its length; absent in an empty trail.
    pub segment: Option<(File, u64)>,
    /// To be written before anything else, in one piece with the writer's start.
    pub first: Vec<Draft>,
}

/// Reads the trail back to the last start of a writer: whatever was open then has been closed in it. A torn tail is cut
/// off, kept beside and said; damage anywhere else is an error: it is never repaired.
pub(crate) fn recover(dir: &Path) -> Result<Recovered, RecordError> {
    let io = |source| RecordError::Io { path: dir.to_owned(), source };
    let segments = durable::segments(dir).map_err(io)?;
    let mut state = State::default();
    let mut segment = None;
    let mut segments = segments.get(begin(&segments)?..).unwrap_or_default().iter().peekable();
    while let Some((first, path)) = segments.next() {
        let bytes = read(path)?;
        let damaged = |text: String| RecordError::Damaged { path: path.clone(), text };
        if state.chain.head().is_some_and(|head| head.seq.checked_add(1) != Some(*first)) {
            return Err(damaged("the segment before it does not end where this one begins".to_owned()));
        }
        let newest = segments.peek().is_none();
        let mut frames = Frames::new(&bytes);
        let mut torn = None;
        while let Some(frame) = frames.next() {
            match frame {
                Ok((at, stored)) => state.take(stored).map_err(|text| damaged(format!("{text} (byte {at})")))?,
                Err(error) => {
                    let good = frames.offset();
                    if !newest || frames.resume().is_some() || (good == 0 && bytes.len() >= MAGIC.len()) {
                        return Err(damaged(error.to_string()));
                    }
                    torn = Some((good, error));
                    break;
                }
            }
        }
        if newest {
            let good = torn.as_ref().map_or(bytes.len(), |(good, _)| *good);
            if let Some((_, error)) = torn {
                state.first.extend(keep(dir, path, &bytes, good, &error)?);
            }
            segment = Some(reopen(path, good as u64)?);
        }
    }
    state.first.extend(state.exchanges.into_values().map(|request| unknown(RecordType::End, request)));
    state.first.extend(state.sessions.into_values().map(|start| unknown(RecordType::SessionEnd, start)));
    Ok(Recovered { chain: state.chain, segment, first: state.first })
}

#[derive(Default)]
struct State {
    chain: Chain,
    exchanges: BTreeMap<ExchangeId, Record>,
    sessions: BTreeMap<SessionId, Record>,
    first: Vec<Draft>,
}

impl State {
    fn take(&mut self, stored: &[u8]) -> Result<(), String> {
        let record: Record =
            serde_json::from_slice(stored).map_err(|error| format!("a record cannot be read: {error}"))?;
        if let Some(head) = self.chain.head()
            && (head.hash != record.prev || head.seq.checked_add(1) != Some(record.seq))
        {
            return Err(format!("record {} does not follow the one before it", record.seq));
        }
        self.chain.resume(&record, stored);
        if record.draft.kind == RecordType::WriterStart {
            self.exchanges.clear();
            self.sessions.clear();
        }
        let (session, exchange) = (record.draft.session_id, record.draft.exchange_id);
        match (record.draft.kind, session, exchange) {
            (RecordType::SessionStart, Some(session), _) => drop(self.sessions.insert(session, record)),
            (RecordType::SessionEnd, Some(session), _) => drop(self.sessions.remove(&session)),
            (RecordType::Request, _, Some(exchange)) => drop(self.exchanges.insert(exchange, record)),
            (RecordType::End, _, Some(exchange)) => drop(self.exchanges.remove(&exchange)),
            _ => {}
        }
        Ok(())
    }
}

/// The newest segment in which a writer starts.
fn begin(segments: &[(u64, PathBuf)]) -> Result<usize, RecordError> {
    #[derive(Deserialize)]
    struct Kind {
        #[serde(rename = "type")]
        kind: RecordType,
    }
    for (index, (_, path)) in segments.iter().enumerate().rev() {
        let bytes = read(path)?;
        let starts = Frames::new(&bytes).flatten().any(|(_, stored)| {
            serde_json::from_slice::<Kind>(stored).is_ok_and(|is| is.kind == RecordType::WriterStart)
        });
        if starts {
            return Ok(index);
        }
    }
    Ok(0)
}

fn read(path: &Path) -> Result<Vec<u8>, RecordError> {
    fs::read(path).map_err(|source| RecordError::Io { path: path.to_owned(), source })
}

/// Copies what is about to be cut off into a file of its own, and says so. Zeros are not worth keeping.
fn keep(dir: &Path, path: &Path, bytes: &[u8], good: usize, error: &FrameError) -> Result<Option<Draft>, RecordError> {
    let cut = bytes.get(good..).unwrap_or_default();
    if cut.is_empty() {
        return Ok(None);
    }
    let mut gap =
        Draft::new(RecordType::Gap).detail("bytes_lost", cut.len().to_string()).detail("because", error.to_string());
    if cut.iter().any(|byte| *byte != 0) {
        let segment = path.file_stem().and_then(|stem| stem.to_str()).unwrap_or("segment");
        let kept = durable::keep(dir, &format!("torn-{segment}-{good}"), cut)
            .map_err(|source| RecordError::Io { path: dir.to_owned(), source })?;
        gap = gap.detail("kept_in", kept).detail("kept_digest", crate::commit::sha256_hex(cut));
    }
    Ok(Some(gap))
}

fn reopen(path: &Path, length: u64) -> Result<(File, u64), RecordError> {
    let io = |source| RecordError::Io { path: path.to_owned(), source };
    let mut file = OpenOptions::new().append(true).open(path).map_err(io)?;
    file.set_len(length).map_err(io)?;
    file.sync_all().map_err(io)?;
    if length == 0 {
        file.append(MAGIC).map_err(io)?;
    }
    Ok((file, length.max(MAGIC.len() as u64)))
}

/// How something ended that the gateway did not live to end. A durable request may have run; nobody knows.
fn unknown(kind: RecordType, begun: Record) -> Draft {
    let begun = begun.draft;
    let end = Draft {
        session_id: begun.session_id,
        exchange_id: begun.exchange_id,
        origin: begun.origin,
        connection: begun.connection,
        protocol: begun.protocol,
        outcome: Some("unknown".to_owned()),
        ..Draft::new(kind)
    };
    end.detail("because", "the gateway stopped before it ended")
}
