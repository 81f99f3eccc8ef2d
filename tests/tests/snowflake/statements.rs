//! The SQL API (`/api/v2/statements`) through `hoopctl connect`: every byte that a client gets is searched for what it
//! must not have.

use std::time::{Duration, Instant};

use hoop_tests::{
    Listener, Stack, Upstream,
    cards::{self, made, masked},
};
use reqwest::{Client, Method, StatusCode};
use serde_json::{Value, json};

/// What every token, chunk URL and chunk key of our double contains.
const MARKER: &str = "UPSTREAMONLY";
/// The longest that an answer to a POST may take: what takes longer is polled for.
const FIRST_ANSWER: Duration = Duration::from_secs(5);

struct Scene {
    upstream: Upstream,
    stack: Stack,
    listener: Listener,
    http: Client,
}

impl Scene {
    fn new() -> Self {
        let upstream = Upstream::start();
        let stack = Stack::with(&["--snowflake", upstream.snowflake.url()]);
        let listener = Listener::open(&stack, "alice", "snowflake");
        let _ = rustls::crypto::aws_lc_rs::default_provider().install_default();
        Self { upstream, stack, listener, http: Client::new() }
    }

    #[track_caller]
    fn ask(&self, method: Method, path: &str, token: &str, body: Option<&Value>) -> (StatusCode, Value) {
        let began = Instant::now();
        let posted = method == Method::POST;
        let url = format!("{}{path}", self.listener.url());
        let mut request = self.http.request(method, url).bearer_auth(token);
        if let Some(body) = body {
            request = request.header("content-type", "application/json").body(body.to_string());
        }
        let (status, headers, text) = self.upstream.runtime.block_on(async {
            let answer = request.send().await.unwrap();
            (answer.status(), format!("{:?}", answer.headers()), answer.text().await.unwrap())
        });
        for never in [MARKER, cards::VISA, cards::MASTERCARD, cards::AMEX, &made(0), &made(19_999)] {
            assert!(!text.contains(never) && !headers.contains(never), "{never} in {headers} {text}");
        }
        assert!(!posted || began.elapsed() < FIRST_ANSWER, "{:?}", began.elapsed());
        let answer = serde_json::from_str(&text).unwrap_or_else(|_| panic!("{status} {text}"));
        (status, answer)
    }

    #[track_caller]
    fn submit(&self, query: &str, body: &Value) -> (StatusCode, Value) {
        self.ask(Method::POST, &format!("/api/v2/statements{query}"), self.listener.secret(), Some(body))
    }

    #[track_caller]
    fn get(&self, path: &str) -> (StatusCode, Value) {
        self.ask(Method::GET, path, self.listener.secret(), None)
    }

    /// Runs it to its end, by the URL that the answer names.
    #[track_caller]
    fn run(&self, body: &Value) -> Value {
        let (status, answer) = self.submit("", body);
        let answer = if status == StatusCode::ACCEPTED { self.followed(&answer).1 } else { answer };
        assert_eq!(answer["code"], "090001", "{answer}");
        answer
    }

    #[track_caller]
    fn followed(&self, running: &Value) -> (StatusCode, Value) {
        assert_eq!(running["code"], "333334", "{running}");
        loop {
            let (status, answer) = self.get(running["statementStatusUrl"].as_str().unwrap());
            if status != StatusCode::ACCEPTED {
                return (status, answer);
            }
            assert_eq!(answer["statementHandle"], running["statementHandle"]);
        }
    }

    fn held(&self) -> String {
        self.stack.held()["request"]["id"].as_str().unwrap().to_owned()
    }
}

#[test]
fn rows_come_masked_in_every_partition() {
    let scene = Scene::new();
    let answer =
        scene.run(&json!({ "statement": "SELECT /*hoop: rows=20000 chunks=4 */ * FROM products", "timeout": 60 }));
    let meta = &answer["resultSetMetaData"];
    assert_eq!((&meta["numRows"], &meta["format"]), (&20_000.into(), &"jsonv2".into()));
    assert_eq!(meta["rowType"][1]["name"], "CARD_NUMBER");
    let partitions = meta["partitionInfo"].as_array().unwrap();
    assert_eq!(partitions.len(), 5);
    let url = answer["statementStatusUrl"].as_str().unwrap();
    let mut index = 0;
    for (number, partition) in partitions.iter().enumerate() {
        let (status, part) = scene.get(&format!("{url}?partition={number}"));
        assert_eq!(status, StatusCode::OK, "{part}");
        let rows = part["data"].as_array().unwrap();
        assert_eq!(partition["rowCount"], rows.len());
        for row in rows {
            assert_eq!(row[0], (index + 1).to_string());
            assert_eq!(row[1], masked(&made(index)), "row {index}");
            index += 1;
        }
    }
    assert_eq!(index, 20_000);
    for number in ["5", "99999999999999999999", "-1", "x"] {
        let (status, refused) = scene.get(&format!("{url}?partition={number}"));
        assert_eq!(status, StatusCode::BAD_REQUEST, "{refused}");
        assert!(refused["message"].as_str().unwrap().contains("partitionInfo"), "{refused}");
    }
}

