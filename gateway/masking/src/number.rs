//! Card numbers that are numbers: the middle digits become zeros, the type and the count of digits stay.

use crate::{
    brand, luhn, redact,
    scan::{
        Evidence,
        chain::{LONGEST, SHORTEST},
    },
};

/// Most digits of any integer that a carrier holds exactly (Decimal256 has 76).
const WIDEST: usize = 76;

/// Masks an integer of up to 19 digits, more under [`Evidence::Card`]. `None`: no change.
pub(crate) fn integer(value: u128, evidence: Evidence) -> Option<u128> {
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
    zero(digits, evidence).then(|| digits.iter().fold(0, |value, digit| value * 10 + u128::from(*digit)))
}

/// Masks `digits` if they are a card number; `true` if that changed them.
fn zero(digits: &mut [u8], evidence: Evidence) -> bool {
    let is_card = match evidence {
        Evidence::Value => digits.len() <= LONGEST && brand::issues(digits) && luhn::valid(digits),
        Evidence::Card => true,
    };
    if digits.len() < SHORTEST || !is_card {
        return false;
    }
    let before: Vec<u8> = digits.to_vec();
    redact::zero(digits);
    before != digits
}

/// What a number spelled in decimal holds.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Spelled<'a> {
    /// Not a decimal number.
    No,
    /// Nothing to hide.
    Clean,
    /// `sign` and `whole` are the masked number; `fraction` the digits after the point, empty if there was an exponent.
    Masked { sign: &'a str, whole: String, fraction: &'a str },
}

/// Reads `-12.50e3` and the like; the card number, if any, is the integer part.
pub(crate) fn spelled(text: &str, evidence: Evidence) -> Spelled<'_> {
    let Some(parts) = Parts::read(text) else { return Spelled::No };
    let Some(mut digits) = parts.integer() else { return Spelled::Clean };
    if !zero(&mut digits, evidence) {
        return Spelled::Clean;
    }
    let whole = digits.iter().map(|digit| char::from(b'0' + digit)).collect();
    let fraction = if parts.exponent == 0 { parts.fraction } else { "" };
    Spelled::Masked { sign: parts.sign, whole, fraction }
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
        assert_eq!(integer(4_111_111_111_111_111, Evidence::Value), Some(4_111_110_000_001_111));
        assert_eq!(integer(4_111_110_000_001_111, Evidence::Value), None);
        assert_eq!(integer(4_111_111_111_111_112, Evidence::Value), None);
        assert_eq!(integer(4_111_111_111_111_112, Evidence::Card), Some(4_111_110_000_001_112));
        assert_eq!(integer(1_700_000_000_000, Evidence::Value), None);
        assert_eq!(integer(12345, Evidence::Card), None);
        assert!(integer(u128::MAX, Evidence::Card).is_some());
        assert_eq!(integer(u128::MAX, Evidence::Value), None);
    }

    #[test]
    fn spellings_of_one_number() {
        let masked = |text| match spelled(text, Evidence::Value) {
            Spelled::Masked { sign, whole, fraction } => format!("{sign}{whole}.{fraction}"),
            other => format!("{other:?}"),
        };
        assert_eq!(masked("4111111111111111"), "4111110000001111.");
        assert_eq!(masked("-4111111111111111"), "-4111110000001111.");
        assert_eq!(masked("4111111111111111.00"), "4111110000001111.00");
        assert_eq!(masked("4.111111111111111e15"), "4111110000001111.");
        assert_eq!(masked("4.111111111111111E+15"), "4111110000001111.");
        assert_eq!(masked("411111111111111100e-2"), "4111110000001111.");
        assert_eq!(masked("0.004111111111111111e18"), "4111110000001111.");
        assert_eq!(masked("0004111111111111111"), "4111110000001111.");
        for clean in ["0", "1.5", "52.4111111111111111", "1e999999999999", "1e-999999999999", "4111111111111112", "0e0"]
        {
            assert_eq!(masked(clean), "Clean", "{clean}");
        }
        for no in ["", "-", ".", "e5", "1e", "1.2.3", "x", "1e5x", "４111111111111111", "NaN", "inf"] {
            assert_eq!(masked(no), "No", "{no}");
        }
    }
}
