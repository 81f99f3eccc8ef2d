//! The methods that are the same in both eras.

use serde_json::{Map, Value};

use super::{
    Fixture,
    caller::Caller,
    prompts, resources,
    rpc::{Error, METHOD_NOT_FOUND, Request},
    tools,
};

/// `answers` are those to the questions of the tool or the prompt.
pub async fn answer(
    fixture: &Fixture,
    request: &Request,
    answers: &Map<String, Value>,
    caller: &Caller,
) -> Result<Value, Error> {
    match request.method.as_str() {
        "tools/call" => tools::call(fixture, request.name(), request.param("arguments"), answers, caller).await,
        "prompts/get" => prompts::get(request.name(), request.param("arguments"), answers),
        _ => answer_at_once(request),
    }
}

pub fn answer_at_once(request: &Request) -> Result<Value, Error> {
    match request.method.as_str() {
        "tools/list" => Ok(tools::list()),
        "prompts/list" => Ok(prompts::list()),
        "resources/list" => Ok(resources::list()),
        "resources/templates/list" => Ok(resources::templates()),
        "completion/complete" => Ok(prompts::complete(request.param("argument"))),
        _ => Err(Error::new(METHOD_NOT_FOUND, format!("there is no method {}", request.method))),
    }
}
