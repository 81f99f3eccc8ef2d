//! MCP with real SDK clients and real servers: through the gateway they see what they see without it, apart from
//! masked cards; what is risky waits.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]

use std::{
    path::Path,
    process::Command,
    thread,
    time::{Duration, Instant},
};

use base64::{Engine, engine::general_purpose::STANDARD};
use hoop_tests::{
    Finished, Listener, Program, Stack,
    cards::{VISA, VISA_MASKED},
    peers,
    program::{self, PATIENCE},
};
use serde_json::{Value, json};

/// What a client is told in a binary item's place.
const BLOCKED: &str = "[blocked by the gateway: binary content cannot be masked (mcp_binary_blocked)]";

/// An SDK's client, without its transport.
#[derive(Clone, Copy)]
enum Sdk {
    TypeScript,
    Python,
}

impl Sdk {
    fn command(self) -> Command {
        match self {
            Self::TypeScript => peers::node("mcp-client.mjs"),
            Self::Python => {
                let mut command = peers::python("mcp");
                command.arg(peers::path("mcp_client.py"));
                command
            }
        }
    }

    /// What the client saw with these calls; times left out.
    #[track_caller]
    fn saw(self, calls: &[(&str, Value)], stack: Option<&Stack>, transport: &[&str]) -> Value {
        let mut command = self.command();
        for (name, arguments) in calls {
            command.args(["--call", name, &arguments.to_string()]);
        }
        if let Some(stack) = stack {
            command.envs(&stack.ready.users["alice"].env);
        }
        let finished = Finished::of(command.args(transport)).ok();
        let mut document = finished.json();
        for call in document["calls"].as_array_mut().expect("calls") {
            call.as_object_mut().expect("a call").remove("ms");
        }
        // The TypeScript SDK tells the revision for HTTP only. Whether a client hears of a new list before it leaves is
        // chance, directly too.
        document["server"].as_object_mut().expect("a server").remove("protocol");
        let notifications = document["notifications"].as_array_mut().expect("notifications");
        notifications.retain(|notification| notification["method"] != "notifications/tools/list_changed");
        document
    }
}

fn masked(document: &Value) -> Value {
    serde_json::from_str(&document.to_string().replace(VISA, VISA_MASKED)).unwrap()
}

fn everything() -> (peers::Server, String) {
    let server = peers::Server::start(&mut peers::node("mcp-everything.mjs"));
    let url = server.ready["url"].as_str().expect("a URL").to_owned();
    (server, url)
}

/// Calls of server-everything with the same answer each time.
fn calls() -> Vec<(&'static str, Value)> {
    vec![
        ("echo", json!({ "message": format!("card {VISA}, naïve 漢字 🂡 \"quoted\"\n") })),
        ("get-sum", json!({ "a": 2.5, "b": 40 })),
        ("get-sum", json!({ "a": "not a number" })),
        ("get-structured-content", json!({ "location": "New York" })),
        ("get-tiny-image", json!({})),
        ("get-annotated-message", json!({ "messageType": "error", "includeImage": true })),
        ("get-resource-links", json!({ "count": 3 })),
        ("trigger-long-running-operation", json!({ "duration": 1, "steps": 4 })),
    ]
}

fn same_as_direct(sdk: Sdk) {
    let (_server, url) = everything();
    let stack = Stack::with(&["--mcp", &url]);
    let listener = Listener::open(&stack, "alice", "mcp");
    let direct = sdk.saw(&calls(), None, &["http", &url]);
    assert!(direct["tools"].as_array().is_some_and(|tools| tools.len() > 10), "{direct}");
    assert_eq!(direct["calls"].as_array().map(Vec::len), Some(calls().len()));
    let expected = masked(&direct);
    assert_ne!(expected, direct, "the card was echoed");

    let bearer = listener.ready["settings"]["bearer"]["url"].as_str().expect("a URL without the secret");
    assert!(!bearer.contains(listener.secret()));
    let hoopctl = program::path("hoopctl");
    let stdio = ["stdio", hoopctl.to_str().unwrap(), "mcp", "connect", "mcp"];
    for transport in [&["http", listener.url()] as &[_], &["http", bearer, listener.secret()], &stdio] {
        let through = sdk.saw(&calls(), Some(&stack), transport);
        for part in ["server", "tools", "calls", "notifications"] {
            assert_eq!(through[part], expected[part], "{part} over {}", transport[0]);
        }
        // A tool that is not there looks like one that is hidden: the server is not asked.
        let unknown = sdk.saw(&[("no-such-tool", json!({}))], Some(&stack), transport);
        let error = &unknown["calls"][0]["error"];
        assert_eq!(error["code"], -32602, "{unknown}");
        assert!(
            error["message"].as_str().is_some_and(|text| text.ends_with("Unknown tool: no-such-tool")),
            "{unknown}"
        );
    }
}

