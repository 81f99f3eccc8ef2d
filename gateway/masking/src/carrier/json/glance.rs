//! Goes past the values of an array that nobody has to read: nearly all values of a result are such.

use fearless_simd::{Level, Simd, dispatch};

use super::{
    token::{self, Found},
    value,
};
use crate::{block, carrier::string, name::Name, scan::worth};

/// How far that went.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Past {
    /// Here a value is expected still.
    pub at: usize,
    /// It is a string without escapes, may have to be read, and its closing quote is here.
    pub end: Option<usize>,
}

/// Goes on from `at`, where a value of an array without a telling name is expected. `rows`: the array is itself one of an
/// array, and has no more telling name.
pub(super) fn values(bytes: &[u8], at: usize, rows: bool) -> Past {
    dispatch!(Level::new(), simd => by_block(simd, bytes, at, rows))
}

#[inline(always)]
fn by_block<S: Simd>(simd: S, bytes: &[u8], mut at: usize, rows: bool) -> Past {
    loop {
        let stop = Past { at, end: None };
        let end = if bytes.get(at) == Some(&b'"') {
            let Some(blocks) = block::overlapping(simd, bytes, at + 1) else { return stop };
            let [block, ..] = blocks;
            let length = block.is(b'"').trailing_zeros();
            if length as usize == block::SIZE || (block.is(b'\\') | block.within(0, 0x1f)) << (31 - length) << 1 != 0 {
                return stop;
            }
            let end = at + 1 + length as usize;
            let string = || bytes.get(at + 1..end).unwrap_or_default();
            if !worth::is_dull(simd, blocks, length) && string::may_hide_in_line(string()) {
                let value = matches!(bytes.get(end + 1), Some(b',' | b']'));
                return Past { at, end: value.then_some(end) };
            }
            end + 1
        } else if bytes.get(at..at + 4) == Some(b"null") {
            at + 4
        } else {
            match token::scalar(bytes, at) {
                Found::Whole(end) if !value::may_hide(bytes.get(at..end).unwrap_or_default(), Name::Plain) => end,
                _ => return stop,
            }
        };
        at = match bytes.get(end) {
            Some(b',') => end + 1,
            // The next row, unless it is empty.
            Some(b']') if rows => match bytes.get(end + 1..end + 4) {
                Some([b',', b'[', first]) if !matches!(first, b']' | ..=b' ') => end + 3,
                _ => return stop,
            },
            _ => return stop,
        };
    }
}
