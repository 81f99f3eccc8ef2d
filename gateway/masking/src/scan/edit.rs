//! What becomes of a text: places and what stands there instead.

use std::ops::Range;

/// A place in a text and what takes its place.
#[derive(Clone)]
pub(crate) struct Edit {
    pub at: Range<usize>,
    pub with: With,
}

#[derive(Clone)]
pub(crate) enum With {
    /// One `*`.
    Star,
    /// As many `*` as there are bytes.
    Stars,
    /// A digit, 0 to 9.
    Digit(u8),
    Text(Box<str>),
}

impl Edit {
    /// `*` for one character.
    pub(crate) fn star(at: Range<usize>) -> Self {
        Self { at, with: With::Star }
    }

    /// `*` for each byte.
    pub(crate) fn stars(at: Range<usize>) -> Self {
        Self { at, with: With::Stars }
    }

    pub(crate) fn text(at: Range<usize>, text: impl Into<Box<str>>) -> Self {
        Self { at, with: With::Text(text.into()) }
    }
}

/// Writes `bytes[from..to]` with `edits` done, which leave the list; those that begin behind `to` stay in it. Where two
/// meet, the first one holds. Returns where it stopped, which is behind `to` if an edit reaches further.
pub(crate) fn apply(bytes: &[u8], from: usize, to: usize, edits: &mut Vec<Edit>, out: &mut Vec<u8>) -> usize {
    let mut at = from;
    if !edits.is_empty() {
        if !edits.is_sorted_by_key(|edit| edit.at.start) {
            edits.sort_by_key(|edit| edit.at.start);
        }
        let due = edits.partition_point(|edit| edit.at.start < to);
        for edit in edits.drain(..due) {
            if edit.at.start < at {
                // Numbers that overlap hide more together than each does.
                if matches!(edit.with, With::Stars) && at < edit.at.end {
                    out.resize(out.len() + edit.at.end - at, b'*');
                    at = edit.at.end;
                }
                continue;
            }
            out.extend_from_slice(bytes.get(at..edit.at.start).unwrap_or_default());
            match edit.with {
                With::Star => out.push(b'*'),
                With::Stars => out.resize(out.len() + edit.at.len(), b'*'),
                With::Digit(digit) => out.push(b'0' + digit % 10),
                With::Text(text) => out.extend_from_slice(text.as_bytes()),
            }
            at = edit.at.end;
        }
    }
    if at < to {
        out.extend_from_slice(bytes.get(at..to).unwrap_or_default());
    }
    at.max(to)
}
