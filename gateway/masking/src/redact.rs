//! Which digits stay (first 6, last 4), and how a number that must stay a number is made harmless.

use crate::luhn;

/// How many leading digits stay of a number of `length` digits; the last four stay as well.
pub(crate) fn leading(length: usize) -> usize {
    // First 6 and last 4 of a 12-digit number would leave two to guess.
    if length >= 13 { 6 } else { length.saturating_sub(8) }
}

/// The places that are hidden in a number of `length` digits.
pub(crate) fn hidden(length: usize) -> std::ops::Range<usize> {
    leading(length)..length.saturating_sub(4)
}

/// Zeroes the hidden digits, so that the result fails Luhn: nobody takes it for a card, this crate included.
pub(crate) fn zero(digits: &mut [u8]) {
    let hidden = hidden(digits.len());
    if let Some(middle) = digits.get_mut(hidden.clone()) {
        middle.fill(0);
    }
    if luhn::valid(digits)
        && let Some(last) = digits.get_mut(hidden).and_then(<[u8]>::last_mut)
    {
        *last = 1;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn six_and_four_stay() {
        assert_eq!(hidden(16), 6..12);
        assert_eq!(hidden(15), 6..11);
        assert_eq!(hidden(13), 6..9);
        assert_eq!(hidden(12), 4..8);
    }

    #[test]
    fn zeroed_numbers_fail_luhn_and_stay_as_they_are() {
        for last in 0..10_000u16 {
            let mut digits = vec![4, 1, 1, 1, 1, 1, 9, 9, 9, 9, 9, 9];
            digits.extend([last / 1000, last / 100 % 10, last / 10 % 10, last % 10].map(|digit| digit as u8));
            zero(&mut digits);
            assert!(!luhn::valid(&digits));
            let once = digits.clone();
            zero(&mut digits);
            assert_eq!(digits, once);
        }
    }
}
