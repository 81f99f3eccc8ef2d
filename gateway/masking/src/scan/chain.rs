//! Where text holds enough digits, close enough together, to be a card number.

use crate::fold::{Glyph, glyph};

/// Fewest digits of a card number.
pub(crate) const SHORTEST: usize = 12;
/// Most digits of a card number.
pub(crate) const LONGEST: usize = 19;
/// Most separators between two digits of one number.
const GAP: usize = 3;

/// Digits with at most [`GAP`] separators between neighbours, at least [`SHORTEST`] of them; never part of a longer one.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Chain {
    /// Byte of the first digit.
    pub start: usize,
    /// Byte after the last digit.
    pub end: usize,
    /// ASCII digits with nothing between them.
    pub plain: bool,
}

/// Whether `text` holds a chain.
pub(crate) fn any(text: &str) -> bool {
    text.len() >= SHORTEST && next(text, 0).is_some()
}

/// Whether `text` holds any digit, or anything outside ASCII, which may be one.
pub(crate) fn may_hold_digits(text: &str) -> bool {
    text.bytes().any(|byte| byte.is_ascii_digit() || byte >= 0x80)
}

/// Whether `bytes` of any kind hold what would be a chain in ASCII.
pub(crate) fn any_ascii(bytes: &[u8]) -> bool {
    let (mut digits, mut gap) = (0, 0);
    bytes.iter().any(|byte| {
        match byte {
            b'0'..=b'9' => (digits, gap) = (digits + 1, 0),
            b' ' | b'-' | b'.' | b'_' | b'/' if gap < GAP => gap += 1,
            _ => (digits, gap) = (0, 0),
        }
        digits >= SHORTEST
    })
}

/// The first chain that begins at or after byte `from`, which is no digit's middle.
pub(crate) fn next(text: &str, from: usize) -> Option<Chain> {
    let bytes = text.as_bytes();
    let mut at = from;
    loop {
        at = at.checked_add(skip(bytes.get(at..)?)?)?;
        let (chain, stop) = follow(text, bytes, at);
        if chain.is_some() {
            return chain;
        }
        at = stop;
    }
}

/// Bytes before the first that could begin a chain: an ASCII digit, or anything outside ASCII.
fn skip(bytes: &[u8]) -> Option<usize> {
    const BLOCK: usize = 32;
    let begins = |byte: &u8| byte.is_ascii_digit() || *byte >= 0x80;
    // Rowsets have a digit within a few bytes; prose does not, and goes by the block.
    let head = bytes.get(..BLOCK).unwrap_or(bytes);
    if let Some(at) = head.iter().position(begins) {
        return Some(at);
    }
    let rest = bytes.get(head.len()..)?;
    let dull = rest
        .chunks_exact(BLOCK)
        .take_while(|block| !block.iter().fold(false, |found, byte| found | begins(byte)))
        .count();
    let from = head.len() + dull * BLOCK;
    bytes.get(from..)?.iter().position(begins).map(|at| from + at)
}

/// The chain that begins at `from`, if it is long enough, and where to look on.
fn follow(text: &str, bytes: &[u8], from: usize) -> (Option<Chain>, usize) {
    let (mut at, mut end, mut digits, mut gap) = (from, from, 0, 0);
    while let Some(byte) = bytes.get(at) {
        let (glyph, width) = match byte {
            b'0'..=b'9' => (Glyph::Digit(0), 1),
            b' ' | b'-' | b'.' | b'_' | b'/' => (Glyph::Separator, 1),
            0x80.. => match text.get(at..).and_then(|rest| rest.chars().next()) {
                Some(c) => (glyph(c), c.len_utf8()),
                None => (Glyph::Other, 1),
            },
            _ => (Glyph::Other, 1),
        };
        match glyph {
            Glyph::Digit(_) => {
                digits += 1;
                gap = 0;
                at += width;
                end = at;
                continue;
            }
            Glyph::Separator if digits > 0 && gap < GAP => gap += 1,
            Glyph::Invisible if digits > 0 => {}
            _ => {
                at += width;
                break;
            }
        }
        at += width;
    }
    let plain = end - from == digits;
    let chain = (digits >= SHORTEST).then_some(Chain { start: from, end, plain });
    (chain, at)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn chains_and_what_ends_them() {
        fn found(text: &str) -> Option<&str> {
            next(text, 0).and_then(|chain| text.get(chain.start..chain.end))
        }
        assert_eq!(found("a 4111 1111 1111 1111."), Some("4111 1111 1111 1111"));
        assert_eq!(found("4111 - 1111 - 1111 x"), Some("4111 - 1111 - 1111"));
        assert_eq!(found("4111    1111 1111"), None, "four separators");
        assert_eq!(found("4111,1111,1111"), None);
        assert_eq!(found("12345678901"), None);
        assert_eq!(found("é１２３４5678\u{200b}9012é"), Some("１２３４5678\u{200b}9012"));
        assert_eq!(found(&format!("{}123456789012", "x".repeat(1000))), Some("123456789012"));
        assert_eq!(found(""), None);
    }

    #[test]
    fn plain_means_ascii_digits_only() {
        assert!(next("x123456789012x", 0).is_some_and(|chain| chain.plain));
        assert!(next("x1234 56789012x", 0).is_some_and(|chain| !chain.plain));
        assert!(next("x１23456789012x", 0).is_some_and(|chain| !chain.plain));
    }

    #[test]
    fn a_chain_is_never_the_tail_of_a_longer_one() {
        let text = "99    4111111111111111 22    333";
        let chain = next(text, 0).map(|chain| (chain.start, chain.end));
        assert_eq!(chain, Some((6, 25)));
    }
}
