//! The gateway's own words on the MCP leg.

use hoop_mcp::{Era, Id, Message};
use hoop_model::{Fault, Side};
use serde_json::{Value, json};

use super::posted::Posted;

/// Where the protocol leaves application codes: outside -32768…-32000 (`mcp-protocol.md` §1).
const REFUSED: i64 = -31001;
const UPSTREAM: i64 = -31002;
const UNAVAILABLE: i64 = -31003;

/// A failure as the JSON-RPC error of the call, or as a note to the log where there is no call.
pub(super) fn failure(id: Option<&Id>, fault: &Fault) -> Vec<u8> {
    tracing::info!(code = %fault.code, detail = fault.detail, "an MCP exchange failed");
    let code = match fault.side {
        Side::Client | Side::Policy => REFUSED,
        Side::Upstream => UPSTREAM,
        Side::Agent | Side::Internal => UNAVAILABLE,
    };
    let data = json!({ "code": fault.code, "side": fault.side, "retry": fault.retry });
    json!({
        "jsonrpc": "2.0",
        "id": id.map_or(Value::Null, Id::to_value),
        "error": { "code": code, "message": fault.text, "data": data },
    })
    .to_string()
    .into_bytes()
}

/// A refusal of a tool call is a result that a model can read; of anything else, an error.
pub(super) fn refusal(posted: &Posted, fault: &Fault) -> Vec<u8> {
    match &posted.message {
        Message::Request { id, method, .. } if method == "tools/call" => told(id, posted.era, &fault.text),
        Message::Request { id, .. } => failure(Some(id), fault),
        _ => failure(None, fault),
    }
}

/// A tool result that says `text` and counts as an error.
pub(super) fn told(id: &Id, era: Era, text: &str) -> Vec<u8> {
    let mut result = json!({ "content": [{ "type": "text", "text": text }], "isError": true });
    if let (Era::Modern, Some(members)) = (era, result.as_object_mut()) {
        members.insert("resultType".to_owned(), Value::from("complete"));
    }
    json!({ "jsonrpc": "2.0", "id": id.to_value(), "result": result }).to_string().into_bytes()
}

/// Progress on a call that waits.
pub(super) fn waiting(token: &Value, step: u64, text: &str) -> Vec<u8> {
    json!({
        "jsonrpc": "2.0",
        "method": "notifications/progress",
        "params": { "progressToken": token, "progress": step, "message": text },
    })
    .to_string()
    .into_bytes()
}
