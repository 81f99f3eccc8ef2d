//! Sensitive authentication data: magnetic stripe tracks, verification codes, PINs. It goes whole.

use std::ops::Range;

/// What stands for a hidden value.
pub(crate) const GONE: &str = "***";

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
const LONGEST: usize = 79;

/// The track data that begins right after the number at bytes `number`, if any: `^NAME^YYMM…`, `=YYMM…`, or EMV tag
/// 57's `DYYMM…`.
pub(crate) fn track(text: &str, number: &Range<usize>) -> Option<Track> {
    let (front, back) = (text.get(..number.start)?, text.get(number.end..)?);
    let (separator, data) = back.split_at_checked(1)?;
    let (length, framed) = match separator {
        "^" => (track_1(data)?, front.ends_with("%B") || front.ends_with("%b")),
        "=" => (track_2(data, false)?, front.ends_with(';')),
        "D" | "d" => (track_2(data, true)?, false),
        _ => return None,
    };
    let start = number.end + separator.len();
    Some(Track { data: start..start + length, framed })
}

fn track_1(data: &str) -> Option<usize> {
    let name = data.bytes().take(LONGEST).position(|byte| byte == b'^')?;
    let rest = data.get(name + 1..)?;
    let digits = rest.bytes().take_while(u8::is_ascii_digit).count();
    // Expiry alone is enough: service code and what follows may be blank.
    if digits < 4 || data.get(..name)?.contains(['?', '\n', '"']) {
        return None;
    }
    let tail = rest.bytes().take(LONGEST).take_while(|byte| !matches!(byte, b'?' | b'\n' | b'"' | b'<')).count();
    let end = name + 1 + tail;
    Some((0..=end).rev().find(|end| data.is_char_boundary(*end)).unwrap_or(0))
}

fn track_2(data: &str, hex: bool) -> Option<usize> {
    let digits = data.bytes().take_while(u8::is_ascii_digit).count();
    let all = data.bytes().take_while(|byte| byte.is_ascii_digit() || hex && byte.is_ascii_hexdigit()).count();
    (digits >= FEWEST).then_some(all)
}

/// The letters and digits of `range`, one by one.
pub(crate) fn readable(text: &str, range: Range<usize>) -> impl Iterator<Item = Range<usize>> {
    let start = range.start;
    text.get(range).unwrap_or_default().char_indices().filter(|(_, c)| c.is_alphanumeric()).map(move |(at, c)| {
        let at = start + at;
        at..at + c.len_utf8()
    })
}

/// The digits of verification codes in text that has a card number in it: `CVV: 123`, `cvc2=1234`, `security code 123`.
pub(crate) fn codes(text: &str) -> Vec<Range<usize>> {
    const WORDS: [&str; 6] = ["cvv", "cvc", "cav2", "cid", "cvn", "security code"];
    const BETWEEN: usize = 5;
    let lower = text.to_ascii_lowercase();
    let mut stars = Vec::new();
    for word in WORDS {
        for (at, _) in lower.match_indices(word) {
            if lower.get(..at).is_some_and(|front| front.ends_with(|c: char| c.is_alphanumeric())) {
                continue;
            }
            let rest = lower.get(at + word.len()..).unwrap_or_default();
            // The 2 of CVV2 is part of the word, unless it is the code's first digit.
            let named = rest.strip_prefix('2').filter(|rest| !rest.starts_with(|c: char| c.is_ascii_digit()));
            let rest = named.unwrap_or(rest);
            let rest = [" code", " number", " is"].iter().find_map(|more| rest.strip_prefix(more)).unwrap_or(rest);
            let gap = rest.bytes().take(BETWEEN).take_while(|byte| b" \t:=#\"'\\>(".contains(byte)).count();
            let digits = rest.get(gap..).unwrap_or_default();
            let length = digits.bytes().take_while(u8::is_ascii_digit).count();
            if matches!(length, 3 | 4) {
                let start = lower.len() - digits.len();
                stars.extend((start..start + length).map(|digit| digit..digit + 1));
            }
        }
    }
    stars
}

/// Whether a value under a code's or a PIN's name is one: three or four digits.
pub(crate) fn is_code(value: &str) -> bool {
    let value = value.trim();
    matches!(value.chars().count(), 3 | 4)
        && value.chars().all(|c| matches!(crate::fold::glyph(c), crate::fold::Glyph::Digit(_)))
}

/// Whether a value under a track's or PIN block's name is one.
pub(crate) fn is_track(value: &str) -> bool {
    value.len() >= 12 && value.bytes().filter(u8::is_ascii_digit).count() >= 4
}

/// Whether JSON text might have a key that names authentication data. Only a hint: a miss costs the look, so it errs on
/// the side of looking.
pub(crate) fn may_be_named(json: &str) -> bool {
    json.as_bytes().windows(3).any(|window| {
        let [a, b, c] = *window else { return false };
        matches!(
            &[a.to_ascii_lowercase(), b.to_ascii_lowercase(), c.to_ascii_lowercase()],
            b"cvv" | b"cvc" | b"cvn" | b"cid" | b"cav" | b"pin" | b"sec" | b"ver" | b"tra" | b"mag"
        )
    })
}

#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::indexing_slicing)]
mod tests {
    use super::*;

    #[test]
    fn tracks() {
        let data = |text: &str| {
            let number = text.find("4111").unwrap();
            track(text, &(number..number + 16)).map(|track| (text[track.data].to_owned(), track.framed))
        };
        assert_eq!(
            data("%B4111111111111111^DOE/JOHN^25121010000000000?x"),
            Some(("DOE/JOHN^25121010000000000".to_owned(), true))
        );
        assert_eq!(data(";4111111111111111=25121010000000000?"), Some(("25121010000000000".to_owned(), true)));
        assert_eq!(data("4111111111111111D25121010000000F"), Some(("25121010000000F".to_owned(), false)));
        assert_eq!(data("4111111111111111=2512"), None);
        assert_eq!(data("4111111111111111^2"), None);
        assert_eq!(data("4111111111111111"), None);
    }

    #[test]
    fn codes_in_words() {
        let found = |text: &str| codes(text).iter().map(|star| &text[star.clone()]).collect::<String>();
        assert_eq!(found("CVV: 123"), "123");
        assert_eq!(found("cvv2=1234, cvc 999"), "1234999");
        assert_eq!(found("security code is 321."), "321");
        assert_eq!(found(r#""cvv":"123""#), "123");
        assert_eq!(found("cvv 12345, acid 123, cvv none"), "");
    }
}
