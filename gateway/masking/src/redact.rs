//! Which digits stay of a number: first 6, last 4.

/// How many leading digits stay of a number of `length` digits; the last four stay as well.
pub(crate) fn leading(length: usize) -> usize {
    // First 6 and last 4 of a 12-digit number would leave two to guess.
    if length >= 13 { 6 } else { length.saturating_sub(8) }
}

/// The places that are hidden in a number of `length` digits.
pub(crate) fn hidden(length: usize) -> std::ops::Range<usize> {
    leading(length)..length.saturating_sub(4)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn six_and_four_stay() {
        assert_eq!(hidden(16), 6..12);
        assert_eq!(hidden(15), 6..11);
        assert_eq!(hidden(13), 6..9);
        assert_eq!(hidden(12), 4..8);
    }
}
