//! Values that are a card number's digits and nothing else, in columns of which nothing more has to be known: what is
//! hidden of them is a mask over their digits.

use std::ops::Range;

use super::evidence;
use crate::{
    luhn,
    mode::{self, Mode},
    name::Name,
    scan::{
        Evidence,
        chain::{LONGEST, SHORTEST},
        lone::Lone,
    },
    view::Ruling,
};

/// How such values are hidden in a column: as the long way does it, and counted as one card number each. Where a method
/// returns `None`, a value takes the long way.
pub(crate) struct Quick {
    evidence: Evidence,
    /// By length, from [`SHORTEST`] on. `None`: card numbers take the long way, everything else is passed.
    masks: Option<[Mask; LONGEST - SHORTEST + 1]>,
    /// Numbers that are card numbers take the long way.
    is_text_instead: bool,
}

/// Over the words of a [`Lone`].
#[derive(Debug, Clone, Copy, Default)]
struct Mask {
    hidden: [u64; 3],
    /// A one in the last hidden place, behind places that stay.
    last: [u64; 3],
}

impl Mask {
    fn of(length: usize, hidden: &Range<usize>) -> Self {
        let words = |places: Range<usize>, byte: u64| {
            let mut words = [0; 3];
            for place in places.map(|place| place + 24 - length) {
                if let Some(word) = words.get_mut(place / 8) {
                    *word |= byte << (8 * (place % 8));
                }
            }
            words
        };
        let last = if hidden.start > 0 { hidden.end.saturating_sub(1)..hidden.end } else { 0..0 };
        Self { hidden: words(hidden.clone(), 0xff), last: words(last, 1) }
    }
}

impl Quick {
    /// `None`: the values have to be read one by one, for what the column's name and the rules say of them.
    pub(crate) fn of(name: Name, ruling: &Ruling) -> Option<Self> {
        if !ruling.entities.is_empty() || !matches!(name, Name::Plain | Name::Harmless | Name::Card) {
            return None;
        }
        let hiding = &ruling.hiding;
        let by_place = matches!(hiding.mode, Mode::First6Last4 | Mode::Bin8Last4 | Mode::Last4 | Mode::Full);
        let mask = |place| Mask::of(place + SHORTEST, &mode::hidden(hiding.mode, place + SHORTEST));
        Some(Self {
            evidence: evidence(name, ruling),
            masks: (by_place && hiding.key.is_none() && !hiding.shown).then(|| std::array::from_fn(mask)),
            is_text_instead: ruling.is_text_instead(name),
        })
    }

    /// Hides a card number in place. `Some(false)`: it is none.
    #[inline(always)]
    pub(crate) fn text(&self, cell: &mut [u8]) -> Option<bool> {
        let lone = Lone::read(cell)?;
        if !lone.is_card(self.evidence) {
            return Some(false);
        }
        let hidden = self.mask(&lone)?.hidden;
        let star = |word: u64, mask: u64| ((word | ASCII) & !mask) | (STARS & mask);
        lone.with_words(each(lone.words(), hidden, star)).write(cell);
        Some(true)
    }

    /// [`Self::text`], of a number, which stays one. `Some(false)`: nothing has to be hidden.
    #[inline(always)]
    pub(crate) fn number(&self, cell: &mut [u8]) -> Option<bool> {
        // Zeros in front are none of its digits.
        let lone = Lone::read(cell).filter(|_| cell.first() != Some(&b'0'))?;
        let zeroed = self.zeroed(&lone)?;
        if let Some(zeroed) = zeroed {
            let ascii = |word: u64, byte: u64| word | byte;
            zeroed.with_words(each(zeroed.words(), [ASCII; 3], ascii)).write(cell);
        }
        Some(zeroed.is_some())
    }

    /// What a number of up to 19 digits becomes. `Some(None)`: nothing has to be hidden.
    #[inline(always)]
    pub(crate) fn integer(&self, number: u64) -> Option<Option<u64>> {
        let Some(lone) = Lone::of(number) else { return (number < TOO_LONG).then_some(None) };
        Some(self.zeroed(&lone)?.map(|zeroed| zeroed.number()))
    }

    #[inline(always)]
    fn zeroed(&self, lone: &Lone) -> Option<Option<Lone>> {
        if !lone.is_card(self.evidence) {
            return Some(None);
        }
        if self.is_text_instead {
            return None;
        }
        let mask = self.mask(lone)?;
        let mut zeroed = each(lone.words(), mask.hidden, |word: u64, mask: u64| word & !mask);
        // So that nobody takes it for a card number, this crate included.
        if luhn::valid_words(zeroed) {
            zeroed = each(zeroed, mask.last, |word: u64, last: u64| word | last);
        }
        // Arrays are compared by way of memory.
        let ([a, b, c], [x, y, z]) = (zeroed, lone.words());
        Some(((a ^ x) | (b ^ y) | (c ^ z) != 0).then(|| lone.with_words(zeroed)))
    }

    #[inline(always)]
    fn mask(&self, lone: &Lone) -> Option<Mask> {
        self.masks.as_ref()?.get(lone.length() - SHORTEST).copied()
    }
}

/// The first number of more digits than a card number has.
const TOO_LONG: u64 = 10u64.pow(LONGEST as u32);
const ASCII: u64 = u64::from_ne_bytes([b'0'; 8]);
const STARS: u64 = u64::from_ne_bytes([b'*'; 8]);

