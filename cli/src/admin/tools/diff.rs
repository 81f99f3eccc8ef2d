//! Two definitions, line by line: each value by its path, so that another order is no difference.

use std::collections::{HashMap, HashSet};

use serde_json::Value;

/// A line of what is shown.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Line {
    /// As it was: not shown, but counted.
    Same,
    Gone(String),
    New(String),
}

/// From what was before to what is now: in the order of what is now, and then what is gone.
pub(super) fn lines(before: Option<&Value>, now: Option<&Value>) -> Vec<Line> {
    let (before, now) = (flat(before), flat(now));
    let known: HashMap<&str, &[String]> =
        before.iter().map(|(path, block)| (path.as_str(), block.as_slice())).collect();
    let kept: HashSet<&str> = now.iter().map(|(path, _)| path.as_str()).collect();
    let mut lines = Vec::new();
    for (path, block) in &now {
        between(known.get(path.as_str()).copied().unwrap_or_default(), block, &mut lines);
    }
    for (_, block) in before.iter().filter(|(path, _)| !kept.contains(path.as_str())) {
        between(block, &[], &mut lines);
    }
    lines
}

/// Two blocks: what they begin and end with alike stays.
fn between(before: &[String], now: &[String], lines: &mut Vec<Line>) {
    let alike = |(one, other): &(&String, &String)| one == other;
    let head = before.iter().zip(now).take_while(alike).count();
    let (before, now) = (before.get(head..).unwrap_or_default(), now.get(head..).unwrap_or_default());
    let tail = before.iter().rev().zip(now.iter().rev()).take_while(alike).count();
    lines.extend(before.iter().take(before.len() - tail).cloned().map(Line::Gone));
    lines.extend(now.iter().take(now.len() - tail).cloned().map(Line::New));
    lines.extend(std::iter::repeat_n(Line::Same, head + tail));
}

/// A definition's values by their paths, each as the lines that show it.
fn flat(definition: Option<&Value>) -> Vec<(String, Vec<String>)> {
    let mut values = Vec::new();
    if let Some(definition) = definition {
        walk(definition, String::new(), &mut values);
    }
    values
}

fn walk(value: &Value, path: String, values: &mut Vec<(String, Vec<String>)>) {
    match value {
        Value::Object(members) if !members.is_empty() => {
            for (name, value) in members {
                let name = if is_plain(name) { name.clone() } else { Value::from(name.as_str()).to_string() };
                walk(value, if path.is_empty() { name } else { format!("{path}.{name}") }, values);
            }
        }
        Value::Array(items) if !items.is_empty() => {
            for (index, item) in items.iter().enumerate() {
                walk(item, format!("{path}[{index}]"), values);
            }
        }
        // In quotes, so that a text is never taken for a number.
        Value::String(text) if text.contains('\n') => {
            let lines = text.split('\n').map(|line| format!("  {}", Value::from(line)));
            values.push((path.clone(), std::iter::once(format!("{path}:")).chain(lines).collect()));
        }
        other => values.push((path.clone(), vec![format!("{path}: {other}")])),
    }
}

/// A name that no path could be mistaken for.
fn is_plain(name: &str) -> bool {
    !name.is_empty() && name.chars().all(|c| c.is_alphanumeric() || matches!(c, '_' | '-' | '$'))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use serde_json::json;

    use super::*;

    fn changed(before: Value, now: Value) -> Vec<String> {
        let sign = |line| match line {
            Line::Same => None,
            Line::Gone(line) => Some(format!("-{line}")),
            Line::New(line) => Some(format!("+{line}")),
        };
        lines(Some(&before), Some(&now)).into_iter().filter_map(sign).collect()
    }

    #[test]
    fn only_what_differs_is_a_difference() {
        let before = json!({ "a": 1, "text": "one\ntwo\nthree", "list": [1, { "x": true }], "gone": null });
        let now = json!({ "list": [1, { "x": "true" }], "text": "one\nTWO\nthree", "a": 1, "new": {} });
        assert_eq!(
            changed(before.clone(), now),
            ["-list[1].x: true", "+list[1].x: \"true\"", "-  \"two\"", "+  \"TWO\"", "+new: {}", "-gone: null"]
        );
        assert!(changed(before.clone(), before).is_empty());
        assert_eq!(changed(json!({ "a": { "b": 1 } }), json!({ "a.b": 1 })), ["+\"a.b\": 1", "-a.b: 1"]);
    }

    #[test]
    fn what_is_new_is_shown_whole() {
        let all = lines(None, Some(&json!({ "name": "pay", "inputSchema": { "type": "object" } })));
        assert_eq!(all, [Line::New("name: \"pay\"".into()), Line::New("inputSchema.type: \"object\"".into())]);
    }

    fn documents() -> impl Strategy<Value = Value> {
        let leaf = prop_oneof!["[ab\n]{0,4}".prop_map(Value::from), (0..3).prop_map(Value::from), Just(Value::Null)];
        leaf.prop_recursive(3, 12, 3, |inner| {
            prop_oneof![
                prop::collection::vec(inner.clone(), 0..3).prop_map(Value::from),
                prop::collection::vec(("[ab.]{1,2}", inner), 0..3)
                    .prop_map(|members| Value::Object(members.into_iter().collect())),
            ]
        })
    }

    proptest! {
        /// A difference that is not shown could be approved unseen.
        #[test]
        fn every_difference_is_shown(before in documents(), now in documents()) {
            prop_assert_eq!(changed(before.clone(), now.clone()).is_empty(), before == now);
        }
    }
}
