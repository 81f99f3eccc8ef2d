//! Sensitive authentication data: magnetic stripe tracks, verification codes, PINs. It goes whole.

pub(crate) mod behind;
pub(crate) mod block;
pub(crate) mod chip;
pub(crate) mod code;
pub(crate) mod expiry;
pub(crate) mod hint;
mod phrase;
pub(crate) mod track;
pub(crate) mod word;

use std::ops::Range;

use crate::fold::{Glyph, glyph};

/// What stands for a hidden value.
pub(crate) const GONE: &str = "***";

/// The letters and digits of `range`, one by one.
pub(crate) fn readable(bytes: &[u8], range: Range<usize>) -> impl Iterator<Item = Range<usize>> {
    let start = range.start;
    let text = std::str::from_utf8(bytes.get(range).unwrap_or_default()).unwrap_or_default();
    text.char_indices().filter(|(_, c)| c.is_alphanumeric()).map(move |(at, c)| {
        let at = start + at;
        at..at + c.len_utf8()
    })
}

/// Whether a value under a code's name is one: three or four digits.
pub(crate) fn is_code(value: &str) -> bool {
    let value = value.trim();
    matches!(value.chars().count(), 3 | 4) && value.chars().all(is_digit)
}

/// Whether a value under a PIN's name is one: four digits and up to twelve (ISO 9564-1), and three, which some write.
pub(crate) fn is_pin(value: &str) -> bool {
    let value = value.trim();
    (3..=12).contains(&value.chars().count()) && value.chars().all(is_digit)
}

/// Whether a value under a name that is a postal code's as well is a PIN.
pub(crate) fn is_pin_code(value: &str) -> bool {
    is_pin(value) && matches!(value.trim().chars().count(), 4 | 5)
}

fn is_digit(c: char) -> bool {
    matches!(glyph(c), Glyph::Digit(_))
}

/// Whether a value under a track's or PIN block's name is one.
pub(crate) fn is_track(value: &str) -> bool {
    let block = matches!(value.len(), 16 | 32) && value.bytes().all(|byte| byte.is_ascii_hexdigit());
    block || value.len() >= 12 && value.bytes().filter(u8::is_ascii_digit).count() >= 4
}

/// Whether text might name authentication data. Only a hint: a miss costs the look, so it errs on the side of looking.
pub(crate) fn may_be_named(text: &str) -> bool {
    text.as_bytes().windows(3).any(|window| {
        let [a, b, c] = *window else { return false };
        matches!(
            &[a.to_ascii_lowercase(), b.to_ascii_lowercase(), c.to_ascii_lowercase()],
            b"cvv"
                | b"cvc"
                | b"cvn"
                | b"cvd"
                | b"cvx"
                | b"cv2"
                | b"ccv"
                | b"csc"
                | b"cid"
                | b"cav"
                | b"dbc"
                | b"pin"
                | b"epb"
                | b"sec"
                | b"ver"
                | b"val"
                | b"cod"
                | b"tra"
                | b"mag"
                | b"swi"
                | b"de3"
                | b"de5"
        )
    })
}
