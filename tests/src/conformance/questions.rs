//! What a tool or a prompt wants to know of the client before it can answer, round by round.

use serde_json::{Map, Value, json};

/// By key, each with its `method` and `params`. None means that nothing is left to ask.
pub type Questions = Map<String, Value>;

/// `capabilities` are the client's.
pub fn questions(name: &str, arguments: &Value, capabilities: &Value, round: u64) -> Questions {
    let argument = |name: &str| arguments[name].as_str().unwrap_or_default();
    let asked = match (name, round) {
        ("test_sampling", 0) => vec![("response", sample(argument("prompt"), 100))],
        ("test_elicitation", 0) => vec![("response", elicit(argument("message"), contact()))],
        ("test_elicitation_sep1034_defaults", 0) => vec![("form", elicit("Please check the form", defaults()))],
        ("test_elicitation_sep1330_enums", 0) => vec![("form", elicit("Please choose", choices()))],
        ("test_streaming_elicitation", 0) => vec![("confirm", elicit("Please confirm", one("ok", "boolean")))],
        ("test_missing_capability", 0) => vec![("response", sample("Say anything", 50))],
        ("test_input_required_result_elicitation", 0) => {
            vec![("user_name", elicit("What is your name?", one("name", "string")))]
        }
        ("test_input_required_result_sampling", 0) => {
            vec![("capital_question", sample("What is the capital of France?", 100))]
        }
        ("test_input_required_result_list_roots", 0) => vec![("client_roots", list_roots())],
        ("test_input_required_result_request_state" | "test_input_required_result_tampered_state", 0) => {
            vec![("confirm", elicit("Please confirm", one("ok", "boolean")))]
        }
        ("test_input_required_result_multiple_inputs", 0) => vec![
            ("user_name", elicit("What is your name?", one("name", "string"))),
            ("greeting", sample("Generate a greeting", 50)),
            ("client_roots", list_roots()),
        ],
        ("test_input_required_result_multi_round", 0) => {
            vec![("step1", elicit("Step 1: What is your name?", one("name", "string")))]
        }
        ("test_input_required_result_multi_round", 1) => {
            vec![("step2", elicit("Step 2: What is your favorite color?", one("color", "string")))]
        }
        ("test_input_required_result_capabilities", 0) => {
            let mut possible = vec![
                ("elicited", elicit("Any value", one("value", "string"))),
                ("sampled", sample("Say anything", 50)),
            ];
            possible.retain(|(_, question)| declares(capabilities, question));
            possible
        }
        ("test_input_required_result_prompt", 0) => {
            vec![("user_context", elicit("What context should the prompt use?", one("context", "string")))]
        }
        _ => vec![],
    };
    asked.into_iter().map(|(key, question)| (key.to_owned(), question)).collect()
}

/// The capability that a client must have declared to be asked this.
pub fn capability(question: &Value) -> &str {
    let method = question["method"].as_str().unwrap_or_default();
    method.split_once('/').map_or(method, |(capability, _)| capability)
}

pub fn declares(capabilities: &Value, question: &Value) -> bool {
    capabilities[capability(question)].is_object()
}

fn sample(prompt: &str, max_tokens: u64) -> Value {
    let messages = json!([{ "role": "user", "content": { "type": "text", "text": prompt } }]);
    json!({ "method": "sampling/createMessage", "params": { "messages": messages, "maxTokens": max_tokens } })
}

fn list_roots() -> Value {
    json!({ "method": "roots/list", "params": {} })
}

fn elicit(message: &str, requested_schema: Value) -> Value {
    json!({ "method": "elicitation/create", "params": { "message": message, "requestedSchema": requested_schema } })
}

fn one(property: &str, kind: &str) -> Value {
    json!({ "type": "object", "properties": { property: { "type": kind } }, "required": [property] })
}

fn contact() -> Value {
    let properties = json!({
        "username": { "type": "string", "description": "User's response" },
        "email": { "type": "string", "description": "User's email address" },
    });
    json!({ "type": "object", "properties": properties, "required": ["username", "email"] })
}

/// A default for each primitive type.
fn defaults() -> Value {
    let properties = json!({
        "name": { "type": "string", "default": "John Doe" },
        "age": { "type": "integer", "default": 30 },
        "score": { "type": "number", "default": 95.5 },
        "status": { "type": "string", "enum": ["active", "inactive", "pending"], "default": "active" },
        "verified": { "type": "boolean", "default": true },
    });
    json!({ "type": "object", "properties": properties })
}

/// All five ways to write an enum.
fn choices() -> Value {
    let titled = json!([
        { "const": "value1", "title": "First" },
        { "const": "value2", "title": "Second" },
        { "const": "value3", "title": "Third" },
    ]);
    let plain = json!(["option1", "option2", "option3"]);
    let properties = json!({
        "untitledSingle": { "type": "string", "enum": plain },
        "titledSingle": { "type": "string", "oneOf": titled },
        "legacyEnum": {
            "type": "string", "enum": ["opt1", "opt2", "opt3"],
            "enumNames": ["Option One", "Option Two", "Option Three"],
        },
        "untitledMulti": { "type": "array", "items": { "type": "string", "enum": plain } },
        "titledMulti": { "type": "array", "items": { "anyOf": titled } },
    });
    json!({ "type": "object", "properties": properties })
}
