//! The prompts that the suite gets, and the completions of their arguments.

use serde_json::{Map, Value, json};

use super::{
    content,
    rpc::{Error, INVALID_PARAMS},
};

pub fn list() -> Value {
    let argument = |name: &str, description: &str| {
        json!({
            "name": name, "description": description, "required": true,
        })
    };
    json!({ "prompts": [
        { "name": "test_simple_prompt", "description": "Takes no arguments" },
        {
            "name": "test_prompt_with_arguments", "description": "Repeats its arguments",
            "arguments": [argument("arg1", "The first"), argument("arg2", "The second")],
        },
        {
            "name": "test_prompt_with_embedded_resource", "description": "Holds a resource",
            "arguments": [argument("resourceUri", "The URI of the resource")],
        },
        { "name": "test_prompt_with_image", "description": "Holds an image" },
        { "name": "test_input_required_result_prompt", "description": "Asks the user for its context first" },
    ] })
}

/// `answers` are those to the questions of this prompt.
pub fn get(name: &str, arguments: &Value, answers: &Map<String, Value>) -> Result<Value, Error> {
    let argument = |name: &str| {
        let missing = || Error::new(INVALID_PARAMS, format!("the argument {name} is missing"));
        arguments[name].as_str().ok_or_else(missing)
    };
    let messages = match name {
        "test_simple_prompt" => vec![content::text("This is a simple prompt for testing.")],
        "test_prompt_with_arguments" => {
            let (first, second) = (argument("arg1")?, argument("arg2")?);
            vec![content::text(format!("Prompt with arguments: arg1='{first}', arg2='{second}'"))]
        }
        "test_prompt_with_embedded_resource" => vec![
            content::resource(argument("resourceUri")?, "text/plain", "Embedded resource content for testing."),
            content::text("Please process the embedded resource above."),
        ],
        "test_prompt_with_image" => vec![content::image(), content::text("Please analyze the image above.")],
        "test_input_required_result_prompt" => {
            let context = answers.get("user_context").map_or(&Value::Null, |answer| &answer["content"]["context"]);
            vec![content::text(format!("Use this context: {}", context.as_str().unwrap_or("none")))]
        }
        _ => return Err(Error::new(INVALID_PARAMS, format!("there is no prompt {name}"))),
    };
    let messages: Vec<_> = messages.into_iter().map(|content| json!({ "role": "user", "content": content })).collect();
    Ok(json!({ "messages": messages }))
}

pub fn complete(argument: &Value) -> Value {
    let begun = argument["value"].as_str().unwrap_or_default();
    let values: Vec<_> = ["paris", "park", "party", "test"].into_iter().filter(|one| one.starts_with(begun)).collect();
    json!({ "completion": { "values": values, "total": values.len(), "hasMore": false } })
}