#[test]
fn statements_run_in_the_place_and_with_the_values_they_name() {
    let scene = Scene::new();
    let bound = scene.run(&json!({
        "statement": "SELECT ?, ?, ?",
        "bindings": {
            "1": { "type": "FIXED", "value": "17" }, "2": { "type": "TEXT", "value": cards::VISA },
            "3": { "type": "TEXT", "value": null },
        },
    }));
    assert_eq!(bound["data"], json!([["17", cards::VISA_MASKED, null]]));
    let (status, text) = scene.submit("?nullable=false", &json!({ "statement": "SELECT NULL, 'x'" }));
    assert_eq!((status, &text["data"]), (StatusCode::OK, &json!([["null", "x"]])));

    let place = "SELECT CURRENT_DATABASE(), CURRENT_SCHEMA()";
    let elsewhere = json!({ "statement": place, "database": "OTHER", "schema": "S1" });
    assert_eq!(scene.run(&elsewhere)["data"], json!([["OTHER", "S1"]]));
    let home = scene.run(&json!({ "statement": place }))["data"].clone();
    assert_ne!(home, json!([["OTHER", "S1"]]));
    // What moves a session moves nobody else's.
    scene.run(&json!({ "statement": "USE SCHEMA moved" }));
    assert_eq!(scene.run(&json!({ "statement": place }))["data"], home);
    let several = json!({
        "statement": format!("USE SCHEMA moved; {place}"), "parameters": { "MULTI_STATEMENT_COUNT": "2" },
    });
    let handles = scene.run(&several)["statementHandles"].clone();
    let second = format!("/api/v2/statements/{}", handles[1].as_str().unwrap());
    assert_eq!(scene.get(&second).1["data"][0][1], "MOVED");
    // One session for each place; those that moved log out.
    let until = Instant::now() + Duration::from_secs(30);
    while scene.upstream.snowflake.open_sessions() > 2 {
        assert!(Instant::now() < until, "{} sessions", scene.upstream.snowflake.open_sessions());
        std::thread::yield_now();
    }
    assert_eq!(scene.upstream.snowflake.logins(), 4);
}

#[test]
fn a_retry_never_runs_a_statement_again() {
    let scene = Scene::new();
    let sql = "SELECT 'once only'";
    let (_, first) = scene.submit("?requestId=5f0c-1", &json!({ "statement": sql }));
    let (status, again) = scene.submit("?requestId=5f0c-1&retry=true", &json!({ "statement": sql }));
    assert_eq!((status, &again), (StatusCode::OK, &first));
    assert_eq!(scene.upstream.executed(sql), 1);
    // A session of its own makes no difference.
    let sql = "ALTER SESSION SET TIMEZONE = 'UTC'";
    for _ in 0..2 {
        scene.submit("?requestId=5f0c-2", &json!({ "statement": sql }));
    }
    assert_eq!(scene.upstream.executed(sql), 1);
}

#[test]
fn an_asynchronous_statement_is_polled_for_and_can_be_cancelled() {
    let scene = Scene::new();
    let sql = json!({ "statement": "SELECT /*hoop: hold=1s */ 'late'" });
    let (status, running) = scene.submit("?async=true", &sql);
    assert_eq!(status, StatusCode::ACCEPTED, "{running}");
    let (status, answer) = scene.followed(&running);
    assert_eq!((status, &answer["data"]), (StatusCode::OK, &json!([["late"]])));

    let (_, running) = scene.submit("?async=true", &json!({ "statement": "SELECT /*hoop: hold=2m */ 'never'" }));
    let url = running["statementStatusUrl"].as_str().unwrap();
    let (status, cancelled) = scene.ask(Method::POST, &format!("{url}/cancel"), scene.listener.secret(), None);
    assert_eq!((status, &cancelled["statementHandle"]), (StatusCode::OK, &running["statementHandle"]));
    let (status, ended) = scene.followed(&running);
    assert_eq!((status, &ended["code"]), (StatusCode::UNPROCESSABLE_ENTITY, &"000604".into()), "{ended}");
}

#[test]
fn a_held_statement_is_still_running_until_it_is_approved() {
    let scene = Scene::new();
    let sql = "UPDATE payments SET status = 'refunded' WHERE id = 4";
    let (status, running) = scene.submit("?requestId=7d-1", &json!({ "statement": sql }));
    assert_eq!(status, StatusCode::ACCEPTED, "{running}");
    let (status, retried) = scene.submit("?requestId=7d-1&retry=true", &json!({ "statement": sql }));
    assert_eq!((status, &retried), (StatusCode::ACCEPTED, &running));
    assert_eq!(scene.upstream.executed(sql), 0);
    scene.stack.run("bob", &["approve", &scene.held(), "--reason", "ticket OPS-4"]).ok();
    let (status, answer) = scene.followed(&running);
    assert_eq!((status, &answer["data"][0][0]), (StatusCode::OK, &"1".into()), "{answer}");
    assert_eq!(scene.upstream.executed(sql), 1);

    let sql = "UPDATE payments SET status = 'refunded' WHERE id = 5";
    let (_, running) = scene.submit("?async=true", &json!({ "statement": sql }));
    let request = scene.held();
    scene.stack.run("bob", &["deny", &request, "--reason", "not without a ticket"]).ok();
    let (status, denied) = scene.followed(&running);
    assert_eq!(status, StatusCode::UNPROCESSABLE_ENTITY, "{denied}");
    assert_eq!((&denied["code"], &denied["sqlState"]), (&"003001".into(), &"42501".into()));
    let text = denied["message"].as_str().unwrap();
    assert!(text.contains(&request) && text.contains("not without a ticket"), "{text}");
    assert_eq!(scene.upstream.executed(sql), 0);
}

