//! One look at a short string: where it ends, and whether anything in it could have to be hidden.

use wide::u8x32;

/// Bytes looked at together.
const BLOCK: usize = 32;
/// A shorter string cannot hold as many digits as a card number, or be one in base64.
const FEWEST_DIGITS: u32 = 12;
const SHORTEST_ENCODED: usize = 16;

/// The place of the closing quote of the string that begins at `start`, if it ends within the block and nobody needs to
/// read it: few digits, no word with digits, no escapes, nothing outside ASCII.
pub(super) fn dull(bytes: &[u8], start: usize) -> Option<usize> {
    let block = u8x32::from(*bytes.get(start..)?.first_chunk::<BLOCK>()?);
    let within = |low: u8, width: u8| {
        let distance = block - u8x32::splat(low);
        distance.min(u8x32::splat(width)).simd_eq(distance)
    };
    let quotes = block.simd_eq(u8x32::splat(b'"')).to_bitmask();
    let length = quotes.trailing_zeros();
    if length as usize >= SHORTEST_ENCODED {
        return None;
    }
    let inside = (1 << length) - 1;
    let others = within(b'%', 1) | block.simd_eq(u8x32::splat(b'\\')) | within(0, 0x1f) | block;
    if others.to_bitmask() & inside != 0 {
        return None;
    }
    let digits = within(b'0', 9).to_bitmask() & inside;
    if digits.count_ones() >= FEWEST_DIGITS {
        return None;
    }
    let letters = within(b'A', 25) | within(b'a', 25) | within(b'[', 0) | within(b'{', 0);
    let mixed = digits != 0 && letters.to_bitmask() & inside != 0;
    if mixed { None } else { Some(start + length as usize) }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::carrier::string;

    #[test]
    fn what_is_dull() {
        let of = |text: &str| dull(format!("{text}\"{}", " ".repeat(40)).as_bytes(), 0);
        for text in ["", "Anna", "2026-05-17", "149.90", "12345678901", "PAID"] {
            assert_eq!(of(text), Some(text.len()), "{text}");
        }
        for text in
            ["4111111111111111", "cvv 123", "J\u{f6}rg", "a\\n", "%34", "[1]", "{}1", "NDExMTExMTExMTEx", "a\nb"]
        {
            assert_eq!(of(text), None, "{text}");
        }
    }

    proptest! {
        #[test]
        fn nothing_is_hidden_in_what_is_dull(text in "[0-9 ./a-z{}\\[\\]%&é_-]{0,20}\"[ -~]{40}") {
            if let Some(end) = dull(text.as_bytes(), 0) {
                let string = text.get(..end).unwrap_or_default();
                prop_assert!(!string::may_hide(string.as_bytes()), "{string}");
            }
        }
    }
}
