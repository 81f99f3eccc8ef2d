//! How a card number is hidden where it stands.

use std::ops::Range;

use crate::{
    Entity, Key, Mode, Numbers, luhn,
    mode::{self, fpe, token},
    scan::{
        chain::LONGEST,
        edit::{Edit, With},
    },
};

/// How card numbers are hidden at a place.
#[derive(Clone, Default)]
pub(crate) struct Hiding {
    pub mode: Mode,
    pub numbers: Numbers,
    pub key: Option<Key>,
    /// Card numbers are shown.
    pub shown: bool,
}

/// What a number that is a card number becomes.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Becomes {
    /// What it is: nothing in it was clear, or it is shown.
    Same,
    /// A number of these digits.
    Digits(Vec<u8>),
    Text(String),
    Null,
}

impl Hiding {
    /// Whether a number of so many digits stays as it is. More than a card number has are hidden whoever asks: nobody
    /// knows what else they hold.
    pub(crate) fn shows(&self, digits: usize) -> bool {
        self.shown && digits <= LONGEST
    }

    /// Hides a number in text. `values` are its digits, each at the bytes that `places` says; `None`: one ASCII digit
    /// after the other from the beginning of `at`, which is where it stands.
    pub(crate) fn hide(&self, values: &[u8], at: Range<usize>, places: Option<&[Range<usize>]>, edits: &mut Vec<Edit>) {
        if self.shows(values.len()) {
            return;
        }
        match (self.mode, &self.key) {
            (Mode::Tokenize, Some(key)) => edits.push(Edit::text(at, token(key, &Entity::Pan, values))),
            (Mode::Null, _) => edits.push(Edit::text(at, "")),
            (Mode::Fpe, Some(key)) if let Some(cipher) = fpe(key, values) => {
                let place = |digit: usize| match places {
                    Some(places) => places.get(digit).cloned().unwrap_or(at.clone()),
                    None => at.start + digit..at.start + digit + 1,
                };
                edits.extend(
                    cipher
                        .iter()
                        .enumerate()
                        .map(|(digit, value)| Edit { at: place(digit), with: With::Digit(*value) }),
                );
            }
            (mode, _) => {
                let hidden = mode::hidden(mode, values.len());
                match places {
                    Some(places) => {
                        let hidden = places.get(hidden).unwrap_or_default();
                        edits.extend(hidden.iter().cloned().map(Edit::star));
                    }
                    None => edits.push(Edit::stars(at.start + hidden.start..at.start + hidden.end)),
                }
            }
        }
    }

    /// Hides a number that is one by its type. `digits` have no zeros in front.
    pub(crate) fn number(&self, digits: &[u8]) -> Becomes {
        let keyed = self.key.as_ref();
        match self.mode {
            _ if self.shows(digits.len()) => Becomes::Same,
            Mode::Tokenize if let Some(key) = keyed => Becomes::Text(token(key, &Entity::Pan, digits)),
            Mode::Null => Becomes::Null,
            Mode::Fpe if let Some(cipher) = keyed.and_then(|key| fpe(key, digits)) => Becomes::Digits(cipher),
            _ if self.numbers == Numbers::Text => Becomes::Text(self.starred(digits)),
            _ => self.zeroed(digits),
        }
    }

    /// Hides a number that has to stay one: the hidden digits are zeros.
    pub(crate) fn zeroed(&self, digits: &[u8]) -> Becomes {
        let mut zeroed = digits.to_vec();
        self.zero(&mut zeroed);
        if zeroed == digits { Becomes::Same } else { Becomes::Digits(zeroed) }
    }

    /// [`Self::zeroed`], in place.
    pub(crate) fn zero(&self, digits: &mut [u8]) {
        if self.shows(digits.len()) {
            return;
        }
        if self.mode == Mode::Fpe
            && let Some(cipher) = self.key.as_ref().and_then(|key| fpe(key, digits))
        {
            return digits.iter_mut().zip(cipher).for_each(|(digit, cipher)| *digit = cipher);
        }
        let hidden = mode::hidden(self.mode, digits.len());
        if let Some(middle) = digits.get_mut(hidden.clone()) {
            middle.fill(0);
        }
        // So that nobody takes it for a card number, this crate included.
        if luhn::valid(digits)
            && hidden.start > 0
            && let Some(last) = digits.get_mut(hidden).and_then(<[u8]>::last_mut)
        {
            *last = 1;
        }
    }

    /// Digits with stars in place of the hidden ones.
    pub(crate) fn starred(&self, digits: &[u8]) -> String {
        let hidden = mode::hidden(self.mode, digits.len());
        let shown =
            |(place, digit): (usize, &u8)| if hidden.contains(&place) { '*' } else { char::from(b'0' + digit % 10) };
        digits.iter().enumerate().map(shown).collect()
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    fn with(mode: Mode) -> Hiding {
        Hiding { mode, key: Some(Key::new("k1", vec![7; 32]).unwrap()), ..Hiding::default() }
    }

    #[test]
    fn zeroed_numbers_fail_luhn_and_stay_as_they_are() {
        let hiding = Hiding::default();
        for last in 0..10_000u16 {
            let mut digits = vec![4, 1, 1, 1, 1, 1, 9, 9, 9, 9, 9, 9];
            digits.extend([last / 1000, last / 100 % 10, last / 10 % 10, last % 10].map(|digit| digit as u8));
            let Becomes::Digits(zeroed) = hiding.zeroed(&digits) else { unreachable!() };
            assert!(!luhn::valid(&zeroed));
            assert_eq!(hiding.zeroed(&zeroed), Becomes::Same);
        }
    }

    #[test]
    fn numbers_by_mode() {
        let pan = [4, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1];
        let digits = |text: &str| Becomes::Digits(text.bytes().map(|byte| byte - b'0').collect());
        assert_eq!(with(Mode::First6Last4).number(&pan), digits("4111110000001111"));
        assert_eq!(with(Mode::Last4).number(&pan), digits("0000000000001111"));
        assert_eq!(with(Mode::Full).number(&pan), digits("0000000000000000"));
        assert_eq!(with(Mode::Null).number(&pan), Becomes::Null);
        assert!(matches!(with(Mode::Tokenize).number(&pan), Becomes::Text(token) if token.starts_with("tok_k1_")));
        assert!(matches!(with(Mode::Fpe).number(&pan), Becomes::Digits(cipher) if cipher.len() == 16 && cipher != pan));
        let text = Hiding { numbers: Numbers::Text, ..Hiding::default() };
        assert_eq!(text.number(&pan), Becomes::Text("411111******1111".to_owned()));
    }

    #[test]
    fn what_is_shown_stays_in_every_mode_and_no_longer_than_a_card_number() {
        for mode in Mode::ALL {
            let hiding = Hiding { shown: true, ..with(mode) };
            let mut edits = Vec::new();
            hiding.hide(&[4; 19], 0..19, None, &mut edits);
            assert!(edits.is_empty(), "{mode}");
            assert_eq!((hiding.number(&[4; 19]), hiding.zeroed(&[4; 19])), (Becomes::Same, Becomes::Same), "{mode}");
            hiding.hide(&[4; 20], 0..20, None, &mut edits);
            assert!(!edits.is_empty() && hiding.number(&[4; 20]) != Becomes::Same, "{mode}");
        }
    }
}
