//! Whether a text still shows a number, however it is written there.

use super::spelling::{INVISIBLE, separates, value};

/// So many digits in a row of a card number give it away: no more than the first six or the last four may be read.
const TELLING: usize = 10;

/// Every digit as ASCII; what separates the digits of one number dropped, all else a bar.
pub fn joined(text: &str) -> String {
    fold(text, |character| if separates(character) { None } else { Some('|') })
}

/// The same, but what separates is a bar too: each run of digits for itself.
pub fn runs(text: &str) -> String {
    fold(text, |_| Some('|'))
}

fn fold(text: &str, other: impl Fn(char) -> Option<char>) -> String {
    text.chars().filter(|c| !INVISIBLE.contains(c)).filter_map(|c| value(c).or_else(|| other(c))).collect()
}

/// In a text that is [`joined`]: the whole number, ten digits of it in a row, or all that masking hides (from six on,
/// where that cannot be chance).
pub fn shows_pan(joined: &str, digits: &str) -> bool {
    let telling = (0..=digits.len() - TELLING).any(|start| joined.contains(&digits[start..start + TELLING]));
    let middle = &digits[6..digits.len() - 4];
    telling || middle.len() >= 6 && joined.contains(middle)
}

/// In a text that is [`joined`]: any six digits of the field in a row.
pub fn shows_track(joined: &str, digits: &str) -> bool {
    let width = digits.len().min(6);
    (0..=digits.len() - width).any(|start| joined.contains(&digits[start..start + width]))
}

/// In a text of [`runs`]: the code, standing alone.
pub fn shows_code(runs: &str, code: &str) -> bool {
    runs.split('|').any(|run| run == code)
}
