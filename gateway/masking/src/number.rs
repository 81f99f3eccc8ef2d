//! Card numbers that are numbers.

use crate::{
    brand,
    hiding::{Becomes, Hiding},
    luhn,
    scan::{
        Evidence,
        chain::{LONGEST, SHORTEST},
    },
};

/// Most digits of any integer that a carrier holds exactly (Decimal256 has 76).
const WIDEST: usize = 76;

/// Masks an integer of up to 19 digits, more under [`Evidence::Card`]; it stays one. `None`: no change.
pub(crate) fn integer(value: u128, evidence: Evidence, hiding: &Hiding) -> Option<u128> {
    // Nearly every number of a result ends here.
    if value < 10u128.pow(SHORTEST as u32 - 1) || evidence == Evidence::Value && value >= 10u128.pow(LONGEST as u32) {
        return None;
    }
    let mut digits = [0; 39];
    let length = value.checked_ilog10()? as usize + 1;
    let digits = digits.get_mut(..length)?;
    match u64::try_from(value) {
        Ok(mut rest) => digits.iter_mut().rev().for_each(|digit| {
            *digit = (rest % 10) as u8;
            rest /= 10;
        }),
        Err(_) => {
            let mut rest = value;
            digits.iter_mut().rev().for_each(|digit| {
                *digit = (rest % 10) as u8;
                rest /= 10;
            });
        }
    }
    match is_card(digits, evidence).then(|| hiding.zeroed(digits))? {
        Becomes::Digits(digits) => Some(digits.iter().fold(0, |value, digit| value * 10 + u128::from(*digit))),
        _ => None,
    }
}

fn is_card(digits: &[u8], evidence: Evidence) -> bool {
    digits.len() >= SHORTEST
        && match evidence {
            Evidence::Value => digits.len() <= LONGEST && brand::issues(digits) && luhn::valid(digits),
            Evidence::Card => true,
        }
}

/// What a number spelled in decimal holds.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Spelled<'a> {
    /// Not a decimal number.
    No,
    /// Nothing to hide.
    Clean,
    /// Its integer part is a card number; `fraction` are the digits after the point, empty if there was an exponent.
    Card { sign: &'a str, digits: Vec<u8>, fraction: &'a str },
}

/// Reads `-12.50e3` and the like; the card number, if any, is the integer part.
pub(crate) fn spelled(text: &str, evidence: Evidence) -> Spelled<'_> {
    let Some(parts) = Parts::read(text) else { return Spelled::No };
    let Some(digits) = parts.integer() else { return Spelled::Clean };
    if !is_card(&digits, evidence) {
        return Spelled::Clean;
    }
    let fraction = if parts.exponent == 0 { parts.fraction } else { "" };
    Spelled::Card { sign: parts.sign, digits, fraction }
}

/// The decimal digits of a number.
pub(crate) fn digits(value: u128) -> Vec<u8> {
    value.to_string().bytes().map(|byte| byte - b'0').collect()
}

/// Digits as text.
pub(crate) fn text(digits: &[u8]) -> String {
    digits.iter().map(|digit| char::from(b'0' + digit % 10)).collect()
}

struct Parts<'a> {
    sign: &'a str,
    whole: &'a str,
    fraction: &'a str,
    exponent: i32,
}

impl<'a> Parts<'a> {
    fn read(text: &'a str) -> Option<Self> {
        let unsigned = text.strip_prefix(['-', '+']).unwrap_or(text);
        let sign = if text.starts_with('-') { "-" } else { "" };
        let (mantissa, exponent) = match unsigned.split_once(['e', 'E']) {
            Some((mantissa, exponent)) => {
                let bare = exponent.strip_prefix(['-', '+']).unwrap_or(exponent);
                if bare.is_empty() || !bare.bytes().all(|byte| byte.is_ascii_digit()) {
                    return None;
                }
                // An exponent out of range is no card number's.
                (mantissa, exponent.parse().unwrap_or(i32::MAX / 2))
            }
            None => (unsigned, 0),
        };
        let (whole, fraction) = mantissa.split_once('.').unwrap_or((mantissa, ""));
        let digits = |text: &str| text.bytes().all(|byte| byte.is_ascii_digit());
        ((!whole.is_empty() || !fraction.is_empty()) && digits(whole) && digits(fraction)).then_some(Self {
            sign,
            whole,
            fraction,
            exponent,
        })
    }

    /// The digits of the integer part, if it has 12 to 76.
    fn integer(&self) -> Option<Vec<u8>> {
        let mantissa = || self.whole.bytes().chain(self.fraction.bytes());
        let zeros = mantissa().take_while(|byte| *byte == b'0').count();
        let length = i64::try_from(self.whole.len()).ok()? + i64::from(self.exponent) - i64::try_from(zeros).ok()?;
        let length = usize::try_from(length).ok().filter(|length| (SHORTEST..=WIDEST).contains(length))?;
        let digits = mantissa().skip(zeros).chain(std::iter::repeat(b'0'));
        Some(digits.take(length).map(|byte| byte - b'0').collect())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn integers() {
        assert_eq!(integer(4_111_111_111_111_111, Evidence::Value, &Hiding::default()), Some(4_111_110_000_001_111));
        assert_eq!(integer(4_111_110_000_001_111, Evidence::Value, &Hiding::default()), None);
        assert_eq!(integer(4_111_111_111_111_112, Evidence::Value, &Hiding::default()), None);
        assert_eq!(integer(4_111_111_111_111_112, Evidence::Card, &Hiding::default()), Some(4_111_110_000_001_112));
        assert_eq!(integer(1_700_000_000_000, Evidence::Value, &Hiding::default()), None);
        assert_eq!(integer(12345, Evidence::Card, &Hiding::default()), None);
        assert!(integer(u128::MAX, Evidence::Card, &Hiding::default()).is_some());
        assert_eq!(integer(u128::MAX, Evidence::Value, &Hiding::default()), None);
    }

    #[test]
    fn spellings_of_one_number() {
        let masked = |text| match spelled(text, Evidence::Value) {
            Spelled::Card { sign, digits, fraction } => format!("{sign}{}.{fraction}", super::text(&digits)),
            other => format!("{other:?}"),
        };
        assert_eq!(masked("4111111111111111"), "4111111111111111.");
        assert_eq!(masked("-4111111111111111"), "-4111111111111111.");
        assert_eq!(masked("4111111111111111.00"), "4111111111111111.00");
        assert_eq!(masked("4.111111111111111e15"), "4111111111111111.");
        assert_eq!(masked("4.111111111111111E+15"), "4111111111111111.");
        assert_eq!(masked("411111111111111100e-2"), "4111111111111111.");
        assert_eq!(masked("0.004111111111111111e18"), "4111111111111111.");
        assert_eq!(masked("0004111111111111111"), "4111111111111111.");
        for clean in ["0", "1.5", "52.4111111111111111", "1e999999999999", "1e-999999999999", "4111111111111112", "0e0"]
        {
            assert_eq!(masked(clean), "Clean", "{clean}");
        }
        for no in ["", "-", ".", "e5", "1e", "1.2.3", "x", "1e5x", "４111111111111111", "NaN", "inf"] {
            assert_eq!(masked(no), "No", "{no}");
        }
    }
}
