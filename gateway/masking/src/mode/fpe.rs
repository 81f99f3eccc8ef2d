//! Format-preserving encryption of card numbers: FF1 (NIST SP 800-38G), radix 10, AES-256.
//!
//! The last four digits stay, and of the first six as many as leave six to encrypt, FF1's smallest domain. What stays
//! is the tweak. The result must fail Luhn, and no two card numbers may share one, so plain walking until it fails would
//! not do (a number and the first step of its walk would end alike). Instead:
//! 1. a number that passes Luhn has its last encrypted digit raised by one (9 becomes 0), so that it fails;
//! 2. FF1 is applied once, and again while the result passes Luhn: cycle-walking inside the numbers that fail.
//!
//! To decrypt, apply FF1's inverse once, and again while the result passes Luhn; then lower that digit by one. If the
//! number passes Luhn now, it is the card number; if not, it was one that failed Luhn, and step 1 had not changed it. (Of
//! numbers that never passed Luhn, one in nine is read as its neighbour.) The AES key is HMAC-SHA-256 under the
//! operator's secret of the eight bytes 0, 0, 0, 0, 0, 0, 0, 3 and then `ff1`.

use std::ops::Range;

use ::fpe::ff1::FlexibleNumeralString;

use crate::{Key, luhn};

/// Fewest digits that are encrypted: 10^6 numbers.
const FEWEST: usize = 6;
const LAST: usize = 4;
/// Steps of a walk. Each goes on with a chance of one in ten.
const STEPS: usize = 64;

/// `digits` (values 0 to 9) with the middle encrypted. `None` under 12 digits, and where a walk would not end, so that
/// the caller hides the number whole.
pub(crate) fn fpe(key: &Key, digits: &[u8]) -> Option<Vec<u8>> {
    let middle = encrypted(digits.len())?;
    let tweak = [digits.get(..middle.start)?, digits.get(middle.end..)?].concat();
    let mut number = digits.to_vec();
    if luhn::valid(&number) {
        let last = number.get_mut(middle.clone())?.last_mut()?;
        *last = (*last + 1) % 10;
    }
    for _ in 0..STEPS {
        let clear: Vec<u16> = number.get(middle.clone())?.iter().copied().map(u16::from).collect();
        let cipher = key.ff1()?.encrypt(&tweak, &FlexibleNumeralString::from(clear)).ok()?;
        for (digit, cipher) in number.get_mut(middle.clone())?.iter_mut().zip(Vec::<u16>::from(cipher)) {
            *digit = u8::try_from(cipher).ok()?;
        }
        if !luhn::valid(&number) {
            return Some(number);
        }
    }
    None
}

/// The places that are encrypted in a number of `length` digits.
fn encrypted(length: usize) -> Option<Range<usize>> {
    let first = length.checked_sub(LAST + FEWEST).filter(|first| *first >= 2)?.min(6);
    Some(first..length - LAST)
}

#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::indexing_slicing)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn key() -> Key {
        Key::new("k1", vec![7; 32]).unwrap()
    }

    /// As the module says it is done.
    fn decrypt(key: &Key, cipher: &[u8]) -> Vec<u8> {
        let middle = encrypted(cipher.len()).unwrap();
        let tweak = [&cipher[..middle.start], &cipher[middle.end..]].concat();
        let mut number = cipher.to_vec();
        loop {
            let clear: Vec<u16> = number[middle.clone()].iter().copied().map(u16::from).collect();
            let clear = key.ff1().unwrap().decrypt(&tweak, &FlexibleNumeralString::from(clear)).unwrap();
            for (digit, clear) in number[middle.clone()].iter_mut().zip(Vec::<u16>::from(clear)) {
                *digit = clear as u8;
            }
            if !luhn::valid(&number) {
                break;
            }
        }
        let failing = number.clone();
        number[middle.end - 1] = (number[middle.end - 1] + 9) % 10;
        if luhn::valid(&number) { number } else { failing }
    }

    /// The last of the encrypted digits makes it pass Luhn.
    fn passing(mut digits: Vec<u8>) -> Vec<u8> {
        let place = digits.len() - LAST - 1;
        while !luhn::valid(&digits) {
            digits[place] = (digits[place] + 1) % 10;
        }
        digits
    }

    #[test]
    fn what_stays() {
        let number: Vec<u8> = passing((0..16).map(|digit| digit % 10).collect());
        for length in [16, 17, 18, 19] {
            let digits = passing([&number[..], &[1, 2, 3][..length - 16]].concat());
            let cipher = fpe(&key(), &digits).unwrap();
            assert_eq!((&cipher[..6], &cipher[length - 4..]), (&digits[..6], &digits[length - 4..]));
        }
        for (length, first) in [(12, 2), (13, 3), (14, 4), (15, 5)] {
            assert_eq!(encrypted(length), Some(first..length - 4));
        }
        assert_eq!(encrypted(11), None);
        assert_eq!(fpe(&key(), &[4; 11]), None);
        assert_eq!(fpe(&key(), &[10; 16]), None, "no digits");
    }

    #[test]
    fn no_two_numbers_of_a_range_share_one() {
        let mut seen = std::collections::BTreeSet::new();
        let mut count = 0;
        for middle in 0..5_000u32 {
            let mut digits = vec![4, 1, 1, 1, 1, 1];
            digits.extend(format!("{middle:06}").bytes().map(|byte| byte - b'0'));
            digits.extend([1, 1, 1, 1]);
            if luhn::valid(&digits) {
                count += 1;
                assert!(seen.insert(fpe(&key(), &digits).unwrap()));
            }
        }
        assert_eq!(seen.len(), count);
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(200))]
        #[test]
        fn fails_luhn_and_decrypts(digits in prop::collection::vec(0u8..10, 12..=19)) {
            let digits = passing(digits);
            let cipher = fpe(&key(), &digits).unwrap();
            prop_assert!(!luhn::valid(&cipher));
            prop_assert_eq!(&cipher, &fpe(&key(), &digits).unwrap());
            prop_assert_eq!(decrypt(&key(), &cipher), digits);
        }

        #[test]
        fn numbers_that_fail_luhn_stay_failing(digits in prop::collection::vec(0u8..10, 12..=19)) {
            prop_assert!(!luhn::valid(&fpe(&key(), &digits).unwrap()));
        }
    }
}
