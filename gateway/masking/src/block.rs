//! Bytes looked at together, in the widest registers that the machine at hand has.
//!
//! What is built on this is a function over [`Simd`], inlined where it is dispatched; the byte-by-byte form of each
//! stands beside it in its tests.

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
