//! Shapes that are no card number, whatever their digits: UUIDs, digests, phone numbers, decimal fractions.
//!
//! Epoch times, ISBN and IMEI need no shape: no brand issues numbers that begin like them.

use std::ops::Range;

use crate::{entity::iban, sad::chip, scan::spelling};

/// Lengths of hexadecimal digests: MD5 and UUID, SHA-1, SHA-224, SHA-256, SHA-384, SHA-512.
const DIGESTS: [usize; 6] = [32, 40, 56, 64, 96, 128];
/// Most digits of an international phone number (ITU-T E.164).
const PHONE: usize = 15;
/// A UUID's characters, and where its dashes stand.
const UUID: usize = 36;
const DASHES: [usize; 4] = [8, 13, 18, 23];

/// Whether the `digits` digits at bytes `at` are something else. `first`: no digit of the same chain stands before them;
/// `single`: no separators between them.
/// `free`: what stands before it belongs to another number.
pub(crate) fn shape(bytes: &[u8], first: bool, at: &Range<usize>, digits: usize, single: bool, free: usize) -> bool {
    first && phone(bytes, at.start, digits)
        || single && (fraction(bytes, at) || at.len() == digits && digest(bytes, at, free))
        || uuid(bytes, at)
        || account(bytes, at)
}

/// Within a bank's account number (IBAN) whose check digits fit. One that begins too far away does not count, nor one
/// that ends too far behind.
fn account(bytes: &[u8], at: &Range<usize>) -> bool {
    /// 34 characters, and a separator of up to three bytes behind each four.
    const FRONT: usize = 34 + 8 * 3;
    const BEHIND: usize = spelling::LONGEST - 4;
    let front = bytes.get(at.start.saturating_sub(FRONT)..at.start).unwrap_or_default();
    let of_account = |byte: &&u8| byte.is_ascii_alphanumeric() || **byte == b' ' || **byte >= 0x80;
    let reach = front.iter().rev().take_while(of_account).count();
    if reach < 2 {
        return false;
    }
    // Two letters and two digits, which may be the number's own.
    let glued = front.last_chunk::<2>().is_some_and(|last| last.iter().all(u8::is_ascii_alphabetic));
    if !glued && !front.iter().any(u8::is_ascii_digit) {
        return false;
    }
    // With the character before it.
    let from = at.start - front.len().min(reach + 1);
    let to = bytes.len().min(at.end + BEHIND);
    let from =
        (from..at.start).find(|from| bytes.get(*from).is_none_or(|byte| byte & 0xc0 != 0x80)).unwrap_or(at.start);
    let window = bytes.get(from..to).unwrap_or_default();
    let window = match std::str::from_utf8(window) {
        Ok(window) => window,
        Err(error) => {
            window.get(..error.valid_up_to()).and_then(|text| std::str::from_utf8(text).ok()).unwrap_or_default()
        }
    };
    let begins = |text: &[u8; 4]| {
        let [a, b, c, d] = text;
        a.is_ascii_alphabetic() && b.is_ascii_alphabetic() && c.is_ascii_digit() && d.is_ascii_digit()
    };
    // The first byte of the window has what stands before it cut off.
    let first = usize::from(from > 0);
    (first..window.len()).take_while(|start| from + start <= at.start).any(|start| {
        let head = window.as_bytes().get(start..).and_then(|rest| rest.first_chunk::<4>());
        head.is_some_and(begins)
            && iban::at(window, start)
                .is_some_and(|end| from + end >= at.end && (end < window.len() || to == bytes.len()))
    })
}

/// `+` and up to 15 digits. A `+` behind a letter or digit is an encoded space or a sum.
fn phone(bytes: &[u8], start: usize, digits: usize) -> bool {
    digits <= PHONE
        && before(bytes, start, 1) == Some(b'+')
        && !before(bytes, start, 2).is_some_and(|byte| byte.is_ascii_alphanumeric())
}

