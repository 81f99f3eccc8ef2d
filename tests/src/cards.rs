//! Card numbers that exist nowhere (test ranges), Luhn-valid.

pub const VISA: &str = "4111111111111111";
pub const VISA_MASKED: &str = "411111******1111";
pub const MASTERCARD: &str = "5555555555554444";
pub const AMEX: &str = "378282246310005";

/// The number in a row that the Snowflake double makes up.
pub fn made(index: usize) -> String {
    let body = format!("411111{index:09}");
    let check = (0..10).map(|check| format!("{body}{check}")).find(|number| luhn(number));
    check.expect("one of ten digits is right")
}

pub fn luhn(digits: &str) -> bool {
    let doubled = |digit: u32| if digit > 4 { digit * 2 - 9 } else { digit * 2 };
    let digits = digits.bytes().rev().map(|byte| u32::from(byte - b'0')).enumerate();
    let sum: u32 = digits.map(|(place, digit)| if place % 2 == 1 { doubled(digit) } else { digit }).sum();
    sum.is_multiple_of(10)
}

/// One of sixteen digits as the masker shows it.
pub fn masked(pan: &str) -> String {
    format!("{}******{}", &pan[..6], &pan[12..])
}
