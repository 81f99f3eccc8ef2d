//! Event streams.

use serde_json::json;

use super::repeat;
use crate::corpus::{
    case::{Case, Format},
    rng::Rng,
    spelling::everyday,
};

pub fn cases() -> Vec<Case> {
    let name = "sse";
    let rng = &mut Rng::of(name);
    repeat(84, |turn| {
        let (pan, written) = everyday(rng);
        let message = |card: &str| json!({"jsonrpc": "2.0", "id": 1, "result": {"content": [{"type": "text", "text": format!("card {card}")}]}});
        let progress = json!({"jsonrpc": "2.0", "method": "notifications/progress", "params": {"progress": 1}});
        let text = match turn % 6 {
            0 => format!("event: message\ndata: {}\n\n", message(&written)),
            1 => format!(
                "id: 4\nevent: message\ndata: {progress}\n\nid: 5\nevent: message\ndata: {}\n\n",
                message(&written)
            ),
            2 => format!(": ping\n\ndata: card {written} charged\n\n"),
            3 => format!("retry: 3000\ndata: {}\n\ndata: {}\n\n", json!({"delta": "ok"}), json!({"delta": written})),
            4 => format!("data: Dear Ana,\ndata: your card {written}\ndata: was replaced.\n\n"),
            _ => {
                let pretty = serde_json::to_string_pretty(&json!({"type": "row", "values": [1, written]})).unwrap();
                pretty.lines().map(|line| format!("data: {line}\n")).collect::<String>() + "\n"
            }
        };
        let text = if turn % 7 == 0 { text.replace('\n', "\r\n") } else { text };
        Case::plain(name, Format::Sse, text).hides(&pan)
    })
}
