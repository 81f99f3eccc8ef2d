//! How the log lies in a segment file: a header, then frames of
//! `length u32 LE ‖ CRC-32C u32 LE ‖ type u8 ‖ body`, length and CRC over type and body.
//!
//! The CRC finds a torn write; the chain and the tree find everything else. The file may be longer than its frames:
//! zeros behind the last one are room that was made ahead.

use crate::payload::{self, Payload};

/// First bytes of every segment.
pub const MAGIC: &[u8; 8] = b"hooptr\x00\x02";
/// Bytes before each frame's type: length and CRC.
const PREFIX: usize = 8;
/// Longest record in bytes: an entry of a C2SP log has a length of 16 bits.
pub const LIMIT: usize = u16::MAX as usize;
/// Longest frame of another kind: a payload that could not be compressed.
const FRAME_LIMIT: usize = payload::LIMIT as usize + 1024 * 1024;

/// Longest checkpoint that is looked for behind damage, in bytes: two signatures have less.
const NOTE: u16 = 4096;

/// One frame's content.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Frame<'a> {
    /// Where the log stood as the segment began: [`crate::Opening`] as JSON.
    Opening(&'a [u8]),
    /// A record's bytes: what is hashed.
    Record(&'a [u8]),
    /// Belongs to the record behind it.
    Payload(Payload<'a>),
    /// A signed note over every record before it.
    Checkpoint(&'a str),
}

/// A stretch of bytes that is no frame.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum FrameError {
    #[error("the segment does not begin as one (byte 0)")]
    NoSegment,
    #[error("the frame at byte {at} is cut off")]
    Cut { at: usize },
    #[error("the frame at byte {at} does not match its checksum")]
    Checksum { at: usize },
    #[error("the frame at byte {at} is {length} bytes long, over the limit")]
    TooLong { at: usize, length: usize },
    /// Zeros, and something behind them.
    #[error("the frame at byte {at} is empty")]
    Empty { at: usize },
    #[error("the frame at byte {at} holds nothing that this version knows")]
    Unknown { at: usize },
}

impl Frame<'_> {
    /// Appends the frame to `out`; `None`, and nothing appended, when it is empty or too long.
    pub fn write(&self, out: &mut Vec<u8>) -> Option<()> {
        let start = out.len();
        out.extend_from_slice(&[0; PREFIX]);
        let limit = match self {
            Self::Opening(state) => {
                out.push(0);
                out.extend_from_slice(state);
                FRAME_LIMIT
            }
            Self::Record(record) => {
                out.push(1);
                out.extend_from_slice(record);
                LIMIT
            }
            Self::Payload(payload) => {
                out.push(2);
                payload.write(out);
                FRAME_LIMIT
            }
            Self::Checkpoint(note) => {
                out.push(3);
                out.extend_from_slice(note.as_bytes());
                LIMIT
            }
        };
        let framed = out.get(start + PREFIX..).unwrap_or_default();
        let length = framed.len();
        let crc = crc32c::crc32c(framed);
        let head = out.get_mut(start..).and_then(|frame| frame.split_first_chunk_mut::<PREFIX>());
        let (Some((head, _)), Ok(length), 2..) = (head, u32::try_from(length), length) else {
            out.truncate(start);
            return None;
        };
        if length as usize > limit + 1 {
            out.truncate(start);
            return None;
        }
        *head = (u64::from(crc) << 32 | u64::from(length)).to_le_bytes();
        Some(())
    }
}

impl FrameError {
    /// The same of a part that begins so many bytes into its segment.
    #[must_use]
    pub fn behind(self, begin: usize) -> Self {
        match self {
            Self::NoSegment => Self::NoSegment,
            Self::Cut { at } => Self::Cut { at: at + begin },
            Self::Checksum { at } => Self::Checksum { at: at + begin },
            Self::TooLong { at, length } => Self::TooLong { at: at + begin, length },
            Self::Empty { at } => Self::Empty { at: at + begin },
            Self::Unknown { at } => Self::Unknown { at: at + begin },
        }
    }
}

/// What a frame begins with: enough to step over it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Lead {
    /// Bytes of the whole frame.
    pub length: usize,
    pub is_payload: bool,
}

impl Lead {
    /// Its bytes.
    pub const LENGTH: usize = PREFIX + 1;

    /// `None`: no frame begins so. That one is whole, only its checksum says.
    pub fn read(bytes: &[u8; Self::LENGTH]) -> Option<Self> {
        let [a, b, c, d, .., kind] = *bytes;
        let length = u32::from_le_bytes([a, b, c, d]) as usize;
        let is_payload = kind == 2;
        let fits = (1..=FRAME_LIMIT + 1).contains(&length);
        fits.then_some(Self { length: PREFIX + length, is_payload })
    }
}

/// The frames of a segment's bytes, each with the byte it begins at. Ends after the first error.
pub struct Frames<'a> {
    bytes: &'a [u8],
    at: usize,
    /// The header is behind.
    begun: bool,
    failed: bool,
}

