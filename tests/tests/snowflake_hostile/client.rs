//! Clients that want what is not theirs, or send what nobody could read.

use std::sync::Arc;

use hoop_tests::{
    Raw, Stack, Upstream,
    raw::{parsed, unique},
};
use serde_json::{Value, json};
use tokio::runtime::Runtime;

use super::{NEVER, crooked::gzip, refused};

struct Scene {
    upstream: Upstream,
    stack: Stack,
    alice: Raw,
    bob: Raw,
}

fn scene() -> Scene {
    let runtime = Arc::new(Runtime::new().unwrap());
    let upstream = Upstream::start();
    let stack = Stack::with(&["--snowflake", upstream.snowflake.url()]);
    let (alice, bob) = (Raw::open(&stack, "alice", &runtime, &NEVER), Raw::open(&stack, "bob", &runtime, &NEVER));
    Scene { upstream, stack, alice, bob }
}

const NO_SESSION: &str = "390114";

#[test]
fn tokens_are_good_for_what_they_are_and_where_they_are_from() {
    let Scene { upstream, stack, alice, bob } = scene();
    let (token, master) = alice.tokens();
    let (bobs, _) = bob.tokens();
    let before = upstream.snowflake.statements().len();
    for (name, talk, token) in [
        ("a master token", &alice, master.as_str()),
        ("bob's token", &alice, bobs.as_str()),
        ("alice's token", &bob, token.as_str()),
        ("no token", &alice, ""),
        ("the listener's secret", &alice, alice.listener.secret()),
        ("a token and more", &alice, &format!("{token}0")),
        ("half of a token", &alice, &token[..32]),
    ] {
        let answer = talk.query(token, "SELECT 1");
        assert_eq!((&answer["success"], &answer["code"]), (&false.into(), &NO_SESSION.into()), "{name}: {answer}");
    }
    // The session token renews nothing.
    refused(&parsed(&alice.send("POST", "/session/token-request", &token, "{}")), NO_SESSION, "connect again");
    assert_eq!(parsed(&alice.send("POST", "/session?delete=true", &token, "{}"))["success"], true);
    for replayed in [&token, &master] {
        refused(&alice.query(replayed, "SELECT 1"), NO_SESSION, "connect again");
    }
    refused(&parsed(&alice.send("POST", "/session/token-request", &master, "{}")), NO_SESSION, "connect again");
    assert_eq!(upstream.snowflake.statements().len(), before, "nothing ran");
    for wrong in ["", "hunter2", "eyJhbGciOiJSUzI1NiJ9.e30.c2ln"] {
        refused(&alice.log_in(wrong), "390100", "neither stored nor forwarded");
    }
    assert_eq!(alice.recorded(&stack, "refused"), 3);
}

#[test]
fn results_are_had_only_by_the_session_that_asked() {
    let Scene { upstream, stack: _running, alice, bob } = scene();
    let ((token, _), (bobs, _)) = (alice.tokens(), bob.tokens());
    let answer = alice.query(&token, "SELECT /*hoop: rows=2000 chunks=2 format=json */ * FROM products");
    let id = answer["data"]["queryId"].as_str().unwrap();
    let chunk = answer.pointer("/data/chunks/1/url").and_then(Value::as_str).unwrap();
    let path = chunk.strip_prefix(alice.listener.url()).unwrap();
    assert_eq!(alice.send("GET", path, &token, "").status, 200);
    assert_eq!(bob.send("GET", path, &bobs, "").status, 404, "bob's listener serves alice's chunk");
    let (whole, index) = path.rsplit_once('/').unwrap();
    for other in [
        format!("{whole}/2"),
        format!("{whole}/-1"),
        format!("{whole}/99999999999999999999"),
        format!("{whole}/"),
        format!("{whole}0/{index}"),
        format!("{}/{index}", &whole[..whole.len() - 1]),
        format!("{}/{index}", whole.to_uppercase()),
        format!("{whole}/../{index}"),
    ] {
        assert_eq!(alice.send("GET", &other, &token, "").status, 404, "{other}");
    }
    refused(&parsed(&bob.send("GET", &format!("/queries/{id}/result"), &bobs, "")), "000709", "no such query");
    refused(&parsed(&bob.send("GET", &format!("/monitoring/queries/{id}"), &bobs, "")), "000709", "no such query");
    refused(
        &parsed(&bob.send("POST", &format!("/queries/{id}/abort-request"), &bobs, "{}")),
        "000709",
        "no such query",
    );
    // By SQL it is a statement like any other, whose tables nobody knows: it waits for somebody.
    let scan = json!({ "sqlText": format!("SELECT * FROM TABLE(RESULT_SCAN('{id}'))"), "asyncExec": true }).to_string();
    let path = format!("/queries/v1/query-request?requestId={}", unique());
    assert_eq!(parsed(&bob.send("POST", &path, &bobs, scan.clone()))["code"], "333334");
    assert!(upstream.snowflake.statements().iter().all(|one| !one.sql.contains("RESULT_SCAN")));
}

