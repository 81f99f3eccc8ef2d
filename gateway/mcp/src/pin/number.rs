//! A number as ECMAScript writes it (RFC 8785 §3.2.2.3).

use std::borrow::Cow;

/// As ECMAScript writes it, where a double holds just this number; else as it is written.
pub(super) fn canonical(written: &str) -> Cow<'_, str> {
    let double = written.parse::<f64>().ok().filter(|double| double.is_finite());
    // Rust's is the shortest that reads as the same double, as ECMAScript's is.
    let shortest = double.and_then(|double| Decimal::of(&format!("{double:e}")));
    match (Decimal::of(written), shortest) {
        (Some(exact), Some(shortest)) if exact == shortest => Cow::Owned(exact.to_text()),
        _ => Cow::Borrowed(written),
    }
}

/// `0.DIGITS × 10^point`, without zeros at either end; no digits for zero, which has no sign.
#[derive(PartialEq, Eq)]
struct Decimal {
    negative: bool,
    digits: String,
    point: i64,
}

impl Decimal {
    /// `None` where the exponent is beyond any use.
    fn of(text: &str) -> Option<Self> {
        let (negative, text) = text.strip_prefix('-').map_or((false, text), |rest| (true, rest));
        let (mantissa, exponent) = text.split_once(['e', 'E']).unwrap_or((text, "0"));
        let (whole, fraction) = mantissa.split_once('.').unwrap_or((mantissa, ""));
        let all = format!("{whole}{fraction}");
        let leading = all.len() - all.trim_start_matches('0').len();
        let digits = all.trim_matches('0').to_owned();
        if digits.is_empty() {
            return Some(Self { negative: false, digits, point: 0 });
        }
        let shift = i64::try_from(whole.len()).ok()?.checked_sub(i64::try_from(leading).ok()?)?;
        Some(Self { negative, digits, point: exponent.parse::<i64>().ok()?.checked_add(shift)? })
    }

    /// `Number::toString` of ECMA-262; of a double's, the point is at most 309 places away.
    fn to_text(&self) -> String {
        let sign = if self.negative { "-" } else { "" };
        let digits = &self.digits;
        let count = digits.len() as i64;
        let zeros = |count: i64| "0".repeat(usize::try_from(count).unwrap_or_default());
        let at =
            |place: i64| digits.split_at_checked(usize::try_from(place).unwrap_or_default()).unwrap_or((digits, ""));
        match self.point {
            _ if digits.is_empty() => "0".to_owned(),
            point @ ..=21 if point >= count => format!("{sign}{digits}{}", zeros(point - count)),
            point @ 1..=21 => {
                let (whole, fraction) = at(point);
                format!("{sign}{whole}.{fraction}")
            }
            point @ -5..=0 => format!("{sign}0.{}{digits}", zeros(-point)),
            point => {
                let (first, rest) = at(1);
                let dot = if rest.is_empty() { "" } else { "." };
                format!("{sign}{first}{dot}{rest}e{:+}", point - 1)
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// RFC 8785 appendix B, and where its forms change.
    #[test]
    fn as_ecmascript_writes_it() {
        for (written, canonical_text) in [
            ("0", "0"),
            ("-0", "0"),
            ("-0.0e7", "0"),
            ("5e-324", "5e-324"),
            ("-5E-324", "-5e-324"),
            ("1.7976931348623157e308", "1.7976931348623157e+308"),
            ("9007199254740992", "9007199254740992"),
            ("295147905179352830000", "295147905179352830000"),
            ("9.999999999999997e22", "9.999999999999997e+22"),
            ("1e23", "1e+23"),
            ("1e21", "1e+21"),
            ("1e20", "100000000000000000000"),
            ("999999999999999900000", "999999999999999900000"),
            ("0.000001", "0.000001"),
            ("0.0000001", "1e-7"),
            ("333333333.3333332", "333333333.3333332"),
            ("-0.0000033333333333333333", "-0.0000033333333333333333"),
            ("1.0", "1"),
            ("100e-2", "1"),
            ("0.00150e3", "1.5"),
        ] {
            assert_eq!(canonical(written), canonical_text, "{written}");
        }
    }

    #[test]
    fn what_no_double_holds_stays() {
        for written in [
            "12345678901234567890123",
            "12345678901234567890124",
            "9007199254740993",
            "1e400",
            "0.1000000000000000000001",
            "1e99999999999999999999",
        ] {
            assert_eq!(canonical(written), written);
        }
    }

    proptest! {
        #[test]
        fn every_double_comes_back(bits in any::<u64>()) {
            let double = f64::from_bits(bits);
            prop_assume!(double.is_finite());
            let text = canonical(&format!("{double:e}")).into_owned();
            prop_assert_eq!(text.parse::<f64>().ok(), Some(double));
            prop_assert_eq!(canonical(&text), text.as_str());
        }

        #[test]
        fn one_text_for_one_number(digits in "[1-9][0-9]{0,14}", zeros in 1usize..4, shift in 0usize..6) {
            // Of fewer than 16 digits a double has each.
            let padded = format!("{digits}.{}", "0".repeat(zeros));
            prop_assert_eq!(canonical(&padded), digits.as_str());
            let shifted = format!("{digits}{}e-{shift}", "0".repeat(shift));
            prop_assert_eq!(canonical(&shifted), digits.as_str());
        }
    }
}
