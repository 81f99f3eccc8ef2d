//! A chain with separators: its groups, and which runs of them look like a card number.

use std::ops::Range;

use super::{
    Evidence, Found,
    chain::{Chain, LONGEST, SHORTEST},
};
use crate::{
    brand,
    fold::{Glyph, glyph},
    luhn, redact, sad,
};

pub(super) struct Grouped {
    chain: Chain,
    /// The digits' values, folded.
    values: Vec<u8>,
    /// The bytes of each digit.
    places: Vec<Range<usize>>,
    /// Runs of digits without a separator, as ranges of `values`.
    groups: Vec<Range<usize>>,
}

impl Grouped {
    pub(super) fn read(text: &str, chain: Chain) -> Self {
        let mut grouped = Self { chain, values: Vec::new(), places: Vec::new(), groups: Vec::new() };
        let mut from = 0;
        for (at, c) in text.get(chain.start..chain.end).unwrap_or_default().char_indices() {
            match glyph(c) {
                Glyph::Digit(value) => {
                    grouped.values.push(value);
                    grouped.places.push(chain.start + at..chain.start + at + c.len_utf8());
                }
                Glyph::Separator if grouped.values.len() > from => {
                    grouped.groups.push(from..grouped.values.len());
                    from = grouped.values.len();
                }
                _ => {}
            }
        }
        grouped.groups.push(from..grouped.values.len());
        grouped
    }

    /// Adds what must be hidden to `found`.
    pub(super) fn judge(&self, text: &str, evidence: Evidence, found: &mut Found) {
        if evidence == Evidence::Card {
            self.hide_as_card(text, found);
            return;
        }
        for (index, first) in self.groups.iter().enumerate() {
            let mut shape = Shape::default();
            for group in self.groups.get(index..).unwrap_or_default() {
                if !shape.push(group.len()) {
                    break;
                }
                let whole = self.groups.len() == shape.groups;
                if shape.digits >= SHORTEST && shape.is_card(whole) {
                    self.judge_window(text, first.start..group.end, shape.groups == 1, found);
                }
            }
        }
    }

    pub(super) fn hide_all(&self, found: &mut Found) {
        found.stars.extend(self.places.iter().cloned());
    }

    fn judge_window(&self, text: &str, digits: Range<usize>, single: bool, found: &mut Found) {
        let (Some(values), Some(at)) = (self.values.get(digits.clone()), self.bytes(&digits)) else { return };
        if found.accepts(text, self.chain, at, values, single) {
            self.hide(digits, found);
        }
    }

    fn hide_as_card(&self, text: &str, found: &mut Found) {
        let all = 0..self.values.len();
        let Some(at) = self.bytes(&all) else { return };
        let track = sad::track(text, &at);
        found.accept(text, &at, track);
        self.hide(all, found);
    }

    fn hide(&self, digits: Range<usize>, found: &mut Found) {
        let hidden = redact::hidden(digits.len());
        let places = self.places.get(digits.start + hidden.start..digits.start + hidden.end);
        found.stars.extend(places.unwrap_or_default().iter().cloned());
    }

    fn bytes(&self, digits: &Range<usize>) -> Option<Range<usize>> {
        Some(self.places.get(digits.start)?.start..self.places.get(digits.end.checked_sub(1)?)?.end)
    }
}

/// Whether some brand issues a number of these digits and its check digit holds.
pub(crate) fn is_issued(values: &[u8]) -> bool {
    let Some(prefix) = values.get(..6) else { return false };
    let prefix = prefix.iter().fold(0, |prefix, digit| prefix * 10 + u32::from(*digit));
    brand::of(prefix, values.len()).is_some() && luhn::valid(values)
}

/// The lengths of the groups of a window.
#[derive(Default)]
struct Shape {
    lengths: [usize; LONGEST],
    groups: usize,
    digits: usize,
}

impl Shape {
    /// `false` if the window would be longer than any card number.
    fn push(&mut self, length: usize) -> bool {
        self.digits += length;
        let Some(slot) = self.lengths.get_mut(self.groups) else { return false };
        *slot = length;
        self.groups += 1;
        self.digits <= LONGEST
    }

    /// Whether a card number is ever written so. Digits one by one count only if nothing stands before or after them
    /// (`whole`): lists of single digits are common.
    fn is_card(&self, whole: bool) -> bool {
        match self.lengths.get(..self.groups).unwrap_or_default() {
            [_] | [6, 13] | [8, 8] | [4, 6, 5] | [4, 6, 4] | [6, 4, 6] | [4, 4, 5] | [4, 3, 3, 3] => true,
            [fours @ .., last] if *last <= 4 && fours.iter().all(|length| *length == 4) => true,
            ones => whole && ones.iter().all(|length| *length == 1),
        }
    }
}
