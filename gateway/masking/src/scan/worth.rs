//! Whether text is worth a scan: nearly every value of a result is not, and is told so in a few nanoseconds.

use fearless_simd::{Level, Simd, dispatch};

use super::{
    MANTISSA,
    chain::{LONGEST, SHORTEST},
    group::Shape,
    label, screen, spelling,
};
use crate::{
    block::{self, Block},
    brand,
    fold::Glyph,
    sad::hint,
};

/// Most groups of digits in a row that are told apart.
const GROUPS: usize = 12;
/// Fewest characters in base64 that could hold a card number.
pub(crate) const SHORTEST_ENCODED: u32 = 16;
/// Fewest bytes of as many digits outside ASCII as a card number has.
const SHORTEST_FOREIGN: u32 = 24;

/// `true` only if nobody has to read the text that the first `length` bytes of the blocks are: few digits, no words for
/// codes, nothing that is encoded.
#[inline(always)]
pub(crate) fn is_dull<S: Simd>(simd: S, blocks: [Block<S>; 1 + hint::REACH], length: u32) -> bool {
    let [block, ..] = blocks;
    let inside = u32::MAX.checked_shr(block::SIZE as u32 - length).unwrap_or_default();
    let (digits, letters) = (block.digits(), block.letters());
    // Base64 may spell digits without any.
    if length >= SHORTEST_ENCODED {
        let signs = block.is(b'-') | block.is(b'/') | block.is(b'+') | block.is(b'_');
        if (digits | letters | signs) & 0xffff == 0xffff {
            return false;
        }
    }
    let (digits, letters, foreign) = (digits & inside, letters & inside, block.foreign() & inside);
    if digits == 0 && (length < SHORTEST_FOREIGN || foreign == 0) {
        return true;
    }
    // A digit outside ASCII takes two bytes at least.
    if digits.count_ones() + foreign.count_ones() / 2 >= SHORTEST as u32 {
        return is_decimal(block, digits, inside, length);
    }
    let (documents, escapes) =
        (block.is(b'[') | block.is(b'{') | block.is(b'"'), block.within(b'%', b'&') | block.is(b'\\'));
    if (documents | escapes) & inside != 0 {
        return false;
    }
    letters | foreign == 0 || hint::in_block(simd, blocks) & inside == 0
}

/// Digits with one point among them and no more on either side of it than no card number has: seconds with a fraction.
#[inline(always)]
fn is_decimal<S: Simd>(block: Block<S>, digits: u32, inside: u32, length: u32) -> bool {
    let others = inside & !digits;
    let (whole, point) = (others.trailing_zeros(), block.is(b'.') & others);
    let fraction = length.wrapping_sub(whole + 1);
    let short = |digits: u32| digits < SHORTEST as u32;
    others.count_ones() == 1 && point != 0 && short(whole) && short(fraction) && (whole, fraction) != (8, 8)
}

/// `false` only if a scan for values without a name would find nothing.
pub(crate) fn scanning(bytes: &[u8]) -> bool {
    !is_dull_text(bytes) && long(bytes)
}

/// [`is_dull`], of a whole text of up to a block.
fn is_dull_text(bytes: &[u8]) -> bool {
    let mut padded = [0; block::SIZE + hint::REACH];
    let Some(front) = padded.get_mut(..bytes.len()).filter(|_| bytes.len() <= block::SIZE) else { return false };
    front.copy_from_slice(bytes);
    dispatch!(Level::new(), simd => {
        block::overlapping(simd, &padded, 0).is_some_and(|blocks| is_dull(simd, blocks, bytes.len() as u32))
    })
}

/// [`scanning`], of what is not dull.
pub(crate) fn long(bytes: &[u8]) -> bool {
    let (mut at, mut digits) = (0, false);
    while let Some(start) = screen::next(bytes, at) {
        if !bytes.get(start).is_some_and(u8::is_ascii_digit) {
            match spelling::read(bytes, start) {
                (Glyph::Digit(_), _) => return true,
                (_, width) => at = start + width.max(1),
            }
            continue;
        }
        match look(bytes, start) {
            Some(end) => (at, digits) = (end, true),
            None => return true,
        }
    }
    // Words may call any of them a code.
    digits && bytes.iter().any(|byte| byte.is_ascii_alphabetic() || *byte >= 0x80) && hint::is_in(bytes)
}

