//! Lines of which something was left out, because they are not what the format says.

/// How many, and what was wrong with the first.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct LeftOut {
    pub first: u64,
    pub why: &'static str,
    pub count: u64,
}

/// Counts lines while they are read.
#[derive(Debug, Default)]
pub(super) struct Lines {
    ended: u64,
    left_out: Option<LeftOut>,
}

impl Lines {
    pub(super) fn read(&mut self, bytes: &[u8]) {
        self.ended += ends(bytes);
    }

    /// The line of the byte that follows `bytes` is wrong there.
    pub(super) fn wrong(&mut self, bytes: &[u8], why: &'static str) {
        let first = self.ended + ends(bytes) + 1;
        let left_out = self.left_out.get_or_insert(LeftOut { first, why, count: 0 });
        left_out.count += 1;
    }

    pub(super) fn left_out(&self) -> Option<LeftOut> {
        self.left_out
    }
}

fn ends(bytes: &[u8]) -> u64 {
    bytes.iter().map(|byte| u64::from(*byte == b'\n')).sum()
}

/// The length of a line without its end, and whether the end is there.
pub(super) fn line(bytes: &[u8]) -> (usize, bool) {
    bytes.iter().position(|byte| *byte == b'\n').map_or((bytes.len(), false), |length| (length, true))
}

/// Whether a line that begins with this byte is no data but a mark of the caller's, `@@CASE 7@@`.
pub(super) fn is_frame(byte: u8) -> bool {
    byte.is_ascii_punctuation() && !b"{}[]\",:-".contains(&byte)
}
