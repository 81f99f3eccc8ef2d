//! The Snowflake Python connector, unmodified: what it gets through the gateway against what it gets directly.

use std::{
    collections::BTreeSet,
    fs::File,
    process::Stdio,
    time::{Duration, Instant},
};

use hoop_model::{Timestamp, later};

use hoop_tests::{
    Finished, Listener, Program, Raw, Stack, Upstream,
    cards::{self, made},
    parity::{MARKER, PANS, READ, SETUP, expected, masked, nothing_in_clear, statements},
    peers::{self, Server},
};
use serde_json::{Value, json};

/// Starts the connector with its settings and statements in a file.
fn connector(settings: &Value, statements: &[Value]) -> (tempfile::TempDir, std::process::Command) {
    let dir = tempfile::TempDir::new().unwrap();
    let document = dir.path().join("run.json");
    serde_json::to_writer(File::create(&document).unwrap(), &json!({ "connect": settings, "statements": statements }))
        .unwrap();
    let mut command = peers::python("snowflake");
    command.arg(peers::path("sf_query.py")).arg(document).stdin(Stdio::null());
    (dir, command)
}

/// The connector's events; it must have connected and closed.
#[track_caller]
fn run(settings: &Value, statements: &[Value]) -> Vec<Value> {
    let (_dir, mut command) = connector(settings, statements);
    let finished = Finished::of(&mut command).ok();
    let events: Vec<Value> = finished.stdout.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    assert_eq!(events.first().unwrap()["event"], "connected");
    assert_eq!(events.last().unwrap()["event"], "closed");
    events
}

fn python(listener: &Listener) -> Value {
    listener.ready["settings"]["python"].clone()
}

/// Over fifty statements against fakesnow, directly and through the gateway: equal, but for the card numbers.
#[test]
fn the_connector_gets_what_it_gets_directly_with_cards_masked() {
    let fakesnow = Server::start(peers::python("fakesnow").arg(peers::path("fakesnow_server.py")));
    let connect = &fakesnow.ready["connect"];
    for event in run(connect, &statements(SETUP)) {
        assert_ne!(event["event"], "error", "{event}");
    }
    let stack = Stack::with(&["--snowflake", fakesnow.ready["url"].as_str().unwrap()]);
    let listener = Listener::open(&stack, "alice", "snowflake");
    let statements = statements(READ);
    assert!(statements.len() >= 40, "{}", statements.len());
    let direct = run(connect, &statements);
    let through = run(&python(&listener), &statements);

    assert_eq!(direct.len(), through.len());
    let mut found = BTreeSet::new();
    let mut differing = Vec::new();
    for (direct, through) in direct.iter().zip(&through).filter(|(event, _)| event["event"] != "connected") {
        let (wanted, got) = (expected(direct, &mut found), expected(through, &mut BTreeSet::new()));
        if wanted != got {
            differing.push(format!("expected {wanted}\n     got {got}"));
        }
    }
    assert!(differing.is_empty(), "{} differ:\n{}", differing.len(), differing.join("\n"));
    assert_eq!(found.len(), PANS.len(), "directly there were only {found:?}");
    nothing_in_clear(&through);
}

/// 100,000 rows, of which 100 hold a card number as text and 100 as a number.
#[test]
fn a_hundred_thousand_rows_are_the_same_with_cards_masked() {
    let fakesnow = Server::start(peers::python("fakesnow").arg(peers::path("fakesnow_server.py")));
    let connect = &fakesnow.ready["connect"];
    run(connect, &statements(SETUP));
    let stack = Stack::with(&["--snowflake", fakesnow.ready["url"].as_str().unwrap()]);
    let listener = Listener::open(&stack, "alice", "snowflake");
    let through = run(
        &python(&listener),
        &[json!({ "sql": "SELECT id, note, number FROM shop.main.large ORDER BY id", "digest": true })],
    );
    // The same rows masked by the upstream itself have the same digest.
    let (note, number) = (masked(cards::VISA, '*'), masked(cards::MASTERCARD, '0'));
    let by_hand = format!(
        "SELECT id, REPLACE(note, '{}', '{note}') AS note, \
         CASE WHEN number = {} THEN {number} ELSE number END AS number FROM shop.main.large ORDER BY id",
        cards::VISA,
        cards::MASTERCARD
    );
    let direct = run(connect, &[json!({ "sql": by_hand, "digest": true })]);
    assert_eq!(through[1]["count"], 100_000, "{}", through[1]);
    for part in ["count", "sha256", "first", "last"] {
        assert_eq!(through[1][part], direct[1][part], "{part}");
    }
}

