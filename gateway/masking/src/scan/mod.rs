//! Finds card numbers and authentication data in text and says what to put in their place.
//!
//! Text is read from left to right. Digits that are close together are a chain; every run of its groups with 12 to 19
//! digits is judged (`pci-and-masking.md` §3, decision rule). What is decided about a place depends on what stands up to
//! [`BEFORE`] bytes before and [`BEHIND`] bytes behind it and on nothing else, so that text may come in any pieces.

pub(crate) mod chain;
pub(crate) mod edit;
mod group;
pub(crate) mod label;
pub(crate) mod lone;
pub(crate) mod screen;
mod secret;
pub(crate) mod spelling;
pub(crate) mod worth;

use std::{collections::BTreeSet, ops::Range};

use chain::{Chain, LONGEST, Links, OVERLONG, SHORTEST};
use edit::Edit;

use crate::{
    Mode, brand,
    fold::Glyph,
    hiding::{Becomes, Hiding},
    luhn,
    mode::digest,
    number::{self, Spelled},
    reject,
    sad::{self, chip, code, track},
};

/// Bytes before a place that may count for it.
pub(crate) const BEFORE: usize = 128;
/// Bytes behind the digits that may count for them: a digest's, a track's.
pub(crate) const BEHIND: usize = 160;
/// What is known of a value beside itself.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Evidence {
    /// Only the value: brand, length, check digit and grouping must all fit.
    Value,
    /// A name says that it is a card number: every 12 digits and more are hidden.
    Card,
}

/// What digits turned out to be.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Judged {
    Card,
    /// Either the brand or the check digit fits.
    Half,
    No,
}

/// Looks through text for what must be hidden.
pub(crate) struct Scanner {
    evidence: Evidence,
    hiding: Hiding,
    chain: Chain,
    /// In the order found; some may be there twice.
    pub edits: Vec<Edit>,
    pub pans: u64,
    pub sad: u64,
    /// Card numbers that were found and stay.
    pub shown: u64,
    /// Keyed digests of the numbers found, if there is a key.
    pub digests: BTreeSet<String>,
    /// A number was found where none may leave in any form.
    pub blocked: bool,
    /// End of the last number counted, so that overlapping readings count once.
    counted: usize,
    /// Where the last number ended.
    last: Option<usize>,
    /// The chain that begins here goes on from one before.
    joined: Option<usize>,
    /// In the midst of digits that are too many for any number.
    running: bool,
}

impl Scanner {
    pub(crate) fn new(evidence: Evidence, hiding: Hiding) -> Self {
        Self {
            evidence,
            hiding,
            chain: Chain::default(),
            edits: Vec::new(),
            pans: 0,
            sad: 0,
            shown: 0,
            digests: BTreeSet::new(),
            blocked: false,
            counted: 0,
            last: None,
            joined: None,
            running: false,
        }
    }

    /// Makes ready for another text.
    pub(crate) fn restart(&mut self, evidence: Evidence, hiding: &Hiding) {
        (self.evidence, self.counted, self.last, self.joined) = (evidence, 0, None, None);
        (self.running, self.blocked) = (false, false);
        self.hiding.clone_from(hiding);
    }

    /// Looks on from byte `from` up to `until`, or as far behind it as a number reaches that begins before it. `open`:
    /// there may be more text than `bytes`. Returns the place before which all is decided.
    pub(crate) fn scan(&mut self, bytes: &[u8], from: usize, until: usize, open: bool) -> usize {
        let mut at = from;
        while at < until {
            if self.running {
                at = self.pass_over(bytes, at, open);
                if self.running {
                    return at;
                }
            }
            let Some(start) = screen::next(bytes.get(..until).unwrap_or(bytes), at) else { return until };
            let next = match bytes.get(start) {
                Some(b'0'..=b'9') => self.digits(bytes, start, open),
                _ if open && bytes.len() - start < spelling::LONGEST => None,
                _ => match spelling::read(bytes, start) {
                    (Glyph::Digit(_), _) => self.long_way(bytes, start, open),
                    (_, width) => Some(start + width.max(1)),
                },
            };
            match next {
                Some(next) => at = next,
                None => return start,
            }
        }
        at
    }

