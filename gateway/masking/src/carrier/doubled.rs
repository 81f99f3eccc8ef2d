//! JSON text in which an object has a key twice. A parser keeps one of the two values, a reader may show either.

use std::collections::HashSet;

use serde_json::Value;

/// The document with every member of its objects kept: a key that comes again gets a `'`. `None`: no key comes twice.
/// `text` has been parsed as `value`.
pub(super) fn whole(text: &str, value: &Value) -> Option<Value> {
    if colons(text) == members(value) {
        return None;
    }
    serde_json::from_str(&distinct(text)?).ok()
}

fn members(value: &Value) -> usize {
    match value {
        Value::Array(items) => items.iter().map(members).sum(),
        Value::Object(object) => object.len() + object.values().map(members).sum::<usize>(),
        _ => 0,
    }
}

/// One for every member: the colons outside of strings.
fn colons(text: &str) -> usize {
    let mut count = 0;
    tokens(text, |token, _| count += usize::from(token == ":"));
    count
}

fn distinct(text: &str) -> Option<String> {
    let mut out = String::with_capacity(text.len() + 8);
    // The keys of every object that is open; `None` for an array.
    let mut open: Vec<Option<HashSet<String>>> = Vec::new();
    let mut renamed = false;
    tokens(text, |token, is_key| {
        match token {
            "{" => open.push(Some(HashSet::new())),
            "[" => open.push(None),
            "}" | "]" => drop(open.pop()),
            _ => {}
        }
        let keys = open.last_mut().and_then(Option::as_mut).filter(|_| is_key);
        let (Some(keys), Ok(mut key)) = (keys, serde_json::from_str::<String>(token)) else {
            return out.push_str(token);
        };
        while !keys.insert(key.clone()) {
            key.push('\'');
            renamed = true;
        }
        out.push_str(&Value::String(key).to_string());
    });
    renamed.then_some(out)
}

/// Calls `take` with every string and every other character of a valid document, and whether it is a key.
fn tokens<'t>(text: &'t str, mut take: impl FnMut(&'t str, bool)) {
    let mut at = 0;
    while let Some(rest) = text.get(at..).filter(|rest| !rest.is_empty()) {
        let length = if rest.starts_with('"') { string(rest) } else { rest.chars().next().map_or(1, char::len_utf8) };
        let token = rest.get(..length).unwrap_or(rest);
        let is_key =
            token.starts_with('"') && rest.get(length..).is_some_and(|after| after.trim_start().starts_with(':'));
        take(token, is_key);
        at += token.len();
    }
}

/// Length of the string that `text` begins with, quotes included.
fn string(text: &str) -> usize {
    let mut escaped = false;
    for (at, byte) in text.bytes().enumerate().skip(1) {
        match byte {
            _ if escaped => escaped = false,
            b'\\' => escaped = true,
            b'"' => return at + 1,
            _ => {}
        }
    }
    text.len()
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    fn kept(text: &str) -> Option<String> {
        whole(text, &serde_json::from_str(text).unwrap()).map(|value| value.to_string())
    }

    #[test]
    fn every_member_is_kept() {
        let cases = [
            (r#"{"a":1,"a":2,"a":[3]}"#, r#"{"a":1,"a'":2,"a''":[3]}"#),
            (r#"{ "a" : 1 , "\u0061" : "x:\"y" }"#, r#"{"a":1,"a'":"x:\"y"}"#),
            (r#"[{"a":{"b":1,"b":2},"a'":1},{"a":1}]"#, r#"[{"a":{"b":1,"b'":2},"a'":1},{"a":1}]"#),
            (r#"{"a'":1,"a":2,"a":3}"#, r#"{"a'":1,"a":2,"a''":3}"#),
        ];
        for (text, expected) in cases {
            assert_eq!(kept(text).as_deref(), Some(expected));
        }
        for text in [r#"{"a":1,"b":{"a":":"},"c":["a","a"]}"#, "[]", r#""a:b""#, r#"{"\\":1,"\"":2}"#] {
            assert_eq!(kept(text), None, "{text}");
        }
    }
}
