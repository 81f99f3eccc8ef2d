//! Messages of the Model Context Protocol.

use serde_json::{Value, json};

use super::repeat;
use crate::corpus::{
    case::{Case, Format},
    pan,
    rng::Rng,
    spelling::everyday,
};

pub fn cases() -> Vec<Case> {
    let name = "mcp_message";
    let rng = &mut Rng::of(name);
    repeat(120, |turn| {
        let (pan, written) = if turn % 8 == 2 {
            let pan = pan::any(rng);
            (pan.clone(), pan)
        } else {
            everyday(rng)
        };
        Case::plain(name, Format::Json, message(turn, &written).to_string()).hides(&pan).keeps("\"jsonrpc\":\"2.0\"")
    })
}

fn message(turn: usize, card: &str) -> Value {
    let result = |result: Value| json!({"jsonrpc": "2.0", "id": 7, "result": result});
    let notice = |method: &str, params: Value| json!({"jsonrpc": "2.0", "method": method, "params": params});
    match turn % 8 {
        0 => result(
            json!({"content": [{"type": "text", "text": format!("Found card {card} of Ana.")}], "isError": false}),
        ),
        1 => result(json!({"content": [], "structuredContent": {"rows": [{"id": 1, "number": card}]}})),
        2 => result(json!({"contents": [{"uri": format!("cards://{card}/profile"), "text": "Ana"}]})),
        3 => result(
            json!({"contents": [{"uri": "file:///cards.csv", "mimeType": "text/csv", "text": format!("id,n\n1,{card}\n")}]}),
        ),
        4 => notice(
            "notifications/progress",
            json!({"progressToken": 3, "progress": 5, "message": format!("charging {card}")}),
        ),
        5 => notice(
            "notifications/message",
            json!({"level": "info", "logger": "pay", "data": {"msg": "charged", "src": card}}),
        ),
        6 => {
            json!({"jsonrpc": "2.0", "id": 7, "error": {"code": -32602, "message": format!("unknown card: {card}"), "data": {"given": card}}})
        }
        _ => result(
            json!({"messages": [{"role": "user", "content": {"type": "text", "text": format!("Refund {card}?")}}]}),
        ),
    }
}
