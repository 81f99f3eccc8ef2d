//! Digits that are a whole text: nothing stands beside them that could count, so they are judged at once.

use super::{
    Evidence,
    chain::{LONGEST, SHORTEST},
};
use crate::{brand, luhn};

/// The digits of a text.
#[derive(Clone, Copy)]
pub(crate) struct Lone {
    values: [u8; LONGEST],
    length: usize,
}

impl Lone {
    /// `None`: it is something else than digits, or too few or too many for a card number.
    pub(crate) fn read(bytes: &[u8]) -> Option<Self> {
        let mut values = [0; LONGEST];
        let length = bytes.len();
        if length < SHORTEST {
            return None;
        }
        let mut others = 0;
        for (value, byte) in values.get_mut(..length)?.iter_mut().zip(bytes) {
            *value = byte.wrapping_sub(b'0');
            others |= u8::from(*value > 9);
        }
        (others == 0).then_some(Self { values, length })
    }

    pub(crate) fn values_mut(&mut self) -> &mut [u8] {
        self.values.get_mut(..self.length).unwrap_or_default()
    }

    pub(crate) fn values(&self) -> &[u8] {
        self.values.get(..self.length).unwrap_or_default()
    }

    /// Whether they are a card number.
    pub(crate) fn is_card(&self, evidence: Evidence) -> bool {
        evidence == Evidence::Card || brand::issues(self.values()) && luhn::valid(self.values())
    }
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

    proptest! {
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