/// The digits after a decimal point, also where those before it have been hidden.
fn fraction(bytes: &[u8], at: &Range<usize>) -> bool {
    match (before(bytes, at.start, 2), before(bytes, at.start, 1)) {
        (Some(b'0'..=b'9'), Some(b'.')) => true,
        (Some(b'*'), Some(b'.')) => before(bytes, at.start, 3) == Some(b'*'),
        _ => false,
    }
}

/// Within a hexadecimal run of a digest's length, with a letter of it right beside.
fn digest(bytes: &[u8], at: &Range<usize>, free: usize) -> bool {
    let beside = |byte: Option<&u8>| byte.is_some_and(|byte| byte.is_ascii_hexdigit());
    let next = bytes.get(at.end);
    if !beside(next) && !before(bytes, at.start, 1).is_some_and(|byte| byte.is_ascii_hexdigit()) {
        return false;
    }
    let longest = DIGESTS.into_iter().max().unwrap_or(0);
    let left = bytes.get(..at.start).unwrap_or_default();
    let right = bytes.get(at.end..).unwrap_or_default();
    let hex = |byte: &&u8| byte.is_ascii_hexdigit();
    let left_run = left.iter().rev().take(longest).take_while(hex).count();
    let right_run = right.iter().take(longest).take_while(hex).count();
    let open = |byte: Option<&u8>| !byte.is_some_and(|byte| byte.is_ascii_alphanumeric());
    let run = bytes.get(at.start - left_run..at.end + right_run).unwrap_or_default();
    free + left_run <= at.start
        && !chip::has_number(run)
        && DIGESTS.contains(&(left_run + at.len() + right_run))
        && open(left.iter().rev().nth(left_run))
        && open(right.get(right_run))
}

/// Within 8-4-4-4-12 hexadecimal digits.
pub(crate) fn uuid(bytes: &[u8], at: &Range<usize>) -> bool {
    let around = bytes.get(at.end.saturating_sub(UUID)..bytes.len().min(at.start + UUID)).unwrap_or_default();
    memchr::memchr(b'-', around).is_some()
        && (at.end.saturating_sub(UUID)..=at.start).any(|start| {
            let Some(text) = bytes.get(start..start + UUID) else { return false };
            let shaped = text
                .iter()
                .enumerate()
                .all(|(place, byte)| if DASHES.contains(&place) { *byte == b'-' } else { byte.is_ascii_hexdigit() });
            shaped
                && !before(bytes, start, 1).is_some_and(|byte| byte.is_ascii_alphanumeric())
                && !bytes.get(start + UUID).is_some_and(u8::is_ascii_alphanumeric)
        })
}

fn before(bytes: &[u8], at: usize, back: usize) -> Option<u8> {
    bytes.get(at.checked_sub(back)?).copied()
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    fn rejected(text: &str, number: &str) -> bool {
        let start = text.find(number).unwrap();
        shape(text.as_bytes(), true, &(start..start + number.len()), number.len(), true, 0)
    }

    #[test]
    fn each_shape_and_its_near_miss() {
        let number = "4111111111111111";
        let digest = format!("abcdefab{number}abcdefab");
        assert!(rejected(&digest, number));
        assert!(!rejected(&format!("{digest}a"), number), "33 hexadecimal digits are no digest");
        assert!(!rejected(&format!("ab{number}cd"), number), "glued to letters");
        assert!(rejected("lat 52.4222222222222", "4222222222222"));
        assert!(!rejected("nr.4222222222222", "4222222222222"));
        assert!(rejected("tel +4222222222222", "4222222222222"));
        assert!(!rejected("q=a+4222222222222", "4222222222222"));
        assert!(!rejected("+4111111111111111", number), "too long for a phone number");
        assert!(rejected("550e8400-e29b-41d4-a716-676100000006", "676100000006"));
        assert!(!rejected("550e8400-e29b-41d4-a716-676100000006a", "676100000006"));
        assert!(!rejected(number, number));
        assert!(rejected("to CH4441111111111111111.", "41111111111111111"));
        assert!(!rejected("to CH4541111111111111111.", "41111111111111111"));
    }
}
