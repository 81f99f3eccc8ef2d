//! What a tool says of its own results: a client rejects a result that does not fit (`mcp-protocol.md` §0.6), so one that
//! no longer fits once it is masked is told as what it is.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex, OnceLock, PoisonError},
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
pub(super) struct Schemas(Mutex<HashMap<String, Arc<Promise>>>);

/// One tool's output schema, made ready when a result is first held against it.
pub(super) struct Promise {
    schema: Value,
    validator: OnceLock<Option<Validator>>,
}

impl Schemas {
    /// A page of a list of tools went down.
    pub(super) fn listed(&self, tools: &Value) {
        let mut known = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        for tool in tools.as_array().into_iter().flatten() {
            let Some(name) = tool.get("name").and_then(Value::as_str) else { continue };
            let schema = tool.get("outputSchema").filter(|schema| schema.to_string().len() <= LENGTH);
            match schema {
                Some(schema) if known.len() < TOOLS => {
                    let promise = Promise { schema: schema.clone(), validator: OnceLock::new() };
                    known.insert(name.to_owned(), Arc::new(promise));
                }
                _ => {
                    known.remove(name);
                }
            }
        }
    }

    pub(super) fn of(&self, tool: &str) -> Option<Arc<Promise>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).get(tool).cloned()
    }
}

impl Promise {
    /// Whether what was sent fits, and no longer does with its card data masked.
    pub(super) fn is_broken(&self, clear: &Value, masked: &Value) -> bool {
        clear != masked
            && self.validator().is_some_and(|validator| validator.is_valid(clear) && !validator.is_valid(masked))
    }

    /// References that lead elsewhere are never followed: such a schema is none.
    fn validator(&self) -> Option<&Validator> {
        let build = || {
            let patterns = PatternOptions::fancy_regex().backtrack_limit(STEPS);
            jsonschema::options().with_pattern_options(patterns).build(&self.schema).ok()
        };
        self.validator.get_or_init(build).as_ref()
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
    fn a_result_that_masking_breaks_is_found() {
        let schemas = listed(json!({ "type": "object", "properties": { "pan": { "pattern": "^[0-9]{16}$" } } }));
        let breaks = |clear: &str, masked: &str| {
            let promise = schemas.of("cards");
            promise.is_some_and(|promise| promise.is_broken(&json!({ "pan": clear }), &json!({ "pan": masked })))
        };
        assert!(breaks("4111111111111111", "411111******1111"));
        assert!(!breaks("4111111111111111", "4111110000001111"), "it still fits");
        assert!(!breaks("4111 1111 1111 1111", "4111 11** **** 1111"), "it never did");
        assert!(schemas.of("other").is_none());
    }

    #[test]
    fn a_reference_that_leads_elsewhere_is_not_followed() {
        for reference in ["http://127.0.0.1:1/schema", "file:///etc/hostname", "https://evil.example/x"] {
            let promise = listed(json!({ "$ref": reference })).of("cards");
            assert!(promise.is_some_and(|promise| promise.validator().is_none()), "{reference}");
        }
        assert!(listed(json!({ "a": "x".repeat(LENGTH) })).of("cards").is_none());
    }
}
