//! Social security numbers of the United States: `AAA-GG-SSSS`, of what is ever issued.

use std::ops::Range;

use super::{Kind, ascii_digits};

pub(super) const KIND: Kind = Kind { find, whole, canonical: ascii_digits };

/// Digits of the three groups.
const GROUPS: [usize; 3] = [3, 2, 4];

/// Adds the numbers in `text` that are written in groups.
pub(crate) fn find(text: &str, found: &mut Vec<Range<usize>>) {
    let (bytes, mut start) = (text.as_bytes(), 0);
    while start < bytes.len() {
        // The digits of a longer run are not looked at one by one.
        let run = digits(bytes, start);
        match (run == GROUPS[0]).then(|| at(text, start)).flatten() {
            Some(end) => {
                found.push(start..end);
                start = end;
            }
            None => start += run.max(1),
        }
    }
}

/// The end of the number that starts at byte `start`.
fn at(text: &str, start: usize) -> Option<usize> {
    let before = text.get(..start)?.chars().next_back();
    if before.is_some_and(|c| c.is_alphanumeric() || is_separator(c) && c != ' ' || c == '.' || c == '_') {
        return None;
    }
    let (mut at, mut values, mut gap) = (start, [0u32; 3], None);
    for (group, length) in GROUPS.into_iter().enumerate() {
        if group > 0 {
            let c = text.get(at..)?.chars().next().filter(|c| is_separator(*c))?;
            if *gap.get_or_insert(c) != c {
                return None;
            }
            at += c.len_utf8();
        }
        if digits(text.as_bytes(), at) != length {
            return None;
        }
        *values.get_mut(group)? = text.get(at..at + length)?.parse().ok()?;
        at += length;
    }
    let mut after = text.get(at..)?.chars();
    let next = after.next();
    let goes_on = next.is_some_and(|c| c.is_alphanumeric() || c == '_')
        || next.is_some_and(|c| is_separator(c) && c != ' ' || c == '.')
            && after.next().is_some_and(char::is_alphanumeric);
    (!goes_on && is_issued(values)).then_some(at)
}

/// Nine bare digits.
fn whole(text: &str) -> bool {
    let text = text.trim();
    let group = |range: Range<usize>| text.get(range).and_then(|group| group.parse::<u32>().ok());
    let values = (group(0..3), group(3..5), group(5..9));
    let bare = text.len() == 9 && text.bytes().all(|byte| byte.is_ascii_digit());
    bare && matches!(values, (Some(area), Some(group), Some(serial)) if is_issued([area, group, serial]))
}

fn is_issued([area, group, serial]: [u32; 3]) -> bool {
    area != 0 && area != 666 && area < 900 && group != 0 && serial != 0
}

fn is_separator(c: char) -> bool {
    matches!(c, '-' | ' ' | '\u{2010}' | '\u{2011}' | '\u{2013}')
}

/// How many ASCII digits stand at byte `start`.
fn digits(bytes: &[u8], start: usize) -> usize {
    bytes.get(start..).unwrap_or_default().iter().take_while(|byte| byte.is_ascii_digit()).count()
}

#[cfg(test)]
mod tests {
    use super::super::{Entity, tests::found};
    use super::*;

    #[test]
    fn numbers() {
        for ssn in ["078-05-1120", "899-99-9999", "001 01 0001", "123‑45‑6789"] {
            assert_eq!(found(&Entity::UsSsn, ssn), [ssn]);
            assert_eq!(found(&Entity::UsSsn, &format!("SSN: {ssn}.")), [ssn]);
            assert_eq!(found(&Entity::UsSsn, &format!("\"{ssn}\",")), [ssn]);
        }
        assert!(whole("078051120"));
        assert!(whole(" 078051120\n"));
    }

    #[test]
    fn decoys() {
        for text in [
            "000-12-3456",
            "666-12-3456",
            "900-12-3456",
            "123-00-4567",
            "123-45-0000",
            "123-45 6789",
            "123-45-67890",
            "1123-45-6789",
            "123-45-6789-1",
            "1-123-45-6789",
            "x123-45-6789",
            "123.45.6789",
            "123456789",
            "2026-01-1234",
            "123-45-678",
        ] {
            assert!(found(&Entity::UsSsn, text).is_empty(), "{text}");
        }
        for text in ["000123456", "12345678", "1234567890", "12345678x", "", "123-45-6789"] {
            assert!(!whole(text), "{text}");
        }
    }
}
