//! A name with `*` for any run of characters in it.

use super::place::Fit;

/// The pieces between the stars, in small letters.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Glob(Vec<String>);

impl Glob {
    /// `None` for an empty name, or one with blanks around it.
    pub(super) fn new(text: &str) -> Option<Self> {
        let fits = !text.is_empty() && text.trim() == text;
        fits.then(|| Self(text.to_lowercase().split('*').map(str::to_owned).collect()))
    }

    /// Of a name whose stars are stars.
    pub(super) fn exact(text: &str) -> Option<Self> {
        (!text.is_empty()).then(|| Self(vec![text.to_lowercase()]))
    }

    pub(super) fn is(&self, name: &str) -> bool {
        match self.0.as_slice() {
            [whole] => same(whole, name),
            [first, between @ .., last] => {
                let name = name.to_lowercase();
                let rest = name.strip_prefix(first.as_str()).and_then(|rest| rest.strip_suffix(last.as_str()));
                // The first place each piece fits leaves the most for those behind it.
                let between = |mut rest: &str| {
                    between.iter().all(|piece| match rest.split_once(piece.as_str()) {
                        Some((_, after)) => {
                            rest = after;
                            true
                        }
                        None => false,
                    })
                };
                rest.is_some_and(between)
            }
            [] => false,
        }
    }

    /// Whether every name fits.
    pub(super) fn is_any(&self) -> bool {
        self.0.len() > 1 && self.0.iter().all(String::is_empty)
    }

    /// What it says of a name that fits.
    pub(super) fn fit(&self) -> Fit {
        if self.is_any() { Fit::Within } else { Fit::Named }
    }
}

/// Whether `name` in small letters is `lower`.
fn same(lower: &str, name: &str) -> bool {
    match lower.is_ascii() && name.is_ascii() {
        true => lower.eq_ignore_ascii_case(name),
        false => name.to_lowercase() == lower,
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn is(glob: &str, name: &str) -> bool {
        Glob::new(glob).unwrap().is(name)
    }

    #[test]
    fn stars_and_letters() {
        for (glob, name) in [
            ("PAN", "pan"),
            ("*", ""),
            ("*", "anything"),
            ("pay*", "PAYMENTS"),
            ("*_id", "ORDER_ID"),
            ("p*m*s", "payments"),
            ("a**b", "ab"),
            ("ab*ab", "abab"),
            ("*ä*", "BÄR"),
        ] {
            assert!(is(glob, name), "{glob} {name}");
        }
        for (glob, name) in [("pan", "span"), ("pan*", "span"), ("ab*ab", "ab"), ("ab*ab", "aba"), ("a*b*c", "acb")] {
            assert!(!is(glob, name), "{glob} {name}");
        }
        assert_eq!(Glob::new(""), None);
        assert_eq!(Glob::new(" a"), None);
        assert!(Glob::new("**").unwrap().is_any());
        assert!(!Glob::exact("*").unwrap().is("x"));
    }

    proptest! {
        #[test]
        fn a_piece_replaced_by_a_star_still_fits(text in "[a-z*]{1,12}", from in 0usize..12, to in 0usize..12) {
            let name = text.replace('*', "x");
            let (from, to) = (from.min(to).min(name.len()), from.max(to).min(name.len()));
            let mut glob = name.clone();
            glob.replace_range(from..to, "*");
            prop_assert!(is(&glob, &name));
            prop_assert!(is(&name, &name));
        }
    }
}
