//! Goes past the values of an array that nobody has to read: nearly all values of a result are such.

use fearless_simd::{Level, Simd, dispatch};

use super::{
    token::{self, Found},
    value,
};
use crate::{
    block::{self, Block},
    carrier::string,
    name::Name,
    sad::hint,
    scan::worth,
};

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

/// A string without escapes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Short {
    /// Its closing quote.
    pub end: usize,
    /// Under a name that says nothing, it may have to be read.
    pub worth: bool,
}

/// The string whose opening quote is at `at`, unless it is long or has escapes.
pub(super) fn string(bytes: &[u8], at: usize) -> Option<Short> {
    dispatch!(Level::new(), simd => short(simd, bytes, at))
}

/// [`string`], where registers have been chosen.
#[inline(always)]
fn short<S: Simd>(simd: S, bytes: &[u8], at: usize) -> Option<Short> {
    let closed = closed(simd, bytes, at)?;
    let end = at + 1 + closed.length as usize;
    Some(Short { end, worth: closed.is_worth(simd, bytes.get(at + 1..end).unwrap_or_default()) })
}

/// A string without escapes that is no longer than a block.
pub(in crate::carrier) struct Closed<S: Simd> {
    /// From behind its opening quote on.
    pub blocks: [Block<S>; 1 + hint::REACH],
    pub length: u32,
}

impl<S: Simd> Closed<S> {
    /// Whether `text`, which it is, may have to be read under a name that says nothing.
    #[inline(always)]
    pub fn is_worth(&self, simd: S, text: &[u8]) -> bool {
        !worth::is_dull(simd, self.blocks, self.length) && string::may_hide_if_not_dull(text)
    }
}

/// The string whose opening quote is at `at`, unless it is long or has escapes.
#[inline(always)]
pub(in crate::carrier) fn closed<S: Simd>(simd: S, bytes: &[u8], at: usize) -> Option<Closed<S>> {
    let blocks = block::overlapping(simd, bytes, at + 1)?;
    let [block, ..] = blocks;
    let length = block.is(b'"').trailing_zeros();
    let is_other = block.is(b'\\') | block.within(0, 0x1f);
    (length as usize != block::SIZE && is_other << (31 - length) << 1 == 0).then_some(Closed { blocks, length })
}

#[inline(always)]
fn by_block<S: Simd>(simd: S, bytes: &[u8], mut at: usize, rows: bool) -> Past {
    loop {
        let stop = Past { at, end: None };
        let end = if bytes.get(at) == Some(&b'"') {
            let Some(Short { end, worth }) = short(simd, bytes, at) else { return stop };
            if worth {
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rows_are_passed_up_to_what_may_have_to_be_read() {
        let of = |front: &str, back: &str, rows: bool| {
            let text = format!("{front}{back}{}", " ".repeat(40));
            let past = values(text.as_bytes(), 0, rows);
            (past.at == front.len(), past.end.map(|end| end - past.at))
        };
        let card = "\"4111111111111111\"";
        assert_eq!(of("\"1\",null,true,-1.5,\"Jörg\",", &format!("{card},"), true), (true, Some(17)));
        assert_eq!(of("\"1\"],[\"2\",null],[", &format!("{card}]"), true), (true, Some(17)));
        assert_eq!(of("", "\"1\"],[\"2\"]", false), (true, None));
        // An empty row, an object, what is no JSON, an escape, a long string.
        for back in ["\"1\"],[],", "{\"a\":1}", "nul,", "\"1\" ,", "\"\\n\",", "1234567890123456,"] {
            assert_eq!(of("\"1\",", back, true), (true, None), "{back}");
        }
        assert_eq!(of("\"1\",", &format!("\"{}\",", "long ".repeat(8)), true), (true, None));
        // The walker says what is wrong with it.
        assert_eq!(of("\"1\",", &format!("{card}}}"), true), (true, None));
    }
}
