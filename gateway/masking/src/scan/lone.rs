//! Digits that are a whole text: nothing stands beside them that could count, so they are judged at once.

use super::{
    Evidence,
    chain::{LONGEST, SHORTEST},
};
use crate::{brand, luhn};

/// Digits, 0 to 9 each: eight to a word, the first one in its lowest byte, nothing but zeros in front of them.
#[derive(Clone, Copy)]
pub(crate) struct Lone {
    words: [u64; 3],
    length: usize,
}

impl Lone {
    /// `None`: it is something else than digits, or too few or too many for a card number.
    #[inline(always)]
    pub(crate) fn read(bytes: &[u8]) -> Option<Self> {
        let length = bytes.len();
        if !(SHORTEST..=LONGEST).contains(&length) {
            return None;
        }
        let word = |bytes: &[u8; 8]| u64::from_le_bytes(*bytes) ^ u64::from_ne_bytes([b'0'; 8]);
        let (first, last) = (word(bytes.first_chunk()?), word(bytes.last_chunk()?));
        let (front, middle) = match length {
            ..=16 => (0, first << (8 * (16 - length))),
            _ => (first << (8 * (24 - length)), word(bytes.get(length - 16..)?.first_chunk()?)),
        };
        // Above nine a byte gets to its highest bit, or has it.
        let others = |word: u64| word.wrapping_add(u64::from_ne_bytes([0x80 - 10; 8])) | word;
        let others = others(first) | others(middle) | others(last);
        (others & u64::from_ne_bytes([0x80; 8]) == 0).then_some(Self { words: [front, middle, last], length })
    }

    /// The digits of a number; `None`: too few or too many.
    #[inline(always)]
    pub(crate) fn of(number: u64) -> Option<Self> {
        const HALF: u64 = 100_000_000;
        let (front, middle) = (in_bytes(number / HALF / HALF), in_bytes(number / HALF % HALF));
        let length = match () {
            () if front != 0 => 24 - front.trailing_zeros() as usize / 8,
            () if middle != 0 => 16 - middle.trailing_zeros() as usize / 8,
            () => return None,
        };
        let lone = Self { words: [front, middle, in_bytes(number % HALF)], length };
        (SHORTEST..=LONGEST).contains(&length).then_some(lone)
    }

    /// The number that these are the digits of.
    #[inline(always)]
    pub(crate) fn number(&self) -> u64 {
        let [front, middle, last] = self.words;
        (of_bytes(front) * 100_000_000 + of_bytes(middle)) * 100_000_000 + of_bytes(last)
    }

    pub(crate) fn length(&self) -> usize {
        self.length
    }

    pub(crate) fn words(&self) -> [u64; 3] {
        self.words
    }

    #[must_use]
    pub(crate) fn with_words(self, words: [u64; 3]) -> Self {
        Self { words, ..self }
    }

    pub(crate) fn values(&self) -> Values {
        Values { bytes: in_one(self.words), length: self.length }
    }

    /// Writes what stands for the digits, a byte each, over as many bytes.
    #[inline(always)]
    pub(crate) fn write(&self, bytes: &mut [u8]) {
        let [_, middle, last] = self.words;
        // Nearly all of them.
        if let Ok(bytes) = <&mut [u8; 16]>::try_from(&mut *bytes) {
            *bytes = ((u128::from(last) << 64) | u128::from(middle)).to_le_bytes();
        } else {
            bytes.iter_mut().zip(self.values().iter()).for_each(|(byte, value)| *byte = *value);
        }
    }

    /// Whether they are a card number.
    #[inline(always)]
    pub(crate) fn is_card(&self, evidence: Evidence) -> bool {
        evidence == Evidence::Card || self.is_issued() && luhn::valid_words(self.words)
    }

    #[inline(always)]
    fn is_issued(&self) -> bool {
        let [front, middle, last] = self.words;
        let head = match self.length {
            ..=16 => ((u128::from(last) << 64) | u128::from(middle)) >> (8 * (16 - self.length)),
            _ => ((u128::from(middle) << 64) | u128::from(front)) >> (8 * (24 - self.length)),
        };
        let [a, b, c, d, ..] = head.to_le_bytes();
        brand::of_prefix([a, b, c, d], self.length)
    }
}

/// A [`Lone`]'s digits as bytes.
pub(crate) struct Values {
    bytes: [u8; 24],
    length: usize,
}