/// Snowflake ends the session that statements share: the one that meets it is told, and the next has another.
#[test]
fn a_shared_session_that_ended_is_replaced() {
    let scene = Scene::new();
    scene.run(&json!({ "statement": "SELECT 1" }));
    scene.upstream.snowflake.expire_sessions(true);
    let (status, ended) = scene.submit("", &json!({ "statement": "SELECT 2" }));
    assert_eq!(status, StatusCode::UNPROCESSABLE_ENTITY, "{ended}");
    assert!(ended["message"].as_str().unwrap().contains("nothing ran"), "{ended}");
    assert_eq!(scene.upstream.executed("SELECT 2"), 0);
    assert_eq!(scene.run(&json!({ "statement": "SELECT 3" }))["data"], json!([["3"]]));
    assert_eq!(scene.upstream.snowflake.logins(), 2);
}

#[test]
fn an_error_says_what_the_upstream_said_without_the_card() {
    let scene = Scene::new();
    let sql = json!({ "statement": format!("SELECT /*hoop: error={} */ 1", cards::VISA) });
    let (status, answer) = scene.submit("", &sql);
    assert_eq!((status, &answer["code"]), (StatusCode::UNPROCESSABLE_ENTITY, &"100038".into()), "{answer}");
    assert!(answer["message"].as_str().unwrap().contains(cards::VISA_MASKED), "{answer}");
}

#[test]
fn what_is_not_the_session_s_own_is_refused() {
    let mut scene = Scene::new();
    let body = json!({ "statement": "SELECT 1" });
    let (status, refused) = scene.ask(Method::POST, "/api/v2/statements", "eyJhbGciOi.real.token", Some(&body));
    assert_eq!((status, &refused["code"]), (StatusCode::UNAUTHORIZED, &"390100".into()));
    assert!(refused["message"].as_str().unwrap().contains("neither stored nor forwarded"), "{refused}");

    let (_, answer) = scene.submit("", &body);
    let url = answer["statementStatusUrl"].as_str().unwrap().to_owned();
    let others = Listener::open(&scene.stack, "bob", "snowflake");
    let own = std::mem::replace(&mut scene.listener, others);
    let (status, unknown) = scene.get(&url);
    assert_eq!((status, &unknown["code"]), (StatusCode::NOT_FOUND, &"000709".into()), "{unknown}");
    let cancel = format!("{url}/cancel");
    assert_eq!(scene.ask(Method::POST, &cancel, scene.listener.secret(), None).0, StatusCode::NOT_FOUND);
    scene.listener = own;
    assert_eq!(scene.get(&url).0, StatusCode::OK);
}

#[test]
fn of_the_rest_api_nothing_else_is_reached() {
    let scene = Scene::new();
    for (method, path) in [
        (Method::POST, "/api/v2/cortex/inference:complete"),
        (Method::POST, "/api/v2/cortex/agent:run"),
        (Method::POST, "/api/v2/cortex/analyst/message"),
        (Method::GET, "/api/v2/cortex/models"),
        (Method::POST, "/api/v2/databases/PAYMENTS/schemas/PUBLIC/cortex-search-services/cards:query"),
        (Method::POST, "/api/v2/databases/PAYMENTS/schemas/PUBLIC/mcp-servers/cards"),
        (Method::GET, "/api/v2/warehouses"),
        (Method::DELETE, "/api/v2/databases/PAYMENTS"),
    ] {
        let (status, refused) = scene.ask(method, path, scene.listener.secret(), Some(&json!({ "messages": [] })));
        assert_eq!((status, &refused["code"]), (StatusCode::FORBIDDEN, &"003001".into()), "{path}");
        assert!(refused["message"].as_str().unwrap().contains("/api/v2/statements"), "{refused}");
    }
    for body in [json!({}), json!({ "statement": "SELECT 1", "describeOnly": true }), json!({ "statement": 1 })] {
        let (status, refused) = scene.submit("", &body);
        assert_eq!(status, StatusCode::BAD_REQUEST, "{refused}");
    }
    let role = json!({ "statement": "SELECT 1", "role": "ACCOUNTADMIN" });
    let (status, refused) = scene.submit("", &role);
    assert_eq!((status, &refused["code"]), (StatusCode::UNPROCESSABLE_ENTITY, &"003001".into()), "{refused}");
    assert_eq!(scene.upstream.snowflake.logins(), 0, "nothing was asked upstream");
}
