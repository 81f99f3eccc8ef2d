//! Values that are base64 or hexadecimal as a whole, and hold text.

use base64::{
    Engine, alphabet,
    engine::{DecodePaddingMode, GeneralPurpose, GeneralPurposeConfig},
};

use super::{Place, string};
use crate::{
    MaskError,
    name::Name,
    scan::{chain, edit, label, worth},
};

/// Fewest characters that could hold a card number.
const SHORTEST: usize = worth::SHORTEST_ENCODED as usize;
/// Characters read first: what begins with anything but text is no text.
const FIRST: usize = 16;

const CONFIG: GeneralPurposeConfig =
    GeneralPurposeConfig::new().with_decode_padding_mode(DecodePaddingMode::Indifferent);
const STANDARD: GeneralPurpose = GeneralPurpose::new(&alphabet::STANDARD, CONFIG.with_encode_padding(true));
const STANDARD_BARE: GeneralPurpose = GeneralPurpose::new(&alphabet::STANDARD, CONFIG.with_encode_padding(false));
const URL: GeneralPurpose = GeneralPurpose::new(&alphabet::URL_SAFE, CONFIG.with_encode_padding(true));
const URL_BARE: GeneralPurpose = GeneralPurpose::new(&alphabet::URL_SAFE, CONFIG.with_encode_padding(false));

#[derive(Clone, Copy)]
enum Coding {
    Base64(&'static GeneralPurpose),
    Hexadecimal { upper: bool },
}

/// Whether bytes look like either. Only the first few are looked at: text has a space or a dot among them.
pub(crate) fn may_be(bytes: &[u8]) -> bool {
    bytes.get(..SHORTEST).is_some_and(|first| first.iter().all(|byte| is_base64(*byte)))
}

fn is_base64(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || matches!(byte, b'+' | b'/' | b'-' | b'_')
}

/// The value with what it holds masked, encoded as it was. `None`: it is neither, holds no text, or nothing to hide.
pub(crate) fn masked(
    bytes: &[u8],
    name: Name,
    depth: usize,
    place: &mut Place<'_>,
) -> Result<Option<String>, MaskError> {
    if depth > super::DEEPEST || !may_be(bytes) || is_number(bytes) {
        return Ok(None);
    }
    let Some((coding, decoded)) = decode(bytes) else { return Ok(None) };
    let mut edits = Vec::new();
    place.within(&["(encoded)"], |place| string::read(&decoded, name, depth + 1, &mut edits, place))?;
    if edits.is_empty() {
        return Ok(None);
    }
    let mut out = Vec::with_capacity(decoded.len());
    edit::apply(&decoded, 0, decoded.len(), &mut edits, &mut out);
    Ok(Some(coding.encode(&out)))
}

/// Digits, and too few to spell as many in hexadecimal.
fn is_number(bytes: &[u8]) -> bool {
    bytes.len() < 2 * chain::SHORTEST && bytes.iter().all(u8::is_ascii_digit)
}

/// Whether it holds what was hidden before: its own digits are no number then.
pub(crate) fn is_masked(bytes: &[u8]) -> bool {
    may_be(bytes) && decode(bytes).is_some_and(|(_, decoded)| label::holds_hidden(&decoded))
}

fn decode(bytes: &[u8]) -> Option<(Coding, Vec<u8>)> {
    if begins_as_hexadecimal_text(bytes) && bytes.len().is_multiple_of(2) && bytes.iter().all(u8::is_ascii_hexdigit) {
        let upper = bytes.iter().any(u8::is_ascii_uppercase);
        let pair = |pair: &[u8; 2]| u8::from_str_radix(std::str::from_utf8(pair).ok()?, 16).ok();
        let decoded: Option<Vec<u8>> = bytes.as_chunks::<2>().0.iter().map(pair).collect();
        if let Some(decoded) = decoded.filter(|decoded| is_text(decoded)) {
            return Some((Coding::Hexadecimal { upper }, decoded));
        }
    }
    if bytes.iter().all(u8::is_ascii_digit) {
        return None;
    }
    let url = bytes.iter().any(|byte| matches!(byte, b'-' | b'_'));
    let padded = bytes.ends_with(b"=") || bytes.len().is_multiple_of(4);
    let engine = match (url, padded) {
        (false, true) => &STANDARD,
        (false, false) => &STANDARD_BARE,
        (true, true) => &URL,
        (true, false) => &URL_BARE,
    };
    let mut first = [0; FIRST];
    let length = engine.decode_slice(bytes.get(..FIRST)?, &mut first).ok()?;
    let first = first.get(..length)?;
    if has_controls(first) || std::str::from_utf8(first).is_err_and(|error| error.error_len().is_some()) {
        return None;
    }
    let decoded = engine.decode(bytes).ok()?;
    is_text(&decoded).then_some((Coding::Base64(engine), decoded))
}

/// The first characters of text in hexadecimal: no control characters, nothing that is never in UTF-8.
fn begins_as_hexadecimal_text(bytes: &[u8]) -> bool {
    let high = bytes.iter().step_by(2).take(FIRST / 2);
    high.zip(bytes.iter().skip(1).step_by(2)).all(|(high, low)| match high {
        b'0' => matches!(low, b'9' | b'a' | b'A' | b'd' | b'D'),
        b'2'..=b'9' | b'a'..=b'f' | b'A'..=b'F' => true,
        _ => false,
    })
}

/// UTF-8 without control characters other than those of lines.
fn is_text(bytes: &[u8]) -> bool {
    !has_controls(bytes) && std::str::from_utf8(bytes).is_ok()
}

fn has_controls(bytes: &[u8]) -> bool {
    bytes.iter().any(|byte| *byte < 0x20 && !matches!(byte, b'\n' | b'\r' | b'\t') || *byte == 0x7f)
}

impl Coding {
    fn encode(self, bytes: &[u8]) -> String {
        match self {
            Self::Base64(engine) => engine.encode(bytes),
            Self::Hexadecimal { upper: true } => bytes.iter().map(|byte| format!("{byte:02X}")).collect(),
            Self::Hexadecimal { upper: false } => bytes.iter().map(|byte| format!("{byte:02x}")).collect(),
        }
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;
    use crate::{Findings, view::View};

    fn of(text: &str) -> Option<String> {
        masked(text.as_bytes(), Name::Plain, 0, &mut Place::new(&View::default(), &mut Findings::default(), "$"))
            .unwrap()
    }

    #[test]
    fn encoded_text_is_masked_and_encoded_again() {
        let text = "card 4111111111111111 paid";
        let hidden = "card 411111******1111 paid";
        for engine in [&STANDARD, &STANDARD_BARE, &URL, &URL_BARE] {
            assert_eq!(of(&engine.encode(text)), Some(engine.encode(hidden)));
            assert_eq!(of(&engine.encode(hidden)), None);
        }
        assert_eq!(of("34313131313131313131313131313131").unwrap(), "3431313131312a2a2a2a2a2a31313131");
        let json = STANDARD.encode(r#"{"cvv":"123","n":4111111111111111}"#);
        assert_eq!(of(&json), Some(STANDARD.encode(r#"{"cvv":"***","n":4111110000001111}"#)));
    }

    #[test]
    fn other_values_stay() {
        for text in [
            "4111111111111111",
            "d41d8cd98f00b204e9800998ecf8427e",
            "iVBORw0KGgoAAAANSUhEUgAA",
            "ThisIsJustALongWordInPascalCase",
            "550e8400-e29b-41d4-a716-446655440000",
            "",
            "AAAAAAAAAAAAAAAAAAAAAAAA",
        ] {
            assert_eq!(of(text), None, "{text}");
        }
    }
}
