use std::{fmt, str::FromStr};

use hoop_model::TableName;

/// A table's name with `*` for any run of characters inside a part: `*.PUBLIC.PAYMENTS`, `PAYMENTS*`.
///
/// Parts are held against each other from the last one; letters match in either case, so that `"payments"` and
/// `PAYMENTS` both do. Where the name or the pattern has fewer parts, the missing ones match: the riskier reading.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TablePattern {
    text: String,
    /// Upper case, the table first.
    parts: Vec<String>,
}

#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error(
    "a table pattern is one to three parts with dots between them, in ASCII without quotes or spaces, such as *.PUBLIC.PAYMENTS*"
)]
pub struct InvalidPattern;

impl TablePattern {
    pub fn matches(&self, table: &TableName) -> bool {
        let mut parts = self.parts.iter().zip(table.0.iter().rev());
        parts.all(|(pattern, name)| part_matches(pattern, &name.to_ascii_uppercase()))
    }

    /// Whether it matches without the benefit of the doubt: what the name leaves open may be anything, and letters of
    /// another case are another table's.
    pub(crate) fn surely_matches(&self, table: &TableName) -> bool {
        let known = self.parts.iter().zip(table.0.iter().rev()).all(|(pattern, name)| part_matches(pattern, name));
        known && self.parts.iter().skip(table.0.len()).all(|pattern| pattern == "*")
    }
}

fn part_matches(pattern: &str, name: &str) -> bool {
    let Some((first, rest)) = pattern.split_once('*') else { return pattern == name };
    let Some(mut name) = name.strip_prefix(first) else { return false };
    let (middle, last) = rest.rsplit_once('*').unwrap_or(("", rest));
    for piece in middle.split('*') {
        match name.split_once(piece) {
            Some((_, after)) => name = after,
            None => return false,
        }
    }
    name.ends_with(last)
}

impl FromStr for TablePattern {
    type Err = InvalidPattern;

    fn from_str(text: &str) -> Result<Self, InvalidPattern> {
        let parts: Vec<String> = text.rsplit('.').map(str::to_ascii_uppercase).collect();
        let plain = |c: char| c.is_ascii_graphic() && !matches!(c, '"' | '\'' | '`' | ';');
        let fits = parts.len() <= 3 && parts.iter().all(|part| !part.is_empty() && part.chars().all(plain));
        if fits { Ok(Self { text: text.to_owned(), parts }) } else { Err(InvalidPattern) }
    }
}

impl fmt::Display for TablePattern {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    fn matches(pattern: &str, name: &[&str]) -> bool {
        let name = TableName(name.iter().map(|&part| part.to_owned()).collect());
        pattern.parse::<TablePattern>().unwrap().matches(&name)
    }

    #[test]
    fn parts_match_from_the_table_up() {
        assert!(matches("*.PUBLIC.PAYMENTS", &["SHOP", "PUBLIC", "PAYMENTS"]));
        assert!(!matches("*.PUBLIC.PAYMENTS", &["SHOP", "PRIVATE", "PAYMENTS"]));
        assert!(matches("payments*", &["SHOP", "PUBLIC", "PAYMENTS_2024"]));
        assert!(!matches("PAYMENTS*", &["PAYMENTS", "PUBLIC", "REFUNDS"]));
        assert!(matches("*_PAN_*", &["A_PAN_B"]));
        assert!(matches("A*B*C", &["AXXBYYC"]));
        assert!(matches("A*B*C", &["ABC"]));
        assert!(!matches("A*A", &["A"]));
        assert!(!matches("A*BC*C", &["ABC"]));
        assert!(matches("*", &["ANYTHING"]));
    }

    #[test]
    fn what_is_not_known_matches() {
        assert!(matches("SHOP.PUBLIC.PAYMENTS", &["PAYMENTS"]));
        assert!(matches("SHOP.PUBLIC.PAYMENTS", &["PUBLIC", "payments"]));
        assert!(!matches("SHOP.PUBLIC.PAYMENTS", &["REFUNDS"]));
    }

    #[test]
    fn what_is_not_known_is_not_sure() {
        let surely = |pattern: &str, name: &[&str]| {
            let name = TableName(name.iter().map(|&part| part.to_owned()).collect());
            pattern.parse::<TablePattern>().unwrap().surely_matches(&name)
        };
        assert!(surely("*.PUBLIC.PAYMENTS", &["SHOP", "PUBLIC", "PAYMENTS"]));
        assert!(surely("*.*.PAYMENTS", &["PAYMENTS"]) && surely("PAYMENTS", &["SHOP", "PUBLIC", "PAYMENTS"]));
        assert!(!surely("*.PUBLIC.PAYMENTS", &["PAYMENTS"]) && surely("*.PUBLIC.PAYMENTS", &["PUBLIC", "PAYMENTS"]));
        assert!(!surely("*.*.PAYMENTS", &["payments"]) && !surely("*.*.PAYMENTS", &["S", "P", "REFUNDS"]));
    }

    #[test]
    fn refuses_what_could_never_match() {
        for bad in ["", ".", "A..B", "A.B.C.D", "\"A\"", "A B", "ZAHLUNGEN_Ä"] {
            assert_eq!(bad.parse::<TablePattern>(), Err(InvalidPattern), "{bad:?}");
        }
    }
}