    /// Whether what comes next may be more digits of a number that is too long.
    pub(crate) fn is_amid_digits(&self) -> bool {
        self.running
    }

    /// The text behind byte `from` has moved `by` bytes to the front.
    pub(crate) fn move_back(&mut self, by: usize) {
        self.counted = self.counted.saturating_sub(by);
        self.last = self.last.and_then(|last| last.checked_sub(by));
        self.joined = self.joined.and_then(|joined| joined.checked_sub(by));
        for edit in &mut self.edits {
            edit.at = edit.at.start.saturating_sub(by)..edit.at.end.saturating_sub(by);
        }
    }

    /// Digits that begin at `start`. `None`: more text is needed to tell.
    fn digits(&mut self, bytes: &[u8], start: usize, open: bool) -> Option<usize> {
        let rest = bytes.get(start..).unwrap_or_default();
        let length = rest.iter().take(OVERLONG).take_while(|byte| byte.is_ascii_digit()).count();
        let end = start + length;
        let ends = match bytes.get(end) {
            None if open => return None,
            None => true,
            // What stands between digits, or may be a digit itself, or has to do with how they are read.
            Some(b' ' | b'-' | b'.' | b'_' | b'/') => chain::is_alone(bytes, &(start..end), open),
            Some(b'\n' | b'\r' | b'\t' | b'+' | b'%' | b'&' | b'\\' | b'e' | b'E') => false,
            Some(byte) => *byte < 0x80 && length < OVERLONG,
        };
        if let Some(decided) = self.block(bytes, start..end, open) {
            return decided;
        }
        if !ends {
            // The last letter of a name, so to speak: `CVV2 123`.
            let name = length == 1 && code::is_numbered(bytes, start);
            return if name { Some(end) } else { self.long_way(bytes, start, open) };
        }
        if length >= SHORTEST {
            if length > LONGEST || chip::may_be(bytes, &(start..end)) {
                return self.long_way(bytes, start, open);
            }
            if !is_sure(bytes, end, open) {
                return None;
            }
            let joined = self.joined == Some(start);
            self.plain(bytes, start..end, joined);
        } else if code::LENGTHS.contains(&length) && !self.code(bytes, start..end, length, open) {
            return None;
        }
        Some(end)
    }

    /// Digits on their own, without any memory asked for.
    fn plain(&mut self, bytes: &[u8], at: Range<usize>, joined: bool) {
        let mut values = [0; LONGEST];
        let Some(run) = bytes.get(at.clone()) else { return };
        let Some(values) = values.get_mut(..run.len()) else { return };
        for (value, byte) in values.iter_mut().zip(run) {
            *value = byte - b'0';
        }
        if self.evidence == Evidence::Card {
            self.accept(bytes, &at, values, track::track(bytes, &at));
            return self.hiding.hide(values, at, None, &mut self.edits);
        }
        let mut judged = self.accepts(bytes, &at, values, true, !joined, false);
        if judged == Judged::Half {
            judged = self.accepts(bytes, &at, values, true, !joined, true);
        }
        if judged == Judged::Card {
            self.hiding.hide(values, at.clone(), None, &mut self.edits);
        }
        // What else they may be: an encoded quote and digits, a chip's tag and digits.
        let Some(front) = front(bytes, &at, values) else { return };
        let (at, values) = (at.start + front..at.end, values.get(front..).unwrap_or_default());
        if values.len() >= SHORTEST && self.accepts(bytes, &at, values, true, false, false) == Judged::Card {
            self.hiding.hide(values, at, None, &mut self.edits);
        }
    }

