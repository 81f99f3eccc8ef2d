//! What may happen to a Snowflake session while a statement of it waits: nothing that makes it another statement.

use std::net::SocketAddr;

use hoop_dev::client::{ClientError, snowflake::Client};
use hoop_tests::{Listener, Stack, Upstream};
use serde_json::{Value, json};

struct Scene {
    upstream: Upstream,
    stack: Stack,
    listener: Listener,
}

impl Scene {
    fn new() -> Self {
        let upstream = Upstream::start();
        let stack = Stack::with(&["--snowflake", upstream.snowflake.url()]);
        let listener = Listener::open(&stack, "alice", "snowflake");
        Self { upstream, stack, listener }
    }

    async fn connect(&self) -> Client {
        let address: SocketAddr = self.listener.address().parse().unwrap();
        Client::connect(address, self.listener.secret()).await.unwrap()
    }

    fn approve(&self) {
        self.stack.run("bob", &["approve", "--oldest", "--reason", "ticket OPS-9"]).ok();
    }

    /// The state of the request, as the requester sees it.
    fn state(&self, id: &str) -> String {
        let shown = self.stack.run("alice", &["requests", "show", id, "--output", "json"]).ok().json();
        shown.pointer("/request/state/state").or(shown.pointer("/state/state")).unwrap_or(&shown).to_string()
    }
}

fn id(held: &Value) -> String {
    held["request"]["id"].as_str().unwrap().to_owned()
}

fn refused(outcome: Result<Value, ClientError>) -> (String, String) {
    match outcome {
        Err(ClientError::Refused { code, text }) => (code, text),
        other => panic!("not refused: {other:?}"),
    }
}

const DELETE: &str = "DELETE FROM payments WHERE id = 3";

/// What was approved for one schema does not run in another.
#[test]
fn a_session_that_moved_voids_what_was_approved() {
    let scene = Scene::new();
    scene.upstream.runtime.block_on(async {
        let mut client = scene.connect().await;
        client.query("USE SCHEMA staging").await.unwrap();
        let waiting = client.submit(DELETE, "r-1", &json!({ "asyncExec": true })).await.unwrap();
        scene.stack.held();
        // Another cursor of the same session.
        client.again().await.unwrap().query("USE SCHEMA public").await.unwrap();
        scene.approve();
        let (code, text) = refused(client.follow(waiting).await);
        assert!(code == "003001" && text.contains("changed while"), "{code} {text}");
        assert_eq!(scene.upstream.executed(DELETE), 0);
        // Where it was approved for, it runs, once.
        client.query("USE SCHEMA staging").await.unwrap();
        client.query(DELETE).await.unwrap();
        assert_eq!(scene.upstream.executed(DELETE), 1);
    });
}

/// A driver that gives up takes its request back: nobody can approve it afterwards.
#[test]
fn a_cancelled_statement_withdraws_its_request() {
    let scene = Scene::new();
    scene.upstream.runtime.block_on(async {
        let mut client = scene.connect().await;
        let waiting = client.submit(DELETE, "r-1", &json!({ "asyncExec": true })).await.unwrap();
        let request = id(&scene.stack.held());
        client.again().await.unwrap().abort("r-1").await.unwrap();
        let (code, _) = refused(client.follow(waiting).await);
        assert_eq!(code, "000604");
        assert!(scene.state(&request).contains("withdrawn"), "{}", scene.state(&request));
        let late = scene.stack.run("bob", &["approve", &request, "--reason", "too late"]);
        assert_ne!(late.code, Some(0), "{}", late.stdout);
        assert_eq!(scene.upstream.executed(DELETE), 0);
    });
}

/// A retry of the same request, as drivers send it, is the same statement: it waits once and runs once.
#[test]
fn a_retry_runs_nothing_twice() {
    let scene = Scene::new();
    scene.upstream.runtime.block_on(async {
        let mut client = scene.connect().await;
        let waiting = client.submit(DELETE, "r-1", &json!({ "asyncExec": true })).await.unwrap();
        scene.stack.held();
        let mut retry = client.again().await.unwrap();
        let again = retry.submit(DELETE, "r-1", &json!({ "asyncExec": true })).await.unwrap();
        assert_eq!(waiting.pointer("/data/queryId"), again.pointer("/data/queryId"));
        scene.approve();
        client.follow(waiting).await.unwrap();
        retry.follow(again).await.unwrap();
        assert_eq!(scene.upstream.executed(DELETE), 1);
    });
}

/// After a text that moved the session and then failed, nobody can say where the session is: what would be harmless in
/// one place is judged as if it stood in the other.
#[test]
fn after_a_failure_half_way_names_could_mean_anything() {
    let scene = Scene::new();
    let harmless = "DELETE FROM notes WHERE id = 1";
    scene.upstream.runtime.block_on(async {
        let mut client = scene.connect().await;
        // In a database of its own, no pattern of the policy covers the table.
        client.query("USE DATABASE scratch").await.unwrap();
        let before = client.submit(harmless, "r-1", &json!({})).await;
        assert!(!matches!(&before, Ok(answer) if answer["code"] == "333333"), "held: {before:?}");
        let both = json!({ "parameters": { "MULTI_STATEMENT_COUNT": 2 } });
        let broken = "USE DATABASE payments; SELECT /*hoop: code=002003 */ 1";
        refused(client.submit(broken, "r-2", &both).await);
        let waiting = client.submit(harmless, "r-3", &json!({ "asyncExec": true })).await.unwrap();
        let held = scene.stack.held();
        assert!(held.to_string().contains("notes"), "{held}");
        client.abort("r-3").await.unwrap();
        refused(client.follow(waiting).await);
    });
}
