//! How records lie in a segment file: a header, then frames of `length u32 LE ‖ CRC-32C u32 LE ‖ record bytes`.
//!
//! The CRC finds a torn write; the chain finds everything else.

/// First bytes of every segment.
pub const MAGIC: &[u8; 8] = b"hooptr\x00\x01";
/// Bytes before each record: length and CRC.
pub const PREFIX: usize = 8;
/// Largest record in bytes. Commands are cut to fit before they get here.
pub const LIMIT: usize = 1024 * 1024;

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
    /// Zeros, as a file system may leave them at the end of a file after a power cut.
    #[error("the frame at byte {at} is empty")]
    Empty { at: usize },
}

/// A record's bytes as a frame; `None` when there are none or more than [`LIMIT`].
pub fn frame(record: &[u8]) -> Option<Vec<u8>> {
    let length = u32::try_from(record.len()).ok().filter(|_| (1..=LIMIT).contains(&record.len()))?;
    let mut bytes = Vec::with_capacity(PREFIX + record.len());
    bytes.extend_from_slice(&length.to_le_bytes());
    bytes.extend_from_slice(&crc32c::crc32c(record).to_le_bytes());
    bytes.extend_from_slice(record);
    Some(bytes)
}

/// The records of a segment's bytes, each with the byte its frame begins at. Ends after the first error.
pub struct Frames<'a> {
    bytes: &'a [u8],
    at: usize,
    failed: bool,
}

impl<'a> Frames<'a> {
    pub fn new(segment: &'a [u8]) -> Self {
        Self { bytes: segment, at: 0, failed: false }
    }

    /// Where the next frame begins: after the last good one.
    pub fn offset(&self) -> usize {
        self.at
    }

    /// After an error: goes on at the next whole frame and says where it begins. `None`: there is none, so the damage
    /// reaches to the end, as a torn write does. A whole frame behind it means that something else did it.
    pub fn resume(&mut self) -> Option<usize> {
        let next = (self.at.saturating_add(1)..self.bytes.len()).find(|at| {
            let mut there = Frames { bytes: self.bytes, at: *at, failed: false };
            let plausible = self.bytes.get(at + PREFIX..).is_some_and(|record| record.starts_with(b"{\"v\":"));
            plausible && there.read().is_ok()
        })?;
        self.at = next;
        self.failed = false;
        Some(next)
    }

    fn read(&mut self) -> Result<Option<(usize, &'a [u8])>, FrameError> {
        if self.at == 0 {
            if !self.bytes.starts_with(MAGIC) {
                return Err(FrameError::NoSegment);
            }
            self.at = MAGIC.len();
        }
        let at = self.at;
        let rest = self.bytes.get(at..).unwrap_or_default();
        if rest.is_empty() {
            return Ok(None);
        }
        let (length, rest) = rest.split_first_chunk::<4>().ok_or(FrameError::Cut { at })?;
        let (crc, rest) = rest.split_first_chunk::<4>().ok_or(FrameError::Cut { at })?;
        let length = u32::from_le_bytes(*length) as usize;
        match length {
            0 => return Err(FrameError::Empty { at }),
            _ if length > LIMIT => return Err(FrameError::TooLong { at, length }),
            _ => {}
        }
        let record = rest.get(..length).ok_or(FrameError::Cut { at })?;
        if crc32c::crc32c(record) != u32::from_le_bytes(*crc) {
            return Err(FrameError::Checksum { at });
        }
        self.at = at + PREFIX + length;
        Ok(Some((at, record)))
    }
}

impl<'a> Iterator for Frames<'a> {
    type Item = Result<(usize, &'a [u8]), FrameError>;

    fn next(&mut self) -> Option<Self::Item> {
        if self.failed {
            return None;
        }
        let read = self.read();
        self.failed = read.is_err();
        read.transpose()
    }
}
