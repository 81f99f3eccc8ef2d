//! Bytes looked at together, in the widest registers that the machine at hand has.
//!
//! What is built on this is a function over [`Simd`], inlined where it is dispatched. Every machine gives the same
//! answers, byte for byte those of the tests.

use fearless_simd::{prelude::*, u8x32};

/// Bytes of a block.
pub(crate) const SIZE: usize = 32;

/// What begins the bytes from `at` on, if there is a whole block of it.
#[inline(always)]
pub(crate) fn at<S: Simd>(simd: S, bytes: &[u8], at: usize) -> Option<Block<S>> {
    bytes.get(at..).and_then(<[u8]>::first_chunk).map(|bytes| Block::new(simd, bytes))
}

/// The blocks that begin `at`, one byte and two bytes behind it.
#[inline(always)]
pub(crate) fn overlapping<S: Simd>(simd: S, bytes: &[u8], at: usize) -> Option<[Block<S>; 3]> {
    let bytes = bytes.get(at..)?.get(..SIZE + 2)?;
    let block = |from: usize| self::at(simd, bytes, from);
    Some([block(0)?, block(1)?, block(2)?])
}

/// [`SIZE`] bytes. Its answers have a bit for each of them, the lowest for the first.
#[derive(Clone, Copy)]
pub(crate) struct Block<S: Simd>(u8x32<S>);

impl<S: Simd> Block<S> {
    #[inline(always)]
    pub(crate) fn new(simd: S, bytes: &[u8; SIZE]) -> Self {
        Self(u8x32::simd_from(simd, *bytes))
    }

    #[inline(always)]
    pub(crate) fn of(bytes: u8x32<S>) -> Self {
        Self(bytes)
    }

    #[inline(always)]
    pub(crate) fn bytes(self) -> u8x32<S> {
        self.0
    }

    #[inline(always)]
    pub(crate) fn is_not(self, byte: u8) -> u32 {
        !self.is(byte)
    }

    #[inline(always)]
    pub(crate) fn is(self, byte: u8) -> u32 {
        bits::<S>(self.0.simd_eq(byte))
    }

    #[inline(always)]
    pub(crate) fn within(self, low: u8, high: u8) -> u32 {
        bits::<S>((self.0 - low).simd_le(high - low))
    }

    #[inline(always)]
    pub(crate) fn digits(self) -> u32 {
        self.within(b'0', b'9')
    }

    /// Letters of either case.
    #[inline(always)]
    pub(crate) fn letters(self) -> u32 {
        bits::<S>(((self.0 | 0x20) - b'a').simd_le(b'z' - b'a'))
    }

    /// What is not ASCII.
    #[inline(always)]
    pub(crate) fn foreign(self) -> u32 {
        bits::<S>(self.0.simd_ge(0x80))
    }
}

#[inline(always)]
#[expect(clippy::cast_possible_truncation, reason = "there are no more than 32 of them")]
fn bits<S: Simd>(mask: fearless_simd::mask8x32<S>) -> u32 {
    mask.to_bitmask() as u32
}

#[cfg(test)]
mod tests {
    use fearless_simd::{Level, dispatch};
    use proptest::prelude::*;

    use super::*;
    use crate::sad::hint;

    /// All that is asked of a block.
    #[inline(always)]
    fn answers<S: Simd>(simd: S, bytes: &[u8; SIZE + 2]) -> Option<[u32; 8]> {
        let blocks = overlapping(simd, bytes, 0)?;
        let [block, _, last] = blocks;
        let kinds = [block.is(b'"'), block.is_not(0), block.within(b'%', b'&'), block.digits(), block.letters()];
        let [a, b, c, d, e] = kinds;
        Some([a, b, c, d, e, block.foreign(), last.digits(), hint::in_block(simd, blocks)])
    }

    proptest! {
        #[test]
        fn every_register_says_what_the_bytes_say(
            bytes in prop::array::uniform32(prop_oneof![any::<u8>(), b' '..=b'~']), more in any::<[u8; 2]>(),
        ) {
            let bytes: [u8; SIZE + 2] = std::array::from_fn(|at| bytes.iter().chain(&more).nth(at).copied().unwrap_or(0));
            let best = dispatch!(Level::new(), simd => answers(simd, &bytes)).unwrap_or_default();
            let least = dispatch!(Level::baseline(), simd => answers(simd, &bytes)).unwrap_or_default();
            prop_assert_eq!(best, least);
            let bits = |from: usize, is: fn(u8) -> bool| {
                let bits = bytes.iter().skip(from).take(SIZE).enumerate();
                bits.fold(0, |bits, (at, byte)| bits | u32::from(is(*byte)) << at)
            };
            let [quote, not_zero, escape, digits, letters, foreign, last, _] = best;
            prop_assert_eq!(quote, bits(0, |byte| byte == b'"'));
            prop_assert_eq!(not_zero, bits(0, |byte| byte != 0));
            prop_assert_eq!(escape, bits(0, |byte| matches!(byte, b'%' | b'&')));
            prop_assert_eq!(digits, bits(0, |byte| byte.is_ascii_digit()));
            prop_assert_eq!(letters, bits(0, |byte| byte.is_ascii_alphabetic()));
            prop_assert_eq!(foreign, bits(0, |byte| byte >= 0x80));
            prop_assert_eq!(last, bits(2, |byte| byte.is_ascii_digit()));
        }
    }
}