#[test]
fn the_typescript_sdk_sees_what_it_sees_without_the_gateway() {
    same_as_direct(Sdk::TypeScript);
}

#[test]
fn the_python_sdk_sees_what_it_sees_without_the_gateway() {
    same_as_direct(Sdk::Python);
}

#[test]
fn progress_arrives_step_by_step_and_what_cannot_be_read_does_not() {
    let (_server, url) = everything();
    let stack = Stack::with(&["--mcp", &url]);
    let listener = Listener::open(&stack, "alice", "mcp");
    let calls = [
        ("trigger-long-running-operation", json!({ "duration": 1, "steps": 4 })),
        ("get-resource-reference", json!({ "resourceType": "Blob", "resourceId": 1 })),
        (
            "gzip-file-as-resource",
            json!({ "name": "a.gz", "data": "data:text/plain;base64,bm8gY2FyZA==", "outputType": "resource" }),
        ),
    ];
    let through = Sdk::TypeScript.saw(&calls, None, &["http", listener.url()]);
    assert_eq!(through["calls"][0]["progress"].as_array().map(Vec::len), Some(4), "{through}");
    let blob = |call: usize| {
        let content = through["calls"][call]["result"]["content"].as_array().expect("content");
        let blob = content.iter().find_map(|item| item.pointer("/resource/blob")?.as_str());
        (blob.map(|blob| STANDARD.decode(blob).expect("base64")), content.iter().any(|item| item["text"] == BLOCKED))
    };
    let (text, blocked) = blob(1);
    assert!(text.is_some_and(|text| text.starts_with(b"Resource 1: ")) && !blocked, "{through}");
    assert_eq!(blob(2), (None, true), "{through}");
}

#[test]
fn the_demo_servers_cards_are_masked_wherever_they_stand() {
    let stack = Stack::start();
    let listener = Listener::open(&stack, "alice", "mcp");
    let calls = [("list_payments", json!({ "limit": 50 })), ("fail_with_card", json!({}))];
    for sdk in [Sdk::TypeScript, Sdk::Python] {
        let saw = sdk.saw(&calls, None, &["http", listener.url()]);
        for card in hoop_dev::payments::CARDS {
            assert!(!saw.to_string().contains(card), "{card} came through");
        }
        let payments = &saw["calls"][0]["result"];
        let text = payments["content"][0]["text"].as_str().expect("text");
        let rows = &payments["structuredContent"]["rows"];
        assert_eq!(rows.as_array().map(Vec::len), Some(50));
        assert!(text.contains("******") && rows.to_string().contains("******"), "{payments}");
        let declined = &saw["calls"][1]["result"];
        assert_eq!(declined["isError"], true, "{saw}");
        let text = declined["content"][0]["text"].as_str().unwrap();
        assert!(text.starts_with("payment with card ") && text.contains("******"), "{text}");
    }
}

/// The PyPI server as a child of the agent, over a database of its own.
fn sqlite(database: &Path) -> Vec<String> {
    let program = peers::path(".venv-mcp/bin/mcp-server-sqlite");
    vec![program.display().to_string(), "--db-path".to_owned(), database.display().to_string()]
}

fn prepare(database: &Path) {
    let program = sqlite(database);
    let transport: Vec<&str> = ["stdio"].into_iter().chain(program.iter().map(String::as_str)).collect();
    let calls = [
        ("create_table", json!({ "query": "CREATE TABLE payments (id INTEGER PRIMARY KEY, card TEXT, note TEXT)" })),
        ("write_query", json!({ "query": format!("INSERT INTO payments VALUES (1, '{VISA}', 'first')") })),
        ("write_query", json!({ "query": "INSERT INTO payments VALUES (2, 'none', 'zweite – 漢字')" })),
    ];
    Sdk::Python.saw(&calls, None, &transport);
}

/// How often the note is in the table, asked without the gateway.
#[track_caller]
fn written(database: &Path, note: &str) -> u64 {
    let program = sqlite(database);
    let transport: Vec<&str> = ["stdio"].into_iter().chain(program.iter().map(String::as_str)).collect();
    let query = json!({ "query": format!("SELECT note FROM payments WHERE note = '{note}'") });
    let saw = Sdk::Python.saw(&[("read_query", query)], None, &transport);
    saw["calls"][0]["result"]["content"][0]["text"].as_str().unwrap().matches(note).count() as u64
}

