#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]

use std::sync::Arc;

use bytes::Bytes;
use serde_json::{Value, json};
use tokio::net::TcpListener;

use super::{Journal, Server, serve_http};
use crate::{
    client::{Answer, Connection},
    payments::{CARDS, Database},
};

struct Raw {
    server: Arc<Server>,
    connection: Connection,
    session: String,
}

impl Raw {
    /// A server of its own, and a session with it.
    async fn begin(journal: Journal) -> Self {
        let server = Server::new(Database::open(":memory:").await.unwrap(), journal);
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        tokio::spawn(serve_http(listener, server.clone()));
        let connection = Connection::open(address).await.unwrap();
        let mut raw = Self { server, connection, session: String::new() };
        let hello = json!({ "protocolVersion": "2025-06-18", "capabilities": {}, "clientInfo": {} });
        let answer = raw.post(&request(1, "initialize", hello)).await;
        assert_eq!(body(&answer)["result"]["protocolVersion"], "2025-06-18");
        raw.session = answer.headers["mcp-session-id"].to_str().unwrap().to_owned();
        let ready = raw.post(&json!({ "jsonrpc": "2.0", "method": "notifications/initialized" })).await;
        assert_eq!((ready.status.as_u16(), ready.body.len()), (202, 0));
        raw
    }

    async fn send(&mut self, method: &str, content: Bytes) -> Answer {
        let headers = [("accept", "application/json, text/event-stream"), ("mcp-session-id", &*self.session)];
        self.connection.send(method, "/mcp", &headers, content).await.unwrap()
    }

    async fn post(&mut self, message: &Value) -> Answer {
        self.send("POST", Bytes::from(message.to_string())).await
    }

    async fn call(&mut self, tool: &str, arguments: Value) -> Value {
        let answer = self.post(&request(2, "tools/call", json!({ "name": tool, "arguments": arguments }))).await;
        body(&answer)["result"].clone()
    }
}

fn request(id: u64, method: &str, params: Value) -> Value {
    json!({ "jsonrpc": "2.0", "id": id, "method": method, "params": params })
}

fn body(answer: &Answer) -> Value {
    serde_json::from_slice(&answer.body).unwrap()
}

#[tokio::test]
async fn payments_come_with_cards_as_text_and_as_a_number() {
    let mut raw = Raw::begin(Journal::default()).await;
    let result = raw.call("list_payments", json!({ "limit": 3 })).await;
    let rows = result["structuredContent"]["rows"].as_array().unwrap();
    assert_eq!(rows.len(), 3);
    for (row, card) in rows.iter().zip(CARDS) {
        assert_eq!(row["card_number"], card);
        assert!(row["pan"].is_number());
        assert_eq!(row["pan"].to_string(), card);
    }
    let text: Value = serde_json::from_str(result["content"][0]["text"].as_str().unwrap()).unwrap();
    assert_eq!(text, result["structuredContent"]);
}

#[tokio::test]
async fn writes_change_the_database_and_every_call_is_in_the_journal() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("journal");
    let mut raw = Raw::begin(Journal::at(&file).unwrap()).await;
    let count = json!({ "query": "SELECT count(*) AS n FROM payments" });
    assert_eq!(raw.call("read_query", count.clone()).await["structuredContent"]["rows"][0]["n"], 50);
    assert_eq!(raw.call("delete_payment", json!({ "id": 7 })).await["isError"], false);
    assert_eq!(
        raw.call("write_query", json!({ "query": "DELETE FROM payments WHERE id = 8" })).await["isError"],
        false
    );
    assert_eq!(raw.call("read_query", count).await["structuredContent"]["rows"][0]["n"], 48);
    assert_eq!(raw.call("find_payment", json!({ "id": 7 })).await["structuredContent"]["rows"], json!([]));
    assert_eq!(raw.call("read_query", json!({ "query": "SELECT" })).await["isError"], true);

    let executed = raw.server.executions();
    assert_eq!(executed.len(), 6);
    assert_eq!(executed[1], r#"{"tool":"delete_payment","arguments":{"id":7}}"#);
    let written = std::fs::read_to_string(&file).unwrap();
    assert_eq!(written.lines().collect::<Vec<_>>(), executed);
}

#[tokio::test]
async fn a_slow_report_streams_its_progress_before_its_result() {
    let mut raw = Raw::begin(Journal::default()).await;
    let params = json!({ "name": "slow_report", "arguments": {}, "_meta": { "progressToken": "p" } });
    let answer = raw.post(&request(9, "tools/call", params)).await;
    assert_eq!(answer.headers["content-type"], "text/event-stream");
    let text = String::from_utf8(answer.body.to_vec()).unwrap();
    let messages: Vec<Value> = text
        .lines()
        .filter_map(|line| line.strip_prefix("data: "))
        .map(|data| serde_json::from_str(data).unwrap())
        .collect();
    let (last, progress) = messages.split_last().unwrap();
    assert_eq!(last["id"], 9);
    let steps: Vec<_> = progress.iter().map(|message| message["params"]["progress"].as_u64().unwrap()).collect();
    assert_eq!(steps, [1, 2, 3]);
    assert!(progress.iter().all(|message| message["params"]["progressToken"] == "p"));
}

#[tokio::test]
async fn errors_say_what_they_should() {
    let mut raw = Raw::begin(Journal::default()).await;
    let failed = raw.call("fail_with_card", json!({})).await;
    assert_eq!(failed["isError"], true);
    assert!(failed["content"][0]["text"].as_str().unwrap().contains(CARDS[0]));
    let unknown = raw.post(&request(3, "tools/call", json!({ "name": "nothing" }))).await;
    assert_eq!(body(&unknown)["error"]["code"], -32602);
    assert_eq!(body(&raw.post(&request(4, "no/such", json!({}))).await)["error"]["code"], -32601);
    assert_eq!(raw.send("POST", Bytes::from_static(b"{")).await.status, 400);
}

#[tokio::test]
async fn a_session_ends_when_it_is_deleted() {
    let mut raw = Raw::begin(Journal::default()).await;
    assert_eq!(raw.send("GET", Bytes::new()).await.status, 405);
    assert_eq!(raw.send("DELETE", Bytes::new()).await.status, 200);
    assert_eq!(raw.post(&request(5, "ping", json!({}))).await.status, 404);
}
