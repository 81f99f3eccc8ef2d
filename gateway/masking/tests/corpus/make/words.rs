//! Words that hold or are such a name, and text, messages and images without any card.

use base64::{Engine, engine::general_purpose::STANDARD};
use serde_json::{Value, json};

use super::repeat;
use crate::corpus::{
    case::{Case, Format},
    rng::Rng,
};

const MEMBERS: &[&str] = &[
    r#""spin":1234"#,
    r#""company":"4111 Holdings""#,
    r#""pancake_count":482"#,
    r#""pin":13"#,
    r#""gpio":{"pin":4}"#,
    r#""cvv":null"#,
    r#""cvv":"""#,
    r#""cvv_check":"pass""#,
    r#""has_cvv":false"#,
    r#""cvv_result":"M""#,
    r#""pin_required":true"#,
    r#""pinned":4821"#,
    r#""mapping":4821"#,
    r#""shipping":318"#,
    r#""opinion":"123""#,
    r#""incident_id":318"#,
    r#""acid":"123""#,
    r#""cidr":"10.0.0.0/8""#,
    r#""cid":"customer-17""#,
    r#""placid":123"#,
    r#""success_count":4821"#,
    r#""cc":"bob@example.com""#,
    r#""pan":"ABCDE1234F""#,
    r#""panel":411"#,
    r#""japan":"1000001""#,
    r#""security_codes":[]"#,
    r#""security_code_required":true"#,
    r#""card":"visa""#,
    r#""card_type":"debit""#,
    r#""cardinality":123456789012"#,
    r#""card_count":4"#,
    r#""expand":123"#,
    r#""pins":[13,14]"#,
    r#""typing":1234"#,
    r#""card_number":null"#,
    r#""span":4821"#,
];

const SENTENCES: &[&str] = &[
    "The CVV did not match.",
    "Connect pin 13 and pin 14 of the header, then reboot.",
    "PIN entered 3 times; card blocked.",
    "Spin 1200 rounds per minute for 123 seconds.",
    "The company moved to 4111 Pancake Street, 12345 Springfield.",
    "Chapter 123: security codes of practice",
    "See section 3.3.1.2 of the standard, page 118.",
    "HTTP/1.1 404 Not Found, 318 bytes in 12 ms",
    "Room 4821, floor 12, phone extension 318",
    "We processed 1,204,331 payments in 2024 (up 14 %).",
    "error code 123 at line 4821",
    "pan the camera by 180 degrees, zoom 2.5x",
    "Java 17.0.11+9-LTS, pid 48213, rss 1048576 KiB",
    "cat /proc/48213/status | grep VmRSS # 1048576 kB",
    "Invoice INV-2024-000123 of 12/03/2024, due in 30 days",
    "Die Prüfung von 123 Karten dauerte 45 Minuten.",
    "0x7ffeefbff5c8 in main () at card.c:118",
    "MAC 00:1a:2b:3c:4d:5e joined, signal -48 dBm",
    "SELECT card_type, count(*) FROM payments GROUP BY 1 LIMIT 100",
];

pub fn cases() -> Vec<Case> {
    let mut cases = names();
    cases.extend(prose());
    cases.extend(messages());
    cases.extend(images());
    cases
}

fn names() -> Vec<Case> {
    let name = "other_names";
    repeat(MEMBERS.len() * 2, |turn| {
        let member = MEMBERS[turn % MEMBERS.len()];
        let text =
            if turn < MEMBERS.len() { format!("{{{member}}}") } else { format!(r#"{{"rows":[{{{member},"id":7}}]}}"#) };
        Case::decoy(name, Format::Json, text)
    })
}

fn prose() -> Vec<Case> {
    let name = "prose_without_cards";
    repeat(SENTENCES.len() * 2, |turn| {
        let sentence = SENTENCES[turn % SENTENCES.len()];
        if turn < SENTENCES.len() {
            Case::decoy(name, Format::Text, sentence)
        } else {
            let next = SENTENCES[(turn + 1) % SENTENCES.len()];
            Case::decoy(name, Format::Json, json!({"text": format!("{sentence}\n{next}")}).to_string())
        }
    })
}

fn messages() -> Vec<Case> {
    let name = "messages_without_cards";
    let rng = &mut Rng::of(name);
    repeat(40, |turn| {
        let id = rng.within(1, 1 << 40);
        let progress = json!({"progressToken": id, "progress": 12, "total": 318, "message": "reading 4,821 rows"});
        let message: Value = match turn % 4 {
            0 => json!({"jsonrpc": "2.0", "id": id, "result": {"content": [{"type": "text", "text": "12 rows"}]}}),
            1 => json!({"jsonrpc": "2.0", "method": "notifications/progress", "params": progress}),
            2 => {
                json!({"jsonrpc": "2.0", "id": id, "result": {"tools": [{"name": "get_card", "description": "By its PAN"}]}})
            }
            _ => json!({"jsonrpc": "2.0", "id": id, "error": {"code": -32601, "message": "Method not found"}}),
        };
        match turn / 4 % 2 {
            0 => Case::decoy(name, Format::Json, message.to_string()),
            _ => Case::decoy(name, Format::Sse, format!(": ping\n\nid: {turn}\nevent: message\ndata: {message}\n\n")),
        }
    })
}

/// No text, and most bytes no digits.
fn images() -> Vec<Case> {
    let name = "base64_image";
    let rng = &mut Rng::of(name);
    repeat(24, |turn| {
        let size = rng.within(200, 2000) as usize;
        let mut bytes = b"\x89PNG\r\n\x1a\n".to_vec();
        bytes.extend(rng.bytes(size));
        let data = STANDARD.encode(bytes);
        match turn % 3 {
            0 => {
                let content = json!([{"type": "image", "data": data, "mimeType": "image/png"}]);
                Case::decoy(name, Format::Json, json!({"content": content}).to_string())
            }
            1 => Case::decoy(name, Format::Text, format!("<img src=\"data:image/png;base64,{data}\">")),
            _ => Case::decoy(
                name,
                Format::Json,
                json!({"uri": "file:///a.png", "mimeType": "image/png", "blob": data}).to_string(),
            ),
        }
    })
}