impl<'a> Frames<'a> {
    pub fn new(segment: &'a [u8]) -> Self {
        Self { bytes: segment, at: 0, begun: false, failed: false }
    }

    /// Those of a part of a segment that begins with a frame.
    pub fn onward(part: &'a [u8]) -> Self {
        Self { bytes: part, at: 0, begun: true, failed: false }
    }

    /// Where the next frame begins: after the last good one.
    pub fn offset(&self) -> usize {
        self.at
    }

    /// After an error: goes on at the next whole record or checkpoint and says where it begins. `None`: there is none, so
    /// the damage reaches to the end, as a torn write does. A whole one behind it means that something else did it.
    pub fn resume(&mut self) -> Option<usize> {
        let next = (self.at.saturating_add(1)..self.bytes.len()).find(|at| {
            // Only what may be one is read in full: there are millions of places to look at.
            let plausible = self.bytes.get(*at..).and_then(|rest| rest.split_first_chunk::<9>()).is_some_and(
                |([a, b, c, d, _, _, _, _, kind], body)| match (c, d, kind) {
                    // A record of the full length has 65,536 with its type.
                    (0 | 1, 0, 1) => body.starts_with(b"{\"v\":"),
                    (0, 0, 3) => u16::from_le_bytes([*a, *b]) <= NOTE,
                    _ => false,
                },
            );
            plausible && matches!(Frames { bytes: self.bytes, at: *at, begun: true, failed: false }.read(), Ok(Some(_)))
        })?;
        (self.at, self.begun, self.failed) = (next, true, false);
        Some(next)
    }

    fn read(&mut self) -> Result<Option<(usize, Frame<'a>)>, FrameError> {
        if !self.begun {
            if !self.bytes.starts_with(MAGIC) {
                return Err(FrameError::NoSegment);
            }
            (self.at, self.begun) = (MAGIC.len(), true);
        }
        self.frame()
    }

    fn frame(&mut self) -> Result<Option<(usize, Frame<'a>)>, FrameError> {
        let at = self.at;
        let rest = self.bytes.get(at..).unwrap_or_default();
        if rest.is_empty() {
            return Ok(None);
        }
        let head = rest.split_first_chunk::<4>().and_then(|(length, rest)| {
            let (crc, rest) = rest.split_first_chunk::<4>()?;
            Some((u32::from_le_bytes(*length) as usize, u32::from_le_bytes(*crc), rest))
        });
        let (length, crc, body) = match head {
            Some((0, ..)) | None if rest.iter().all(|byte| *byte == 0) => return Ok(None),
            Some((0, ..)) => return Err(FrameError::Empty { at }),
            None => return Err(FrameError::Cut { at }),
            Some((length, ..)) if length > FRAME_LIMIT + 1 => return Err(FrameError::TooLong { at, length }),
            Some(head) => head,
        };
        let framed = body.get(..length).ok_or(FrameError::Cut { at })?;
        if crc32c::crc32c(framed) != crc {
            return Err(FrameError::Checksum { at });
        }
        let (kind, body) = framed.split_first().ok_or(FrameError::Empty { at })?;
        let frame = match kind {
            0 => Some(Frame::Opening(body)),
            1 if body.len() <= LIMIT => Some(Frame::Record(body)),
            2 => Payload::read(body).map(Frame::Payload),
            3 => std::str::from_utf8(body).ok().map(Frame::Checkpoint),
            _ => None,
        };
        let frame = frame.ok_or(FrameError::Unknown { at })?;
        self.at = at + PREFIX + length;
        Ok(Some((at, frame)))
    }
}

impl<'a> Iterator for Frames<'a> {
    type Item = Result<(usize, Frame<'a>), FrameError>;

    fn next(&mut self) -> Option<Self::Item> {
        if self.failed {
            return None;
        }
        let read = self.read();
        self.failed = read.is_err();
        read.transpose()
    }
}

/// Frames that come piece by piece, without a segment's header.
#[derive(Default)]
pub struct Stream {
    bytes: Vec<u8>,
    at: usize,
}

impl Stream {
    pub fn push(&mut self, bytes: &[u8]) {
        self.bytes.drain(..std::mem::take(&mut self.at));
        self.bytes.extend_from_slice(bytes);
    }

    /// The next frame that is complete.
    pub fn next_frame(&mut self) -> Result<Option<Frame<'_>>, FrameError> {
        let length = self.bytes.get(self.at..).and_then(|rest| rest.first_chunk::<4>());
        let Some(length) = length.map(|length| u32::from_le_bytes(*length) as usize) else { return Ok(None) };
        let end = self.at.saturating_add(PREFIX).saturating_add(length);
        if length <= FRAME_LIMIT + 1 && self.bytes.len() < end {
            return Ok(None);
        }
        let mut frames = Frames { bytes: &self.bytes, at: self.at, begun: true, failed: false };
        let frame = frames.frame()?;
        self.at = frames.at;
        Ok(frame.map(|(_, frame)| frame))
    }

    /// Whether nothing incomplete is left.
    pub fn is_at_end(&self) -> bool {
        self.at == self.bytes.len()
    }
}
