//! Phone numbers: international (ITU-T E.164), North American, and national ones with their leading zero.
//!
//! Bare digits are none in text: ids look the same. A rule that names the column makes them one.

use std::ops::Range;

use super::{Kind, ascii_digits};
use crate::fold::{Glyph, glyph};

pub(super) const KIND: Kind = Kind { find, whole, canonical };

/// Digits of an international number with its country's code.
const INTERNATIONAL: std::ops::RangeInclusive<usize> = 8..=15;
/// Digits of a national number with its leading zero.
const NATIONAL: std::ops::RangeInclusive<usize> = 9..=12;
/// Separators between two digits: ") - ".
const GAP: usize = 3;

/// Digits with nothing between them.
struct Group {
    at: Range<usize>,
    digits: usize,
    /// The first two digits' values.
    lead: [u8; 2],
    /// What stands before it: the first separator that is no space, a space, or nothing.
    gap: Option<char>,
}

/// Adds the numbers in `text`.
pub(crate) fn find(text: &str, found: &mut Vec<Range<usize>>) {
    let mut at = 0;
    while let Some(start) = text.get(at..).and_then(|rest| rest.find(is_digit)) {
        let (groups, end) = chain(text, at + start);
        judge(text, &groups, found);
        at = end;
    }
}

fn is_digit(c: char) -> bool {
    matches!(glyph(c), Glyph::Digit(_))
}

/// The groups from byte `start` on that are apart by separators only, and where to look on.
fn chain(text: &str, start: usize) -> (Vec<Group>, usize) {
    let mut groups: Vec<Group> = Vec::new();
    let (mut gap, mut width, mut end) = (None, 0, text.len());
    for (at, c) in text.get(start..).unwrap_or_default().char_indices() {
        let (at, after) = (start + at, start + at + c.len_utf8());
        match (glyph(c), c) {
            (Glyph::Digit(value), _) => {
                match groups.last_mut().filter(|group| width == 0 && group.at.end == at) {
                    Some(group) => {
                        if let Some(second) = group.lead.get_mut(1).filter(|_| group.digits == 1) {
                            *second = value;
                        }
                        group.digits += 1;
                        group.at.end = after;
                    }
                    None => groups.push(Group { at: at..after, digits: 1, lead: [value, 0], gap }),
                }
                (gap, width) = (None, 0);
            }
            (Glyph::Separator, '_') => {
                end = at;
                break;
            }
            (Glyph::Separator, _) | (_, '(' | ')') if width < GAP => {
                let mark = if glyph(c) == Glyph::Separator && c.is_whitespace() { ' ' } else { c };
                gap = Some(gap.filter(|gap| *gap != ' ').unwrap_or(mark));
                width += 1;
            }
            _ => {
                end = at;
                break;
            }
        }
    }
    (groups, end)
}

fn judge(text: &str, groups: &[Group], found: &mut Vec<Range<usize>>) {
    // Behind a number the chain begins anew: hidden, it would be no part of it.
    let (mut from, mut begin) = (0, 0);
    while let Some(group) = groups.get(from) {
        let (first, rest) = (from == begin, groups.get(from..).unwrap_or_default());
        let before = text.get(..group.at.start).unwrap_or_default();
        let taken = if first && is_glued(before) { 0 } else { length(before, rest, first) };
        let last = rest.get(..taken).and_then(<[Group]>::last);
        if let Some(last) = last.filter(|last| !is_glued_after(text, last.at.end)) {
            found.push(group.at.start..last.at.end);
            begin = from + taken;
        }
        from += taken.max(1);
    }
}

/// How many groups at the start of `groups` are a phone number. `first`: nothing of the chain stands before them.
fn length(before: &str, groups: &[Group], first: bool) -> usize {
    let shape: Vec<usize> = groups.iter().take(8).map(|group| group.digits).collect();
    let lead = groups.first().map_or([0, 0], |group| group.lead);
    let begins = |place: usize| groups.get(place).is_some_and(|group| group.lead[0] >= 2);
    if first && before.ends_with('+') && lead[0] != 0 {
        return up_to(groups, 0);
    }
    if first && lead == [0, 0] && groups.len() > 1 {
        return up_to(groups, 2);
    }
    match shape.as_slice() {
        [1, 3, 3, 4, ..] if lead[0] == 1 && begins(1) && begins(2) && apart(groups, 4, first) => 4,
        [3, 3, 4, ..] if begins(0) && (begins(1) || before.ends_with('(')) && apart(groups, 3, first) => 3,
        [2, 2, 2, 2, 2] if first && is_national(lead) && same_gaps(groups, 5) => 5,
        [3..=5, more @ ..]
            if first
                && is_national(lead)
                && (1..=4).contains(&more.len())
                && more.iter().all(|digits| *digits >= 2)
                && NATIONAL.contains(&shape.iter().sum()) =>
        {
            shape.len()
        }
        _ => 0,
    }
}

