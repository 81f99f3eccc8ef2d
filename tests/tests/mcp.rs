//! MCP with real SDK clients and real servers: through the gateway they see what they see without it, apart from
//! masked cards; what is risky waits; what is no MCP is refused.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]

use std::{
    path::Path,
    process::Command,
    thread,
    time::{Duration, Instant},
};

use hoop_tests::{
    Finished, Listener, Program, Stack,
    cards::{VISA, VISA_MASKED},
    peers,
    program::{self, PATIENCE},
};
use reqwest::{Method, StatusCode, header};
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
fn progress_arrives_step_by_step_and_a_blob_does_not() {
    let (_server, url) = everything();
    let stack = Stack::with(&["--mcp", &url]);
    let listener = Listener::open(&stack, "alice", "mcp");
    let calls = [
        ("trigger-long-running-operation", json!({ "duration": 1, "steps": 4 })),
        ("get-resource-reference", json!({ "resourceType": "Blob", "resourceId": 1 })),
    ];
    let through = Sdk::TypeScript.saw(&calls, None, &["http", listener.url()]);
    assert_eq!(through["calls"][0]["progress"].as_array().map(Vec::len), Some(4), "{through}");
    let content = through["calls"][1]["result"]["content"].as_array().unwrap();
    assert!(content.iter().any(|item| item["text"] == BLOCKED), "{content:?}");
    assert!(content.iter().all(|item| item.pointer("/resource/blob").is_none()), "{content:?}");
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

#[track_caller]
fn until(stack: &Stack, id: &str, state: &str) {
    let deadline = Instant::now() + PATIENCE;
    loop {
        let request = stack.run("alice", &["requests", "show", id, "--output", "json"]).ok().json();
        if request.to_string().contains(&format!("\"{state}\"")) {
            return;
        }
        assert!(Instant::now() < deadline, "not {state}: {request}");
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
    until(&stack, &id, "withdrawn");
    let late = stack.run("bob", &["approve", &id]);
    assert_ne!(late.code, Some(0), "{late:?}");

    // One that is killed says nothing: its request stays, but what is approved then waits for the same call again.
    let mut command = Sdk::Python.command();
    let [(name, arguments)] = write("repeated");
    let mut killed = Program::start(command.args(["--call", name, &arguments.to_string()]).args(through));
    let id = waiting(&stack);
    killed.kill();
    stack.run("bob", &["approve", &id]).ok();
    until(&stack, &id, "approved");
    assert_eq!(written(&database, "repeated"), 0, "nobody is there to take the result");
    let result = Sdk::TypeScript.saw(&write("repeated"), None, &through);
    assert_ne!(result["calls"][0]["result"]["isError"], true, "{result}");
    until(&stack, &id, "consumed");
    assert_eq!(written(&database, "repeated"), 1);
    assert_eq!(written(&database, "given up"), 0);
}

/// A client without an SDK, for what an SDK would not send.
struct Raw {
    http: reqwest::Client,
    url: String,
    session: Option<String>,
}

struct Answer {
    status: StatusCode,
    body: String,
}

impl Answer {
    /// The message in the body, as JSON or as the last event.
    #[track_caller]
    fn message(&self) -> Value {
        let text = self.body.lines().filter_map(|line| line.strip_prefix("data:")).next_back().unwrap_or(&self.body);
        serde_json::from_str(text.trim()).unwrap_or_else(|error| panic!("{error}: {}", self.body))
    }
}

impl Raw {
    fn new(url: &str) -> Self {
        // The listener is plain HTTP, but a client wants to know its crypto all the same. Another test may have said it.
        let _ = rustls::crypto::aws_lc_rs::default_provider().install_default();
        Self { http: reqwest::Client::new(), url: url.to_owned(), session: None }
    }

    async fn begin(url: &str) -> Self {
        let mut this = Self::new(url);
        let hello = json!({ "jsonrpc": "2.0", "id": 0, "method": "initialize", "params": {
            "protocolVersion": "2025-11-25", "capabilities": {}, "clientInfo": { "name": "raw", "version": "1" } } });
        let response = this.request(Method::POST, &[]).body(hello.to_string()).send().await.unwrap();
        assert_eq!(response.status(), StatusCode::OK);
        this.session = Some(response.headers()["mcp-session-id"].to_str().unwrap().to_owned());
        response.bytes().await.unwrap();
        let ready = json!({ "jsonrpc": "2.0", "method": "notifications/initialized" });
        assert_eq!(this.post(&ready, &[]).await.status, StatusCode::ACCEPTED);
        this
    }

    fn request(&self, method: Method, headers: &[(&str, &str)]) -> reqwest::RequestBuilder {
        let request = self
            .http
            .request(method, &self.url)
            .header(header::CONTENT_TYPE, "application/json")
            .header(header::ACCEPT, "application/json, text/event-stream");
        let request = match &self.session {
            Some(session) => request.header("mcp-session-id", session),
            None => request,
        };
        headers.iter().fold(request, |request, (name, value)| request.header(*name, *value))
    }

    async fn post(&self, message: &Value, headers: &[(&str, &str)]) -> Answer {
        let response = self.request(Method::POST, headers).body(message.to_string()).send().await.unwrap();
        Answer { status: response.status(), body: response.text().await.unwrap() }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_no_mcp_or_comes_from_elsewhere_is_refused() {
    let stack = Stack::start();
    let listener = Listener::open(&stack, "alice", "mcp");
    let address = listener.address();
    let list = json!({ "jsonrpc": "2.0", "id": 1, "method": "tools/list" });

    for url in [format!("http://{address}/mcp"), format!("http://{address}/not-the-secret/mcp")] {
        assert_eq!(Raw::new(&url).post(&list, &[]).await.status, StatusCode::UNAUTHORIZED, "{url}");
        let wrong = [("authorization", "Bearer not-the-secret")];
        assert_eq!(Raw::new(&url).post(&list, &wrong).await.status, StatusCode::UNAUTHORIZED, "{url}");
    }

    let mut raw = Raw::begin(listener.url()).await;
    assert_eq!(raw.post(&list, &[]).await.status, StatusCode::OK);
    for foreign in [("origin", "http://evil.example"), ("origin", "null"), ("host", "evil.example")] {
        assert_eq!(raw.post(&list, &[foreign]).await.status, StatusCode::FORBIDDEN, "{foreign:?}");
    }

    let unknown = raw.post(&json!({ "jsonrpc": "2.0", "id": "x", "method": "admin/dump" }), &[]).await.message();
    assert_eq!((&unknown["error"]["code"], &unknown["id"]), (&json!(-32601), &json!("x")), "{unknown}");
    let batch = raw.post(&json!([list, list]), &[]).await;
    assert_eq!(batch.status, StatusCode::BAD_REQUEST);
    assert_eq!(batch.message()["error"]["code"], -32600, "{}", batch.body);
    let revision = [("mcp-protocol-version", "1999-01-01")];
    assert_eq!(raw.post(&list, &revision).await.status, StatusCode::BAD_REQUEST);

    let ended = raw.request(Method::DELETE, &[]).send().await.unwrap();
    assert_eq!(ended.status(), StatusCode::OK);
    assert_eq!(raw.post(&list, &[]).await.status, StatusCode::NOT_FOUND, "after its end");
    raw.session = Some("0123456789abcdef0123456789abcdef".to_owned());
    assert_eq!(raw.post(&list, &[]).await.status, StatusCode::NOT_FOUND, "never opened");
    raw.session = None;
    assert_eq!(raw.post(&list, &[]).await.status, StatusCode::BAD_REQUEST, "no session");
}
