use serde::Deserialize;
use serde_json::Value;

/// What one claim must be.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(untagged)]
pub enum Condition {
    Exact(String),
    OneOf(Vec<String>),
    Glob(Glob),
}

/// `*` stands for any run of characters but `/` and `:`, `?` for one such character.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Glob {
    pub glob: String,
}

impl Condition {
    /// Whether a claim satisfies it: its text, or a number's or boolean's JSON text. Lists and objects never do.
    pub(crate) fn accepts(&self, claim: &Value) -> bool {
        match claim {
            Value::String(text) => self.accepts_text(text),
            Value::Number(number) => self.accepts_text(&number.to_string()),
            Value::Bool(value) => self.accepts_text(if *value { "true" } else { "false" }),
            Value::Null | Value::Array(_) | Value::Object(_) => false,
        }
    }

    fn accepts_text(&self, text: &str) -> bool {
        match self {
            Self::Exact(expected) => text == expected,
            Self::OneOf(list) => list.iter().any(|expected| text == expected),
            Self::Glob(glob) => matches(glob.glob.as_bytes(), text.as_bytes()),
        }
    }

    /// Whether it names values rather than a pattern.
    pub(super) fn is_exact(&self) -> bool {
        !matches!(self, Self::Glob(_))
    }

    /// Why it can't be meant.
    pub(super) fn problem(&self) -> Option<&'static str> {
        match self {
            Self::Exact(text) if text.is_empty() => Some("is empty"),
            Self::OneOf(list) if list.is_empty() || list.iter().any(String::is_empty) => Some("holds nothing"),
            Self::Glob(glob) if glob.glob.chars().all(|c| c == '*' || c == '?') => Some("matches anything"),
            _ => None,
        }
    }
}

/// Backtracks to the last `*` only: linear for each start, whatever the pattern.
fn matches(pattern: &[u8], text: &[u8]) -> bool {
    let crosses = |byte: u8| byte == b'/' || byte == b':';
    let (mut p, mut t) = (0, 0);
    let mut star: Option<(usize, usize)> = None;
    while let Some(&byte) = text.get(t) {
        match pattern.get(p) {
            Some(b'*') => {
                star = Some((p, t));
                p += 1;
                continue;
            }
            Some(b'?') if !crosses(byte) => {}
            Some(&literal) if literal == byte && literal != b'?' => {}
            _ => match star {
                Some((at, from)) if text.get(from).is_some_and(|skipped| !crosses(*skipped)) => {
                    star = Some((at, from + 1));
                    (p, t) = (at + 1, from + 1);
                    continue;
                }
                _ => return false,
            },
        }
        (p, t) = (p + 1, t + 1);
    }
    pattern.get(p..).is_some_and(|rest| rest.iter().all(|byte| *byte == b'*'))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn glob(pattern: &str, text: &str) -> bool {
        matches(pattern.as_bytes(), text.as_bytes())
    }

    #[test]
    fn a_star_stays_within_its_part() {
        assert!(glob("refs/heads/release-*", "refs/heads/release-7"));
        assert!(glob("refs/heads/*", "refs/heads/"));
        assert!(glob("a*b*c", "a-b-b-c") && glob("?b", "ab"));
        assert!(!glob("refs/heads/*", "refs/heads/a/b"));
        assert!(!glob("repo:*", "repo:a:b") && !glob("?b", "/b") && !glob("a", "ab") && !glob("ab", "a"));
    }

    /// The obvious matcher, exponential but clear.
    fn naive(pattern: &[u8], text: &[u8]) -> bool {
        match (pattern.split_first(), text.split_first()) {
            (None, None) => true,
            (Some((b'*', rest)), _) if naive(rest, text) => true,
            (Some((b'*', _)), Some((byte, after))) => !b"/:".contains(byte) && naive(pattern, after),
            (Some((b'?', rest)), Some((byte, after))) => !b"/:".contains(byte) && naive(rest, after),
            (Some((literal, rest)), Some((byte, after))) => literal == byte && naive(rest, after),
            _ => false,
        }
    }

    proptest! {
        #[test]
        fn agrees_with_the_obvious_matcher(pattern in "[ab/*?]{0,8}", text in "[ab/:]{0,8}") {
            prop_assert_eq!(glob(&pattern, &text), naive(pattern.as_bytes(), text.as_bytes()));
        }
    }

    #[test]
    fn lists_and_objects_never_match() {
        let exact = Condition::Exact("a".to_owned());
        assert!(exact.accepts(&serde_json::json!("a")));
        assert!(!exact.accepts(&serde_json::json!(["a"])) && !exact.accepts(&serde_json::json!({"a": 1})));
        assert!(Condition::OneOf(vec!["7".to_owned(), "true".to_owned()]).accepts(&serde_json::json!(7)));
        assert!(Condition::Exact("true".to_owned()).accepts(&serde_json::json!(true)));
    }
}
