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
