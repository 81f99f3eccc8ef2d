//! The check digit of card numbers (ISO/IEC 7812-1, annex B).

/// Whether `digits` (values 0 to 9) pass. No digits do not.
pub(crate) fn valid(digits: &[u8]) -> bool {
    let sum: u32 = digits
        .iter()
        .rev()
        .enumerate()
        .map(|(place, digit)| {
            let digit = u32::from(*digit);
            match (place % 2, digit) {
                (0, _) => digit,
                (_, 0..=4) => digit * 2,
                _ => digit * 2 - 9,
            }
        })
        .sum();
    !digits.is_empty() && sum.is_multiple_of(10)
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
