//! Multi-round-trip requests of 2026-07-28: the server answers with its questions, and the client asks again with the
//! answers. Between the rounds the server remembers nothing.

use serde_json::{Map, Value, json};

use super::{
    questions::{Questions, capability, declares, questions},
    rpc::{Error, INVALID_PARAMS, MISSING_REQUIRED_CLIENT_CAPABILITY, Request},
    seal::Seal,
};

/// These carry a state from round to round. The others stand on the answers alone.
const WITH_STATE: [&str; 5] = [
    "test_input_required_result_request_state",
    "test_input_required_result_multiple_inputs",
    "test_input_required_result_multi_round",
    "test_input_required_result_tampered_state",
    "test_input_required_result_capabilities",
];

pub enum Turn {
    /// An `InputRequiredResult`.
    Ask(Value),
    Answered(Map<String, Value>),
}

pub fn turn(request: &Request, capabilities: &Value, seal: &Seal) -> Result<Turn, Error> {
    let (name, arguments) = (request.name(), request.param("arguments"));
    let (round, mut answers) = remembered(request, seal)?;
    let given = given(request)?;

    let asked = questions(name, arguments, capabilities, round);
    require(capabilities, &asked)?;
    let state_is_missing = WITH_STATE.contains(&name) && request.param("requestState").is_null();
    if state_is_missing || !asked.keys().all(|key| given.contains_key(key)) {
        return Ok(ask(name, asked, round, answers, seal));
    }
    answers.extend(given.into_iter().filter(|(key, _)| asked.contains_key(key)));

    let next = questions(name, arguments, capabilities, round + 1);
    require(capabilities, &next)?;
    Ok(ask(name, next, round + 1, answers, seal))
}

fn ask(name: &str, asked: Questions, round: u64, answers: Map<String, Value>, seal: &Seal) -> Turn {
    if asked.is_empty() {
        return Turn::Answered(answers);
    }
    let mut result = json!({ "resultType": "input_required", "inputRequests": asked });
    if WITH_STATE.contains(&name) {
        let state = json!({ "name": name, "round": round, "answers": answers });
        result["requestState"] = seal.close(&state).into();
    }
    Turn::Ask(result)
}

/// The round this is, and the answers of those before.
fn remembered(request: &Request, seal: &Seal) -> Result<(u64, Map<String, Value>), Error> {
    let sealed = match request.param("requestState") {
        Value::Null => return Ok((0, Map::new())),
        sealed => sealed.as_str().unwrap_or_default(),
    };
    let state = seal.open(sealed).filter(|state| state["name"] == request.name());
    let state = state.ok_or_else(|| Error::new(INVALID_PARAMS, "requestState is not what this server gave out"))?;
    let answers = state["answers"].as_object().cloned().unwrap_or_default();
    Ok((state["round"].as_u64().unwrap_or_default(), answers))
}

fn given(request: &Request) -> Result<Map<String, Value>, Error> {
    match request.params.get("inputResponses") {
        None => Ok(Map::new()),
        Some(Value::Object(given)) if given.values().all(Value::is_object) => Ok(given.clone()),
        Some(_) => Err(Error::new(INVALID_PARAMS, "inputResponses is an object of objects")),
    }
}

fn require(capabilities: &Value, asked: &Questions) -> Result<(), Error> {
    let missing: Map<_, _> = asked
        .values()
        .filter(|question| !declares(capabilities, question))
        .map(|question| (capability(question).to_owned(), json!({})))
        .collect();
    if missing.is_empty() {
        return Ok(());
    }
    Err(Error::new(MISSING_REQUIRED_CLIENT_CAPABILITY, "the client did not declare what this needs")
        .with(json!({ "requiredCapabilities": missing })))
}
