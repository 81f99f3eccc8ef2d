//! How people and programs write a card number: groups, separators, scripts, invisible characters.

use super::{pan, rng::Rng};

/// The groupings that cards bear.
pub const GROUPINGS: &[&[usize]] = &[&[4, 4, 4, 4], &[4, 6, 5], &[4, 6, 4], &[4, 4, 4, 4, 3], &[6, 13]];

pub const ASCII_SEPARATORS: &[&str] = &[".", "_", "/"];
/// More than one character, or a line's end.
pub const WIDE_SEPARATORS: &[&str] = &["  ", "   ", " - ", "\n", "\r\n", "-\n"];
pub const UNICODE_SEPARATORS: &[&str] = &[
    "\u{a0}", "\u{202f}", "\u{2009}", "\u{2007}", "\u{3000}", "\u{2010}", "\u{2011}", "\u{2012}", "\u{2013}",
    "\u{2014}", "\u{2015}", "\u{2212}",
];

/// Zero-width, soft hyphen, bidirectional marks.
pub const INVISIBLE: &[char] = &[
    '\u{200b}', '\u{200c}', '\u{200d}', '\u{2060}', '\u{feff}', '\u{ad}', '\u{200e}', '\u{200f}', '\u{61c}',
    '\u{202a}', '\u{202c}', '\u{202d}', '\u{2066}', '\u{2068}', '\u{2069}',
];

/// The zeros of decimal scripts; each has its ten digits in order.
pub const SCRIPTS: &[char] = &[
    '\u{ff10}',
    '\u{660}',
    '\u{6f0}',
    '\u{7c0}',
    '\u{966}',
    '\u{9e6}',
    '\u{a66}',
    '\u{ae6}',
    '\u{be6}',
    '\u{c66}',
    '\u{ce6}',
    '\u{d66}',
    '\u{e50}',
    '\u{ed0}',
    '\u{f20}',
    '\u{1040}',
    '\u{17e0}',
    '\u{1810}',
    '\u{1d7ce}',
    '\u{1d7d8}',
    '\u{1d7e2}',
    '\u{1d7ec}',
    '\u{1d7f6}',
    '\u{1e950}',
];

/// `digits` cut into `groups` and joined by `separator`.
pub fn grouped(digits: &str, groups: &[usize], separator: &str) -> String {
    let mut rest = digits;
    let mut parts = Vec::new();
    for width in groups {
        let (part, tail) = rest.split_at(*width);
        parts.push(part);
        rest = tail;
    }
    parts.join(separator)
}

/// A number of that grouping, and how it is written.
pub fn draw(rng: &mut Rng, groups: &[usize], separator: &str) -> (String, String) {
    let digits = pan::of_length(rng, groups.iter().sum());
    let written = grouped(&digits, groups, separator);
    (digits, written)
}

/// A number of any brand: in one piece, or with spaces or dashes as on a card.
pub fn everyday(rng: &mut Rng) -> (String, String) {
    if rng.below(2) == 0 {
        let digits = pan::any(rng);
        return (digits.clone(), digits);
    }
    let separator = rng.pick(&[" ", "-"]);
    let groups = rng.pick(&GROUPINGS[..4]);
    draw(rng, groups, separator)
}

/// In another script.
pub fn in_script(digits: &str, zero: char) -> String {
    digits
        .chars()
        .map(|digit| digit.to_digit(10).and_then(|value| char::from_u32(u32::from(zero) + value)).unwrap_or(digit))
        .collect()
}

/// What a decimal digit of any of [`SCRIPTS`] is worth.
pub fn value(digit: char) -> Option<char> {
    if digit.is_ascii_digit() {
        return Some(digit);
    }
    let zero =
        SCRIPTS.iter().rev().find(|zero| (u32::from(**zero)..u32::from(**zero) + 10).contains(&u32::from(digit)))?;
    char::from_digit(u32::from(digit) - u32::from(*zero), 10)
}

/// May stand between the digits of one number.
pub fn separates(character: char) -> bool {
    let listed = |list: &[&str]| list.iter().any(|text| text.contains(character));
    character == '-'
        || character == '\t'
        || listed(ASCII_SEPARATORS)
        || listed(WIDE_SEPARATORS)
        || listed(UNICODE_SEPARATORS)
}