    /// Digits with something between them, in other scripts, escaped, or many.
    fn long_way(&mut self, bytes: &[u8], start: usize, open: bool) -> Option<usize> {
        let mut links = Links::new(bytes, start, open);
        let (mut digits, mut end, mut first, mut last) = (0, start, (0, start..start), start..start);
        while let Some(digit) = links.next() {
            if digits == 0 || first.1.end == digit.at.start {
                first = (first.0 + 1, first.1.start..digit.at.end);
            }
            last = if last.end == digit.at.start { last.start..digit.at.end } else { digit.at.clone() };
            digits += 1;
            end = digit.at.end;
            if digits > SHORTEST {
                break;
            }
        }
        if links.cut {
            return None;
        }
        let exponent = matches!(bytes.get(end), Some(b'e' | b'E'));
        let (length, run) = first;
        let glued = matches!(bytes.get(run.end), Some(b'-' | b'.' | b'/' | b'_'))
            && bytes.get(run.end + 1).is_some_and(u8::is_ascii_digit);
        let named = !glued && code::LENGTHS.contains(&length);
        if digits < SHORTEST {
            if named && !self.code(bytes, run.clone(), length, open) {
                return None;
            }
            if exponent && digits >= MANTISSA {
                self.exponent(bytes, start..end, open)?;
            }
            if last.start > run.start && !self.ending(bytes, last, open) {
                return None;
            }
            return Some(end.max(start + 1));
        }
        self.chain.read(bytes, start, open, self.evidence == Evidence::Card);
        let end = self.chain.end();
        if self.chain.cut || !is_sure(bytes, end, open) {
            return None;
        }
        if named && !self.code(bytes, run, length, open) {
            return None;
        }
        if self.evidence == Evidence::Card {
            self.hide_as_card(bytes);
            return Some(end);
        }
        if matches!(bytes.get(end), Some(b'e' | b'E')) {
            self.exponent(bytes, start..end, open)?;
        }
        let alone = self.joined != Some(start) && !follows_star(bytes, start);
        let chip = self.chip(bytes);
        let groups = self.chain.undecided().filter(|_| self.chain.more).unwrap_or(self.chain.groups.len());
        self.judge_chain(bytes, groups, alone);
        if self.chain.overlong {
            self.running = true;
        } else if self.chain.more {
            let next = self.chain.groups.get(groups).map(|group| group.digits.start);
            let next = next.and_then(|digit| self.chain.places.get(digit)).map(|place| place.start);
            self.joined = next;
            return next.or(Some(end));
        } else if let Some(group) = self.chain.groups.last().filter(|group| group.gap != chain::Gap::None)
            && let Some(run) = self.chain.bytes(&group.digits)
            && !self.ending(bytes, run, open)
        {
            return None;
        }
        Some(chip.unwrap_or(end))
    }

    /// Goes past digits that are too many for any number.
    fn pass_over(&mut self, bytes: &[u8], from: usize, open: bool) -> usize {
        let mut at = from;
        loop {
            match bytes.get(at) {
                Some(b'0'..=b'9') => at += 1,
                None if open => return at,
                Some(0x80.. | b'%' | b'&' | b'\\') if open && bytes.len() - at < spelling::LONGEST => return at,
                _ => match spelling::read(bytes, at) {
                    (Glyph::Digit(_) | Glyph::Invisible, width) => at += width,
                    _ => {
                        self.running = false;
                        return at;
                    }
                },
            }
        }
    }

    /// Judges `digits` of the chain, and hides them if they are a card number. `named`: it is enough that either the
    /// brand or the check digit fits, if a word in front says so.
    fn judge(&mut self, bytes: &[u8], digits: Range<usize>, single: bool, named: bool) -> Judged {
        let Some(at) = self.chain.bytes(&digits) else { return Judged::No };
        let mut values = [0; LONGEST];
        let Some(values) = values.get_mut(..digits.len()) else { return Judged::No };
        values.copy_from_slice(self.chain.values.get(digits.clone()).unwrap_or_default());
        let first = digits.start == 0 && self.joined != Some(at.start);
        let judged = self.accepts(bytes, &at, values, single, first, named);
        if judged == Judged::Card {
            self.hide(&digits);
        }
        judged
    }

    /// Hides the digits that do not stay of the number `digits` of the chain.
    fn hide(&mut self, digits: &Range<usize>) {
        let (Some(at), Some(values)) = (self.chain.bytes(digits), self.chain.values.get(digits.clone())) else {
            return;
        };
        self.hiding.hide(values, at, self.chain.places.get(digits.clone()), &mut self.edits);
    }

