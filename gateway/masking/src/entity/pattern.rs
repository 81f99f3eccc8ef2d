//! The operator's own patterns: regular expressions whose matches are short, so that a search takes linear time.

use std::ops::Range;

use regex::{Regex, RegexBuilder};

/// Longest match in bytes. Without a bound, looking for all matches could take quadratic time, and a stream would have
/// to hold back any amount of text.
const LONGEST: usize = 256;
/// Most memory of a compiled pattern, and of its search, in bytes.
const MEMORY: usize = 1 << 20;

/// A compiled pattern.
#[derive(Clone)]
pub(crate) struct Pattern(Regex);

/// Why a pattern cannot be used.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum PatternError {
    #[error("it cannot be read ({0}); use the syntax of the Rust regex crate")]
    Syntax(String),
    #[error("it matches empty text; let it match one character at least")]
    Empty,
    #[error("its match can be longer than 256 bytes; bound its repeats, {{1,40}} in place of + or *")]
    Long,
    #[error("it is too large; shorten it, or make word lists of its alternatives")]
    Large,
}

impl Pattern {
    pub(crate) fn new(regex: &str) -> Result<Self, PatternError> {
        let syntax = regex_syntax::ParserBuilder::new().nest_limit(50).build().parse(regex);
        let shape = syntax.map_err(|error| PatternError::Syntax(reason(&error)))?;
        if shape.properties().minimum_len().is_none_or(|length| length == 0) {
            return Err(PatternError::Empty);
        }
        if shape.properties().maximum_len().is_none_or(|length| length > LONGEST) {
            return Err(PatternError::Long);
        }
        let compiled = RegexBuilder::new(regex).size_limit(MEMORY).dfa_size_limit(MEMORY).nest_limit(50).build();
        compiled.map(Self).map_err(|_| PatternError::Large)
    }

    /// Adds the matches in `text`.
    pub(crate) fn find(&self, text: &str, found: &mut Vec<Range<usize>>) {
        found.extend(self.0.find_iter(text).map(|hit| hit.range()));
    }
}

/// What is wrong, in one line, without the drawing of where.
fn reason(error: &regex_syntax::Error) -> String {
    match error {
        regex_syntax::Error::Parse(error) => error.kind().to_string(),
        regex_syntax::Error::Translate(error) => error.kind().to_string(),
        other => other.to_string(),
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::indexing_slicing)]
mod tests {
    use proptest::prelude::*;

    use super::super::tests::{noise, well_formed};
    use super::*;

    #[test]
    fn matches() {
        let text = "E123456, E1234567 and E12345 for E654321";
        let mut found = Vec::new();
        Pattern::new(r"\bE[0-9]{6}\b").unwrap().find(text, &mut found);
        assert_eq!(found.iter().map(|range| &text[range.clone()]).collect::<Vec<_>>(), ["E123456", "E654321"]);
    }

    #[test]
    fn what_cannot_be_used() {
        let error = |regex: &str| Pattern::new(regex).err();
        assert_eq!(error("("), Some(PatternError::Syntax("unclosed group".to_owned())));
        assert!(matches!(error(r"(a)\1"), Some(PatternError::Syntax(_))));
        assert!(matches!(error("(?=a)"), Some(PatternError::Syntax(_))));
        for empty in ["", "a?", "a*", "^", r"\b", "x{0}", "[a&&b]"] {
            assert_eq!(error(empty), Some(PatternError::Empty), "{empty}");
        }
        for long in ["a+", "a{1,}", "a{257}", r"\w{65}", ".+@", "(ab{100}){3}"] {
            assert_eq!(error(long), Some(PatternError::Long), "{long}");
        }
        let large = (0..4_000).map(|place| format!(r"\w{place}\d")).collect::<Vec<_>>().join("|");
        assert_eq!(error(&large), Some(PatternError::Large));
        assert!(matches!(error(&"(".repeat(1_000)), Some(PatternError::Syntax(_))));
    }

    #[test]
    fn many_starts_take_linear_time() {
        let pattern = Pattern::new("[a-z]{1,200}!|[a-z]").unwrap();
        let start = std::time::Instant::now();
        pattern.find(&"a".repeat(200_000), &mut Vec::new());
        assert!(start.elapsed().as_secs() < 20);
    }

    proptest! {
        #[test]
        fn any_text_is_taken(text in noise()) {
            for regex in [r"E[0-9]{1,6}", r"\W{1,3}", r"(?i)é|ß", r"[^a]{2}"] {
                let mut found = Vec::new();
                Pattern::new(regex).unwrap().find(&text, &mut found);
                prop_assert!(well_formed(&text, &found));
            }
        }

        #[test]
        fn any_pattern_is_taken(regex in r"[a-z0-9().*+?\[\]{}|^$\\-]{0,24}", text in noise()) {
            if let Ok(pattern) = Pattern::new(&regex) {
                let mut found = Vec::new();
                pattern.find(&text, &mut found);
                prop_assert!(well_formed(&text, &found));
            }
        }
    }
}
