//! One character of a text, however it is spelled: itself, or as an escape of JSON, a URL or HTML.

use crate::fold::{Glyph, glyph};

/// Longest spelling of one character in bytes: `\\\\\\\\ud835\\\\\\\\udfd2`.
pub(crate) const LONGEST: usize = 32;

/// What begins at byte `at`, and how many bytes it takes. Escapes count only where they stand for a digit or for what
/// may stand between digits: `%B4` begins a track, not a letter.
pub(crate) fn read(bytes: &[u8], at: usize) -> (Glyph, usize) {
    let Some(byte) = bytes.get(at) else { return (Glyph::Other, 0) };
    match byte {
        b'%' | b'&' | b'\\' => escape(bytes.get(at..).unwrap_or_default()).unwrap_or((Glyph::Other, 1)),
        0x80.. => match character(bytes, at) {
            Some(c) => (glyph(c), c.len_utf8()),
            None => (Glyph::Other, 1),
        },
        ascii => (glyph(char::from(*ascii)), 1),
    }
}

/// The character at byte `at`, if there is a whole one.
pub(crate) fn character(bytes: &[u8], at: usize) -> Option<char> {
    let rest = |byte: &u8| (byte & 0xc0 == 0x80).then_some(u32::from(byte & 0x3f));
    let (code, width) = match *bytes.get(at..)? {
        [ascii @ 0..0x80, ..] => (u32::from(ascii), 1),
        [first @ 0xc2..0xe0, ref a, ..] => (u32::from(first & 0x1f) << 6 | rest(a)?, 2),
        [first @ 0xe0..0xf0, ref a, ref b, ..] => (u32::from(first & 0xf) << 12 | rest(a)? << 6 | rest(b)?, 3),
        [first @ 0xf0..0xf5, ref a, ref b, ref c, ..] => {
            (u32::from(first & 7) << 18 | rest(a)? << 12 | rest(b)? << 6 | rest(c)?, 4)
        }
        _ => return None,
    };
    // One that is spelled longer than it has to be is none.
    char::from_u32(code).filter(|c| c.len_utf8() == width)
}

fn escape(text: &[u8]) -> Option<(Glyph, usize)> {
    let (c, width) = match text.first()? {
        b'%' => percent(text)?,
        b'&' => entity(text)?,
        _ => backslash(text)?,
    };
    match glyph(c) {
        // Its last digits are no part of what follows: `\u00224111…`. No card number begins with two zeros.
        Glyph::Other
            if (c as u32) < 0x100 && text.starts_with(b"\\") && text.get(width - 4..width - 2) == Some(b"00") =>
        {
            Some((Glyph::Other, width))
        }
        Glyph::Other => None,
        glyph => Some((glyph, width)),
    }
}

/// `%34`, `%C2%A0`, and `%2534` of what was encoded twice.
fn percent(text: &[u8]) -> Option<(char, usize)> {
    let step = if text.starts_with(b"%25") { 5 } else { 3 };
    let byte = |index: usize| {
        let start = index * step;
        let prefix: &[u8] = if step == 5 { b"%25" } else { b"%" };
        let digits = text.get(start..)?.strip_prefix(prefix)?.get(..2)?;
        u8::try_from(hexadecimal(digits)?).ok()
    };
    let first = byte(0)?;
    let width = match first {
        0..0x80 => 1,
        0xc2..0xe0 => 2,
        0xe0..0xf0 => 3,
        0xf0..0xf5 => 4,
        _ => return None,
    };
    let mut utf8 = [first, 0, 0, 0];
    for (index, slot) in utf8.iter_mut().enumerate().take(width).skip(1) {
        *slot = byte(index)?;
    }
    Some((std::str::from_utf8(utf8.get(..width)?).ok()?.chars().next()?, width * step))
}

/// `&#52;`, `&#x34;`, `&nbsp;`, and `&amp;#52;` of what was encoded twice.
fn entity(text: &[u8]) -> Option<(char, usize)> {
    const NAMED: [(&[u8], char); 18] = [
        (b"nbsp;", '\u{a0}'),
        (b"ensp;", '\u{2002}'),
        (b"emsp;", '\u{2003}'),
        (b"thinsp;", '\u{2009}'),
        (b"hyphen;", '\u{2010}'),
        (b"dash;", '\u{2010}'),
        (b"ndash;", '\u{2013}'),
        (b"mdash;", '\u{2014}'),
        (b"minus;", '\u{2212}'),
        (b"shy;", '\u{ad}'),
        (b"zwj;", '\u{200d}'),
        (b"zwnj;", '\u{200c}'),
        (b"lrm;", '\u{200e}'),
        (b"rlm;", '\u{200f}'),
        (b"period;", '.'),
        (b"sol;", '/'),
        (b"lowbar;", '_'),
        (b"NewLine;", '\n'),
    ];
    let bare = text.strip_prefix(b"&amp;").or_else(|| text.strip_prefix(b"&"))?;
    let before = text.len() - bare.len();
    if let Some((name, c)) = NAMED.iter().find(|(name, _)| bare.starts_with(name)) {
        return Some((*c, before + name.len()));
    }
    let number = bare.strip_prefix(b"#")?;
    let (digits, radix) = match number.strip_prefix(b"x").or_else(|| number.strip_prefix(b"X")) {
        Some(digits) => (digits, 16),
        None => (number, 10),
    };
    let length = digits.iter().take(7).take_while(|byte| char::from(**byte).is_digit(radix)).count();
    let end = text.len() - digits.len() + length;
    let code = u32::from_str_radix(std::str::from_utf8(digits.get(..length)?).ok()?, radix).ok()?;
    // Browsers take a missing semicolon.
    let end = end + usize::from(text.get(end) == Some(&b';'));
    Some((char::from_u32(code)?, end))
}