/// Whoever left: nothing of theirs stays open upstream.
#[test]
fn with_a_session_its_upstream_sessions_end() {
    let upstream = Upstream::start();
    let stack = Stack::with(&["--snowflake", upstream.snowflake.url()]);
    let runtime = std::sync::Arc::new(tokio::runtime::Runtime::new().unwrap());
    let client = Raw::open(&stack, "alice", &runtime, &[MARKER]);
    for _ in 0..2 {
        let (token, _) = client.tokens();
        assert_eq!(client.query(&token, "SELECT 1")["success"], true);
    }
    let bearer = format!("Bearer {}", client.listener.secret());
    let headers = [("authorization", bearer.as_str())];
    client.send_with("POST", "/api/v2/statements", &headers, json!({ "statement": "SELECT 1" }).to_string());
    assert_eq!(upstream.snowflake.open_sessions(), 3);
    client.listener.program.terminate();
    let until = Instant::now() + Duration::from_secs(30);
    while upstream.snowflake.open_sessions() > 0 {
        assert!(Instant::now() < until, "{} sessions are open", upstream.snowflake.open_sessions());
        std::thread::yield_now();
    }
}

/// Longer than the first answer may take and a whole poll after it: the connector is told to ask again, and does.
#[test]
fn a_statement_held_over_several_polls_resumes() {
    let upstream = Upstream::start();
    let stack = Stack::with(&["--snowflake", upstream.snowflake.url()]);
    let listener = Listener::open(&stack, "alice", "snowflake");
    let sql = "UPDATE payments SET status = 'refunded' WHERE id = 8";
    let (_dir, mut command) = connector(&python(&listener), &[sql.into()]);
    let mut client = Program::start(&mut command);
    assert_eq!(client.json_line()["event"], "connected");
    let request = stack.held();
    let since: Timestamp = request["request"]["created_at"].as_str().unwrap().parse().unwrap();
    let polled = Duration::from_secs(4 + 28 + 2);
    std::thread::sleep(later(since, polled).duration_since(Timestamp::now()).unsigned_abs());
    assert_eq!(upstream.executed(sql), 0);
    stack.run("bob", &["approve", request["request"]["id"].as_str().unwrap(), "--reason", "ticket OPS-8"]).ok();
    let result = client.json_line();
    assert_eq!((&result["event"], &result["rowcount"]), (&"result".into(), &1.into()), "{result}");
    assert_eq!(client.json_line()["event"], "closed");
    assert_eq!(upstream.executed(sql), 1);
}

/// A column of each type that Snowflake has, in both result formats, against the double itself.
#[test]
fn every_type_is_what_it_is_directly() {
    let upstream = Upstream::start();
    let stack = Stack::with(&["--snowflake", upstream.snowflake.url()]);
    let listener = Listener::open(&stack, "alice", "snowflake");
    let direct = upstream.settings();
    let statements: Vec<Value> = ["json", "arrow", "arrow rows=40 chunks=3", "json rows=40 chunks=3"]
        .iter()
        .map(|format| format!("SELECT /*hoop: table=types format={format} */ * FROM products").into())
        .collect();
    let (direct, through) = (run(&direct, &statements), run(&python(&listener), &statements));
    for (direct, through) in direct.iter().zip(&through).filter(|(event, _)| event["event"] == "result") {
        assert_eq!(direct["description"], through["description"], "{}", direct["sql"]);
        let (rows, masked) = (direct["rows"].as_array().unwrap(), through["rows"].as_array().unwrap());
        assert_eq!(rows.len(), masked.len());
        let mut same = 0;
        for (index, (row, masked)) in rows.iter().zip(masked).enumerate() {
            let pan = made(index);
            for (cell, masked) in row.as_array().unwrap().iter().zip(masked.as_array().unwrap()) {
                assert_eq!(cell[0], masked[0], "the type changed: {cell} {masked}");
                let (text, shown) = (cell.to_string(), masked.to_string());
                if !text.contains(&pan) && !text.contains(&hex(&pan)) {
                    assert_eq!(text, shown, "row {index} of {}", direct["sql"]);
                    same += 1;
                } else {
                    assert!(shown.contains(&pan[..6]) || shown.contains(&hex(&pan[..6])), "{shown}");
                    assert!(!shown.contains(&pan) && !shown.contains(&hex(&pan)), "{shown}");
                }
            }
        }
        assert!(same > rows.len() * 10, "only {same} cells without a card");
    }
}

fn hex(text: &str) -> String {
    text.bytes().map(|byte| format!("{byte:02x}")).collect()
}

/// A statement that waits: the connector polls and knows nothing of it, and gets its result once bob approved.
#[test]
fn a_held_update_resumes_after_the_approval() {
    let stack = Stack::start();
    let listener = Listener::open(&stack, "alice", "snowflake");
    let sql = "UPDATE payments SET status = 'refunded' WHERE id = 7";
    let (_dir, mut command) = connector(&python(&listener), &[sql.into()]);
    let mut client = Program::start(&mut command);
    assert_eq!(client.json_line()["event"], "connected");
    let own = stack.run("alice", &["approve", &held(&stack)]);
    assert_ne!(own.code, Some(0), "alice approved her own statement: {}", own.stdout);
    stack.run("bob", &["approve", "--oldest", "--reason", "ticket OPS-7"]).ok();
    let result = client.json_line();
    assert_eq!((&result["event"], &result["rowcount"]), (&"result".into(), &1.into()), "{result}");
    assert_eq!(client.json_line()["event"], "closed");

    let check = run(&python(&listener), &["SELECT status FROM payments WHERE id = 7".into()]);
    assert_eq!(check[1]["rows"], json!([[["str", "'refunded'"]]]), "{}", check[1]);
}

