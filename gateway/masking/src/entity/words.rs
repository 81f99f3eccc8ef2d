//! The operator's word lists: whole words, in capitals or not.

use std::ops::Range;

use aho_corasick::AhoCorasick;

/// Longest word in bytes.
const LONGEST: usize = 256;
/// Most bytes of all words of a list: the automaton takes some hundred times as much.
const MOST: usize = 1 << 18;

/// A compiled list.
#[derive(Clone)]
pub(crate) struct Words(AhoCorasick);

/// Why a list cannot be used.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum WordsError {
    #[error("it has no words; add some, or take it out")]
    Empty,
    #[error("its word {0} is blank or longer than 256 bytes; take it out or shorten it")]
    Word(usize),
    #[error("it has more than 256 KiB of words; split it")]
    Large,
}

impl Words {
    /// Letters outside ASCII are told in capitals, in small letters, and as the list has them.
    pub(crate) fn new(list: &[String]) -> Result<Self, WordsError> {
        if list.is_empty() {
            return Err(WordsError::Empty);
        }
        if let Some(place) = list.iter().position(|word| word.trim().is_empty() || word.len() > LONGEST) {
            return Err(WordsError::Word(place + 1));
        }
        if list.iter().map(String::len).fold(0, usize::saturating_add) > MOST {
            return Err(WordsError::Large);
        }
        let spellings = list.iter().map(|word| word.trim()).flat_map(|word| {
            let cased = (!word.is_ascii()).then(|| [word.to_lowercase(), word.to_uppercase()]);
            std::iter::once(word.to_owned()).chain(cased.into_iter().flatten())
        });
        AhoCorasick::builder().ascii_case_insensitive(true).build(spellings).map(Self).map_err(|_| WordsError::Large)
    }

    /// Adds the words in `text`; of two that overlap, the one that begins first, and then the longer one.
    pub(crate) fn find(&self, text: &str, found: &mut Vec<Range<usize>>) {
        let hits = self.0.find_overlapping_iter(text).map(|hit| hit.range());
        let mut words: Vec<_> = hits.filter(|range| is_whole(text, range)).collect();
        words.sort_unstable_by_key(|range| (range.start, std::cmp::Reverse(range.end)));
        let mut from = 0;
        for word in words {
            if word.start >= from {
                from = word.end;
                found.push(word);
            }
        }
    }
}

/// Whether neither edge is inside a longer word.
fn is_whole(text: &str, at: &Range<usize>) -> bool {
    let (Some(before), Some(word), Some(after)) = (text.get(..at.start), text.get(at.clone()), text.get(at.end..))
    else {
        return false;
    };
    let joined = |left: &str, right: &str| left.chars().next_back().is_some_and(joins) && right.starts_with(joins);
    !joined(before, word) && !joined(word, after)
}

/// Letters and digits of scripts that put something between words: those of East Asia do not.
fn joins(c: char) -> bool {
    c.is_alphanumeric() && c < '\u{2e80}'
}

#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::indexing_slicing)]
mod tests {
    use proptest::prelude::*;

    use super::super::tests::{noise, well_formed};
    use super::*;

    fn words(list: &[&str]) -> Words {
        Words::new(&list.iter().map(|word| (*word).to_owned()).collect::<Vec<_>>()).unwrap()
    }

    fn found<'a>(list: &[&str], text: &'a str) -> Vec<&'a str> {
        let mut ranges = Vec::new();
        words(list).find(text, &mut ranges);
        ranges.into_iter().map(|range| &text[range]).collect()
    }

    #[test]
    fn whole_words_in_any_case() {
        let list = ["alpha", "Alpha Centauri", "c++", "Äpfel", "計画", " beta "];
        assert_eq!(found(&list, "ALPHA, alpha_1; alphabet; 1alpha"), ["ALPHA", "alpha"]);
        assert_eq!(found(&list, "alpha centauri alpha centauris"), ["alpha centauri", "alpha"]);
        assert_eq!(found(&list, "c++ c++x xc++"), ["c++", "c++"]);
        assert_eq!(found(&list, "äpfel ÄPFEL Äpfel äpfelé"), ["äpfel", "ÄPFEL", "Äpfel"]);
        assert_eq!(found(&list, "この計画は"), ["計画"]);
        assert_eq!(found(&list, "beta"), ["beta"]);
        assert!(found(&list, "").is_empty());
    }

    #[test]
    fn what_cannot_be_used() {
        let error = |list: &[&str]| Words::new(&list.iter().map(|word| (*word).to_owned()).collect::<Vec<_>>()).err();
        assert_eq!(error(&[]), Some(WordsError::Empty));
        assert_eq!(error(&["a", " "]), Some(WordsError::Word(2)));
        assert_eq!(error(&["x".repeat(257).as_str()]), Some(WordsError::Word(1)));
        assert_eq!(error(&vec!["x".repeat(200).as_str(); 2_000]), Some(WordsError::Large));
    }

    #[test]
    fn many_hits_take_linear_time() {
        let list: Vec<String> = (1..200).map(|length| "a".repeat(length)).collect();
        let start = std::time::Instant::now();
        Words::new(&list).unwrap().find(&"a".repeat(50_000), &mut Vec::new());
        assert!(start.elapsed().as_secs() < 20);
    }

    proptest! {
        #[test]
        fn any_text_is_taken(text in noise()) {
            let mut ranges = Vec::new();
            words(&["a", "ab", "1", "é", "ß", "号", "DE68", "@"]).find(&text, &mut ranges);
            prop_assert!(well_formed(&text, &ranges));
        }
    }
}
