//! Where digits may begin: all that lies between is passed over by the block.

use wide::u8x32;

/// Bytes looked at together.
const BLOCK: usize = 32;

/// Whether a digit, in any spelling, may begin with `byte`: an ASCII digit, anything outside ASCII, or an escape.
pub(crate) fn may_begin(byte: u8) -> bool {
    byte.is_ascii_digit() || byte >= 0x80 || matches!(byte, b'%' | b'&' | b'\\')
}

/// The first place at or after `from` where a digit may begin.
pub(crate) fn next(bytes: &[u8], from: usize) -> Option<usize> {
    let rest = bytes.get(from..)?;
    // Rows of results have a digit within a few bytes; prose goes by the block.
    let (head, tail) = rest.split_at_checked(8).unwrap_or((rest, &[]));
    if let Some(at) = head.iter().position(|byte| may_begin(*byte)) {
        return Some(from + at);
    }
    let mut at = from + head.len();
    let (blocks, _) = tail.as_chunks::<BLOCK>();
    for block in blocks {
        let found = begins(block);
        if found != 0 {
            return Some(at + found.trailing_zeros() as usize);
        }
        at += BLOCK;
    }
    scalar(bytes, at)
}

/// What [`next`] finds, byte by byte.
pub(crate) fn scalar(bytes: &[u8], from: usize) -> Option<usize> {
    bytes.get(from..)?.iter().position(|byte| may_begin(*byte)).map(|at| from + at)
}

/// One bit for each byte of the block that [`may_begin`] a digit.
fn begins(block: &[u8; BLOCK]) -> u32 {
    let bytes = u8x32::from(*block);
    // `x - low <= width` in two instructions that every machine has: the smaller of both is the difference itself.
    let within = |low: u8, width: u8| {
        let distance = bytes - u8x32::splat(low);
        distance.min(u8x32::splat(width)).simd_eq(distance)
    };
    let escapes = within(b'%', 1) | bytes.simd_eq(u8x32::splat(b'\\'));
    // The topmost bit of a byte outside ASCII is set already, and only those count.
    (within(b'0', 9) | escapes | bytes).to_bitmask()
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
    }
}
