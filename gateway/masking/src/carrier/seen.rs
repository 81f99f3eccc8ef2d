//! What a sample of a column's values says of the rest (`pci-and-masking.md` §3, rule 5).

use crate::{
    Declared, brand,
    fold::{Glyph, glyph},
    hiding::Hiding,
    luhn,
    name::Name,
    number,
    scan::{
        Evidence,
        chain::{LONGEST, SHORTEST},
    },
    view::Ruling,
};

/// Most values looked at.
const SAMPLE: usize = 1024;
/// Fewest values that say anything: one number in three dozen passes by chance.
const FEWEST: usize = 8;
/// Fewest values that bear out what an operator says: a column holds no cards.
const FEWEST_TO_CLEAR: usize = 200;

/// What has been seen of a column.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Seen {
    values: usize,
    cards: usize,
}

impl Seen {
    pub(crate) fn hear(&mut self, is_card: bool) {
        if self.values < SAMPLE {
            self.values += 1;
            self.cards += usize::from(is_card);
        }
    }

    pub(crate) fn is_empty(self) -> bool {
        self.values == 0
    }

    /// How many more values are looked at.
    pub(crate) fn wanted(self) -> usize {
        SAMPLE - self.values
    }

    pub(crate) fn hear_text(&mut self, value: &str) {
        if self.values < SAMPLE {
            self.hear(is_card(value));
        }
    }

    pub(crate) fn hear_number(&mut self, value: u128) {
        self.hear(number::integer(value, Evidence::Value, &Hiding::default()).is_some());
    }

    /// What a column's name and its values say together.
    pub(crate) fn name(self, name: Name, ruling: &Ruling) -> Name {
        let telling = !matches!(name, Name::Plain | Name::Harmless);
        if telling || ruling.declared == Declared::Card {
            return name;
        }
        match () {
            () if self.is_card() => Name::Card,
            () if ruling.declared == Declared::NotCard && self.is_other() => Name::Cleared,
            () => name,
        }
    }

    /// Half of the values or more are card numbers: the others that look like one are mistyped.
    pub(crate) fn is_card(self) -> bool {
        self.values >= FEWEST && self.cards * 2 >= self.values
    }

    /// Hardly more card numbers than chance makes.
    fn is_other(self) -> bool {
        self.values >= FEWEST_TO_CLEAR && self.cards * 20 <= self.values
    }
}

/// Whether a whole value is a card number.
pub(crate) fn is_card(value: &str) -> bool {
    if value.len() < SHORTEST {
        return false;
    }
    let mut digits = [0; LONGEST];
    let mut length = 0;
    for c in value.chars() {
        match glyph(c) {
            Glyph::Digit(value) => {
                let Some(slot) = digits.get_mut(length) else { return false };
                *slot = value;
                length += 1;
            }
            Glyph::Separator | Glyph::Invisible => {}
            Glyph::Break | Glyph::Other => return false,
        }
    }
    let digits = digits.get(..length).unwrap_or_default();
    length >= SHORTEST && brand::issues(digits) && luhn::valid(digits)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_sample_speaks_for_the_column() {
        let of = |name, declared, cards: usize, others: usize| {
            let ruling = Ruling { declared, ..Ruling::default() };
            let mut seen = Seen::default();
            let values = std::iter::repeat_n(true, cards).chain(std::iter::repeat_n(false, others));
            values.for_each(|is_card| seen.hear(is_card));
            seen.name(name, &ruling)
        };
        assert_eq!(of(Name::Plain, Declared::No, 8, 8), Name::Card);
        assert_eq!(of(Name::Harmless, Declared::No, 8, 8), Name::Card);
        assert_eq!(of(Name::Plain, Declared::No, 8, 9), Name::Plain);
        assert_eq!(of(Name::Plain, Declared::No, 4, 0), Name::Plain);
        assert_eq!(of(Name::Code, Declared::No, 8, 0), Name::Code);
        assert_eq!(of(Name::Plain, Declared::NotCard, 10, 190), Name::Cleared);
        assert_eq!(of(Name::Plain, Declared::NotCard, 11, 189), Name::Plain);
        assert_eq!(of(Name::Plain, Declared::NotCard, 0, 199), Name::Plain);
        assert_eq!(of(Name::Plain, Declared::NotCard, 200, 0), Name::Card);
    }

    #[test]
    fn whole_values_only() {
        assert!(is_card("4111111111111111") && is_card("4111 1111 1111 1111"));
        assert!(!is_card("x4111111111111111") && !is_card("4111111111111112") && !is_card("") && !is_card("41"));
    }
}
