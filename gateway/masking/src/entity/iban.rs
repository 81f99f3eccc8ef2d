//! International bank account numbers (ISO 13616): the country's length and the check digits must fit (ISO 7064, mod
//! 97-10). Written in one piece or in groups of four.

use std::ops::Range;

use super::Kind;

pub(super) const KIND: Kind = Kind { find, whole: |_| false, canonical };

/// Adds the account numbers in `text`.
pub(crate) fn find(text: &str, found: &mut Vec<Range<usize>>) {
    let mut from = 0;
    for (start, pair) in text.as_bytes().windows(4).enumerate() {
        let [a, b, c, d] = pair else { continue };
        let begins = a.is_ascii_alphabetic() && b.is_ascii_alphabetic() && c.is_ascii_digit() && d.is_ascii_digit();
        if begins
            && start >= from
            && let Some(end) = at(text, start)
        {
            found.push(start..end);
            from = end;
        }
    }
}

/// The end of the account number that starts at byte `start` and stands alone.
pub(crate) fn at(text: &str, start: usize) -> Option<usize> {
    let rest = text.get(start..)?;
    let country = rest.as_bytes().first_chunk::<2>()?;
    let length = length(country.map(|letter| letter.to_ascii_uppercase()))?;
    if text.get(..start)?.ends_with(char::is_alphanumeric) {
        return None;
    }
    let (mut check, mut head, mut read, mut grouped) = (0, 0, 0, false);
    let mut chars = rest.char_indices().peekable();
    while read < length {
        let (_, c) = chars.next()?;
        let value = c.is_ascii().then(|| c.to_digit(36)).flatten()?;
        // The first four count last.
        match read {
            0..4 => head = append(head, value),
            _ => check = append(check, value),
        }
        read += 1;
        if read % 4 == 0 && read < length {
            let gap = chars.next_if(|(_, c)| matches!(c, ' ' | '\u{a0}' | '\u{202f}')).is_some();
            grouped |= gap;
            if grouped != gap {
                return None;
            }
        }
    }
    let end = chars.peek().map_or(text.len(), |(at, _)| start + at);
    let alone = !chars.peek().is_some_and(|(_, c)| c.is_alphanumeric());
    (alone && joined(check, rest, head)? % 97 == 1).then_some(end)
}

/// `value` (a letter counts 10 to 35) behind `number`, of which the remainder is kept.
fn append(number: u32, value: u32) -> u32 {
    (number * if value > 9 { 100 } else { 10 } + value) % 97
}

/// The four characters in front, read behind all others.
fn joined(check: u32, rest: &str, head: u32) -> Option<u32> {
    let letters = rest.chars().take(2).filter(char::is_ascii_alphabetic).count();
    let digits = u32::try_from(4 + letters).ok()?;
    Some((check * (10u32.pow(digits) % 97) + head) % 97)
}

/// How many characters a country's numbers have, from the registry of ISO 13616.
fn length(country: [u8; 2]) -> Option<usize> {
    Some(match &country {
        b"NO" => 15,
        b"BE" => 16,
        b"DK" | b"FI" | b"FK" | b"FO" | b"GL" | b"NL" | b"SD" => 18,
        b"MK" | b"SI" => 19,
        b"AT" | b"BA" | b"EE" | b"KZ" | b"LT" | b"LU" | b"MN" | b"XK" => 20,
        b"CH" | b"HR" | b"LI" | b"LV" => 21,
        b"BG" | b"BH" | b"CR" | b"DE" | b"GB" | b"GE" | b"IE" | b"ME" | b"RS" | b"VA" => 22,
        b"AE" | b"GI" | b"IL" | b"IQ" | b"OM" | b"SO" | b"TL" => 23,
        b"AD" | b"CZ" | b"ES" | b"MD" | b"PK" | b"RO" | b"SA" | b"SE" | b"SK" | b"TN" | b"VG" => 24,
        b"LY" | b"PT" | b"ST" => 25,
        b"IS" | b"TR" => 26,
        b"BI" | b"DJ" | b"FR" | b"GR" | b"IT" | b"MC" | b"MR" | b"SM" => 27,
        b"AL" | b"AZ" | b"BY" | b"CY" | b"DO" | b"GT" | b"HN" | b"HU" | b"LB" | b"NI" | b"PL" | b"SV" => 28,
        b"BR" | b"EG" | b"PS" | b"QA" | b"UA" => 29,
        b"JO" | b"KW" | b"MU" | b"YE" => 30,
        b"MT" | b"SC" => 31,
        b"LC" => 32,
        b"RU" => 33,
        _ => return None,
    })
}

fn canonical(text: &str) -> Vec<u8> {
    text.bytes().filter(u8::is_ascii_alphanumeric).map(|byte| byte.to_ascii_uppercase()).collect()
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use proptest::prelude::*;

    use super::super::{
        Entity,
        tests::{found, noise},
    };
    use super::*;

    #[test]
    fn account_numbers() {
        for iban in [
            "DE89370400440532013000",
            "DE89 3704 0044 0532 0130 00",
            "de89 3704 0044 0532 0130 00",
            "GB82WEST12345698765432",
            "GB82 WEST 1234 5698 7654 32",
            "FR14 2004 1010 0505 0001 3M02 606",
            "NO93 8601 1117 947",
            "MT84MALT011000012345MTLCAST001S",
            "CH93 0076 2011 6238 5295 7",
            "NL91\u{a0}ABNA\u{a0}0417\u{a0}1643\u{a0}00",
        ] {
            assert_eq!(found(&Entity::Iban, iban), [iban]);
            assert_eq!(found(&Entity::Iban, &format!("IBAN:{iban}, BIC")), [iban]);
            assert_eq!(at(iban, 0), Some(iban.len()));
        }
        let two = "DE89370400440532013000 GB82WEST12345698765432";
        assert_eq!(found(&Entity::Iban, two).len(), 2);
    }

    #[test]
    fn decoys() {
        for text in [
            "DE88370400440532013000",
            "DE8937040044053201300",
            "DE893704004405320130000",
            "XDE89370400440532013000",
            "DE89370400440532013000X",
            "ZZ89370400440532013000",
            "DE89 37040044 0532 0130 00",
            "DE89-3704-0044-0532-0130-00",
            "DE89 3704 0044 0532 013000",
            "DE",
            "DE89",
            "4111111111111111",
        ] {
            assert!(found(&Entity::Iban, text).is_empty(), "{text}");
        }
    }

    #[test]
    fn one_changed_digit_is_noticed() {
        let iban = "DE89370400440532013000";
        for place in 2..iban.len() {
            for digit in "0123456789".chars().filter(|digit| iban.chars().nth(place) != Some(*digit)) {
                let mut other = iban.to_owned();
                other.replace_range(place..=place, &digit.to_string());
                assert_eq!(at(&other, 0), None, "{other}");
            }
        }
    }

    proptest! {
        #[test]
        fn any_place_is_taken(text in noise(), start in 0usize..99) {
            if let Some(end) = at(&text, start) {
                prop_assert!(text.get(start..end).is_some());
            }
        }
    }
}
