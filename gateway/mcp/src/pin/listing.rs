//! What a server lists: one entry for each name, since a call says no more than the name.

use std::collections::HashMap;

use serde_json::Value;

use super::digest;

/// A tool as a listing has it.
#[derive(Debug, Clone, PartialEq)]
pub struct Tool {
    pub name: String,
    /// The whole definition; all of them, where the name stands there more than once.
    pub definition: Value,
    /// Hex SHA-256 of the definition's canonical form.
    pub digest: String,
    /// The name stands there more than once: nobody could say which one a call means.
    pub repeated: bool,
}

/// The tools in the result of `tools/list`, in its order. What has no name cannot be called.
pub fn listed(result: &Value) -> Vec<Tool> {
    let definitions = result.get("tools").and_then(Value::as_array).map(Vec::as_slice).unwrap_or_default();
    let mut places: HashMap<&str, usize> = HashMap::new();
    let mut named: Vec<(&str, Vec<&Value>)> = Vec::new();
    for definition in definitions {
        let Some(name) = definition.get("name").and_then(Value::as_str) else { continue };
        let place = *places.entry(name).or_insert(named.len());
        match named.get_mut(place) {
            Some((_, same)) => same.push(definition),
            None => named.push((name, vec![definition])),
        }
    }
    named.into_iter().map(|(name, same)| Tool::of(name, &same)).collect()
}

/// Where the listing goes on, if it does.
pub fn next_page(result: &Value) -> Option<&str> {
    result.get("nextCursor").and_then(Value::as_str)
}

impl Tool {
    fn of(name: &str, same: &[&Value]) -> Self {
        let (definition, repeated) = match same {
            [one] => ((*one).clone(), false),
            several => (several.iter().copied().cloned().collect(), true),
        };
        Self { name: name.to_owned(), digest: digest(&definition), definition, repeated }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_name_that_stands_there_twice_is_one_entry() {
        let result = json!({ "tools": [{ "name": "a", "x": 1 }, { "name": "b" }, {}, { "name": "a", "x": 2 }, 7] });
        let tools = listed(&result);
        let seen: Vec<_> = tools.iter().map(|tool| (tool.name.as_str(), tool.repeated)).collect();
        assert_eq!(seen, [("a", true), ("b", false)]);
        assert_eq!(
            tools.first().map(|tool| &tool.definition),
            Some(&json!([{ "name": "a", "x": 1 }, { "name": "a", "x": 2 }]))
        );
    }

    #[test]
    fn a_digest_goes_by_what_is_said_and_not_by_how() {
        let of = |text: &str| listed(&json!({ "tools": [serde_json::from_str::<Value>(text).unwrap_or_default()] }));
        let one = of(r#"{"name":"a","description":"x","inputSchema":{"type":"object","maximum":1.0}}"#);
        assert_eq!(one, of(r#"{"inputSchema":{"maximum":1.0,"type":"object"},"description":"\u0078","name":"a"}"#));
        let digests = |text: &str| of(text).into_iter().map(|tool| tool.digest).collect::<Vec<_>>();
        let first = digests(r#"{"name":"a","description":"x"}"#);
        for other in [r#"{"name":"a","description":"y"}"#, r#"{"name":"a","description":"x","_meta":{}}"#] {
            assert_ne!(digests(other), first);
        }
    }

    #[test]
    fn what_is_no_listing_lists_nothing() {
        for result in [json!(null), json!({}), json!({ "tools": {} }), json!([{ "name": "a" }])] {
            assert!(listed(&result).is_empty());
        }
        assert_eq!(next_page(&json!({ "nextCursor": "c" })), Some("c"));
        assert_eq!(next_page(&json!({ "nextCursor": null })), None);
    }
}
