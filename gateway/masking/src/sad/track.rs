//! Magnetic stripe tracks 1 and 2 (ISO/IEC 7813) and their copies in chip data (EMV tags 57 and 5A).

use std::ops::Range;

use crate::{fold::Glyph, scan::spelling};

/// Track data behind a card number.
pub(crate) struct Track {
    /// Name, expiry, service code and discretionary data.
    pub data: Range<usize>,
    /// A start sentinel stands before the number: a track even if its check digit fails.
    pub framed: bool,
}

/// Fewest digits behind a track's separator: expiry and service code.
const FEWEST: usize = 7;
/// Most characters of track 1 behind the number (ISO/IEC 7813: 79 in all).
pub(crate) const LONGEST: usize = 79;

/// The track data that begins right after the number at bytes `number`, if any: `^NAME^YYMM…`, `=YYMM…`, or EMV tag
/// 57's `DYYMM…`.
pub(crate) fn track(bytes: &[u8], number: &Range<usize>) -> Option<Track> {
    let (front, back) = (bytes.get(..number.start)?, bytes.get(number.end..)?);
    let (separator, data) = [&b"^"[..], b"=", b"D", b"d", b"%5E", b"%3D", b"\\u003d", b"\\u003D"]
        .into_iter()
        .find_map(|separator| Some((separator, back.strip_prefix(separator)?)))?;
    let (length, framed) = match separator {
        b"^" | b"%5E" => (track_1(data, separator)?, ends_with_any(front, &[b"%B", b"%b", b"%25B", b"%25b"])),
        b"D" | b"d" => (track_2(data)?, false),
        _ => (track_2(data)?, ends_with_any(front, &[b";", b"%3B"])),
    };
    let start = number.end + separator.len();
    Some(Track { data: start..start + length, framed })
}

fn ends_with_any(front: &[u8], ends: &[&[u8]]) -> bool {
    ends.iter().any(|end| front.ends_with(end))
}

fn track_1(data: &[u8], separator: &[u8]) -> Option<usize> {
    let reach = data.get(..LONGEST.min(data.len()))?;
    let name = reach.windows(separator.len()).position(|window| window == separator)?;
    let rest = data.get(name + separator.len()..)?;
    // Expiry alone is enough: service code and what follows may be blank.
    let digits = rest.iter().take_while(|byte| byte.is_ascii_digit()).count();
    if digits < 4 || data.get(..name)?.iter().any(|byte| matches!(byte, b'?' | b'\n' | b'"')) {
        return None;
    }
    let tail = rest.iter().take(LONGEST).take_while(|byte| !matches!(byte, b'?' | b'\n' | b'"' | b'<' | b'\\')).count();
    Some(whole_characters(data, name + separator.len() + tail))
}

/// All that is glued to it goes: padding, and what a card's maker put behind.
fn track_2(data: &[u8]) -> Option<usize> {
    let digits = data.iter().take_while(|byte| byte.is_ascii_digit()).count();
    if digits < FEWEST {
        return None;
    }
    let mut end = digits;
    while let Some(byte) = data.get(end).filter(|_| end < LONGEST) {
        end += match spelling::read(data, end) {
            (Glyph::Digit(_) | Glyph::Invisible, width) => width,
            _ if byte.is_ascii_alphanumeric() || *byte >= 0x80 => 1,
            _ => break,
        };
    }
    Some(whole_characters(data, end))
}

/// The last place up to `end` that is not within a character.
fn whole_characters(data: &[u8], end: usize) -> usize {
    (0..=end).rev().find(|end| data.get(*end).is_none_or(|byte| byte & 0xc0 != 0x80)).unwrap_or(0)
}

/// How many digits of `group` in front belong to a chip's tag and length rather than to the number: `57 13` before
/// track 2 data, `5A 08` before a number.
pub(crate) fn tag(bytes: &[u8], at: &Range<usize>, group: &[u8]) -> Option<usize> {
    match group {
        [5, 7, 0 | 1, _, ..] if track(bytes, at).is_some() => Some(4),
        [0, 7 | 8, ..] if ends_with_any(bytes.get(..at.start)?, &[b"5A", b"5a"]) => Some(2),
        _ => None,
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::indexing_slicing)]
mod tests {
    use super::*;

    #[test]
    fn tracks() {
        let data = |text: &str| {
            let number = text.find("4111").unwrap();
            track(text.as_bytes(), &(number..number + 16)).map(|track| (text[track.data].to_owned(), track.framed))
        };
        assert_eq!(
            data("%B4111111111111111^DOE/JOHN^25121010000000000?x"),
            Some(("DOE/JOHN^25121010000000000".to_owned(), true))
        );
        assert_eq!(data(";4111111111111111=25121010000000000?"), Some(("25121010000000000".to_owned(), true)));
        assert_eq!(data("4111111111111111D25121010000000F"), Some(("25121010000000F".to_owned(), false)));
        assert_eq!(data("%3B4111111111111111%3D25121010000000000%3F"), Some(("25121010000000000".to_owned(), true)));
        assert_eq!(data("4111111111111111=2512"), None);
        assert_eq!(data("4111111111111111^2"), None);
        assert_eq!(data("4111111111111111"), None);
    }
}
