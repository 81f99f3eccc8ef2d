//! A second look for card numbers, by other means than the masker's: what the masker overlooks, this need not.
//!
//! A number of 12 to 19 digits as an issuer gives them, with a good check digit, in one piece or grouped as on a card;
//! and the tracks of a magnetic stripe. Digests and ids are no numbers.

use std::ops::Range;

/// Where one is in a line, in bytes.
pub(crate) fn find(line: &[u8]) -> Option<Range<usize>> {
    let mut at = 0;
    while let Some(begin) = line.get(at..)?.iter().position(u8::is_ascii_digit).map(|skip| at + skip) {
        let run = Run::at(line, begin);
        if (run.is_card() || is_track(line, begin, &run)) && !run.is_in_hex(line) {
            return Some(begin..run.end);
        }
        at = run.first_group_end;
    }
    None
}

/// Digits, and single separators between groups of them.
struct Run {
    begin: usize,
    end: usize,
    digits: Vec<u8>,
    groups: Vec<usize>,
    first_group_end: usize,
}

/// Longest spelling that is looked at: 19 digits in groups.
const LONGEST: usize = 19;

impl Run {
    fn at(line: &[u8], begin: usize) -> Self {
        let mut run = Self { begin, end: begin, digits: Vec::new(), groups: Vec::new(), first_group_end: begin };
        let mut at = begin;
        loop {
            let rest = line.get(at..).unwrap_or_default();
            let group = rest.iter().take_while(|byte| byte.is_ascii_digit()).count();
            if run.groups.is_empty() {
                run.first_group_end = at + group;
            }
            if group == 0 || run.digits.len() + group > LONGEST {
                // A number that goes on is not one of its beginning.
                if group > 0 && run.groups.is_empty() {
                    run.end = at + group;
                }
                return run;
            }
            run.digits.extend(rest.iter().take(group).map(|digit| digit - b'0'));
            run.groups.push(group);
            run.end = at + group;
            let separator = separator(rest.get(group..).unwrap_or_default());
            if separator == 0 {
                return run;
            }
            at = run.end + separator;
        }
    }

    fn is_card(&self) -> bool {
        // Groups behind those of a card belong to something else.
        (1..=self.groups.len()).rev().any(|count| {
            let groups = self.groups.get(..count).unwrap_or_default();
            let length = groups.iter().sum();
            let digits = self.digits.get(..length).unwrap_or_default();
            is_grouping(groups) && is_issued(digits) && luhn(digits)
        })
    }

    /// Within a digest or an id in hex.
    fn is_in_hex(&self, line: &[u8]) -> bool {
        let hex = |byte: &&u8| matches!(byte, b'0'..=b'9' | b'a'..=b'f');
        let before = line.get(..self.begin).unwrap_or_default().iter().rev().take_while(hex).count();
        let behind = line.get(self.begin..).unwrap_or_default().iter().take_while(hex).count();
        matches!(before + behind, 32 | 40 | 56 | 64 | 96 | 128) && behind + before > self.digits.len()
    }
}

/// Bytes of one separator, or none.
fn separator(rest: &[u8]) -> usize {
    match rest {
        [b' ' | b'-' | b'.' | b'_' | b'/', ..] => 1,
        // No-break space.
        [0xc2, 0xa0, ..] => 2,
        // Narrow, thin, figure spaces and dashes.
        [0xe2, 0x80, 0xaf | 0x87 | 0x89 | 0x90..=0x95, ..] => 3,
        _ => 0,
    }
}

fn is_grouping(groups: &[usize]) -> bool {
    matches!(
        groups,
        [12..=19] | [4, 4, 4, 4] | [4, 4, 4, 4, 3] | [4, 6, 5] | [4, 6, 4] | [6, 13] | [4, 4, 4] | [4, 4, 5]
    )
}

