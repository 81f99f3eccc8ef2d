//! Where segments come from. Behind a trait: how a trail lies on disk is not this crate's matter.

use std::io;

/// A segment that nothing more is written to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Sealed {
    /// The number of its first record, and of the first behind it.
    pub first: u64,
    pub next: u64,
    /// On disk.
    pub bytes: u64,
}

/// A trail as it stands.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Segments {
    /// Oldest first.
    pub sealed: Vec<Sealed>,
    /// The number of the first record of the one that is written to.
    pub open: u64,
}

impl Segments {
    /// Whether a segment begins with this record, so that it may be the next to archive.
    pub(crate) fn begins_at(&self, first: u64) -> bool {
        first == 0 || self.open == first || self.sealed.iter().any(|segment| segment.first == first)
    }

    /// Bytes from that record on that are sealed.
    pub(crate) fn bytes_from(&self, first: u64) -> u64 {
        self.sealed.iter().filter(|segment| segment.first >= first).map(|segment| segment.bytes).sum()
    }
}

/// A trail. All of it blocks on the disk.
pub trait Source: Send + Sync {
    fn segments(&self) -> io::Result<Segments>;

    /// The bytes of a sealed segment.
    fn read(&self, first: u64) -> io::Result<Vec<u8>>;

    /// The newest signed head over durable records, as a note.
    fn checkpoint(&self) -> io::Result<Option<String>>;
}
