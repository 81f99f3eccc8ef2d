//! Whether text holds the beginning of any word for a verification code or a PIN: nearly no text does, and then its
//! digits need no look at the words around them.

use fearless_simd::{Level, Simd, dispatch, prelude::*, u8x32};

use crate::block::{self, Block};

/// The first three letters of each, or three that all of its spellings have: those that are alike in one row, since each
/// row has one bit in [`FILTER`].
const BEGINNINGS: [&[&[u8; 3]]; 8] = [
    &[b"cvv", b"cvc", b"cvn", b"cvd", b"cvx"],
    &[b"cav", b"ccv", b"csc", b"cur"],
    &[b"cid", b"cif", b"chi", b"cri", b"cry"],
    &[b"cod", b"kod", b"dbc", b"blo", b"blk"],
    &[b"sec", b"seg", b"sic", b"sig", b"sik", b"dig"],
    &[b"pin", b"zif", b"rif", b"pru", b"mpi"],
    &[b"ver", b"val", b"bev", b"geh"],
    &[b"epb", b"fnu"],
];

/// A bit for each three letters.
static HINTS: [u32; 1024] = hints();

// Runs in the compiler, which takes no index out of bounds.
#[allow(clippy::indexing_slicing)]
const fn hints() -> [u32; 1024] {
    let mut table = [0; 1024];
    let mut row = 0;
    while row < BEGINNINGS.len() {
        let mut word = 0;
        while word < BEGINNINGS[row].len() {
            let [a, b, c] = *BEGINNINGS[row][word];
            let place = place(place(place(0, a), b), c);
            table[place >> 5] |= 1 << (place & 31);
            word += 1;
        }
        row += 1;
    }
    table
}

/// Five bits for each letter, capital or small.
const fn place(before: usize, byte: u8) -> usize {
    (before << 5 | (byte & 31) as usize) & 0x7fff
}

/// Of each of three letters: the rows of [`BEGINNINGS`] that have it there, by its lower and by its upper four bits.
static FILTER: [[[u8; 32]; 2]; 3] = filter();

// Runs in the compiler, which takes no index out of bounds.
#[allow(clippy::indexing_slicing)]
const fn filter() -> [[[u8; 32]; 2]; 3] {
    let mut tables = [[[0; 32]; 2]; 3];
    let mut row = 0;
    while row < BEGINNINGS.len() {
        let mut word = 0;
        while word < BEGINNINGS[row].len() {
            let mut letter = 0;
            while letter < 3 {
                let byte = BEGINNINGS[row][word][letter];
                // Both halves of a register look into a table of their own.
                let mut half = 0;
                while half < 32 {
                    tables[letter][0][half + (byte & 15) as usize] |= 1 << row;
                    tables[letter][1][half + (byte >> 4) as usize] |= 1 << row;
                    half += 16;
                }
                letter += 1;
            }
            word += 1;
        }
        row += 1;
    }
    tables
}

/// Bytes behind a block that a beginning in it may take.
pub(crate) const REACH: usize = 2;

/// Where in the block `blocks[0]` a beginning may be, a bit each; the others begin one and two bytes further. It may be
/// wrong where it says so.
#[inline(always)]
pub(crate) fn in_block<S: Simd>(simd: S, blocks: [Block<S>; 1 + REACH]) -> u32 {
    let mut rows = u8x32::splat(simd, 0xff);
    for (block, [low, high]) in blocks.iter().zip(&FILTER) {
        let bytes = block.bytes() | 0x20;
        let table = |table: &[u8; 32]| u8x32::simd_from(simd, *table);
        rows =
            rows & table(low).swizzle_dyn_within_blocks(bytes & 15) & table(high).swizzle_dyn_within_blocks(bytes >> 4);
    }
    let [this, next, third] = blocks;
    // `cv2`, and bit 52 of ISO 8583 (`de52`, `f052`), which is no part of a longer number.
    let bit = this.is(b'5') & !(this.within(b'1', b'9') << 1) & !third.digits();
    let numbered = (bit | this.is(b'v') | this.is(b'V')) & next.is(b'2');
    Block::of(rows).is_not(0) | numbered | this.within(FIRST_FAR, 0xff)
}

/// Scripts beyond those of Europe may hold a word in any place.
const FIRST_FAR: u8 = 0xe1;

/// Only a hint: it errs on the side of looking.
pub(crate) fn is_in(bytes: &[u8]) -> bool {
    let mut at = 0;
    while let Some(found) = dispatch!(Level::new(), simd => next(simd, bytes, at)) {
        if is_at(bytes, found) {
            return true;
        }
        at = found + 1;
    }
    false
}

/// Where one may be, at or after `at`.
#[inline(always)]
fn next<S: Simd>(simd: S, bytes: &[u8], mut at: usize) -> Option<usize> {
    while let Some(blocks) = block::overlapping(simd, bytes, at) {
        let found = in_block(simd, blocks);
        if found != 0 {
            return Some(at + found.trailing_zeros() as usize);
        }
        at += block::SIZE;
    }
    let mut rest = [0; block::SIZE + REACH];
    let left = bytes.get(at..)?;
    rest.get_mut(..left.len())?.copy_from_slice(left);
    let found = in_block(simd, block::overlapping(simd, &rest, 0)?);
    (found != 0).then(|| at + found.trailing_zeros() as usize)
}

/// Whether one is right at byte `at`.
fn is_at(bytes: &[u8], at: usize) -> bool {
    let before = at.checked_sub(1).and_then(|before| bytes.get(before));
    let numbered = match bytes.get(at..at + 2) {
        Some([b'v' | b'V', b'2']) => true,
        Some(b"52") => !matches!(before, Some(b'1'..=b'9')) && !bytes.get(at + 2).is_some_and(u8::is_ascii_digit),
        _ => false,
    };
    let word = bytes.get(at..at + 3).filter(|word| word.iter().all(u8::is_ascii_alphabetic));
    let word = word.map(|word| word.iter().fold(0, |before, byte| place(before, *byte)));
    numbered
        || bytes.get(at).is_some_and(|byte| *byte >= FIRST_FAR)
        || word.is_some_and(|word| HINTS.get(word >> 5).is_some_and(|bits| bits >> (word & 31) & 1 == 1))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn words_and_what_is_none() {
        for text in [
            "CVV 123",
            "my pin: 1234",
            "security code 123",
            "de52",
            "DE 052=",
            "CV2 1",
            "Prüfziffer",
            "Prüfnummer",
            "código",
            "sécurité",
            "安全码",
            "the Code is 123",
        ] {
            assert!(is_in(text.as_bytes()), "{text}");
        }
        for text in ["Anna Schmidt 12345", "Jörg Weiß 7", "2026-05-17", "ORDER 1234", "No 5234", "No 152", ""] {
            assert!(!is_in(text.as_bytes()), "{text}");
        }
    }

    proptest! {
        #[test]
        fn by_the_block_and_by_the_byte_are_the_same(
            text in "([ a-zA-Z0-9é安]{0,40}(cvv|PIN|Sec|kod|052|52|v2|fnu|blK)?){0,3}",
        ) {
            let bytes = text.as_bytes();
            prop_assert_eq!(is_in(bytes), (0..bytes.len()).any(|at| is_at(bytes, at)));
        }
    }
}
