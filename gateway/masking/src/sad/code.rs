//! Verification codes and PINs in words: `CVV: 123`, `pin=1234`.

use std::ops::Range;

use crate::scan::label::Words;

/// What the words before a few digits say.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Called {
    No,
    /// By a word that means something else as well: it counts near a card number.
    Perhaps,
    Yes,
}

/// Fewest and most digits of what is looked at: codes have 3 or 4, PINs 4 to 12 (ISO 9564-1).
pub(crate) const LENGTHS: std::ops::RangeInclusive<usize> = 3..=12;

/// What the digits at `run`, which stand alone, are called.
pub(crate) fn called(bytes: &[u8], run: &Range<usize>) -> Called {
    const CODES: [&[u8]; 14] = [
        b"cvv",
        b"cvv2",
        b"cvc",
        b"cvc2",
        b"cav",
        b"cav2",
        b"cvn",
        b"cvn2",
        b"cvd",
        b"csc",
        b"icvv",
        b"dcvv",
        b"cvvs",
        b"card security",
    ];
    const WORDS: [&[u8]; 9] = [
        b"security",
        b"verification",
        b"cid",
        b"card verification",
        b"securitycode",
        b"verificationcode",
        b"cardsecuritycode",
        b"cardverificationcode",
        b"cardcode",
    ];
    let length = run.len();
    // `cvv2` may carry its last letter as the first digit of the run's front; a run glued to a letter is looked at too.
    let mut words = Words::before(bytes, run.start);
    let keyed = keyed(bytes, run.start, words.gap);
    words.take_any(&[b"is", b"was", b"ist", b"of"]);
    let coded = words.take_any(&[b"code", b"number", b"value", b"no", b"#"]);
    if matches!(length, 3 | 4) {
        if words.take_any(&CODES) {
            return Called::Yes;
        }
        let word = words.take_any(&WORDS);
        if word {
            return if keyed && coded { Called::Yes } else { Called::Perhaps };
        }
    }
    if (4..=12).contains(&length) && words.take(b"pin") {
        return if keyed && !coded && length <= 6 { Called::Yes } else { Called::Perhaps };
    }
    Called::No
}

/// Whether what stands between the word and its value is what stands between a key and its value.
fn keyed(bytes: &[u8], at: usize, gap: usize) -> bool {
    bytes.get(at - gap..at).unwrap_or_default().iter().any(|byte| matches!(byte, b':' | b'=' | b'>'))
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    fn of(text: &str) -> Called {
        let digits = |c: char| c.is_ascii_digit();
        let end = text.rfind(digits).unwrap() + 1;
        let start = text.get(..end).unwrap().rfind(|c: char| !digits(c)).map_or(0, |at| at + 1);
        called(text.as_bytes(), &(start..end))
    }

    #[test]
    fn codes_and_pins_by_their_words() {
        for text in [
            "CVV: 123",
            "cvv2=1234",
            "CVC 999",
            "cvv code is 123",
            "\"cvv\":\"123",
            "<cvv>123",
            "card_cvv=123",
            "security code: 123",
            "pin=1234",
            "PIN: 123456",
            "(CSC 123",
        ] {
            assert_eq!(of(text), Called::Yes, "{text}");
        }
        for text in ["security code 321", "cid 1234", "pin 1234", "PIN code 1234"] {
            assert_eq!(of(text), Called::Perhaps, "{text}");
        }
        for text in ["123", "acid 123", "spin=1234", "cvv 12345", "pin=13", "opinion 1234", "room 123"] {
            assert_eq!(of(text), Called::No, "{text}");
        }
    }
}