    /// Whether the digits `values` at bytes `at` are a card number. Track data behind it is hidden here, the number
    /// itself by the caller. `single`: nothing stands between them; `first`: no digit stands before them; `named`: see
    /// [`Self::judge`].
    fn accepts(
        &mut self,
        bytes: &[u8],
        at: &Range<usize>,
        values: &[u8],
        single: bool,
        first: bool,
        named: bool,
    ) -> Judged {
        let (issued, checked) = (brand::issues(values), luhn::valid(values));
        let whole = issued && checked;
        let framed = !whole && framed(bytes, at);
        if !whole && !framed {
            match (issued || checked, named) {
                (false, _) => return Judged::No,
                (true, false) => return Judged::Half,
                (true, true) if !label::is_card(bytes, at.start) => return Judged::No,
                (true, true) => {}
            }
        }
        if !framed && reject::shape(bytes, first, at, values.len(), single, self.last.unwrap_or_default()) {
            return Judged::No;
        }
        self.accept(bytes, at, values, track::track(bytes, at));
        Judged::Card
    }

    fn accept(&mut self, bytes: &[u8], at: &Range<usize>, values: &[u8], track: Option<track::Track>) {
        if let Some(track) = track {
            let before = self.edits.len();
            self.edits.extend(sad::readable(bytes, track.data).map(Edit::star));
            self.sad += u64::from(self.edits.len() > before);
        }
        let shown = self.hiding.shows(values.len());
        if at.start >= self.counted {
            let count = if shown { &mut self.shown } else { &mut self.pans };
            *count += 1;
            self.counted = at.end;
        }
        self.last = Some(at.end);
        self.blocked |= !shown && self.hiding.mode == Mode::Block;
        if let Some(key) = &self.hiding.key {
            self.digests.insert(digest(key, values));
        }
    }

    fn hide_as_card(&mut self, bytes: &[u8]) {
        let all = 0..self.chain.values.len();
        let Some(at) = self.chain.bytes(&all) else { return };
        let values = std::mem::take(&mut self.chain.values);
        let shown = self.hiding.shown;
        // Several groups that are no card number together may be one and its code.
        self.hiding.shown &=
            self.chain.groups.len() == 1 || self.is_one_number() && brand::issues(&values) && luhn::valid(&values);
        self.accept(bytes, &at, &values, track::track(bytes, &at));
        self.chain.values = values;
        self.hide(&all);
        self.hiding.shown = shown;
    }

    /// A card number spelled with an exponent, as spreadsheets do: `at` are its digits up to the `e`.
    fn exponent(&mut self, bytes: &[u8], at: Range<usize>, open: bool) -> Option<()> {
        /// Longest exponent with its letter and sign.
        const LONGEST: usize = 6;
        if open && bytes.len() < at.end + LONGEST {
            return None;
        }
        let tail = bytes.get(at.end..).unwrap_or_default();
        let sign = usize::from(matches!(tail.get(1), Some(b'+' | b'-')));
        let digits = tail.iter().skip(1 + sign).take(3).take_while(|byte| byte.is_ascii_digit()).count();
        // What stands before its one point belongs to another number.
        let other =
            bytes.get(at.clone()).unwrap_or_default().iter().rposition(|byte| !matches!(byte, b'0'..=b'9' | b'.'));
        let at = other.map_or(at.start, |other| at.start + other + 1)..at.end;
        let mantissa = bytes.get(at.clone()).unwrap_or_default().iter().filter(|byte| **byte != b'.').count();
        if mantissa < MANTISSA {
            return Some(());
        }
        let whole = at.start..at.end + 1 + sign + digits;
        let before = at.start.checked_sub(1).and_then(|before| bytes.get(before));
        let text = bytes.get(whole.clone()).and_then(|text| std::str::from_utf8(text).ok());
        if let Some(text) = text
            && (1..=2).contains(&digits)
            && !before.is_some_and(|byte| byte.is_ascii_alphanumeric() || *byte == b'.' || *byte >= 0x80)
            && !bytes.get(whole.end).is_some_and(u8::is_ascii_alphanumeric)
            && let Spelled::Card { sign, digits, .. } = number::spelled(text, self.evidence)
        {
            self.accept(bytes, &whole, &digits, None);
            if self.hiding.shows(digits.len()) {
                return Some(());
            }
            let masked = match self.hiding.number(&digits) {
                Becomes::Text(text) => text,
                Becomes::Null => String::new(),
                Becomes::Digits(digits) if self.hiding.mode == Mode::Fpe => number::text(&digits),
                Becomes::Same | Becomes::Digits(_) => self.hiding.starred(&digits),
            };
            self.edits.push(Edit::text(whole, format!("{sign}{masked}")));
        }
        Some(())
    }
}