/// The one request that waits, as alice sees it.
#[track_caller]
fn waiting(stack: &Stack) -> String {
    let deadline = Instant::now() + PATIENCE;
    loop {
        let requests = stack.run("alice", &["requests", "--output", "json"]).ok().json();
        if let Some(id) = requests.pointer("/requests/0/request/id").and_then(Value::as_str) {
            return id.to_owned();
        }
        assert!(Instant::now() < deadline, "nothing is held: {requests}");
        thread::sleep(Duration::from_millis(50));
    }
}

#[test]
fn a_stdio_server_reads_as_direct_and_its_writes_wait() {
    let dir = tempfile::TempDir::new().unwrap();
    let database = dir.path().join("payments.sqlite");
    prepare(&database);
    let program = sqlite(&database);
    let stack = Stack::with(&["--mcp-stdio", &program.join(" ")]);
    let listener = Listener::open(&stack, "alice", "mcp");
    let through = ["http", listener.url()];

    let reads = [
        ("list_tables", json!({})),
        ("describe_table", json!({ "table_name": "payments" })),
        ("read_query", json!({ "query": "SELECT * FROM payments ORDER BY id" })),
        ("read_query", json!({ "query": "SELECT nonsense FROM payments" })),
    ];
    let directly: Vec<&str> = ["stdio"].into_iter().chain(program.iter().map(String::as_str)).collect();
    for sdk in [Sdk::TypeScript, Sdk::Python] {
        let expected = masked(&sdk.saw(&reads, None, &directly));
        let saw = sdk.saw(&reads, None, &through);
        assert!(saw.to_string().contains(VISA_MASKED), "{saw}");
        for part in ["server", "tools", "calls"] {
            assert_eq!(saw[part], expected[part], "{part}");
        }
    }

    let write = |note: &str| {
        let query = json!({ "query": format!("INSERT INTO payments (card, note) VALUES ('none', '{note}')") });
        [("write_query", query)]
    };
    // Approved by another: the call resumes by itself and runs once.
    let held = thread::scope(|scope| {
        let call = scope.spawn(|| Sdk::Python.saw(&write("approved"), None, &through));
        let id = waiting(&stack);
        let own = stack.run("alice", &["approve", &id]);
        assert_eq!(own.code, Some(3), "{own:?}");
        assert_eq!(written(&database, "approved"), 0, "nothing runs before it is approved");
        stack.run("bob", &["approve", "--oldest"]).ok();
        call.join().unwrap()
    });
    let result = &held["calls"][0]["result"];
    assert_ne!(result["isError"], true, "{result}");
    assert_eq!(written(&database, "approved"), 1);

    // The same call again is another request: an approval lets one run.
    let denied = thread::scope(|scope| {
        let call = scope.spawn(|| Sdk::TypeScript.saw(&write("approved"), None, &through));
        let id = waiting(&stack);
        stack.run("bob", &["deny", &id, "--reason", "not during the audit"]).ok();
        call.join().unwrap()
    });
    let result = &denied["calls"][0]["result"];
    assert_eq!(result["isError"], true, "{result}");
    assert!(result["content"][0]["text"].as_str().unwrap().contains("not during the audit"), "{result}");
    assert_eq!(written(&database, "approved"), 1);

    // A client that gives up says so: its request is withdrawn, and whoever approves it late changes nothing.
    let id = thread::scope(|scope| {
        let call = scope.spawn(|| {
            let mut command = Sdk::TypeScript.command();
            let [(name, arguments)] = write("given up");
            command.args(["--no-list", "--timeout", "3", "--call", name, &arguments.to_string()]);
            Finished::of(command.args(through)).ok().json()
        });
        let id = waiting(&stack);
        let gave_up = call.join().unwrap();
        assert_eq!(gave_up["calls"][0]["error"]["code"], -32001, "{gave_up}");
        id
    });
    stack.until(&id, "withdrawn");
    let late = stack.run("bob", &["approve", &id]);
    assert_ne!(late.code, Some(0), "{late:?}");

    // One that is killed says nothing: its request stays, but what is approved then waits for the same call again.
    let mut command = Sdk::Python.command();
    let [(name, arguments)] = write("repeated");
    let mut killed = Program::start(command.args(["--call", name, &arguments.to_string()]).args(through));
    let id = waiting(&stack);
    killed.kill();
    stack.run("bob", &["approve", &id]).ok();
    stack.until(&id, "approved");
    assert_eq!(written(&database, "repeated"), 0, "nobody is there to take the result");
    let result = Sdk::TypeScript.saw(&write("repeated"), None, &through);
    assert_ne!(result["calls"][0]["result"]["isError"], true, "{result}");
    stack.until(&id, "consumed");
    assert_eq!(written(&database, "repeated"), 1);
    assert_eq!(written(&database, "given up"), 0);
}
