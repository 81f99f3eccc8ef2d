use std::{
    fs,
    os::unix::fs::FileExt,
    path::{Path, PathBuf},
};

use hoop_audit::{
    RecordType,
    segment::{Frame, Frames, MAGIC},
};
use hoop_dev::client::snowflake::Client;
use hoop_tests::{Listener, Program, Stack};
use serde_json::Value;
use tokio::runtime::Runtime;

use crate::read::Trail;

const SQL: &str = "SELECT id, card_number, amount FROM payments WHERE id < 4";

/// A stack in which alice asked something, and the session's id.
pub(crate) fn recorded() -> (Stack, String) {
    let stack = Stack::start();
    let listener = Listener::open(&stack, "alice", "snowflake");
    Runtime::new().unwrap().block_on(async {
        let mut client = Client::connect(listener.address().parse().unwrap(), listener.secret()).await.unwrap();
        client.query(SQL).await.unwrap();
        assert!(client.query("SELECT nothing FROM nowhere").await.is_err());
    });
    let id = listener.ready["session"].as_str().unwrap().to_owned();
    (stack, id)
}

#[test]
fn a_session_is_shown_as_it_went_and_that_somebody_looked_is_recorded() {
    let (stack, id) = recorded();
    let shown = stack.run("carol", &["sessions", "replay", &id, "--reason", "incident 42"]).ok();
    for words in ["START", "alice@", "on snowflake", SQL, "allow", "delivered", "pan masked", "CARD_NUMBER", "******"] {
        assert!(shown.stdout.contains(words), "{words}: {}", shown.stdout);
    }
    assert!(shown.stderr.contains("each follows the one before it"), "{}", shown.stderr);
    let rows = stack.run("carol", &["sessions", "replay", &id, "--rows", "1"]).ok();
    assert!(rows.stdout.contains("more rows"), "{}", rows.stdout);
    let late = stack.run("carol", &["sessions", "replay", &id, "--at", "3600"]).ok();
    assert!(!late.stdout.contains(SQL), "{}", late.stdout);

    let lines = stack.run("alice", &["sessions", "replay", &id, "--format", "ndjson"]).ok().stdout;
    let documents: Vec<Value> = lines.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    assert!(documents.iter().all(|document| document["kind"] == "session_record" && document["problem"].is_null()));
    let rowset = |document: &Value| document["delivered"]["data"]["rowset"].as_array().map(Vec::len);
    assert!(documents.iter().any(|document| rowset(document) == Some(3)), "{lines}");
    let command = |document: &Value| document["record"]["command"] == SQL;
    assert_eq!(documents.iter().filter(|document| command(document)).count(), 1);

    let refused = stack.run("bob", &["sessions", "replay", &id]);
    assert_eq!(refused.code, Some(1), "{}{}", refused.stdout, refused.stderr);
    assert!(refused.stderr.contains("there is no session"), "{}", refused.stderr);
    let trail = stack.ready.data_dir.join("gateway/trail");
    let kinds = Trail::read(&trail).kinds;
    assert_eq!(kinds[&RecordType::AuditRead], 4, "whoever looked, and nobody else");
    let mut reasons = Vec::new();
    hoop_recording::records(&trail, |record, _| reasons.extend(record.draft.detail.get("reason").cloned())).unwrap();
    assert_eq!(reasons, ["incident 42"]);
}

/// Inline and in a chunk, each of Snowflake's types, as drivers show them; what is masked is.
#[test]
fn answers_in_arrow_are_tables_of_what_they_hold() {
    let stack = Stack::start();
    let listener = Listener::open(&stack, "alice", "snowflake");
    let id = listener.ready["session"].as_str().unwrap().to_owned();
    Runtime::new().unwrap().block_on(async {
        let mut client = Client::connect(listener.address().parse().unwrap(), listener.secret()).await.unwrap();
        let sql = "SELECT 1 /*hoop: table=types rows=8 chunks=1 format=arrow */";
        let answer = client.answer(sql).await.unwrap();
        let chunk = answer.pointer("/data/chunks/0/url").and_then(Value::as_str).unwrap();
        let path = chunk.split_once("://").and_then(|(_, rest)| rest.split_once('/')).unwrap().1;
        client.chunk(&format!("/{path}"), &[]).await.unwrap();
    });
    for format in ["table", "html"] {
        let shown = stack.run("carol", &["sessions", "replay", &id, "--format", format]).ok().stdout;
        for words in [
            "WIDE_PRICE",
            "-123456789012345678901234.5678",
            "1234567.8901",
            "411111******",
            "2023-12-09",
            "01:01:01.001000001",
            "2023-11-15 22:14:21.001000001",
            "2023-11-14T22:13:20Z",
            "2023-11-15 00:13:20 +02:00",
            "[0.5,1.5,1.0]",
            "NULL",
        ] {
            assert!(shown.contains(words), "{format}: {words}: {shown}");
        }
        assert!(!shown.contains("Arrow"), "{format}: {shown}");
        assert_eq!(shown.matches("1234567.8901").count(), 7, "{format}: each row but the one that is NULL");
    }
}