/// `\u0034`, `\u{34}`, `\x34`, `\064`, `\n`, with as many backslashes as the text was wrapped.
fn backslash(text: &[u8]) -> Option<(char, usize)> {
    const MOST: usize = 8;
    let slashes = text.iter().take(MOST).take_while(|byte| **byte == b'\\').count();
    let rest = text.get(slashes..)?;
    let (c, width) = match rest.first()? {
        b'u' => unicode(rest, slashes)?,
        b'x' => (char::from(u8::try_from(hexadecimal(rest.get(1..3)?)?).ok()?), 3),
        b'n' => ('\n', 1),
        b'r' => ('\r', 1),
        b't' => ('\t', 1),
        b'/' => ('/', 1),
        b'0'..=b'3' => {
            let octal = std::str::from_utf8(rest.get(..3)?).ok()?;
            (char::from(u8::from_str_radix(octal, 8).ok()?), 3)
        }
        _ => return None,
    };
    Some((c, slashes + width))
}

/// What follows the backslashes: `u0034`, `u{34}`, or a pair of surrogates with as many backslashes between them.
fn unicode(text: &[u8], slashes: usize) -> Option<(char, usize)> {
    if text.get(1) == Some(&b'{') {
        let digits = text.get(2..)?;
        let length = digits.iter().take(6).take_while(|byte| byte.is_ascii_hexdigit()).count();
        let code = hexadecimal(digits.get(..length)?)?;
        return (digits.get(length) == Some(&b'}'))
            .then_some(())
            .and_then(|()| Some((char::from_u32(code)?, length + 3)));
    }
    let high = hexadecimal(text.get(1..5)?)?;
    if let Some(c) = char::from_u32(high) {
        return Some((c, 5));
    }
    let second = text.get(5..)?;
    let (between, second) = second.split_at_checked(slashes)?;
    let low = hexadecimal(second.strip_prefix(b"u")?.get(..4)?)?;
    let paired = between.iter().all(|byte| *byte == b'\\') && (0xd800..0xdc00).contains(&high);
    let code = 0x10000 + ((high & 0x3ff) << 10 | (low & 0x3ff));
    (paired && (0xdc00..0xe000).contains(&low)).then_some((char::from_u32(code)?, 10 + slashes))
}

/// 1 to 7 hexadecimal digits.
fn hexadecimal(digits: &[u8]) -> Option<u32> {
    let digit = |value: u32, byte: &u8| Some(value << 4 | char::from(*byte).to_digit(16)?);
    (1..=7).contains(&digits.len()).then(|| digits.iter().try_fold(0, digit))?
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_four_in_every_spelling() {
        let fours = [
            "4",
            "４",
            "٤",
            "𝟒",
            "%34",
            "%2534",
            "%D9%A4",
            "&#52;",
            "&#052;",
            "&#x34;",
            "&#X34;",
            "&#52",
            "&amp;#52;",
            r"\u0034",
            r"\\u0034",
            r"\\\\u0034",
            r"\x34",
            r"\u{34}",
            r"\064",
            r"\ud835\udfd2",
            r"\\ud835\\udfd2",
        ];
        for four in fours {
            let text = format!("{four} 9");
            assert_eq!(read(text.as_bytes(), 0), (Glyph::Digit(4), four.len()), "{four}");
            assert!(four.len() <= LONGEST);
        }
    }

    #[test]
    fn separators_and_breaks() {
        for text in ["-", "%20", "%C2%A0", "%2D", "&nbsp;", "&#160;", "&#xA0;", r"\u00a0", r"\/"] {
            assert_eq!(read(text.as_bytes(), 0), (Glyph::Separator, text.len()), "{text}");
        }
        for text in ["\n", r"\n", r"\\r", r"\t", "%0A", "&#10;", "+"] {
            assert_eq!(read(text.as_bytes(), 0), (Glyph::Break, text.len()), "{text}");
        }
        assert_eq!(read(br"\u200b", 0), (Glyph::Invisible, 6));
        assert_eq!(read(br"\u00224111", 0), (Glyph::Other, 6));
    }

    #[test]
    fn characters_are_those_of_the_language() {
        for c in ('\0'..=char::MAX).step_by(7).chain("\u{7f}\u{80}\u{7ff}\u{800}\u{ffff}\u{10000}".chars()) {
            assert_eq!(character(c.to_string().as_bytes(), 0), Some(c));
        }
        for wrong in
            [&b"\xc0\x80"[..], b"\xe0\x80\x80", b"\xed\xa0\x80", b"\xf4\x90\x80\x80", b"\xc3", b"\xc3a", b"\x80"]
        {
            assert_eq!(character(wrong, 0), None, "{wrong:x?}");
            assert!(std::str::from_utf8(wrong).is_err());
        }
    }

    #[test]
    fn what_is_no_escape_is_one_byte() {
        for text in [
            "%B4", "%", "%3", "%zz", "&", "&amp;", "&x", "&#;", r"\", r"\\", r"\u12", r"\q", r"\ud835x", "\\u{", "%C2x",
        ] {
            assert_eq!(read(text.as_bytes(), 0), (Glyph::Other, 1), "{text}");
        }
        for bytes in [&b"\xff"[..], b"\xc2", b"\xe2\x80", b"\xf0\x9d\x9f"] {
            assert_eq!(read(bytes, 0), (Glyph::Other, 1));
        }
        assert_eq!(read(b"", 0), (Glyph::Other, 0));
    }
}
