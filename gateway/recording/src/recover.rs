//! Opening a trail that a gateway left behind, cleanly or not.

use std::{
    fs::{self, OpenOptions},
    path::{Path, PathBuf},
};

use hoop_audit::{
    Chain, Checkpoint, Draft, Hash, KEY, Note, Opening, Record, RecordType, SigningKey, VerifyingKey,
    segment::{Frame, FrameError, Frames, MAGIC},
};

use crate::{
    Before, RecordError, Seeds,
    durable::{self, Segment},
    read,
};

/// What was found: where to go on, and what must be said first.
pub(crate) struct Recovered {
    pub chain: Chain,
    pub key: SigningKey,
    /// A key that comes in: the checkpoint that it signs with the one before was not written any more.
    pub next_key: Option<SigningKey>,
    /// Records that no checkpoint covers.
    pub unsigned: u64,
    /// The newest segment, cut after its last whole frame, and its length; absent when one has to be begun.
    pub segment: Option<(Segment, u64)>,
    /// To be written before anything else, in one piece with the writer's start.
    pub first: Vec<Draft>,
    /// A log begins in the place of another.
    pub before: Option<Before>,
}

/// Reads the newest segment back. A torn tail is cut off, kept beside and said; damage anywhere else is an error: it is
/// never repaired. What lies in earlier segments is left to `hoopctl audit verify`.
pub(crate) fn recover(dir: &Path, seeds: &Seeds) -> Result<Recovered, RecordError> {
    let io = |source| RecordError::Io { path: dir.to_owned(), source };
    let mut segments = durable::segments(dir).map_err(io)?;
    let mut first = Vec::new();
    while let Some((number, path)) = segments.last() {
        let bytes = fs::read(path).map_err(|source| RecordError::Io { path: path.clone(), source })?;
        let damaged = |text: String| RecordError::Damaged { path: path.clone(), text };
        let Some(state) = State::read(&bytes).map_err(&damaged)? else {
            // Its beginning was torn, so nothing was recorded in it.
            first.extend(keep(dir, path, &bytes, 0, "the segment was only begun")?);
            fs::remove_file(path).and_then(|()| durable::sync_folder(dir)).map_err(io)?;
            segments.pop();
            continue;
        };
        if state.first != *number {
            return Err(damaged("the segment is not the one that its name says".to_owned()));
        }
        if let Some(error) = &state.torn {
            first.extend(keep(dir, path, &bytes, state.good, &error.to_string())?);
        }
        let segment = reopen(path, state.good as u64)?;
        for seq in state.chain.begun() {
            first.extend(read::record(dir, seq)?.map(unknown));
        }
        let next_key = state.next_key.map(|key| seeds.find(&key)).transpose()?;
        let key = seeds.find(&state.key)?;
        let (chain, unsigned, segment) = (state.chain, state.unsigned, Some((segment, state.good as u64)));
        return Ok(Recovered { chain, key, next_key, unsigned, segment, first, before: None });
    }
    let origin = format!("hoop-gateway/{}", uuid::Uuid::now_v7().as_simple());
    let key = seeds.first(&origin)?;
    let before = Before::announced(dir)?;
    Ok(Recovered { chain: Chain::default(), key, next_key: None, unsigned: 0, segment: None, first, before })
}

/// The newest segment as it was read.
struct State {
    /// The record that it begins with.
    first: u64,
    chain: Chain,
    key: VerifyingKey,
    next_key: Option<VerifyingKey>,
    unsigned: u64,
    /// Bytes up to the end of the last record or checkpoint.
    good: usize,
    torn: Option<Torn>,
}