/// The end of the digits in groups that begin at `start`. `None`: they are worth it.
fn look(bytes: &[u8], start: usize) -> Option<usize> {
    let mut groups = [0; GROUPS];
    let (mut count, mut digits, mut end, mut broken) = (0, 0, start, false);
    loop {
        let run = bytes.get(end..)?.iter().take_while(|byte| byte.is_ascii_digit()).count();
        *groups.get_mut(count)? = run;
        (count, digits, end) = (count + 1, digits + run, end + run);
        let mut next = end;
        while let Some(b' ' | b'-' | b'.' | b'_' | b'/' | b'\n' | b'\r' | b'\t' | b'+') = bytes.get(next) {
            broken |= matches!(bytes.get(next), Some(b'\n' | b'\r' | b'\t' | b'+'));
            next += 1;
        }
        match bytes.get(next) {
            Some(b'0'..=b'9') if next > end && next - end <= 3 => end = next,
            Some(0x80.. | b'%' | b'&' | b'\\') if !matches!(spelling::read(bytes, next), (Glyph::Other, _)) => {
                return None;
            }
            _ => break,
        }
    }
    let groups = groups.get(..count)?;
    if digits >= SHORTEST && (broken || may_be_card(bytes, start, end, groups)) {
        return None;
    }
    let spelled = digits >= MANTISSA && matches!(bytes.get(end), Some(b'e' | b'E'));
    if spelled { None } else { Some(end) }
}

/// Whether some of the groups together are as many digits as a card number, in groups as cards have them.
fn may_be_card(bytes: &[u8], start: usize, end: usize, groups: &[usize]) -> bool {
    if let [length] = groups {
        let beside = |byte: Option<&u8>| byte.is_some_and(|byte| byte.is_ascii_alphanumeric() || b"%=^".contains(byte));
        return *length > LONGEST
            || brand::issues_ascii(bytes.get(start..end).unwrap_or_default())
            || beside(bytes.get(end))
            || beside(start.checked_sub(1).and_then(|before| bytes.get(before)))
            || label::may_stand_before(bytes, start);
    }
    if groups.iter().any(|length| *length >= SHORTEST) {
        return true;
    }
    (0..groups.len()).any(|first| {
        let mut shape = Shape::default();
        for length in groups.get(first..).unwrap_or_default() {
            if !shape.push(*length, super::chain::Gap::Separator) {
                return false;
            }
            if shape.digits >= SHORTEST && shape.is_card(|| true) {
                return true;
            }
        }
        false
    })
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::{
        carrier::{encoded, string},
        hiding::Hiding,
        scan::{Evidence, Scanner},
    };

    #[test]
    fn what_is_dull() {
        for text in
            ["", "Anna", "Jörg Weiß 7", "2026-05-17", "149.90", "12345678901", "PAID", "1700000000.000000000", "Apt 12"]
        {
            assert!(is_dull_text(text.as_bytes()), "{text}");
        }
        for text in [
            "4111111111111111",
            "12345678.12345678",
            "123456.1234567890123",
            "cvv 123",
            "cvv123",
            "DE52=1234567890ABCDEF",
            "7%34",
            "[1]",
            "{1}",
            "\"1\"",
            "NDExMTExMTExMTEx",
            "１２３４５６７８９０１２",
            "安全码 123",
            "a text of more bytes than a block, 1",
        ] {
            assert!(!is_dull_text(text.as_bytes()), "{text}");
        }
    }

    proptest! {
        #[test]
        fn nothing_is_hidden_in_what_is_dull(
            text in "[0-9]{0,16}[0-9 ./a-zA-Z{}\\[\\]%&é５_-]{0,12}(cvv|PIN |code:|\\.|-)?[0-9]{0,12}[a-z ]{0,6}",
        ) {
            let bytes = text.as_bytes();
            if is_dull_text(bytes) {
                let mut scanner = Scanner::new(Evidence::Value, Hiding::default());
                let _ = scanner.scan(bytes, 0, bytes.len(), false);
                prop_assert!(scanner.edits.is_empty(), "{text}");
                // A document without digits holds nothing either.
                let digits = bytes.iter().any(u8::is_ascii_digit);
                prop_assert!(!encoded::may_be(bytes), "{text}");
                prop_assert!(!digits || !string::may_hide_in_line(bytes), "{text}");
            }
        }
    }
}