/// What is recorded while somebody looks is shown too, and the end of the session ends it.
#[test]
fn a_live_session_is_followed_to_its_end() {
    let stack = Stack::start();
    let listener = Listener::open(&stack, "alice", "snowflake");
    let id = listener.ready["session"].as_str().unwrap().to_owned();
    let mut following = Program::start(stack.hoopctl("carol").args(["sessions", "follow", &id, "--format", "ndjson"]));
    let kind = |document: &Value| document["record"]["type"].as_str().unwrap().to_owned();
    assert_eq!(kind(&following.json_line()), "session_start");
    Runtime::new().unwrap().block_on(async {
        let mut client = Client::connect(listener.address().parse().unwrap(), listener.secret()).await.unwrap();
        client.query(SQL).await.unwrap();
    });
    let asked = (0..20).map(|_| following.json_line()).find(|document| document["record"]["command"] == SQL);
    assert!(asked.is_some(), "the command, while the session goes on");
    listener.program.terminate();
    let followed = following.finish();
    assert_eq!(followed.code, Some(0), "{}", followed.stderr);
    assert!(followed.stdout.lines().last().unwrap().contains("session_end"), "{}", followed.stdout);
}

/// Somebody who can make checksums good edits the files under the running gateway.
#[test]
fn what_is_not_as_it_was_written_is_said_and_shown() {
    for (name, edit, words) in [
        ("an answer", edit_answer as fn(&Path), "payload is not the one it commits to"),
        ("a command", edit_command, "does not follow record"),
    ] {
        let (stack, id) = recorded();
        edit(&segment(&stack));
        let shown = stack.run("carol", &["sessions", "replay", &id]);
        assert_eq!(shown.code, Some(9), "{name}: {}{}", shown.stdout, shown.stderr);
        assert!(shown.stdout.contains("NOT AS WRITTEN") && shown.stdout.contains(words), "{name}: {}", shown.stdout);
        assert!(shown.stderr.contains("do not hold"), "{name}: {}", shown.stderr);
        // All records are held against each other from the first on; what was delivered only from where somebody looks.
        let late = stack.run("carol", &["sessions", "replay", &id, "--at", "3600"]);
        assert_eq!(late.code, Some(if name == "an answer" { 0 } else { 9 }), "{name}: {}", late.stderr);
    }
}

pub(crate) fn segment(stack: &Stack) -> PathBuf {
    stack.ready.data_dir.join("gateway/trail/segment-00000000000000000000.log")
}

pub(crate) fn edit_answer(path: &Path) {
    reframed(path, |frame| match frame {
        Frame::Payload(payload) if String::from_utf8_lossy(payload.stored).contains("411111******1111") => {
            let other = String::from_utf8_lossy(payload.stored).replace("411111******1111", "550000******0004");
            Some((Vec::new(), other.into_bytes()))
        }
        _ => None,
    });
}

fn edit_command(path: &Path) {
    reframed(path, |frame| match frame {
        Frame::Record(record) if String::from_utf8_lossy(record).contains("WHERE id < 4") => {
            Some((String::from_utf8_lossy(record).replace("WHERE id < 4", "WHERE id < 9").into_bytes(), Vec::new()))
        }
        _ => None,
    });
}

/// Writes a segment anew with what `edit` makes of some frames: a record, or a payload's bytes.
fn reframed(path: &Path, edit: impl Fn(&Frame<'_>) -> Option<(Vec<u8>, Vec<u8>)>) {
    let bytes = fs::read(path).unwrap();
    let mut forged = MAGIC.to_vec();
    let mut edited = 0;
    for frame in Frames::new(&bytes) {
        let frame = frame.unwrap().1;
        let Some((record, stored)) = edit(&frame) else {
            frame.write(&mut forged).unwrap();
            continue;
        };
        edited += 1;
        match frame {
            Frame::Payload(mut payload) => {
                payload.stored = &stored;
                Frame::Payload(payload).write(&mut forged).unwrap();
            }
            _ => Frame::Record(&record).write(&mut forged).unwrap(),
        }
    }
    assert!(edited > 0, "nothing to edit");
    // The writer goes on where it was, and may have gone on already.
    let file = fs::OpenOptions::new().write(true).open(path).unwrap();
    file.write_all_at(&forged, 0).unwrap();
}
