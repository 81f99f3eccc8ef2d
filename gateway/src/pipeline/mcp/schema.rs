//! What a tool says of its own results: a client rejects a result that does not fit (`mcp-protocol.md` §0.6), so one that
//! no longer fits once it is masked is told as what it is.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex, PoisonError},
};

use hoop_mcp::{Era, Id, Message};
use jsonschema::{PatternOptions, Validator};
use serde_json::{Value, json};

/// Schemas kept of one session.
const TOOLS: usize = 1024;
/// Largest schema in bytes: a larger one is not held against anything.
const LENGTH: usize = 64 * 1024;
/// Steps back that one of its patterns may take: patterns are the server's, and could be made to take for ever.
const STEPS: usize = 50_000;

/// The output schemas of the tools that went down in lists.
#[derive(Default)]
pub(super) struct Schemas(Mutex<HashMap<String, Arc<Validator>>>);

impl Schemas {
    /// A page of a list of tools went down. References that lead elsewhere are never followed: such a schema is none.
    pub(super) fn listed(&self, tools: &Value) {
        for tool in tools.as_array().into_iter().flatten() {
            let Some(name) = tool.get("name").and_then(Value::as_str) else { continue };
            let schema = tool.get("outputSchema").filter(|schema| schema.to_string().len() <= LENGTH);
            let patterns = PatternOptions::fancy_regex().backtrack_limit(STEPS);
            let options = jsonschema::options().with_pattern_options(patterns);
            let validator = schema.and_then(|schema| options.build(schema).ok());
            let mut known = self.0.lock().unwrap_or_else(PoisonError::into_inner);
            match validator {
                Some(validator) if known.len() < TOOLS => {
                    known.insert(name.to_owned(), Arc::new(validator));
                }
                _ => {
                    known.remove(name);
                }
            }
        }
    }

    pub(super) fn of(&self, tool: &str) -> Option<Arc<Validator>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).get(tool).cloned()
    }
}

/// The content that a client will hold against the tool's schema.
pub(super) fn checked(message: &Message) -> Option<&Value> {
    let result = message.result()?;
    if result.get("isError").and_then(Value::as_bool) == Some(true) { None } else { result.get("structuredContent") }
}

/// What is said in the place of a result that would not fit.
pub(super) fn instead(id: Id, era: Era) -> Message {
    let text = "The result holds card data, and with that masked it does not fit the tool's own output schema, so it is \
                not shown (mcp_schema_blocked). The call has run.";
    let mut result = json!({ "content": [{ "type": "text", "text": text }], "isError": true });
    if let (Era::Modern, Some(members)) = (era, result.as_object_mut()) {
        members.insert("resultType".to_owned(), Value::from("complete"));
    }
    Message::Response { id, answer: Ok(result), rest: serde_json::Map::new() }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn listed(schema: Value) -> Schemas {
        let schemas = Schemas::default();
        schemas.listed(&json!([{ "name": "cards", "outputSchema": schema }, { "name": "other" }]));
        schemas
    }

    #[test]
    fn a_schema_is_held_against_results() {
        let schemas = listed(json!({ "type": "object", "properties": { "pan": { "pattern": "^[0-9]{16}$" } } }));
        let validator = schemas.of("cards").into_iter().next();
        let fits = |value: Value| validator.as_ref().is_some_and(|validator| validator.is_valid(&value));
        assert!(fits(json!({ "pan": "4111111111111111" })) && !fits(json!({ "pan": "411111******1111" })));
        assert!(schemas.of("other").is_none());
    }

    #[test]
    fn a_reference_that_leads_elsewhere_is_not_followed() {
        for reference in ["http://127.0.0.1:1/schema", "file:///etc/hostname", "https://evil.example/x"] {
            assert!(listed(json!({ "$ref": reference })).of("cards").is_none(), "{reference}");
        }
        assert!(listed(json!({ "a": "x".repeat(LENGTH) })).of("cards").is_none());
    }
}
