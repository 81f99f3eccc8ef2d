//! The tools that the suite calls.

use std::{sync::atomic::Ordering, time::Duration};

use serde_json::{Map, Value, json};
use tokio::time::sleep;

use super::{
    Fixture,
    caller::Caller,
    content,
    rpc::{Error, INVALID_PARAMS},
};

/// What the suite asks for between two notifications.
const PAUSE: Duration = Duration::from_millis(50);

/// By name: a description, and the `inputSchema`.
fn tools() -> Vec<(&'static str, &'static str, Value)> {
    let nothing = || json!({ "type": "object", "additionalProperties": false });
    let string =
        |name: &str| json!({ "type": "object", "properties": { name: { "type": "string" } }, "required": [name] });
    let mut mirrored = string("region");
    mirrored["properties"]["region"]["x-mcp-header"] = "Region".into();
    vec![
        ("test_simple_text", "Returns a text", nothing()),
        ("test_image_content", "Returns an image", nothing()),
        ("test_audio_content", "Returns a sound", nothing()),
        ("test_embedded_resource", "Returns a resource", nothing()),
        ("test_multiple_content_types", "Returns a text, an image and a resource", nothing()),
        ("test_tool_with_logging", "Logs while it runs", nothing()),
        ("test_logging_tool", "Logs once", nothing()),
        ("test_tool_with_progress", "Reports its progress", nothing()),
        ("test_error_handling", "Always fails", nothing()),
        ("test_reconnection", "Hangs up, and answers when the client is back", nothing()),
        ("test_sampling", "Asks the client's model", string("prompt")),
        ("test_elicitation", "Asks the user", string("message")),
        ("test_elicitation_sep1034_defaults", "Asks the user, with defaults", nothing()),
        ("test_elicitation_sep1330_enums", "Asks the user to choose", nothing()),
        ("test_streaming_elicitation", "Asks the user for a confirmation", nothing()),
        ("test_missing_capability", "Needs a client that can sample", nothing()),
        ("test_input_required_result_elicitation", "Asks the user's name", nothing()),
        ("test_input_required_result_sampling", "Asks the client's model for a capital", nothing()),
        ("test_input_required_result_list_roots", "Asks for the client's roots", nothing()),
        ("test_input_required_result_request_state", "Asks, and remembers that it did", nothing()),
        ("test_input_required_result_multiple_inputs", "Asks three things at once", nothing()),
        ("test_input_required_result_multi_round", "Asks twice", nothing()),
        ("test_input_required_result_tampered_state", "Asks, and takes only its own state back", nothing()),
        ("test_input_required_result_capabilities", "Asks only what the client can answer", nothing()),
        ("test_trigger_tool_change", "Announces that the tools changed", nothing()),
        ("test_trigger_prompt_change", "Announces that the prompts changed", nothing()),
        ("test_mirrored_argument", "Takes an argument that a header repeats", mirrored),
        ("json_schema_2020_12_tool", "Has a schema of many keywords", json_schema_2020_12()),
    ]
}

pub fn list() -> Value {
    let tools: Vec<_> = tools()
        .into_iter()
        .map(|(name, description, schema)| json!({ "name": name, "description": description, "inputSchema": schema }))
        .collect();
    json!({ "tools": tools })
}

pub fn input_schema(name: &str) -> Option<Value> {
    tools().into_iter().find(|(one, ..)| *one == name).map(|(.., schema)| schema)
}

