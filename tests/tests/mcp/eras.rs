//! What each era of the protocol has of its own: batches and streams taken up again in the old, requests that stand for
//! themselves in the new, over HTTP and over stdio.

use std::{net::Ipv4Addr, sync::Arc};

use hoop_tests::{
    Finished, Listener, Program, Stack,
    conformance::Fixture,
    mcp::{Client, messages, modern},
    peers, program,
};
use reqwest::StatusCode;
use serde_json::{Value, json};
use tokio::net::TcpListener;

const WRITE: &str = "UPDATE payments SET amount = 0 WHERE id = 1";

async fn fixture() -> (Arc<Fixture>, String) {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await.expect("a free port");
    let url = format!("http://{}/mcp", listener.local_addr().expect("an address"));
    let fixture = Fixture::new();
    tokio::spawn(fixture.clone().serve(listener));
    (fixture, url)
}

fn call(id: &Value, tool: &str, arguments: &Value) -> Value {
    json!({ "jsonrpc": "2.0", "id": id, "method": "tools/call", "params": { "name": tool, "arguments": arguments } })
}

fn held(stack: &Stack) -> String {
    stack.held().pointer("/request/id").and_then(Value::as_str).expect("an id").to_owned()
}

#[tokio::test(flavor = "multi_thread")]
async fn one_of_a_batch_that_waits_does_not_hide_the_others() {
    let stack = Stack::start();
    let listener = Listener::open(&stack, "alice", "mcp");
    let client = Client::begin(listener.url(), "2025-03-26").await;
    let batch = json!([
        { "jsonrpc": "2.0", "id": 1, "method": "tools/list" },
        call(&json!("1"), "echo", &json!({ "text": "card 4111111111111111" })),
        { "jsonrpc": "2.0", "method": "notifications/roots/list_changed" },
        { "jsonrpc": "2.0", "id": 2, "method": "admin/dump" },
        call(&json!(3), "write_query", &json!({ "query": WRITE })),
    ]);
    let answering = tokio::spawn(async move {
        let mut answer = client.post(&batch, &[]).await;
        let mut seen = String::new();
        while let Some(bytes) = answer.chunk().await.expect("a piece") {
            seen.push_str(&String::from_utf8_lossy(&bytes));
            let ids = ["\"id\":1,", "\"id\":\"1\",", "\"id\":2,"];
            if ids.iter().all(|id| seen.contains(id)) {
                break;
            }
        }
        (seen, answer)
    });
    let id = held(&stack);
    let (seen, answer) = answering.await.expect("three answers while the fourth waits");
    assert!(seen.contains("411111******1111") && seen.contains("-32601") && !seen.contains("\"id\":3,"), "{seen}");
    stack.run("bob", &["approve", &id]).ok();
    let rest = messages(answer).await;
    let last = rest.last().expect("the fourth");
    assert!(last["id"] == 3 && last["result"]["isError"] != true, "{rest:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_batch_is_refused_where_the_revision_has_none() {
    let stack = Stack::start();
    let listener = Listener::open(&stack, "alice", "mcp");
    let client = Client::begin(listener.url(), "2025-06-18").await;
    let answer = client.post(&json!([{ "jsonrpc": "2.0", "id": 1, "method": "ping" }]), &[]).await;
    assert_eq!(answer.status(), StatusCode::BAD_REQUEST);
    assert_eq!(messages(answer).await[0]["error"]["code"], -32600);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_stream_that_ends_early_is_taken_up_for_a_client_that_cannot() {
    let (fixture, url) = fixture().await;
    let stack = Stack::with(&["--mcp", &url]);
    let mut pipe = Program::start(stack.hoopctl("alice").args(["mcp", "connect", "mcp"]));
    let hello =
        json!({ "protocolVersion": "2025-11-25", "capabilities": {}, "clientInfo": { "name": "x", "version": "1" } });
    pipe.write_line(&json!({ "jsonrpc": "2.0", "id": 0, "method": "initialize", "params": hello }).to_string());
    assert_eq!(pipe.json_line()["id"], 0);
    pipe.write_line(&json!({ "jsonrpc": "2.0", "method": "notifications/initialized" }).to_string());
    pipe.write_line(&call(&json!(1), "test_reconnection", &json!({})).to_string());
    let answer = pipe.json_line();
    assert!(answer["id"] == 1 && answer["result"]["content"][0]["type"] == "text", "{answer}");
    assert_eq!(fixture.calls(), 1, "it ran once");
}

#[test]
fn a_server_of_the_first_revisions_transport_is_reached_too() {
    let server = peers::Server::start(peers::python("mcp").arg(peers::path("mcp_sse_server.py")));
    let stack = Stack::with(&["--mcp", server.ready["url"].as_str().expect("a URL")]);
    let listener = Listener::open(&stack, "alice", "mcp");
    let hoopctl = program::path("hoopctl").to_string_lossy().into_owned();
    for transport in [&["http", listener.url()] as &[_], &["stdio", &hoopctl, "mcp", "connect", "mcp"]] {
        let mut client = peers::node("mcp-client.mjs");
        client.envs(&stack.ready.users["alice"].env);
        client.args([
            "--call",
            "card",
            r#"{"note":"naïve 漢字"}"#,
            "--call",
            "slow",
            r#"{"steps":3}"#,
            "--call",
            "pan",
            "{}",
        ]);
        let saw = Finished::of(client.args(transport)).ok().json();
        assert_eq!(saw["tools"].as_array().map(Vec::len), Some(3), "{saw}");
        assert_eq!(saw["calls"][0]["result"]["content"][0]["text"], "card 411111******1111, naïve 漢字", "{saw}");
        assert_eq!(saw["calls"][1]["progress"].as_array().map(Vec::len), Some(3), "{saw}");
        // The client itself would throw away a result that does not fit its tool's schema, masked or not.
        let pan = &saw["calls"][2]["result"];
        let told = pan["content"][0]["text"].as_str().is_some_and(|text| text.contains("mcp_schema_blocked"));
        assert!(told && pan["isError"] == true && pan["structuredContent"].is_null(), "{saw}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_new_era_is_spoken_over_stdio_too() {
    let (_fixture, url) = fixture().await;
    let stack = Stack::with(&["--mcp", &url]);
    let mut pipe = Program::start(stack.hoopctl("alice").args(["mcp", "connect", "mcp"]));
    pipe.write_line(&modern(1, "server/discover", json!({})).to_string());
    let discovered = pipe.json_line();
    assert_eq!(discovered["result"]["supportedVersions"], json!(["2026-07-28"]), "{discovered}");
    let simple = json!({ "name": "test_simple_text", "arguments": {} });
    pipe.write_line(&modern(2, "tools/call", simple).to_string());
    let called = pipe.json_line();
    assert_eq!((&called["id"], &called["result"]["resultType"]), (&json!(2), &json!("complete")), "{called}");
    // It has no headers, so those that a tool wants are made for it.
    pipe.write_line(&modern(5, "tools/list", json!({})).to_string());
    assert_eq!(pipe.json_line()["id"], 5);
    let mirrored = json!({ "name": "test_mirrored_argument", "arguments": { "region": "zürich" } });
    pipe.write_line(&modern(6, "tools/call", mirrored).to_string());
    let called = pipe.json_line();
    assert!(called["id"] == 6 && called["error"].is_null(), "{called}");
    let unknown = modern(3, "tools/list", json!({})).to_string().replace("2026-07-28", "2099-01-01");
    pipe.write_line(&unknown);
    let refused = pipe.json_line();
    assert_eq!((&refused["id"], &refused["error"]["code"]), (&json!(3), &json!(-32022)), "{refused}");
    assert_eq!(refused["error"]["data"], json!({ "supported": ["2026-07-28"], "requested": "2099-01-01" }));
    pipe.write_line(r#"{"jsonrpc":"2.0","id":4,"method":"tools/list"}"#);
    assert_eq!(pipe.json_line()["error"]["data"]["code"], "not_initialized");
}

/// A server of the old era only, behind each kind of client of the new.
#[tokio::test(flavor = "multi_thread")]
async fn a_server_of_the_old_era_is_named_with_its_revisions() {
    let stack = Stack::start();
    let listener = Listener::open(&stack, "alice", "mcp");
    let answer = Client::new(listener.url()).modern(1, "server/discover", json!({})).await;
    assert_eq!(answer.status(), StatusCode::BAD_REQUEST);
    let error = messages(answer).await[0]["error"].clone();
    assert_eq!((&error["code"], &error["data"]["supported"][0]), (&json!(-32022), &json!("2025-11-25")), "{error}");
    // After which such a client begins in the old way.
    Client::begin(listener.url(), "2025-11-25").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn to_leave_a_call_that_waits_is_to_withdraw_it_in_the_new_era() {
    let stack = Stack::start();
    let listener = Listener::open(&stack, "alice", "mcp");
    let client = Client::new(listener.url());
    let write = json!({ "name": "write_query", "arguments": { "query": WRITE } });
    let waiting = client.modern(1, "tools/call", write).await;
    assert_eq!(waiting.headers()["content-type"], "text/event-stream", "headers at once");
    let id = held(&stack);
    drop(waiting);
    stack.until(&id, "withdrawn");
    assert_ne!(stack.run("bob", &["approve", &id]).code, Some(0));
}