/// Why a segment's end is cut off.
#[derive(Debug, thiserror::Error)]
enum Torn {
    #[error(transparent)]
    Frame(#[from] FrameError),
    #[error("a payload without its record")]
    Payload,
}

impl State {
    /// `None`: not even its opening is whole, and nothing lies behind it.
    fn read(bytes: &[u8]) -> Result<Option<Self>, String> {
        let mut frames = Frames::new(bytes);
        let opening = match frames.next() {
            Some(Ok((_, Frame::Opening(opening)))) => opening,
            None => return Ok(None),
            // A file's length may survive a power cut that its bytes did not.
            Some(Err(FrameError::NoSegment)) if bytes.len() < MAGIC.len() || bytes.iter().all(|byte| *byte == 0) => {
                return Ok(None);
            }
            Some(Err(FrameError::Cut { .. } | FrameError::Checksum { .. })) if frames.resume().is_none() => {
                return Ok(None);
            }
            Some(_) => return Err("it does not begin as a segment".to_owned()),
        };
        let Opening { key, chain } =
            serde_json::from_slice(opening).map_err(|error| format!("its beginning cannot be read: {error}"))?;
        let first = chain.next_seq();
        let mut state = Self { first, chain, key, next_key: None, unsigned: 0, good: frames.offset(), torn: None };
        loop {
            match frames.next() {
                None => break,
                Some(Ok((at, frame))) => {
                    state.take(frame).map_err(|text| format!("{text} (byte {at})"))?;
                    if !matches!(frame, Frame::Payload(_)) {
                        state.good = frames.offset();
                    }
                }
                Some(Err(error)) => {
                    if frames.resume().is_some() {
                        return Err(error.to_string());
                    }
                    state.torn = Some(Torn::Frame(error));
                    return Ok(Some(state));
                }
            }
        }
        if state.good != frames.offset() {
            state.torn = Some(Torn::Payload);
        }
        Ok(Some(state))
    }

    fn take(&mut self, frame: Frame<'_>) -> Result<(), String> {
        match frame {
            Frame::Opening(_) => Err("a second beginning".to_owned()),
            Frame::Payload(_) => Ok(()),
            Frame::Record(stored) => self.record(stored),
            Frame::Checkpoint(note) => self.checkpoint(note),
        }
    }

    fn record(&mut self, stored: &[u8]) -> Result<(), String> {
        let record: Record =
            serde_json::from_slice(stored).map_err(|error| format!("a record cannot be read: {error}"))?;
        let before = self.chain.head().map_or_else(|| Hash::of(b""), |head| head.hash);
        if before != record.prev || record.seq != self.chain.next_seq() {
            return Err(format!("record {} does not follow the one before it", record.seq));
        }
        self.chain.resume(&record, stored);
        self.unsigned += 1;
        if record.draft.kind == RecordType::KeyRotation {
            let key = record.draft.detail.get(KEY).ok_or("a change of keys without a key")?;
            self.next_key = Some(key.parse().map_err(|error| format!("a change of keys: {error}"))?);
        }
        Ok(())
    }

    fn checkpoint(&mut self, note: &str) -> Result<(), String> {
        let wrong = || format!("the checkpoint after record {} is not over this log", self.chain.next_seq());
        let note = Note::parse(note).map_err(|error| error.to_string())?;
        let signed = [&self.key].into_iter().chain(&self.next_key).all(|key| note.is_signed_by(key));
        let checkpoint = Checkpoint::read(&note).map_err(|error| error.to_string())?;
        if !signed || checkpoint != self.chain.checkpoint(self.key.name()) {
            return Err(wrong());
        }
        self.unsigned = 0;
        if let Some(next) = self.next_key.take() {
            self.key = next;
        }
        Ok(())
    }
}

/// Copies what is about to be cut off into a file of its own, and says so. Zeros at its end are not worth keeping.
fn keep(dir: &Path, path: &Path, bytes: &[u8], good: usize, why: &str) -> Result<Option<Draft>, RecordError> {
    let cut = bytes.get(good..).unwrap_or_default();
    let Some(last) = cut.iter().rposition(|byte| *byte != 0) else { return Ok(None) };
    let cut = cut.get(..=last).unwrap_or_default();
    let segment = path.file_stem().and_then(|stem| stem.to_str()).unwrap_or("segment");
    let kept = durable::keep(dir, &format!("torn-{segment}-{good}"), cut)
        .map_err(|source| RecordError::Io { path: dir.to_owned(), source })?;
    let gap = Draft::new(RecordType::Gap).detail("bytes_lost", cut.len().to_string()).detail("because", why);
    Ok(Some(gap.detail("kept_in", kept).detail("kept_digest", Hash::of(cut).to_string())))
}

/// The segment, ending with its last whole frame.
fn reopen(path: &PathBuf, length: u64) -> Result<Segment, RecordError> {
    let io = |source| RecordError::Io { path: path.clone(), source };
    let file = OpenOptions::new().write(true).open(path).map_err(io)?;
    file.set_len(length).map_err(io)?;
    file.sync_all().map_err(io)?;
    Ok(Segment::new(file, length))
}

/// How something ended that the gateway did not live to end. A durable request may have run; nobody knows.
fn unknown(begun: Record) -> Draft {
    let begun = begun.draft;
    let kind = match begun.kind {
        RecordType::SessionStart => RecordType::SessionEnd,
        _ => RecordType::End,
    };
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