/// `answers` are those to the questions of this tool.
pub async fn call(
    fixture: &Fixture,
    name: &str,
    arguments: &Value,
    answers: &Map<String, Value>,
    caller: &Caller,
) -> Result<Value, Error> {
    if input_schema(name).is_none() {
        return Err(Error::new(INVALID_PARAMS, format!("there is no tool {name}")));
    }
    fixture.calls.fetch_add(1, Ordering::Relaxed);
    let answer = |key: &str| answers.get(key).unwrap_or(&Value::Null);
    let content = match name {
        "test_simple_text" => vec![content::text("This is a simple text response for testing.")],
        "test_image_content" => vec![content::image()],
        "test_audio_content" => vec![content::audio()],
        "test_embedded_resource" => {
            let text = "This is an embedded resource content.";
            vec![content::resource("test://embedded-resource", "text/plain", text)]
        }
        "test_multiple_content_types" => vec![
            content::text("Multiple content types test:"),
            content::image(),
            content::resource(
                "test://mixed-content-resource",
                "application/json",
                &json!({ "test": "data", "value": 123 }).to_string(),
            ),
        ],
        "test_tool_with_logging" => {
            caller.log("Tool execution started");
            sleep(PAUSE).await;
            caller.log("Tool processing data");
            sleep(PAUSE).await;
            caller.log("Tool execution completed");
            vec![content::text("Logged three times.")]
        }
        "test_logging_tool" => {
            caller.log("Tool executed");
            vec![content::text("Logged once, if that was wanted.")]
        }
        "test_tool_with_progress" => {
            caller.progress(0);
            sleep(PAUSE).await;
            caller.progress(50);
            sleep(PAUSE).await;
            caller.progress(100);
            vec![content::text("Reported three times.")]
        }
        "test_error_handling" => {
            let text = content::text("This tool intentionally returns an error for testing");
            return Ok(json!({ "isError": true, "content": [text] }));
        }
        "test_reconnection" => {
            caller.disconnect();
            sleep(PAUSE).await;
            vec![content::text("Answered after the stream was cut.")]
        }
        "test_trigger_tool_change" => {
            fixture.announce("notifications/tools/list_changed");
            vec![content::text("Announced.")]
        }
        "test_trigger_prompt_change" => {
            fixture.announce("notifications/prompts/list_changed");
            vec![content::text("Announced.")]
        }
        "test_sampling" => vec![content::text(format!("LLM response: {}", said(answer("response"))))],
        "test_elicitation" => vec![content::text(format!("User response: {}", chosen(answer("response"))))],
        "test_elicitation_sep1034_defaults" | "test_elicitation_sep1330_enums" => {
            vec![content::text(format!("Elicitation completed: {}", chosen(answer("form"))))]
        }
        "test_input_required_result_elicitation" => {
            vec![content::text(format!("Hello, {}!", filled(answer("user_name"), "name")))]
        }
        "test_input_required_result_sampling" => vec![content::text(said(answer("capital_question")))],
        "test_input_required_result_list_roots" => vec![content::text(roots(answer("client_roots")))],
        "test_input_required_result_request_state" => vec![content::text("state-ok")],
        "test_input_required_result_tampered_state" => vec![content::text("integrity-ok: state verified")],
        "test_input_required_result_multiple_inputs" => vec![content::text(format!(
            "{} {} {}",
            said(answer("greeting")),
            filled(answer("user_name"), "name"),
            roots(answer("client_roots"))
        ))],
        "test_input_required_result_multi_round" => {
            let (name, color) = (filled(answer("step1"), "name"), filled(answer("step2"), "color"));
            vec![content::text(format!("{name} likes {color}"))]
        }
        _ => vec![content::text(format!("Called with {arguments} and answered {}", json!(answers)))],
    };
    Ok(json!({ "content": content }))
}

/// What the client's model wrote.
fn said(answer: &Value) -> &str {
    answer["content"]["text"].as_str().unwrap_or("nothing")
}

/// What the user wrote into this field.
fn filled<'a>(answer: &'a Value, field: &str) -> &'a str {
    answer["content"][field].as_str().unwrap_or("nothing")
}

fn chosen(answer: &Value) -> String {
    format!("action={}, content={}", answer["action"].as_str().unwrap_or("none"), answer["content"])
}

fn roots(answer: &Value) -> String {
    let uris = answer["roots"].as_array().into_iter().flatten().filter_map(|root| root["uri"].as_str());
    uris.collect::<Vec<_>>().join(" ")
}

/// The keywords that a server or an intermediary is likely to lose.
fn json_schema_2020_12() -> Value {
    json!({
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "type": "object",
        "$defs": {
            "address": {
                "$anchor": "addressDef",
                "type": "object",
                "properties": { "street": { "type": "string" }, "city": { "type": "string" } },
            },
        },
        "properties": {
            "name": { "type": "string" },
            "address": { "$ref": "#/$defs/address" },
            "contactMethod": { "type": "string", "enum": ["phone", "email"] },
            "phone": { "type": "string" },
            "email": { "type": "string" },
        },
        "allOf": [{ "anyOf": [{ "required": ["phone"] }, { "required": ["email"] }] }],
        "if": { "properties": { "contactMethod": { "const": "phone" } }, "required": ["contactMethod"] },
        "then": { "required": ["phone"] },
        "else": { "required": ["email"] },
        "additionalProperties": false,
    })
}