impl std::ops::Deref for Values {
    type Target = [u8];

    fn deref(&self) -> &[u8] {
        self.bytes.get(self.bytes.len() - self.length..).unwrap_or_default()
    }
}

#[inline(always)]
fn in_one(words: [u64; 3]) -> [u8; 24] {
    let mut all = [0; 24];
    for (bytes, word) in all.as_chunks_mut().0.iter_mut().zip(words) {
        *bytes = word.to_le_bytes();
    }
    all
}

/// Eight digits of a number in a byte each, all at once: two halves, four quarters, eight.
#[inline(always)]
fn in_bytes(number: u64) -> u64 {
    let halves = number / 10_000 + ((number % 10_000) << 32);
    let tens = ((halves * 10_486) >> 20) & 0x0000_007f_0000_007f;
    let quarters = tens + ((halves - tens * 100) << 16);
    let tens = ((quarters * 103) >> 10) & 0x000f_000f_000f_000f;
    tens + ((quarters - tens * 10) << 8)
}

/// The number of eight digits.
#[inline(always)]
fn of_bytes(digits: u64) -> u64 {
    let pairs = (digits * 10 + (digits >> 8)) & 0x00ff_00ff_00ff_00ff;
    let quarters = (pairs * 100 + (pairs >> 16)) & 0x0000_ffff_0000_ffff;
    (quarters * 10_000 + (quarters >> 32)) & 0xffff_ffff
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::{hiding::Hiding, scan::Scanner};

    #[test]
    fn digits_only() {
        let is_card = |text: &str| Lone::read(text.as_bytes()).map(|lone| lone.is_card(Evidence::Value));
        assert_eq!(is_card("4111111111111111"), Some(true));
        assert_eq!(is_card("4111111111111112"), Some(false));
        for text in ["", "41111111111", "41111111111111111111", "4111 1111 1111 1111", "411111111111111x"] {
            assert_eq!(is_card(text), None, "{text}");
        }
    }

    #[test]
    fn every_part_of_a_number_goes_there_and_back() {
        for part in 0..100_000_000u64 / 1009 {
            let part = part * 1009;
            let text = format!("{part:08}");
            assert_eq!(
                in_bytes(part).to_le_bytes().map(|digit| char::from(b'0' + digit)).iter().collect::<String>(),
                text
            );
            assert_eq!(of_bytes(in_bytes(part)), part);
        }
    }

    proptest! {
        #[test]
        fn a_number_and_its_spelling_are_the_same(number in 100_000_000_000u64..u64::MAX, cut in 0u32..8) {
            let number = number / 10u64.pow(cut);
            let text = number.to_string();
            let (lone, read) = (Lone::of(number), Lone::read(text.as_bytes()));
            prop_assert_eq!(lone.is_some(), (SHORTEST..=LONGEST).contains(&text.len()));
            prop_assert_eq!(lone.map(|lone| lone.words()), read.map(|lone| lone.words()));
            let Some(lone) = lone else { return Ok(()) };
            let values: Vec<u8> = text.bytes().map(|byte| byte - b'0').collect();
            prop_assert_eq!(&*lone.values(), &*values);
            prop_assert_eq!((lone.number(), lone.length()), (number, text.len()));
            prop_assert_eq!(lone.is_card(Evidence::Value), brand::issues(&values) && luhn::valid(&values));
        }

        #[test]
        fn the_scanner_judges_the_same(front in "(4|5[1-5]|62|6011|57|5713|9780|[0-9])", rest in "[0-9]{8,19}") {
            let digits: Vec<u8> = format!("{front}{rest}").bytes().map(|byte| byte - b'0').collect();
            let digits = digits.get(..digits.len().min(18)).unwrap();
            // Half of them with a check digit that fits.
            let text = |last: u8| digits.iter().chain([&last]).map(|digit| char::from(b'0' + digit)).collect::<String>();
            for text in (0..10).map(text) {
                let Some(lone) = Lone::read(text.as_bytes()) else { continue };
                for evidence in [Evidence::Value, Evidence::Card] {
                    let mut scanner = Scanner::new(evidence, Hiding::default());
                    let _ = scanner.scan(text.as_bytes(), 0, text.len(), false);
                    prop_assert_eq!(!scanner.edits.is_empty(), lone.is_card(evidence), "{}", text);
                }
            }
        }
    }
}
