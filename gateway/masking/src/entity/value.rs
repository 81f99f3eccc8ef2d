//! The whole value of a column or a key: for what no rule could tell by itself, such as names.

use std::ops::Range;

use super::Kind;

pub(super) const KIND: Kind = Kind { find, whole: |_| false, canonical: |text| text.as_bytes().to_vec() };

/// All of `text`; nothing of blanks or of what is hidden already.
pub(crate) fn find(text: &str, found: &mut Vec<Range<usize>>) {
    if text.chars().any(char::is_alphanumeric) {
        found.push(0..text.len());
    }
}

#[cfg(test)]
mod tests {
    use super::super::{Entity, tests::found};

    #[test]
    fn all_or_nothing() {
        assert_eq!(found(&Entity::Value, "Zoë O'Neil"), ["Zoë O'Neil"]);
        for text in ["", "  ", "**** ******", "-"] {
            assert!(found(&Entity::Value, text).is_empty(), "{text:?}");
        }
    }
}