#[test]
fn requests_that_cannot_be_read_never_go_upstream() {
    let Scene { upstream, stack, alice, bob: _ } = scene();
    let (token, _) = alice.tokens();
    let before = upstream.snowflake.statements().len();
    let query = |body: Vec<u8>| {
        let path = format!("/queries/v1/query-request?requestId={}", unique());
        parsed(&alice.send("POST", &path, &token, body))
    };
    let sql = |members: Value| {
        let mut body = json!({ "sqlText": "SELECT 1" });
        body.as_object_mut().unwrap().extend(members.as_object().unwrap().clone());
        body.to_string().into_bytes()
    };
    for (name, body) in [
        ("nothing", Vec::new()),
        ("no JSON", b"SELECT 1".to_vec()),
        ("half of the JSON", b"{\"sqlText\":\"SELECT 1\"".to_vec()),
        ("a list", b"[\"SELECT 1\"]".to_vec()),
        ("no statement", b"{}".to_vec()),
        ("a statement that is a list", sql(json!({ "sqlText": ["SELECT 1"] }))),
        ("a member nobody knows", sql(json!({ "sqlText2": "DROP TABLE payments" }))),
        ("bindings in a stage", sql(json!({ "bindStage": "@SYSTEM$BIND/1" }))),
        ("parameters that are a list", sql(json!({ "parameters": [] }))),
        ("text that runs backwards", sql(json!({ "sqlText": "SELECT '\u{202e}1'" }))),
        ("a null byte", sql(json!({ "sqlText": "SELECT 1\u{0}; DROP TABLE payments" }))),
        ("no UTF-8", b"{\"sqlText\":\"SELECT '\xff'\"}".to_vec()),
        ("nested too deep", [b"{\"sqlText\":".to_vec(), vec![b'['; 100_000]].concat()),
        ("a gzip that is none", [&[0x1f, 0x8b][..], b"SELECT 1"].concat()),
        ("half of a gzip", gzip(&sql(json!({})))[..20].to_vec()),
        ("a gzip of 128 MiB", gzip(&vec![b' '; 128 << 20])),
        ("65 MiB", vec![b' '; 65 << 20]),
    ] {
        let answer = query(body);
        assert_eq!(answer["success"], false, "{name}: {answer}");
        assert!(answer["message"].as_str().is_some_and(|text| text.len() > 20), "{name}: {answer}");
    }
    // Longer than anybody reads: it waits for a second person, and nothing ran.
    let long = format!("SELECT '{}'", "x".repeat(1 << 20));
    assert_eq!(query(sql(json!({ "sqlText": long, "asyncExec": true })))["code"], "333334");
    for (method, path) in [
        ("GET", "/queries/v1/query-request"),
        ("PUT", "/queries/v1/query-request"),
        ("POST", "/QUERIES/V1/QUERY-REQUEST"),
        ("POST", "/queries/v1/query%2drequest"),
        ("POST", "/queries/v1/./query-request"),
        ("POST", "/session/authenticator-request"),
        ("POST", "/oauth/token-request"),
        ("GET", "/console/login"),
        ("GET", "/queries/%2e%2e/session"),
        ("POST", "/hoop/session/open"),
    ] {
        let answer = alice.send(method, path, &token, "{\"sqlText\":\"SELECT 1\"}");
        assert_eq!(answer.status, 404, "{method} {path}: {:?}", answer.body);
    }
    assert_eq!(upstream.snowflake.statements().len(), before, "nothing ran");
    assert_eq!(alice.query(&token, "SELECT 1")["success"], true, "the session goes on");
    assert!(alice.recorded(&stack, "refused") >= 10);
}
