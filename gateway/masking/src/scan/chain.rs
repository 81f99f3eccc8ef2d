//! Digits that are close enough together to be one number: what may stand between them, and where they end.

use std::ops::Range;

use super::spelling;
use crate::fold::Glyph;

/// Fewest digits of a card number.
pub(crate) const SHORTEST: usize = 12;
/// Most digits of a card number.
pub(crate) const LONGEST: usize = 19;
/// Most separators between two digits of one number.
const GAP: usize = 3;
/// Most unseen characters between two digits of one number.
const UNSEEN: usize = 16;
/// Digits read at a time: a number that begins in the first third, and one that begins with what stays of it, end
/// within the whole.
const READ: usize = 3 * LONGEST;
/// Digits without anything between them that are no number of any kind; the rest of them is passed over.
pub(super) const OVERLONG: usize = 64;

/// What stands before a digit.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Gap {
    /// Nothing that is seen.
    None,
    Separator,
    /// See [`Glyph::Break`].
    Break,
}

/// A digit and what stands before it.
#[derive(Debug, Clone)]
pub(super) struct Digit {
    pub value: u8,
    pub at: Range<usize>,
    pub gap: Gap,
}

/// Goes from digit to digit.
pub(super) struct Links<'t> {
    bytes: &'t [u8],
    at: usize,
    /// There may be more text than `bytes`.
    open: bool,
    /// What comes next depends on text that is not there yet.
    pub cut: bool,
}

impl<'t> Links<'t> {
    /// From byte `at`, right behind a digit or where one begins.
    pub(super) fn new(bytes: &'t [u8], at: usize, open: bool) -> Self {
        Self { bytes, at, open, cut: false }
    }

    /// The next digit of the same chain.
    pub(super) fn next(&mut self) -> Option<Digit> {
        let (mut at, mut gap, mut separators, mut unseen) = (self.at, Gap::None, 0, 0);
        loop {
            let (glyph, width) = match self.bytes.get(at) {
                Some(byte @ b'0'..=b'9') => (Glyph::Digit(byte - b'0'), 1),
                _ if self.open && self.bytes.len().saturating_sub(at) < spelling::LONGEST => match self.bytes.get(at) {
                    // Nothing that comes can make more of it.
                    Some(0..0x80) if !matches!(self.bytes.get(at), Some(b'%' | b'&' | b'\\')) => {
                        spelling::read(self.bytes, at)
                    }
                    _ => {
                        self.cut = true;
                        return None;
                    }
                },
                _ => spelling::read(self.bytes, at),
            };
            match glyph {
                Glyph::Digit(value) => {
                    self.at = at + width;
                    return Some(Digit { value, at: at..at + width, gap });
                }
                Glyph::Separator if separators < GAP => {
                    separators += 1;
                    gap = if gap == Gap::None { Gap::Separator } else { gap };
                }
                Glyph::Break if separators < GAP => {
                    separators += 1;
                    gap = Gap::Break;
                }
                Glyph::Invisible if unseen < UNSEEN => unseen += 1,
                _ => return None,
            }
            at += width;
        }
    }
}

/// Runs of digits with nothing seen between them.
#[derive(Debug, Clone)]
pub(super) struct Group {
    /// Places in [`Chain::values`].
    pub digits: Range<usize>,
    /// What stands before it.
    pub gap: Gap,
}

/// Digits in groups. Used again for each chain, so that reading one costs no memory.
#[derive(Debug, Default)]
pub(super) struct Chain {
    /// 0 to 9.
    pub values: Vec<u8>,
    /// The bytes of each digit.
    pub places: Vec<Range<usize>>,
    pub groups: Vec<Group>,
    /// It goes on behind what was read.
    pub more: bool,
    /// Its last group goes on behind what was read.
    pub overlong: bool,
    /// What comes next depends on text that is not there yet.
    pub cut: bool,
}

impl Chain {
    /// Reads the chain whose first digit is at byte `at`, about [`READ`] digits of it at most unless `whole`.
    pub(super) fn read(&mut self, bytes: &[u8], at: usize, open: bool, whole: bool) {
        self.values.clear();
        self.places.clear();
        self.groups.clear();
        (self.more, self.overlong) = (false, false);
        let mut links = Links::new(bytes, at, open);
        while let Some(digit) = links.next() {
            let place = self.values.len();
            match self.groups.last_mut() {
                Some(group) if digit.gap == Gap::None => {
                    group.digits.end = place + 1;
                    self.overlong = group.digits.len() > OVERLONG && !whole;
                }
                _ if place >= READ && !whole => {
                    self.more = true;
                    break;
                }
                _ => self.groups.push(Group { digits: place..place + 1, gap: digit.gap }),
            }
            self.values.push(digit.value);
            self.places.push(digit.at);
            if self.overlong {
                break;
            }
        }
        self.cut = links.cut;
    }

    /// The bytes from the first to the last of `digits`.
    pub(super) fn bytes(&self, digits: &Range<usize>) -> Option<Range<usize>> {
        Some(self.places.get(digits.start)?.start..self.places.get(digits.end.checked_sub(1)?)?.end)
    }

    pub(super) fn end(&self) -> usize {
        self.places.last().map_or(0, |place| place.end)
    }

    /// The first group that is judged with what follows, where there is [`Self::more`].
    pub(super) fn undecided(&self) -> Option<usize> {
        self.groups.iter().position(|group| group.digits.start >= LONGEST)
    }
}

/// Whether a card number's digits with a separator behind them are all of their chain, since a word or nothing at all
/// follows, and no tag of a chip's stands before them.
pub(super) fn is_alone(bytes: &[u8], at: &Range<usize>, open: bool) -> bool {
    // Twelve may be a code.
    if !(SHORTEST + 1..=LONGEST).contains(&at.len()) {
        return false;
    }
    /// Separators in front of a tag are passed over as far as this.
    const REACH: usize = 12;
    let front = bytes.get(at.start.saturating_sub(REACH)..at.start).unwrap_or_default();
    let before = front.iter().rev().find(|byte| !matches!(byte, b' ' | b'-' | b':'));
    let behind = bytes.get(at.end..).unwrap_or_default();
    let next = behind.iter().find(|byte| !matches!(byte, b' ' | b'-' | b'.' | b'_' | b'/'));
    !before.is_some_and(|byte| matches!(byte, b'a' | b'A' | b'x' | b'%'))
        && next.map_or(!open, |next| next.is_ascii_alphabetic() && !matches!(next, b'd' | b'D'))
}

/// Whether `bytes` of any kind hold what would be a chain.
pub(crate) fn any_in(bytes: &[u8]) -> bool {
    let mut at = 0;
    while let Some(start) = super::screen::next(bytes, at) {
        let rest = bytes.get(start..).unwrap_or_default();
        let run = rest.iter().take(SHORTEST).take_while(|byte| byte.is_ascii_digit()).count();
        let next = rest.get(run);
        if run > 0
            && run < SHORTEST
            && next.is_some_and(|byte| byte.is_ascii_alphabetic() || *byte < b'\t' || *byte == b'"')
        {
            at = start + run + 1;
            continue;
        }
        let mut links = Links::new(bytes, start, false);
        let (mut digits, mut end) = (0, start + spelling::read(bytes, start).1.max(1));
        while let Some(digit) = links.next() {
            digits += 1;
            end = digit.at.end;
            if digits >= SHORTEST {
                return true;
            }
        }
        at = end;
    }
    false
}
