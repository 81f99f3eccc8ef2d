//! A segment frame by frame, by ranges: payloads are stepped over, so it takes little memory and time however much was
//! delivered.

use std::{
    fs::File,
    io,
    os::unix::fs::FileExt,
    path::{Path, PathBuf},
    sync::Arc,
};

use hoop_audit::segment::{Frame, FrameError, Frames, Lead, MAGIC};

use crate::ReadError;

/// Bytes read ahead.
const AHEAD: usize = 32 * 1024;

/// Where a record lies, with the payload that is stored before it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Place {
    /// The byte that the payload's frame begins at, or where there is none, the record's.
    pub at: u64,
    /// Bytes of the payload's frame; 0: there is none.
    pub payload: u32,
    /// Bytes of the record's frame.
    pub record: u32,
}

/// What is found on the way.
pub(crate) enum Found<'a> {
    Opening(&'a [u8]),
    Record(Place, &'a [u8]),
    Checkpoint(&'a str),
}

/// Goes through one segment. At its end it may go on later, once more was written.
pub(crate) struct Scan {
    path: PathBuf,
    file: Arc<File>,
    /// Whether it may be written to meanwhile, or was when a gateway died.
    newest: bool,
    /// Where the next frame begins that was not given out.
    at: u64,
    ahead: Vec<u8>,
    /// Where what was read ahead begins.
    ahead_at: u64,
    frame: Vec<u8>,
}

impl Scan {
    pub(crate) fn of(path: &Path, newest: bool) -> Result<Self, ReadError> {
        let file = File::open(path).map_err(|source| ReadError::Io { path: path.to_owned(), source })?;
        Ok(Self::on(path, Arc::new(file), newest))
    }

    pub(crate) fn on(path: &Path, file: Arc<File>, newest: bool) -> Self {
        let (ahead, frame) = (Vec::new(), Vec::new());
        Self { path: path.to_owned(), file, newest, at: 0, ahead, ahead_at: 0, frame }
    }

    /// The same from a byte on at which a frame begins; 0: from the segment's beginning.
    pub(crate) fn onward(self, at: u64) -> Self {
        Self { at, ..self }
    }

    /// Where the next frame begins that was not given out.
    pub(crate) fn at(&self) -> u64 {
        self.at
    }

    pub(crate) fn path(&self) -> &Path {
        &self.path
    }

    pub(crate) fn file(&self) -> &Arc<File> {
        &self.file
    }

    /// The next frame that is no payload. `None`: there is none yet.
    pub(crate) fn next_found(&mut self) -> Result<Option<Found<'_>>, ReadError> {
        if self.at == 0 {
            let mut magic = [0; MAGIC.len()];
            let whole = self.read(0, &mut magic)? == magic.len();
            if self.newest && (!whole || magic == [0; MAGIC.len()]) {
                // It was begun this moment.
                self.ahead.clear();
                return Ok(None);
            }
            if !whole || magic != *MAGIC {
                return Err(self.damage(FrameError::NoSegment));
            }
            self.at = MAGIC.len() as u64;
        }
        let mut payload = None;
        loop {
            let begin = self.at + payload.map_or(0, |length: usize| length as u64);
            let mut bytes = [0; Lead::LENGTH];
            let whole = self.read(begin, &mut bytes)? == bytes.len();
            let Some(lead) = Lead::read(&bytes).filter(|_| whole) else { return self.stopped() };
            if lead.is_payload {
                if payload.is_some() {
                    // A payload without its record: left to whoever verifies.
                    self.at = begin;
                }
                payload = Some(lead.length);
                continue;
            }
            let mut frame = std::mem::take(&mut self.frame);
            frame.resize(lead.length, 0);
            let whole = self.read(begin, &mut frame)? == frame.len();
            self.frame = frame;
            if !whole || !matches!(Frames::onward(&self.frame).next(), Some(Ok(_))) {
                return self.stopped();
            }
            let payload = payload.and_then(|length| u32::try_from(length).ok()).unwrap_or(0);
            let place = Place { at: begin - u64::from(payload), payload, record: lead.length as u32 };
            self.at = begin + lead.length as u64;
            return Ok(match Frames::onward(&self.frame).next() {
                Some(Ok((_, Frame::Opening(state)))) => Some(Found::Opening(state)),
                Some(Ok((_, Frame::Record(stored)))) => Some(Found::Record(place, stored)),
                Some(Ok((_, Frame::Checkpoint(note)))) => Some(Found::Checkpoint(note)),
                _ => None,
            });
        }
    }

    /// No whole frame is next: the end, or damage.
    fn stopped(&mut self) -> Result<Option<Found<'static>>, ReadError> {
        self.ahead.clear();
        // Most often room that was made ahead: zeros to the end.
        let (mut zeros, mut rest) = (0, Vec::new());
        let mut piece = vec![0; AHEAD];
        loop {
            let length = self.pread(self.at + (zeros + rest.len()) as u64, &mut piece)?;
            let read = piece.get(..length).unwrap_or_default();
            if length == 0 {
                break;
            } else if rest.is_empty() && read.iter().all(|byte| *byte == 0) {
                zeros += length;
            } else {
                rest.resize(std::mem::take(&mut zeros) + rest.len(), 0);
                rest.extend_from_slice(read);
            }
        }
        let mut frames = Frames::onward(&rest);
        while let Some(frame) = frames.next() {
            match frame {
                // What was written meanwhile comes the next time.
                Ok(_) => {}
                Err(_) if self.newest && frames.resume().is_none() => break,
                Err(error) => return Err(self.damage(error.behind(self.at as usize))),
            }
        }
        Ok(None)
    }

    fn damage(&self, source: FrameError) -> ReadError {
        ReadError::Frame { path: self.path.clone(), source }
    }

    /// Fills `into`, as far as the file goes.
    fn read(&mut self, at: u64, into: &mut [u8]) -> Result<usize, ReadError> {
        let there = |ahead: &[u8], begin: u64| {
            let skip = usize::try_from(at.checked_sub(begin)?).ok()?;
            ahead.get(skip..skip.checked_add(into.len())?).map(|_| skip)
        };
        if there(&self.ahead, self.ahead_at).is_none() {
            self.ahead.resize(AHEAD.max(into.len()), 0);
            let mut ahead = std::mem::take(&mut self.ahead);
            let mut length = 0;
            while length < ahead.len() {
                match self.pread(at + length as u64, ahead.get_mut(length..).unwrap_or_default())? {
                    0 => break,
                    more => length += more,
                }
            }
            ahead.truncate(length);
            (self.ahead, self.ahead_at) = (ahead, at);
        }
        let skip = usize::try_from(at - self.ahead_at).unwrap_or(usize::MAX);
        let from = self.ahead.get(skip..).unwrap_or_default();
        let length = from.len().min(into.len());
        if let (Some(into), Some(from)) = (into.get_mut(..length), from.get(..length)) {
            into.copy_from_slice(from);
        }
        Ok(length)
    }

    fn pread(&self, at: u64, into: &mut [u8]) -> Result<usize, ReadError> {
        loop {
            match self.file.read_at(into, at) {
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                read => return read.map_err(|source| ReadError::Io { path: self.path.clone(), source }),
            }
        }
    }
}