#[test]
fn a_denied_update_fails_in_the_driver_with_the_reason() {
    let stack = Stack::start();
    let listener = Listener::open(&stack, "alice", "snowflake");
    let sql = "UPDATE payments SET status = 'refunded' WHERE id = 9";
    let (_dir, mut command) =
        connector(&python(&listener), &[sql.into(), "SELECT status FROM payments WHERE id = 9".into()]);
    let mut client = Program::start(&mut command);
    assert_eq!(client.json_line()["event"], "connected");
    let id = held(&stack);
    stack.run("bob", &["deny", &id, "--reason", "not without a ticket"]).ok();
    let event = client.json_line();
    assert_eq!(event["event"], "error", "{event}");
    let error = &event["error"];
    assert_eq!((&error["class"], &error["errno"]), (&"ProgrammingError".into(), &3001.into()), "{error}");
    let text = error["msg"].as_str().unwrap();
    assert!(text.contains(&id) && text.contains("not without a ticket"), "{text}");
    let check = client.json_line();
    assert_eq!(check["event"], "result", "{check}");
    assert_ne!(check["rows"], json!([[["str", "'refunded'"]]]), "a denied statement ran");
}

fn held(stack: &Stack) -> String {
    stack.held()["request"]["id"].as_str().unwrap().to_owned()
}

#[test]
fn another_program_without_the_secret_gets_nothing() {
    let stack = Stack::start();
    let listener = Listener::open(&stack, "alice", "snowflake");
    let mut settings = python(&listener);
    settings["password"] = "not-the-secret".into();
    let (_dir, mut command) = connector(&settings, &["SELECT 1".into()]);
    let finished = Finished::of(&mut command);
    assert_eq!(finished.code, Some(1), "{}{}", finished.stdout, finished.stderr);
    let event: Value = serde_json::from_str(finished.stdout.trim()).unwrap();
    assert_eq!(event["event"], "refused");
    assert!(!finished.stdout.contains(listener.secret()));
}

/// Card numbers in both result formats, inline and in chunks, read to the last row.
#[test]
fn every_result_format_is_masked_to_the_last_chunk() {
    let stack = Stack::start();
    let listener = Listener::open(&stack, "alice", "snowflake");
    let switches = [
        "rows=20000 chunks=4 format=arrow",
        "rows=20000 chunks=4 format=json",
        "rows=20000 chunks=4 format=arrow secret=qrmk",
        "rows=20000 chunks=4 format=arrow gzip=off pan=decimal128",
        "rows=20000 chunks=4 format=arrow inline=0 pan=mixed",
        "rows=50 format=arrow",
        "rows=50 format=json",
        "table=types format=arrow",
        "table=types format=json",
    ];
    let statements: Vec<Value> =
        switches.iter().map(|switches| format!("SELECT /*hoop: {switches} */ * FROM products").into()).collect();
    let events = run(&python(&listener), &statements);
    assert_eq!(events.len(), switches.len() + 2);
    for (event, switches) in events[1..].iter().zip(switches) {
        assert_eq!(event["event"], "result", "{switches}: {}", event["error"]);
        let rows = event["rows"].as_array().unwrap();
        let wanted = if switches.contains("20000") {
            20_000
        } else if switches.contains("50") {
            50
        } else {
            5
        };
        assert_eq!(rows.len(), wanted, "{switches}");
        for (index, row) in rows.iter().enumerate() {
            let whole = row.to_string();
            assert!(!whole.contains(&made(index)), "{switches}: row {index} in clear: {whole}");
        }
        if !switches.contains("types") {
            for (index, row) in rows.iter().enumerate() {
                let pan = made(index);
                assert_eq!(row[0], json!(["int", (index + 1).to_string()]), "{switches}");
                assert_eq!(row[1], json!(["str", format!("'{}'", masked(&pan, '*'))]), "{switches}");
                // Where zeros alone would make a card number again, a digit in the middle differs.
                let number = row[2][1].as_str().unwrap();
                assert_eq!((&number[..6], &number[12..]), (&pan[..6], &pan[12..]), "{switches}");
                assert!(number[6..12].matches('0').count() >= 5, "{switches}: {number}");
            }
        }
        assert!(!event.to_string().contains(MARKER), "{switches}");
    }
    let equal = |left: usize, right: usize| assert_eq!(events[left]["rows"], events[right]["rows"], "JSON and Arrow");
    equal(1, 2);
    equal(6, 7);
}
