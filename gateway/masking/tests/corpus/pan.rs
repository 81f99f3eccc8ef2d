//! Card numbers by brand, prefix and length.

use super::{reading, rng::Rng};

/// Prefixes of equal width that a brand issues, and the lengths it issues them in.
#[derive(Clone, Copy)]
pub struct Range {
    pub brand: &'static str,
    first: u64,
    last: u64,
    pub lengths: &'static [usize],
}

const fn range(brand: &'static str, first: u64, last: u64, lengths: &'static [usize]) -> Range {
    Range { brand, first, last, lengths }
}

const LONG: &[usize] = &[16, 17, 18, 19];
const DINERS: &[usize] = &[14, 15, 16, 17, 18, 19];
const MAESTRO: &[usize] = &[12, 13, 14, 15, 16, 17, 18, 19];
const VERVE: &[usize] = &[16, 18, 19];

/// Elo, Verve and Troy by the six digits that they really issue within the table's four.
pub const RANGES: &[Range] = &[
    range("visa", 4, 4, &[13, 16, 19]),
    range("mastercard", 51, 55, &[16]),
    range("mastercard", 222_100, 272_099, &[16]),
    range("amex", 34, 34, &[15]),
    range("amex", 37, 37, &[15]),
    range("discover", 6011, 6011, LONG),
    range("discover", 644, 649, LONG),
    range("discover", 65, 65, LONG),
    range("discover", 622_126, 622_925, LONG),
    range("diners", 300, 305, DINERS),
    range("diners", 3095, 3095, DINERS),
    range("diners", 36, 36, DINERS),
    range("diners", 38, 39, DINERS),
    range("jcb", 3528, 3589, LONG),
    range("unionpay", 62, 62, LONG),
    range("unionpay", 81, 81, LONG),
    range("maestro", 5018, 5018, MAESTRO),
    range("maestro", 5020, 5020, MAESTRO),
    range("maestro", 5038, 5038, MAESTRO),
    range("maestro", 5893, 5893, MAESTRO),
    range("maestro", 6304, 6304, MAESTRO),
    range("maestro", 6759, 6759, MAESTRO),
    range("maestro", 6761, 6763, MAESTRO),
    range("mir", 2200, 2204, LONG),
    range("rupay", 60, 60, &[16]),
    range("rupay", 81, 82, &[16]),
    range("rupay", 508, 508, &[16]),
    range("rupay", 353, 353, &[16]),
    range("rupay", 356, 356, &[16]),
    range("elo", 506_699, 506_699, &[16]),
    range("elo", 509_000, 509_099, &[16]),
    range("elo", 636_368, 636_368, &[16]),
    range("elo", 650_031, 650_033, &[16]),
    range("verve", 506_099, 506_198, VERVE),
    range("verve", 507_865, 507_899, VERVE),
    range("verve", 650_002, 650_027, VERVE),
    range("troy", 979_200, 979_289, &[16]),
    range("dankort", 5019, 5019, &[16]),
    range("dankort", 4571, 4571, &[16]),
    range("interpayment", 636, 636, LONG),
];

/// Needs a name that says so: most numbers that begin with 1 are clocks.
pub const UATP: Range = range("uatp", 1, 1, &[15]);

/// A valid number of a range.
pub fn draw(rng: &mut Rng, range: &Range, length: usize) -> String {
    loop {
        let mut digits = rng.within(range.first, range.last).to_string();
        let rest = rng.digits(length - 1 - digits.len());
        digits.push_str(&rest);
        digits.push(check_digit(&digits));
        if !looks_masked(&digits) {
            return digits;
        }
    }
}

/// Half of all cards are Visa, Mastercard or Amex; in truth it is more.
fn common(rng: &mut Rng) -> Range {
    if rng.below(2) == 0 { rng.pick(&RANGES[..5]) } else { rng.pick(RANGES) }
}

/// Of any brand and length.
pub fn any(rng: &mut Rng) -> String {
    let range = common(rng);
    let length = rng.pick(range.lengths);
    draw(rng, &range, length)
}

/// Of any brand that issues this length, 15 digits being Amex.
pub fn of_length(rng: &mut Rng, length: usize) -> String {
    loop {
        let range = common(rng);
        if range.lengths.contains(&length) && (length != 15 || range.brand == "amex") {
            return draw(rng, &range, length);
        }
    }
}

/// A brand's prefix and length, but the check digit is wrong.
pub fn mistyped(rng: &mut Rng, length: usize) -> String {
    let mut digits = of_length(rng, length);
    let last = digits.pop().and_then(|digit| digit.to_digit(10)).unwrap();
    digits.push(char::from_digit((last + 1 + rng.below(9) as u32) % 10, 10).unwrap());
    digits
}

/// Passes Luhn, but no brand of the table begins with 7.
pub fn brandless(rng: &mut Rng, length: usize) -> String {
    let mut digits = format!("7{}", rng.digits(length - 2));
    digits.push(check_digit(&digits));
    digits
}

/// The digit that makes `digits` pass Luhn.
pub fn check_digit(digits: &str) -> char {
    let sum: u32 = digits
        .bytes()
        .rev()
        .enumerate()
        .map(|(place, byte)| match (u32::from(byte - b'0'), place % 2) {
            (digit, 0) => digit * 2 / 10 + digit * 2 % 10,
            (digit, _) => digit,
        })
        .sum();
    char::from_digit((10 - sum % 10) % 10, 10).unwrap()
}

pub fn luhn(digits: &str) -> bool {
    let (body, last) = digits.split_at(digits.len() - 1);
    last.starts_with(check_digit(body))
}

/// With its middle zeroed it would still read as itself: nobody could tell whether it was masked.
fn looks_masked(digits: &str) -> bool {
    let middle = digits.len() - 10;
    reading::shows_pan(&format!("{}{}{}", &digits[..6], "0".repeat(middle), &digits[6 + middle..]), digits)
}