fn luhn(digits: &[u8]) -> bool {
    let sum: u32 = digits
        .iter()
        .rev()
        .enumerate()
        .map(|(place, digit)| match (place % 2, u32::from(*digit) * 2) {
            (0, _) => u32::from(*digit),
            (_, doubled) if doubled > 9 => doubled - 9,
            (_, doubled) => doubled,
        })
        .sum();
    sum.is_multiple_of(10) && digits.iter().any(|digit| *digit != 0)
}

/// Prefixes of four digits and the lengths under them.
fn is_issued(digits: &[u8]) -> bool {
    let prefix = digits.iter().take(4).fold(0_u16, |prefix, digit| prefix * 10 + u16::from(*digit));
    match digits.len() {
        13 => matches!(prefix, 4000..=4999) || is_maestro(prefix),
        15 => matches!(prefix, 3400..=3499 | 3700..=3799) || is_maestro(prefix) || is_diners(prefix),
        14 => is_diners(prefix) || is_maestro(prefix),
        12 => is_maestro(prefix),
        16 => {
            matches!(prefix, 2200..=2204 | 2221..=2720 | 3528..=3589 | 4000..=4999 | 5018..=5099 | 5100..=5599
                | 6000..=6599 | 8100..=8299 | 9792)
                || is_maestro(prefix)
                || is_diners(prefix)
        }
        17..=19 => {
            matches!(prefix, 2200..=2204 | 3528..=3589 | 6011 | 6200..=6299 | 6360..=6369 | 6440..=6599 | 8100..=8199
                | 5060 | 5061 | 5078 | 5079)
                || (digits.len() == 19 && matches!(prefix, 4000..=4999))
                || is_maestro(prefix)
                || is_diners(prefix)
        }
        _ => false,
    }
}

fn is_maestro(prefix: u16) -> bool {
    matches!(prefix, 5018 | 5020 | 5038 | 5893 | 6304 | 6759 | 6761..=6763)
}

fn is_diners(prefix: u16) -> bool {
    matches!(prefix, 3000..=3059 | 3095 | 3600..=3699 | 3800..=3999)
}

/// Track 1 begins with `%B`, track 2 with `;`, both with the number, a separator and an expiry.
fn is_track(line: &[u8], begin: usize, run: &Run) -> bool {
    let before = line.get(..begin).unwrap_or_default();
    let after = line.get(run.first_group_end..).unwrap_or_default();
    let digits = run.first_group_end - begin;
    let expiry = |rest: &[u8]| rest.get(1..5).is_some_and(|four| four.iter().all(u8::is_ascii_digit));
    (12..=19).contains(&digits)
        && ((before.ends_with(b"%B") && after.starts_with(b"^"))
            || (before.ends_with(b";")
                && after.first().is_some_and(|byte| matches!(byte, b'=' | b'D'))
                && expiry(after)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn cards_are_found_however_they_are_spelled() {
        for line in [
            "4111111111111111",
            "a,4111 1111 1111 1111,b",
            "x4111-1111-1111-1111y",
            "378282246310005",
            "3782 822463 10005",
            "6011 1111 1111 1117",
            "4111\u{a0}1111\u{a0}1111\u{a0}1111",
            "\"pan\":5555555555554444}",
            "1 4111 1111 1111 1111",
            "%B4111111111111112^A/B^2512101",
            ";4111111111111112=25121010000?",
        ] {
            assert!(find(line.as_bytes()).is_some(), "{line}");
        }
    }

    #[test]
    fn what_is_no_card_is_not_one() {
        for line in [
            "",
            "411111******1111",
            "4111111111111112",
            "41111111111111111111",
            "2026-03-01T09:00:02.000000001Z",
            "s-01900000411111111111111100000001",
            "4111 1111-11 111111",
            "1741111111111",
            "18446744073709551615",
            "192.168.100.200",
            "0000000000000000",
        ] {
            assert_eq!(find(line.as_bytes()), None, "{line}");
        }
    }
}
