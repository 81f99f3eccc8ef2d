//! Where the tokens of a JSON document end (RFC 8259).

use fearless_simd::{Level, Simd, dispatch};

use crate::block;

/// A string, without its quotes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Text {
    pub start: usize,
    pub end: usize,
    /// It holds a backslash.
    pub escaped: bool,
}

/// What stands at a place.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Found<T> {
    Whole(T),
    /// The text ends before it does.
    Cut,
    /// This is no JSON.
    Wrong,
}

/// The string whose opening quote is right before `start`.
pub(super) fn string(bytes: &[u8], start: usize) -> Found<Text> {
    let (mut at, mut escaped) = (start, false);
    loop {
        let Some(next) = stop(bytes, at) else { return Found::Cut };
        match bytes.get(next) {
            Some(b'"') => return Found::Whole(Text { start, end: next, escaped }),
            Some(b'\\') => {
                escaped = true;
                at = next + 2;
            }
            // A line's end within a string is where a text that only looked like JSON shows itself.
            _ => return Found::Wrong,
        }
    }
}

/// The next quote, backslash or control character.
fn stop(bytes: &[u8], from: usize) -> Option<usize> {
    let (found, at) = dispatch!(Level::new(), simd => stop_by_block(simd, bytes, from));
    if found {
        return Some(at);
    }
    let stops = |byte: &u8| *byte == b'"' || *byte == b'\\' || *byte < 0x20;
    bytes.get(at..)?.iter().position(stops).map(|place| at + place)
}

/// Whether there is one, and where; else where the last block ends.
#[inline(always)]
fn stop_by_block<S: Simd>(simd: S, bytes: &[u8], mut at: usize) -> (bool, usize) {
    while let Some(block) = block::at(simd, bytes, at) {
        let stops = block.is(b'"') | block.is(b'\\') | block.within(0, 0x1f);
        if stops != 0 {
            return (true, at + stops.trailing_zeros() as usize);
        }
        at += block::SIZE;
    }
    (false, at)
}

/// The end of the number, `true`, `false` or `null` that begins at `start`. Only a following character tells that it is
/// whole.
pub(super) fn scalar(bytes: &[u8], start: usize) -> Found<usize> {
    let rest = bytes.get(start..).unwrap_or_default();
    let length = rest.iter().take_while(|byte| byte.is_ascii_alphanumeric() || b"+-.".contains(byte)).count();
    let text = rest.get(..length).unwrap_or_default();
    if length == rest.len() && length < 64 {
        // At the end of what is there; the caller knows whether more may come.
        return if is_scalar(text) { Found::Whole(start + length) } else { Found::Cut };
    }
    if is_scalar(text) { Found::Whole(start + length) } else { Found::Wrong }
}

fn is_scalar(text: &[u8]) -> bool {
    matches!(text, b"true" | b"false" | b"null") || is_number(text)
}

/// `-12.50e+3`
fn is_number(text: &[u8]) -> bool {
    let digits = |text: &[u8]| text.iter().take_while(|byte| byte.is_ascii_digit()).count();
    let text = text.strip_prefix(b"-").unwrap_or(text);
    let whole = digits(text);
    if whole == 0 || whole > 1 && text.starts_with(b"0") {
        return false;
    }
    let mut rest = text.get(whole..).unwrap_or_default();
    if let Some(fraction) = rest.strip_prefix(b".") {
        let length = digits(fraction);
        if length == 0 {
            return false;
        }
        rest = fraction.get(length..).unwrap_or_default();
    }
    if let Some(exponent) = rest.strip_prefix(b"e").or_else(|| rest.strip_prefix(b"E")) {
        let exponent = exponent.strip_prefix(b"+").or_else(|| exponent.strip_prefix(b"-")).unwrap_or(exponent);
        let length = digits(exponent);
        return length > 0 && length == exponent.len();
    }
    rest.is_empty()
}

/// The first byte at or after `from` that is no white space.
pub(super) fn skip_space(bytes: &[u8], from: usize) -> usize {
    // Between the values of a result there is none.
    if bytes.get(from).is_some_and(|byte| *byte > b' ') {
        return from;
    }
    let space = |byte: &&u8| matches!(byte, b' ' | b'\t' | b'\n' | b'\r');
    from + bytes.get(from..).unwrap_or_default().iter().take_while(space).count()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn strings() {
        let whole = |end, escaped| Found::Whole(Text { start: 1, end, escaped });
        assert_eq!(string(br#""abc" "#, 1), whole(4, false));
        assert_eq!(string(br#""a\"c""#, 1), whole(5, true));
        assert_eq!(string(br#""a\\""#, 1), whole(4, true));
        assert_eq!(string(br#""abc"#, 1), Found::Cut);
        assert_eq!(string(b"\"abc\\", 1), Found::Cut);
        assert_eq!(string(b"\"ab\nc\"", 1), Found::Wrong);
        for length in 0..200 {
            let text = format!("\"{}\"", "é".repeat(length));
            assert_eq!(string(text.as_bytes(), 1), whole(1 + 2 * length, false));
        }
    }

    #[test]
    fn numbers_and_words() {
        for text in ["0", "-1", "12.50", "1e5", "1.5E-10", "true", "null", "123456789012345678901234567890"] {
            assert_eq!(scalar(format!("{text},").as_bytes(), 0), Found::Whole(text.len()), "{text}");
        }
        for text in ["01", "1.", ".5", "1e", "+1", "tru", "NaN", "4111-1111", "-"] {
            assert_eq!(scalar(format!("{text},").as_bytes(), 0), Found::Wrong, "{text}");
        }
        assert_eq!(scalar(b"tr", 0), Found::Cut);
    }
}