/// Digits in front of a group that belong to what stands before it: `%224111…`, `\x224111…`, a chip's tag.
fn front(bytes: &[u8], at: &Range<usize>, values: &[u8]) -> Option<usize> {
    let before = bytes.get(..at.start)?;
    if before.ends_with(b"%") || before.ends_with(b"\\x") { Some(2) } else { track::tag(bytes, at, values) }
}

/// Whether the group of `last` digits that ends at `end` is what stays in front of a hidden number. A number in bold
/// type (`**…**`) has its stars elsewhere.
fn is_stub(bytes: &[u8], end: usize, last: usize) -> bool {
    let tail = bytes.get(end..).unwrap_or_default();
    let stars = tail.iter().take(LONGEST).take_while(|byte| **byte == b'*').count();
    let behind = tail.get(stars..).unwrap_or_default();
    let gap = behind.iter().take(3).take_while(|byte| matches!(byte, b' ' | b'-' | b'.' | b'_' | b'/')).count();
    let more = gap > 0 && behind.get(gap) == Some(&b'*');
    match stars {
        0 | 1 => false,
        2 => last == 2 && more,
        _ => behind.first().is_some_and(u8::is_ascii_digit) || last == 2 && more,
    }
}

/// Fewest digits before an exponent: `4.1e15` is a measure, not a card.
const MANTISSA: usize = 10;

/// Whether a start sentinel stands before the number and track data behind it, though its check digit fails.
fn framed(bytes: &[u8], at: &Range<usize>) -> bool {
    let before = at.start.checked_sub(1).and_then(|before| bytes.get(before));
    matches!(before, Some(b'B' | b'b' | b';')) && track::track(bytes, at).is_some_and(|track| track.framed)
}

/// Whether all is there that may count for digits that end at `end`.
fn is_sure(bytes: &[u8], end: usize, open: bool) -> bool {
    let reach = match bytes.get(end) {
        // Digests and UUIDs, tracks, exponents.
        Some(byte) if byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'^' | b'=' | b'%' | b'\\') => BEHIND,
        Some(_) => spelling::LONGEST,
        None => 1,
    };
    !open || bytes.len() >= end + reach
}

/// Whether what stands before is already hidden: what is left of it is no list's beginning.
fn follows_star(bytes: &[u8], at: usize) -> bool {
    let front = bytes.get(at.saturating_sub(4)..at).unwrap_or_default();
    front.iter().rev().find(|byte| !matches!(byte, b' ' | b'-' | b'.' | b'_' | b'/')) == Some(&b'*')
}

/// A text with something hidden in it.
pub(crate) struct Hidden {
    pub text: String,
    pub pans: u64,
    pub sad: u64,
}

/// `text`, a name of something, with what it holds hidden as if there were no rules. `None` if nothing had to be hidden.
pub(crate) fn mask(text: &str, evidence: Evidence) -> Option<Hidden> {
    let mut scanner = Scanner::new(evidence, Hiding::default());
    let _ = scanner.scan(text.as_bytes(), 0, text.len(), false);
    if scanner.edits.is_empty() {
        return None;
    }
    let mut out = Vec::with_capacity(text.len());
    edit::apply(text.as_bytes(), 0, text.len(), &mut scanner.edits, &mut out);
    // Whole characters went and ASCII came.
    let text = String::from_utf8(out).unwrap_or_default();
    Some(Hidden { text, pans: scanner.pans, sad: scanner.sad })
}

#[cfg(test)]
mod tests;
