//! Snowflake ends sessions: after hours without a statement, at a change of the user, by an admin. What a driver sees of it.

use std::sync::Arc;

use hoop_tests::{Raw, Stack, Upstream};
use serde_json::{Value, json};
use tokio::runtime::Runtime;

struct Scene {
    upstream: Upstream,
    stack: Stack,
    client: Raw,
    token: String,
}

impl Scene {
    fn new() -> Self {
        let runtime = Arc::new(Runtime::new().unwrap());
        let upstream = Upstream::start();
        let stack = Stack::with(&["--snowflake", upstream.snowflake.url()]);
        let client = Raw::open(&stack, "alice", &runtime, &["UPSTREAMONLY"]);
        let (token, _) = client.tokens();
        Self { upstream, stack, client, token }
    }

    #[track_caller]
    fn rows(&self, sql: &str) -> Value {
        let request = json!({ "sqlText": sql, "parameters": { "GO_QUERY_RESULT_FORMAT": "JSON" } });
        let answer = self.client.query_with(&self.token, request);
        assert_eq!(answer["success"], true, "{answer}");
        answer["data"]["rowset"].clone()
    }
}

#[test]
fn a_session_that_nothing_was_left_in_is_opened_anew() {
    let scene = Scene::new();
    assert_eq!(scene.rows("SELECT 1"), json!([["1"]]));
    for round in 2..4 {
        scene.upstream.snowflake.expire_sessions(true);
        let sql = format!("SELECT {round}");
        assert_eq!(scene.rows(&sql), json!([[round.to_string()]]));
        assert_eq!((scene.upstream.executed(&sql), scene.upstream.snowflake.logins()), (1, round));
    }
    // The trail says so: each login is an exchange.
    let id = scene.client.listener.ready["session"].as_str().unwrap();
    let shown = scene.stack.run("carol", &["sessions", "show", id, "--output", "json"]).ok().json();
    let logins = shown["records"].as_array().unwrap().iter();
    let logins = logins.filter(|record| record["type"] == "request" && record["command"] == "log in upstream");
    assert_eq!(logins.count(), 3, "{shown}");
}

#[test]
fn one_that_would_be_another_is_not() {
    let scene = Scene::new();
    scene.rows("ALTER SESSION SET TIMEZONE = 'UTC'");
    scene.upstream.snowflake.expire_sessions(true);
    for sql in ["SELECT 2", "SELECT 3"] {
        let answer = scene.client.query(&scene.token, sql);
        assert_eq!(answer["success"], false, "{answer}");
        let text = answer["message"].as_str().unwrap();
        assert!(text.contains("has ended") && text.contains("nothing ran"), "{text}");
        assert_eq!(scene.upstream.executed(sql), 0);
    }
    assert_eq!(scene.upstream.snowflake.logins(), 1);
    let (token, _) = scene.client.tokens();
    assert_eq!(scene.client.query(&token, "SELECT 4")["success"], true);
}

/// A statement that leaves something may itself be the first of the new session.
#[test]
fn the_statement_that_meets_it_may_leave_something() {
    let scene = Scene::new();
    scene.upstream.snowflake.expire_sessions(true);
    scene.rows("ALTER SESSION SET TIMEZONE = 'UTC'");
    assert_eq!(scene.upstream.snowflake.logins(), 2);
    scene.upstream.snowflake.expire_sessions(true);
    assert_eq!(scene.client.query(&scene.token, "SELECT 1")["success"], false);
}
