//! Where digits may begin: all that lies between is passed over by the block.

use fearless_simd::{Level, Simd, dispatch};

use crate::block::{self, Block};

/// Most spaces in front of the first delimiter of a table's names: those of three words, and one behind them.
pub(crate) const MOST_SPACES: u32 = 3;

/// Whether a digit, in any spelling, may begin with `byte`: an ASCII digit, anything outside ASCII, or an escape.
pub(crate) fn may_begin(byte: u8) -> bool {
    byte.is_ascii_digit() || byte >= 0x80 || matches!(byte, b'%' | b'&' | b'\\')
}

/// The first place at or after `from` where a digit may begin.
pub(crate) fn next(bytes: &[u8], from: usize) -> Option<usize> {
    let rest = bytes.get(from..)?;
    // Rows of results have a digit within a few bytes; prose goes by the block.
    let head = rest.get(..8).unwrap_or(rest);
    if let Some(at) = head.iter().position(|byte| may_begin(*byte)) {
        return Some(from + at);
    }
    let at = from + head.len();
    match dispatch!(Level::new(), simd => by_block(simd, bytes, at)) {
        Found::Here(at) => Some(at),
        Found::NotBefore(at) => scalar(bytes, at),
    }
}

/// A line in which no digit may begin.
pub(crate) struct DullLine {
    /// Behind its line feed.
    pub end: usize,
    /// It may begin with a few words and a delimiter.
    pub may_be_header: bool,
}

/// The line at `from`, if no digit may begin in it. Where it takes a closer look, `None`.
pub(crate) fn dull_line(bytes: &[u8], from: usize) -> Option<DullLine> {
    dispatch!(Level::new(), simd => dull_line_by_block(simd, bytes, from))
}

#[inline(always)]
fn dull_line_by_block<S: Simd>(simd: S, bytes: &[u8], mut at: usize) -> Option<DullLine> {
    let mut block = block::at(simd, bytes, at)?;
    let delimiters = block.is(b',') | block.is(b';') | block.is(b'|') | block.is(b'\t');
    let before = (delimiters & delimiters.wrapping_neg()).wrapping_sub(1);
    let may_be_header = (block.is(b' ') & before).count_ones() <= MOST_SPACES;
    loop {
        let (ends, begins) = (block.is(b'\n'), begins(block));
        if ends != 0 {
            let end = ends.trailing_zeros();
            let end = (begins.trailing_zeros() > end).then_some(at + end as usize + 1)?;
            return Some(DullLine { end, may_be_header });
        }
        if begins != 0 {
            return None;
        }
        at += block::SIZE;
        block = block::at(simd, bytes, at)?;
    }
}

/// Where a digit may begin.
#[inline(always)]
fn begins<S: Simd>(block: Block<S>) -> u32 {
    block.digits() | block.within(b'%', b'&') | block.is(b'\\') | block.foreign()
}

enum Found {
    Here(usize),
    /// What is left is no whole block.
    NotBefore(usize),
}

#[inline(always)]
fn by_block<S: Simd>(simd: S, bytes: &[u8], mut at: usize) -> Found {
    while let Some(block) = block::at(simd, bytes, at) {
        let begins = begins(block);
        if begins != 0 {
            return Found::Here(at + begins.trailing_zeros() as usize);
        }
        at += block::SIZE;
    }
    Found::NotBefore(at)
}

/// What [`next`] finds, byte by byte.
pub(crate) fn scalar(bytes: &[u8], from: usize) -> Option<usize> {
    bytes.get(from..)?.iter().position(|byte| may_begin(*byte)).map(|at| from + at)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn every_byte_in_every_place() {
        for place in 0..100 {
            for byte in 0..=255 {
                let mut text = [b'x'; 101];
                if let Some(slot) = text.get_mut(place) {
                    *slot = byte;
                }
                assert_eq!(next(&text, 0), may_begin(byte).then_some(place), "{byte} at {place}");
            }
        }
    }

    proptest! {
        #[test]
        fn by_the_block_and_by_the_byte_are_the_same(
            bytes in prop::collection::vec(prop_oneof![8 => b'a'..=b'z', 1 => any::<u8>()], 0..300), from in 0usize..310,
        ) {
            prop_assert_eq!(next(&bytes, from), scalar(&bytes, from));
        }

        #[test]
        fn a_dull_line_has_an_end_and_no_digit(lines in prop::collection::vec("[a-z ]{0,70}[0-9%é]?", 1..4)) {
            let text = lines.join("\n");
            if let Some(DullLine { end, .. }) = dull_line(text.as_bytes(), 0) {
                prop_assert_eq!(text.find('\n').map(|end| end + 1), Some(end));
                prop_assert!(!text.bytes().take(end).any(may_begin));
            }
        }
    }
}
