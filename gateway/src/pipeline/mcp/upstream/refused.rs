//! What an upstream's refusal means: its own JSON-RPC error, a server of the other era, or a failure.

use ::http::StatusCode;
use hoop_masking::Masker;
use hoop_mcp::{
    Era, Message,
    era::{LEGACY, MODERN},
    modern::{self, Refusal},
};
use hoop_model::{Fault, Retry, Side};
use serde_json::Value;

use super::{super::asked::Asked, words};

/// An answer whose status says no: as the message for the client, with its status.
pub(super) fn read(
    status: StatusCode,
    body: &[u8],
    asked: &Asked,
    masker: &Masker,
) -> Result<(Message, StatusCode), Fault> {
    let answer = Message::parse(body).ok().filter(|message| asked.is_answered_by(message));
    match (asked.era, answer) {
        (Era::Modern, Some(answer)) if modern::is_modern_error(status, &answer) => Ok((answer, status)),
        (Era::Modern, _) if asked.id.is_some() && knows_another_era(status) => Ok(other_era(asked, LEGACY.into())),
        (Era::Legacy, Some(answer)) if asked.initializes && modern::is_modern_error(status, &answer) => {
            Ok(other_era(asked, supported(&answer)))
        }
        (Era::Legacy, _) if status == StatusCode::NOT_FOUND => {
            Err(Fault::new(Side::Upstream, "session_gone", Retry::Safe, "the MCP server no longer knows this session"))
        }
        (Era::Legacy, Some(answer)) if status == StatusCode::BAD_REQUEST => Ok((answer, status)),
        _ => Err(failure(status, words::of(body, masker).as_deref())),
    }
}

/// An answer whose status says nothing: a server of the old era does not know what begins the new one.
pub(super) fn look(answer: Message, asked: &Asked, status: StatusCode) -> (Message, StatusCode) {
    let unknown = matches!(&answer, Message::Response { answer: Err(error), .. }
        if error.get("code").and_then(Value::as_i64) == Some(-32601));
    if asked.discovers && unknown { other_era(asked, LEGACY.into()) } else { (answer, status) }
}

/// Statuses with which a server of the old era answers a request without a session.
fn knows_another_era(status: StatusCode) -> bool {
    matches!(
        status,
        StatusCode::BAD_REQUEST | StatusCode::NOT_FOUND | StatusCode::METHOD_NOT_ALLOWED | StatusCode::NOT_ACCEPTABLE
    )
}

/// What a server of the new era says that it supports.
fn supported(answer: &Message) -> Vec<&str> {
    let Message::Response { answer: Err(error), .. } = answer else { return vec![MODERN] };
    let named = error.pointer("/data/supported").and_then(Value::as_array);
    named.map_or_else(|| vec![MODERN], |named| named.iter().filter_map(Value::as_str).collect())
}

/// The spec's error for a revision that the server does not speak (2026-07-28/basic/versioning).
fn other_era(asked: &Asked, supported: Vec<&str>) -> (Message, StatusCode) {
    let requested = asked.revision.clone().unwrap_or_default();
    let refusal = Refusal::Version { requested, supported: supported.into_iter().map(str::to_owned).collect() };
    let status = refusal.status();
    // A message without an id is never answered so.
    let id = asked.id.clone().unwrap_or(hoop_mcp::Id::Text(String::new()));
    (Message::Response { id, answer: Err(refusal.error()), rest: serde_json::Map::new() }, status)
}

/// With the server's own `words`, which may echo what was asked: masked.
pub(super) fn failure(status: StatusCode, words: Option<&str>) -> Fault {
    let mut text = format!("the MCP server answered HTTP {}", status.as_u16());
    if let Some(words) = words {
        text.push_str(&format!(": {words}"));
    }
    Fault::new(Side::Upstream, "upstream_refused", Retry::Unsafe, text)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::indexing_slicing)]
    use super::{super::super::posted::Posted, *};

    fn asked(era: Era, method: &str) -> Asked {
        let params = match era {
            Era::Legacy => r#"{"protocolVersion":"2025-11-25"}"#,
            Era::Modern => r#"{"_meta":{"io.modelcontextprotocol/protocolVersion":"2026-07-28"}}"#,
        };
        let text = format!(r#"{{"jsonrpc":"2.0","id":7,"method":"{method}","params":{params}}}"#);
        Asked::of(&Posted::alone(era, Message::parse(text.as_bytes()).unwrap()))
    }

    fn error(code: i64) -> String {
        format!(r#"{{"jsonrpc":"2.0","id":7,"error":{{"code":{code},"message":"x","data":{{"a":1}}}}}}"#)
    }

    fn said(status: u16, body: &str, asked: &Asked) -> Result<(u16, i64, Value), String> {
        let status = StatusCode::from_u16(status).unwrap();
        let (message, status) =
            read(status, body.as_bytes(), asked, &Masker::default()).map_err(|fault| fault.code.to_string())?;
        let value = message.into_value();
        Ok((status.as_u16(), value["error"]["code"].as_i64().unwrap(), value["error"]["data"].clone()))
    }

    #[test]
    fn an_error_of_the_new_era_is_passed_with_its_status() {
        let call = asked(Era::Modern, "tools/call");
        for (status, code) in [(400, -32020), (400, -32021), (400, -32022), (400, -32602), (404, -32601)] {
            assert_eq!(said(status, &error(code), &call), Ok((status, code, serde_json::json!({ "a": 1 }))));
        }
    }

    #[test]
    fn a_server_of_the_old_era_is_named_to_a_client_of_the_new() {
        let (status, code, data) = said(400, "Bad Request: No session", &asked(Era::Modern, "tools/list")).unwrap();
        assert_eq!((status, code), (400, -32022));
        assert_eq!((&data["requested"], &data["supported"][0]), (&MODERN.into(), &"2025-11-25".into()));
        let unknown = Message::parse(error(-32601).as_bytes()).unwrap();
        let (answer, status) = look(unknown, &asked(Era::Modern, "server/discover"), StatusCode::OK);
        assert_eq!((status.as_u16(), &answer.into_value()["error"]["code"]), (400, &(-32022).into()));
    }

    #[test]
    fn a_server_of_the_new_era_is_named_to_a_client_of_the_old() {
        let begin = asked(Era::Legacy, "initialize");
        let named = r#"{"jsonrpc":"2.0","id":7,"error":{"code":-32022,"message":"x","data":{"supported":["2026-07-28","2027-01-01"]}}}"#;
        let (_, code, data) = said(400, named, &begin).unwrap();
        assert_eq!((code, &data["requested"]), (-32022, &"2025-11-25".into()));
        assert_eq!(data["supported"], serde_json::json!(["2026-07-28", "2027-01-01"]));
        let (_, code, data) = said(404, &error(-32601), &begin).unwrap();
        assert_eq!((code, &data["supported"]), (-32022, &serde_json::json!([MODERN])));
    }

    #[test]
    fn any_other_refusal_is_told_as_what_it_is() {
        let (call, gone) = (asked(Era::Legacy, "tools/call"), Err("session_gone".to_owned()));
        assert_eq!(said(404, &error(-32001), &call), gone);
        assert_eq!(said(403, "no", &asked(Era::Modern, "tools/call")), Err("upstream_refused".to_owned()));
        assert_eq!(said(500, &error(-32603), &call), Err("upstream_refused".to_owned()));
        assert_eq!(said(400, &error(-32600), &call).map(|(_, code, _)| code), Ok(-32600));
    }
}