#[inline(always)]
fn each(words: [u64; 3], masks: [u64; 3], with: impl Fn(u64, u64) -> u64) -> [u64; 3] {
    let ([a, b, c], [x, y, z]) = (words, masks);
    [with(a, x), with(b, y), with(c, z)]
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use std::sync::Arc;

    use proptest::prelude::*;

    use super::*;
    use crate::{
        ColumnKind, Declared, Findings, Key, MaskError, Numbers,
        carrier::{Place, rowset::masked_cell, string},
        hiding::Hiding,
        number,
        view::View,
    };

    /// Digits in all lengths, of every brand and of none, half of them with a check digit that fits.
    fn digits() -> impl Strategy<Value = String> {
        let front = "(4|5[0-8]|6[0-9]|2[0-9]|3[0-9]|8[12]|9792|1|0|2[27]2[01]|50[0-9]{2}|[0-9]{4})";
        ("[0-9]{9,19}", front, any::<bool>(), 10usize..21).prop_map(|(rest, front, fits, length)| {
            let mut text: String = front.chars().chain(rest.chars()).take(length).collect();
            while fits && !luhn::valid(&text.bytes().map(|byte| byte - b'0').collect::<Vec<u8>>()) {
                let last = text.pop().unwrap();
                text.push(if last == '9' { '0' } else { char::from(last as u8 + 1) });
            }
            text
        })
    }

    fn cell() -> impl Strategy<Value = String> {
        prop_oneof![8 => digits(), 1 => (digits(), "[-+ .xeE０]", 0usize..20).prop_map(|(text, odd, at)| {
            let (front, back) = text.split_at(at.min(text.len()));
            format!("{front}{odd}{back}")
        })]
    }

    fn name() -> impl Strategy<Value = Name> {
        prop::sample::select(vec![Name::Plain, Name::Harmless, Name::Card])
    }

    type Rule = (Mode, Declared, [bool; 4]);

    fn rule() -> impl Strategy<Value = Rule> {
        let declared = prop::sample::select(vec![Declared::No, Declared::Card, Declared::NotCard]);
        (prop::sample::select(Mode::ALL.to_vec()), declared, prop::array::uniform4(prop::bool::weighted(0.3)))
    }

    fn ruling((mode, declared, [keyed, shown, text, keeps_numbers]): Rule) -> Ruling {
        let key = (keyed || mode.needs_key()).then(|| Key::new("k1", vec![7; 32]).unwrap());
        let numbers = if text { Numbers::Text } else { Numbers::default() };
        Ruling { hiding: Hiding { mode, numbers, key, shown }, declared, entities: Vec::new(), keeps_numbers }
    }

    /// What the long way makes of a value, and its findings.
    fn long_way<T>(
        ruling: &Ruling,
        mask: impl FnOnce(&mut Place<'_>) -> Result<T, MaskError>,
    ) -> (Result<T, MaskError>, Findings) {
        let (view, ruling, mut findings) = (View::default(), Arc::new(ruling.clone()), Findings::default());
        let masked = mask(&mut Place::column(&view, &mut findings, "column A".to_owned(), &ruling));
        (masked, findings)
    }

    fn counted(ruling: &Ruling, name: Name, count: u64) -> Findings {
        long_way(ruling, |place| {
            place.count(name, count, 0);
            Ok(())
        })
        .1
    }

    proptest! {
        #![proptest_config(ProptestConfig { cases: 20_000, failure_persistence: None, ..ProptestConfig::default() })]

        #[test]
        fn the_long_way_says_the_same(cell in cell(), name in name(), rule in rule()) {
            let ruling = ruling(rule);
            let quick = Quick::of(name, &ruling).unwrap();
            let by_place = quick.masks.is_some();
            for numeric in [false, true] {
                let mut bytes = cell.clone().into_bytes();
                let hidden = if numeric { quick.number(&mut bytes) } else { quick.text(&mut bytes) };
                let (masked, findings) = long_way(&ruling, |place| match numeric {
                    true => masked_cell(&cell, ColumnKind::Number { scale: 0 }, name, place),
                    false => Ok(string::masked(&cell, name, 0, place)?.map(Some)),
                });
                let becomes = String::from_utf8(bytes).unwrap();
                match hidden {
                    None => prop_assert_eq!(becomes, &*cell),
                    Some(hidden) => {
                        prop_assert_eq!(masked, Ok(hidden.then_some(Some(becomes))), "{} {:?}", cell, name);
                        prop_assert_eq!(findings, counted(&ruling, name, hidden.into()), "{}", cell);
                    }
                }
                let is_lone = (12..=19).contains(&cell.len()) && cell.bytes().all(|byte| byte.is_ascii_digit());
                let is_quick = by_place && is_lone && !(numeric && (quick.is_text_instead || cell.starts_with('0')));
                prop_assert!(!is_quick || hidden.is_some(), "{}", cell);
            }
        }

        #[test]
        fn numbers_are_masked_as_the_long_way_does(text in digits(), name in name(), rule in rule()) {
            let ruling = ruling(rule);
            let number: u64 = text.parse().unwrap_or(u64::MAX);
            let quick = Quick::of(name, &ruling).unwrap();
            let slow = number::integer(number.into(), quick.evidence, &ruling.hiding);
            match quick.integer(number) {
                Some(becomes) => prop_assert_eq!(becomes.map(u128::from), slow, "{}", number),
                None => prop_assert!(quick.masks.is_none() || quick.is_text_instead || text.len() > LONGEST),
            }
        }
    }
}
