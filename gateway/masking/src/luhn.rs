//! The check digit of card numbers (ISO/IEC 7812-1, annex B).

/// Whether `digits` (values 0 to 9) pass. No digits do not.
pub(crate) fn valid(digits: &[u8]) -> bool {
    /// What a digit in an even place counts: doubled, and the digits of that added.
    const DOUBLED: [u8; 10] = [0, 2, 4, 6, 8, 1, 3, 5, 7, 9];
    let (first, pairs) = digits.as_rchunks::<2>();
    let doubled = |digit: u8| DOUBLED.get(usize::from(digit)).copied().map_or(0, u32::from);
    let sum: u32 = pairs.iter().map(|[left, right]| doubled(*left) + u32::from(*right)).sum();
    let first = first.first().copied().map_or(0, u32::from);
    !digits.is_empty() && (sum + first).is_multiple_of(10)
}

/// [`valid`], of digits as [`crate::scan::lone::Lone`] has them: eight to a word, the last one in the last byte.
#[inline(always)]
pub(crate) fn valid_words(words: [u64; 3]) -> bool {
    const PAIRS: u64 = 0x00ff_00ff_00ff_00ff;
    const ONES: u64 = 0x0001_0001_0001_0001;
    let sums = |word: u64| {
        let (doubled, single) = (word & PAIRS, (word >> 8) & PAIRS);
        // Twice a digit less nine is, but for a ten, twice it and one: so from five on.
        doubled * 2 + (((doubled + 0x7b * ONES) >> 7) & ONES) + single
    };
    let [front, middle, last] = words;
    ((sums(front) + sums(middle) + sums(last)).wrapping_mul(ONES) >> 48).is_multiple_of(10)
}

#[cfg(test)]
#[allow(clippy::indexing_slicing)]
mod tests {
    use super::*;

    fn digits(text: &str) -> Vec<u8> {
        text.bytes().map(|byte| byte - b'0').collect()
    }

    #[test]
    fn known_numbers() {
        for good in ["4111111111111111", "378282246310005", "79927398713", "0"] {
            assert!(valid(&digits(good)), "{good}");
        }
        for bad in ["4111111111111112", "378282246310006", "79927398710", "1", ""] {
            assert!(!valid(&digits(bad)), "{bad}");
        }
    }

    #[test]
    fn any_single_changed_digit_is_noticed() {
        let number = digits("5555555555554444");
        for place in 0..number.len() {
            for digit in 0..10 {
                let mut other = number.clone();
                other[place] = digit;
                assert_eq!(valid(&other), digit == number[place]);
            }
        }
    }
}
