//! Card numbers in chip data (EMV): tag 57 (track 2), its copy 9F6B, and tag 5A, as hexadecimal digits in one piece or in
//! pairs. Tag, length and number run into one another, so the tag is looked for before the digits are counted.

use std::ops::Range;

use crate::{
    brand, luhn, redact,
    scan::chain::{LONGEST, SHORTEST},
};

/// A card number among digits, and the track data behind it.
pub(crate) struct Found {
    /// Places among the digits.
    pub digits: Range<usize>,
    /// The bytes of what follows the number: empty with tag 5A.
    pub data: Range<usize>,
}

/// Most hexadecimal digits of track 2 in a chip (19 bytes).
const MOST: usize = 38;
/// Expiry and service code.
const FEWEST: usize = 7;

/// Whether chip data can be here at all: it costs one look.
pub(crate) fn may_be(bytes: &[u8], at: &Range<usize>) -> bool {
    let letter = |byte: Option<&u8>, letter: u8| byte.is_some_and(|byte| byte.eq_ignore_ascii_case(&letter));
    letter(bytes.get(at.end), b'd') || at.start.checked_sub(1).is_some_and(|before| letter(bytes.get(before), b'a'))
}

/// The card number among `values`, digits at `places`, if they are chip data.
pub(crate) fn number(bytes: &[u8], values: &[u8], places: &[Range<usize>]) -> Option<Found> {
    track_2(bytes, values, places).or_else(|| plain(bytes, values, places))
}

fn track_2(bytes: &[u8], values: &[u8], places: &[Range<usize>]) -> Option<Found> {
    let end = places.last()?.end;
    let mut nibbles = Nibbles { bytes, at: end };
    if nibbles.next()? != 13 {
        return None;
    }
    let start = nibbles.at;
    (SHORTEST..=LONGEST.min(values.len())).rev().find_map(|length| {
        let first = values.len() - length;
        let number = values.get(first..)?;
        let front = bytes.get(..places.get(first)?.start)?;
        let mut room = None;
        if let Some([5, 7, 1, low @ 0..=3]) = first.checked_sub(4).and_then(|tag| values.get(tag..first)) {
            room = Some(usize::from(16 + low) * 2);
        } else if first > 0 {
            let Some([1, low @ 0..=3]) = first.checked_sub(2).and_then(|tag| values.get(tag..first)) else {
                return None;
            };
            ends_with(bytes.get(..places.get(first - 2)?.start)?, b"6B").then_some(())?;
            room = Some(usize::from(16 + low) * 2);
        } else if let Some(nibble) = (10..16u32).find(|low| {
            let low = char::from_digit(*low, 16).unwrap_or('A').to_ascii_uppercase() as u8;
            ends_with(front, &[b'5', b'7', b'0', low]) || ends_with(front, &[b'6', b'B', b'0', low])
        }) {
            room = Some(usize::try_from(nibble).ok()? * 2);
        } else if front.last().is_some_and(u8::is_ascii_alphanumeric) {
            return None;
        }
        let whole = brand::issues(number) && luhn::valid(number);
        if !(whole || room.is_some()) || room.is_some_and(|room| room < length + 1 + FEWEST) {
            return None;
        }
        let data = data(bytes, start, room.unwrap_or(MOST) - length - 1, room.is_some())?;
        Some(Found { digits: first..values.len(), data: start..data })
    })
}

/// The end of the track data at `start`: expiry, service code, more digits, padding. `sized`: a length says how many.
fn data(bytes: &[u8], start: usize, most: usize, sized: bool) -> Option<usize> {
    let mut nibbles = Nibbles { bytes, at: start };
    let (mut count, mut padded, mut end) = (0, false, start);
    let mut head = [0; 4];
    while count < most {
        let Some(nibble) = nibbles.next() else { break };
        match nibble {
            0..=9 if !padded => {}
            15 => padded = true,
            _ => return None,
        }
        if let Some(slot) = head.get_mut(count) {
            *slot = nibble;
        }
        count += 1;
        end = nibbles.at;
    }
    let [_, _, tens, ones] = head;
    // Digits in another spelling go on, too.
    let escaped = matches!(bytes.get(end), Some(0x80..|b'%'| b'&' | b'\\'));
    let more = !sized && nibbles.next().is_some() || escaped;
    (count >= FEWEST && (1..=12).contains(&(tens * 10 + ones)) && !more).then_some(end)
}

/// Tag 5A: its length, the number, and `F` behind an odd one.
fn plain(bytes: &[u8], values: &[u8], places: &[Range<usize>]) -> Option<Found> {
    let front = bytes.get(..places.first()?.start)?;
    let (first, room) = match values {
        [0, length @ 6..=9, ..] if ends_with(front, b"5A") => (2, usize::from(*length) * 2),
        _ if ends_with(front, b"5A0A") => (0, 20),
        _ => return None,
    };
    let digits = if values.len() >= first + room { first..first + room } else { first..values.len() };
    let end = places.get(digits.end.checked_sub(1)?)?.end;
    let padded = digits.len() + 1 == room && Nibbles { bytes, at: end }.next() == Some(15);
    let number = values.get(digits.clone())?;
    let whole = brand::issues(number) && luhn::valid(number);
    (whole && (padded || digits.len() == room)).then_some(Found { digits, data: end..end })
}

/// The digits of `all` before and behind what is hidden, where they could be a number.
pub(crate) fn rests(found: &Found, all: usize) -> (Option<Range<usize>>, Option<Range<usize>>) {
    let hidden = redact::hidden(found.digits.len());
    let front = 0..found.digits.start + hidden.start;
    let back = found.digits.start + hidden.end..all;
    let fits = |rest: &Range<usize>| (SHORTEST..=LONGEST).contains(&rest.len());
    (Some(front).filter(fits), Some(back).filter(fits))
}

/// Whether a tag, a length and as many digits as the shortest number has stand in `hex`: no digest looks so.
pub(crate) fn has_number(hex: &[u8]) -> bool {
    hex.windows(4 + SHORTEST).any(|window| {
        let tagged = matches!(
            window,
            [b'5', b'A' | b'a', b'0', b'6'..=b'9', ..]
                | [b'5', b'7', b'1', b'0'..=b'3', ..]
                | [b'5', b'7', b'0', b'A'..=b'F' | b'a'..=b'f', ..]
        );
        tagged && window.iter().skip(4).all(u8::is_ascii_digit)
    })
}

/// Hexadecimal digits, with one separator at most between two.
struct Nibbles<'t> {
    bytes: &'t [u8],
    at: usize,
}

impl Iterator for Nibbles<'_> {
    type Item = u8;

    fn next(&mut self) -> Option<u8> {
        let separated = matches!(self.bytes.get(self.at), Some(b' ' | b'-' | b':'));
        let at = self.at + usize::from(separated);
        let nibble = char::from(*self.bytes.get(at)?).to_digit(16)?;
        self.at = at + 1;
        u8::try_from(nibble).ok()
    }
}

/// Whether the hexadecimal digits in front, separators aside, end so.
fn ends_with(front: &[u8], end: &[u8]) -> bool {
    let mut front = front.iter().rev().take(3 * end.len()).filter(|byte| !matches!(byte, b' ' | b'-' | b':'));
    end.iter().rev().all(|byte| front.next().is_some_and(|front| front.eq_ignore_ascii_case(byte)))
}
