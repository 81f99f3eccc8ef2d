//! One look at a short string: where it ends, and whether anything in it could have to be hidden.

use wide::u8x32;

/// Bytes looked at together.
const BLOCK: usize = 32;
/// A shorter string cannot hold as many digits as a card number, or be one in base64.
const FEWEST_DIGITS: usize = 12;
const SHORTEST_ENCODED: usize = 16;
/// Fewest bytes of as many digits outside ASCII.
const SHORTEST_FOREIGN: usize = 24;

/// What a look at a string shows.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Glance {
    /// It ends here, and nobody needs to read it: few digits, no word with digits, no escapes.
    Dull(usize),
    /// It ends here, and has no escapes.
    Ends(usize),
    /// It is longer, or has escapes.
    Long,
}

/// Looks at the string that begins at `start`.
pub(super) fn at(bytes: &[u8], start: usize) -> Glance {
    let Some(block) = bytes.get(start..).and_then(<[u8]>::first_chunk::<BLOCK>) else { return Glance::Long };
    let block = u8x32::from(*block);
    let is = |byte: u8| block.simd_eq(u8x32::splat(byte));
    let within = |low: u8, width: u8| {
        let distance = block - u8x32::splat(low);
        distance.min(u8x32::splat(width)).simd_eq(distance)
    };
    let length = is(b'"').to_bitmask().trailing_zeros() as usize;
    let stops = (is(b'\\') | within(0, 0x1f)).to_bitmask();
    if length == BLOCK || stops & ((1 << length) - 1) != 0 {
        return Glance::Long;
    }
    let inside = (1 << length) - 1;
    let end = start + length;
    let digits = within(b'0', 9);
    let letters = within(b'A', 25) | within(b'a', 25);
    if length >= SHORTEST_ENCODED {
        let signs = within(b'-', 2) | is(b'+') | is(b'_');
        if (digits | letters | signs).to_bitmask() & 0xffff == 0xffff {
            return Glance::Ends(end);
        }
    }
    let digits = digits.to_bitmask() & inside;
    if digits == 0 && (length < SHORTEST_FOREIGN || block.to_bitmask() & inside == 0) {
        return Glance::Dull(end);
    }
    let telling = letters | within(b'%', 1) | is(b'[') | is(b'{') | block;
    let few = length < FEWEST_DIGITS || digits.count_ones() < FEWEST_DIGITS as u32;
    if few && telling.to_bitmask() & inside == 0 { Glance::Dull(end) } else { Glance::Ends(end) }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::carrier::string;

    #[test]
    fn what_is_dull() {
        let of = |text: &str| at(format!("{text}\"{}", " ".repeat(40)).as_bytes(), 0);
        for text in ["", "Anna", "Jörg Weiß", "2026-05-17", "149.90", "12345678901", "PAID"] {
            assert_eq!(of(text), Glance::Dull(text.len()), "{text}");
        }
        for text in ["4111111111111111", "cvv 123", "7%34", "[1]", "{}1", "NDExMTExMTExMTEx", "１２３４５６７８９０"]
        {
            assert_eq!(of(text), Glance::Ends(text.len()), "{text}");
        }
        for text in ["a\\n", "a\nb", "a string that is longer than a block"] {
            assert_eq!(of(text), Glance::Long, "{text}");
        }
    }

    proptest! {
        #[test]
        fn nothing_is_hidden_in_what_is_dull(text in "[0-9 ./a-z{}\\[\\]%&é_-]{0,20}\"[ -~]{40}") {
            if let Glance::Dull(end) = at(text.as_bytes(), 0) {
                let string = text.get(..end).unwrap_or_default();
                // The look at the whole string is content with what may begin a digit.
                let digits = string.bytes().any(|byte| byte.is_ascii_digit());
                prop_assert!(!digits || !string::may_hide(string.as_bytes()), "{string}");
            }
        }
    }
}