/// The leading groups that fit into an international number; the first `prefix` digits do not count.
fn up_to(groups: &[Group], prefix: usize) -> usize {
    let (mut digits, mut taken) = (0, 0);
    for group in groups {
        digits += group.digits;
        if digits - prefix.min(digits) > *INTERNATIONAL.end() {
            break;
        }
        taken += 1;
    }
    let digits: usize = groups.iter().take(taken).map(|group| group.digits).sum();
    if INTERNATIONAL.contains(&digits.saturating_sub(prefix)) { taken } else { 0 }
}

/// A trunk's zero and an area.
fn is_national(lead: [u8; 2]) -> bool {
    lead[0] == 0 && lead[1] != 0
}

/// Whether the first `count` groups are not a part of something longer: what stands around them must differ from what
/// stands within.
fn apart(groups: &[Group], count: usize, first: bool) -> bool {
    let outer_before = if first { None } else { groups.first().and_then(|group| group.gap) };
    let outer_after = groups.get(count).and_then(|group| group.gap);
    let inner = groups.get(count - 1).and_then(|group| group.gap);
    let open = |outer: Option<char>| outer.is_none_or(|gap| gap == ' ' && inner != Some(' ') || gap == '(');
    open(outer_before) && open(outer_after)
}

fn same_gaps(groups: &[Group], count: usize) -> bool {
    let mut gaps = groups.iter().take(count).skip(1).map(|group| group.gap);
    let first = gaps.next().flatten();
    gaps.all(|gap| gap == first)
}

/// A letter, a comma's or a point's number, or a sum (`a+1`) stands before.
fn is_glued(before: &str) -> bool {
    let mut back = before.chars().rev();
    match back.next() {
        Some('+') => back.next().is_some_and(|c| c.is_alphanumeric() || matches!(c, '+' | '*')),
        Some('*' | '_' | '#' | '$' | '-' | '.') => true,
        Some(c) => c.is_alphanumeric(),
        None => false,
    }
}

fn is_glued_after(text: &str, end: usize) -> bool {
    text.get(end..)
        .unwrap_or_default()
        .chars()
        .next()
        .is_some_and(|c| c.is_alphanumeric() || matches!(c, '_' | '*' | '%'))
}

/// Seven digits or more and nothing but separators.
fn whole(text: &str) -> bool {
    let digits = text.chars().filter(|c| is_digit(*c)).count();
    (7..=*INTERNATIONAL.end()).contains(&digits)
        && text.chars().all(|c| matches!(glyph(c), Glyph::Digit(_) | Glyph::Separator) || matches!(c, '+' | '(' | ')'))
}

fn canonical(text: &str) -> Vec<u8> {
    let digits = ascii_digits(text);
    digits.strip_prefix(b"00").map_or(digits.clone(), <[u8]>::to_vec)
}

#[cfg(test)]
mod tests {
    use super::super::{Entity, tests::found};
    use super::*;

    #[test]
    fn numbers() {
        for phone in [
            "+49 1512 3456 7890",
            "+4915123456789",
            "+1 (555) 010-9999",
            "+44 20 7946 0958",
            "+81-3-1234-5678",
            "0044 7911 123456",
            "555-234-5678",
            "555.234.5678",
            "1-800-234-5678",
            "1 (555) 234-5678",
            "030 1234567",
            "0151-23456789",
            "020 7946 0958",
            "07911 123456",
            "06 12 34 56 78",
            "+４９ １５１ ２３４５６７８",
        ] {
            let number = phone.trim_start_matches('+');
            assert_eq!(found(&Entity::Phone, phone), [number]);
            assert_eq!(found(&Entity::Phone, &format!("Tel: {phone}, home")), [number]);
            assert_eq!(found(&Entity::Phone, &format!("\"{phone}\"")), [number]);
            assert!(whole(phone), "{phone}");
        }
        assert_eq!(found(&Entity::Phone, "call (555) 010-9999 now"), ["555) 010-9999"]);
        assert_eq!(found(&Entity::Phone, "555-234-5678 555-234-9999"), ["555-234-5678", "555-234-9999"]);
        assert_eq!(found(&Entity::Phone, "+49 30 123456 ext. 12"), ["49 30 123456"]);
        assert!(whole("5552345678") && whole("01701234567"));
    }

    #[test]
    fn decoys() {
        for text in [
            "5552345678",
            "+1234567",
            "+1234567890123456",
            "a+4915123456789",
            "2026-11-25",
            "2026-11-25 02:51:21",
            "25.11.2026 10:30",
            "01.12.2026 10:30",
            "01-12-2026",
            "192.168.100.200",
            "123-45-6789",
            "978-3-16-148410-0",
            "123-456-789-012",
            "555-234-5678-9",
            "1-555-234-5678-9",
            "550e8400-e29b-41d4-a716-446655440000",
            "4111 1111 1111 1111",
            "1,555,234,5678",
            "v555.234.5678",
            "0012345678901",
            "155-234-5678",
            "555-134-5678",
            "1 2 3 4 5 6 7 8 9 10 11",
        ] {
            assert!(found(&Entity::Phone, text).is_empty(), "{text}: {:?}", found(&Entity::Phone, text));
        }
        for text in ["123456", "1234567890123456", "12345678x", "", "-"] {
            assert!(!whole(text), "{text}");
        }
    }
}
