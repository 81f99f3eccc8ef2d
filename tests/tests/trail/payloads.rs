use std::{io::Read, sync::Arc};

use hoop_audit::{Draft, PayloadOf, RecordType};
use hoop_recording::entries_from;
use hoop_tests::{
    Stack,
    raw::{Raw, unique},
};
use serde_json::json;
use tokio::runtime::Runtime;

/// What the client got lies beside the log byte by byte, and what was too long for a record whole.
#[test]
fn what_was_delivered_is_kept_byte_by_byte_and_a_long_command_whole() {
    let stack = Stack::start();
    let raw = Raw::open(&stack, "alice", &Arc::new(Runtime::new().unwrap()), &["4111111111111111"]);
    let (token, _) = raw.tokens();
    let names = (0..3000).map(|n| format!("'name {n}'")).collect::<Vec<_>>().join(", ");
    let sql = format!("SELECT id, name FROM products WHERE name NOT IN ({names})");
    let request = json!({ "sqlText": sql, "sequenceId": 1 }).to_string();
    let path = format!("/queries/v1/query-request?requestId={}", unique());
    let answer = raw.send("POST", &path, &token, request);
    assert!(String::from_utf8_lossy(&answer.body).contains("rowset"), "{}", answer.body.escape_ascii());

    let (mut delivered, mut long) = (Vec::new(), None);
    let trail = stack.ready.data_dir.join("gateway/trail");
    let keep = |record: hoop_audit::Record, _: &[u8], payload: Option<hoop_audit::payload::Payload<'_>>| {
        assert_eq!(record.draft.payload.is_some(), payload.is_some(), "record {}", record.seq);
        let (Some(facts), Some(payload)) = (record.draft.payload, payload) else { return };
        payload.check(&facts).unwrap();
        let mut bytes = Vec::new();
        payload.open().unwrap().read_to_end(&mut bytes).unwrap();
        match facts.of {
            PayloadOf::Delivered => delivered.push(bytes),
            PayloadOf::Draft => long = Some((record.draft.kind, record.draft.command, bytes)),
        }
    };
    entries_from(&trail, 0, keep).unwrap();
    assert!(delivered.iter().any(|bytes| *bytes == answer.body), "the answer as it came");
    let (kind, cut, whole) = long.expect("a command that is too long for its record");
    assert_eq!(kind, RecordType::Request);
    assert!(cut.unwrap().ends_with(&format!("… [{} bytes in all]", sql.len())));
    let whole: Draft = serde_json::from_slice(&whole).unwrap();
    assert_eq!(whole.command.as_deref(), Some(sql.as_str()));
}
