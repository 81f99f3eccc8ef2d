//! What stays of a value that is hidden.

mod fpe;
mod token;

use std::{fmt, ops::Range, str::FromStr};

use serde::{Deserialize, Serialize};

pub(crate) use fpe::fpe;
pub(crate) use token::{digest, is_token, token};

use crate::redact;

/// What stays of a value. The first four keep its length; places count digits, in entities with letters those too.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
#[non_exhaustive]
pub enum Mode {
    /// The first six and the last four (PCI DSS 3.4.1); of 12 digits the first and last four.
    #[default]
    First6Last4,
    /// The last four.
    Last4,
    /// The first eight and the last four of 16 digits and more; shorter ones as [`Mode::First6Last4`].
    Bin8Last4,
    /// Nothing but the length.
    Full,
    /// Nothing: a null, or empty text where there is none.
    Null,
    /// A keyed token; equal values in any spelling have equal tokens, so joins and groups work.
    Tokenize,
    /// A number of the same length which fails Luhn; the key's holder can decrypt it.
    Fpe,
    /// The whole answer is refused.
    Block,
}

/// No mode has this name.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("there is no mode {0:?}; use first6last4, last4, bin8last4, full, null, tokenize, fpe or block")]
pub struct UnknownMode(pub String);

impl Mode {
    pub const ALL: [Self; 8] = [
        Self::First6Last4,
        Self::Last4,
        Self::Bin8Last4,
        Self::Full,
        Self::Null,
        Self::Tokenize,
        Self::Fpe,
        Self::Block,
    ];

    /// As rules spell it.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::First6Last4 => "first6last4",
            Self::Last4 => "last4",
            Self::Bin8Last4 => "bin8last4",
            Self::Full => "full",
            Self::Null => "null",
            Self::Tokenize => "tokenize",
            Self::Fpe => "fpe",
            Self::Block => "block",
        }
    }

    /// Whether it takes a [`crate::Key`].
    pub fn needs_key(self) -> bool {
        matches!(self, Self::Tokenize | Self::Fpe)
    }

    /// Whether it makes sense for card numbers only.
    pub(crate) fn only_pan(self) -> bool {
        matches!(self, Self::Fpe | Self::Bin8Last4)
    }

    /// The one of two that gives less away.
    pub(crate) fn stricter(self, other: Self) -> Self {
        if other.strictness() > self.strictness() { other } else { self }
    }

    fn strictness(self) -> u8 {
        match self {
            Self::Bin8Last4 => 0,
            Self::First6Last4 => 1,
            Self::Fpe => 2,
            Self::Last4 => 3,
            Self::Tokenize => 4,
            Self::Full => 5,
            Self::Null => 6,
            Self::Block => 7,
        }
    }
}

/// The places that are hidden in a value of `length` places. All of them in the modes that put something else there.
pub(crate) fn hidden(mode: Mode, length: usize) -> Range<usize> {
    // Six and four of a short value are all of it. No card number is this short.
    const SHORT: usize = 8;
    let end = length.saturating_sub(4);
    match mode {
        _ if length < SHORT => 0..length,
        Mode::Last4 => 0..end,
        Mode::Bin8Last4 if length >= 16 => 8..end,
        Mode::First6Last4 | Mode::Bin8Last4 => redact::hidden(length),
        Mode::Full | Mode::Null | Mode::Tokenize | Mode::Fpe | Mode::Block => 0..length,
    }
}

impl fmt::Display for Mode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl FromStr for Mode {
    type Err = UnknownMode;

    fn from_str(text: &str) -> Result<Self, UnknownMode> {
        Self::ALL.into_iter().find(|mode| mode.as_str() == text).ok_or_else(|| UnknownMode(text.to_owned()))
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    #[test]
    fn names_are_the_same_everywhere() {
        for mode in Mode::ALL {
            assert_eq!(mode.to_string().parse(), Ok(mode));
            assert_eq!(serde_json::to_string(&mode).unwrap(), format!("\"{mode}\""));
        }
        assert_eq!(Mode::default(), Mode::First6Last4);
        assert!("First6Last4".parse::<Mode>().is_err());
    }

    #[test]
    fn places() {
        let cases = [
            (Mode::First6Last4, [4..8, 6..11, 6..12, 6..15]),
            (Mode::Last4, [0..8, 0..11, 0..12, 0..15]),
            (Mode::Bin8Last4, [4..8, 6..11, 8..12, 8..15]),
            (Mode::Full, [0..12, 0..15, 0..16, 0..19]),
            (Mode::Block, [0..12, 0..15, 0..16, 0..19]),
        ];
        for (mode, places) in cases {
            assert_eq!([12, 15, 16, 19].map(|length| hidden(mode, length)), places, "{mode}");
        }
    }

    #[test]
    fn some_of_any_value_is_hidden() {
        for mode in Mode::ALL {
            for length in 0..40 {
                let hidden = hidden(mode, length);
                assert!(hidden.end <= length);
                assert!(hidden.len() >= length.min(3), "{mode} of {length}");
            }
        }
    }

    #[test]
    fn the_stricter_gives_less_away() {
        assert_eq!(Mode::Last4.stricter(Mode::Bin8Last4), Mode::Last4);
        assert_eq!(Mode::Bin8Last4.stricter(Mode::Last4), Mode::Last4);
        assert!(Mode::ALL.into_iter().all(|mode| mode.stricter(Mode::Block) == Mode::Block));
    }
}
