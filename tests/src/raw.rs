//! A Snowflake client that says what it is told to, and looks at every byte it gets.

use std::{
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
    time::{Duration, Instant},
};

use bytes::Bytes;
use hoop_dev::client::{Answer, Connection};
use serde_json::{Value, json};
use tokio::runtime::Runtime;

use crate::{Listener, Stack};

/// The longest that an answer to a POST may take, and to anything else (`snowflake-protocol.md` §10).
const FIRST_ANSWER: Duration = Duration::from_secs(5);
const POLL: Duration = Duration::from_secs(45);

/// One listener, and what no byte from it may hold.
pub struct Raw {
    pub listener: Listener,
    runtime: Arc<Runtime>,
    never: Vec<Vec<u8>>,
}

impl Raw {
    #[track_caller]
    pub fn open(stack: &Stack, user: &str, runtime: &Arc<Runtime>, never: &[&str]) -> Self {
        Self::at(Listener::open(stack, user, "snowflake"), runtime, never)
    }

    pub fn at(listener: Listener, runtime: &Arc<Runtime>, never: &[&str]) -> Self {
        let never = never.iter().map(|never| never.as_bytes().to_vec()).collect();
        Self { listener, runtime: runtime.clone(), never }
    }

    pub fn never(&mut self, bytes: Vec<u8>) {
        self.never.push(bytes);
    }

    /// Fails where one of them is there.
    #[track_caller]
    pub fn search(&self, bytes: &[u8], what: &str) {
        for never in &self.never {
            assert!(!holds(bytes, never), "{} in {what}: {}", never.escape_ascii(), bytes.escape_ascii());
        }
    }

    #[track_caller]
    pub fn send(&self, method: &str, path: &str, token: &str, body: impl Into<Bytes>) -> Answer {
        let authorization = format!("Snowflake Token=\"{token}\"");
        let headers = [("authorization", authorization.as_str()), ("accept", "application/snowflake")];
        self.send_with(method, path, &headers, body)
    }

    #[track_caller]
    pub fn send_with(&self, method: &str, path: &str, headers: &[(&str, &str)], body: impl Into<Bytes>) -> Answer {
        let began = Instant::now();
        let answer = self.runtime.block_on(async {
            let address = self.listener.address().parse().expect("an address");
            let mut connection = Connection::open(address).await.expect("a connection");
            connection.send(method, path, headers, body.into()).await.expect("an answer")
        });
        let (took, limit) = (began.elapsed(), if method == "POST" { FIRST_ANSWER } else { POLL });
        assert!(took < limit, "{method} {path} took {took:?}");
        self.search(&answer.body, path);
        self.search(format!("{:?}", answer.headers).as_bytes(), "the headers");
        answer
    }

    #[track_caller]
    pub fn log_in(&self, password: &str) -> Value {
        let data = json!({ "CLIENT_APP_ID": "Go", "CLIENT_APP_VERSION": "1.17.0", "PASSWORD": password });
        let body = json!({ "data": data }).to_string();
        parsed(&self.send("POST", "/session/v1/login-request?requestId=l", "None", body))
    }

    /// Its session and its master token.
    #[track_caller]
    pub fn tokens(&self) -> (String, String) {
        let answer = self.log_in(self.listener.secret());
        let token = |name: &str| answer["data"][name].as_str().unwrap_or_else(|| panic!("{answer}")).to_owned();
        (token("token"), token("masterToken"))
    }

    /// The end of a statement, polled for.
    #[track_caller]
    pub fn query(&self, token: &str, sql: &str) -> Value {
        self.query_with(token, json!({ "sqlText": sql }))
    }

    #[track_caller]
    pub fn query_with(&self, token: &str, mut request: Value) -> Value {
        request["sequenceId"] = 1.into();
        let path = format!("/queries/v1/query-request?requestId={}", unique());
        let mut answer = parsed(&self.send("POST", &path, token, request.to_string()));
        while answer["code"] == "333333" || answer["code"] == "333334" {
            let path = answer["data"]["getResultUrl"].as_str().expect("where to ask").to_owned();
            answer = parsed(&self.send("GET", &path, token, ""));
        }
        answer
    }

    /// How often the session's records have this outcome.
    #[track_caller]
    pub fn recorded(&self, stack: &Stack, outcome: &str) -> usize {
        let id = self.listener.ready["session"].as_str().expect("a session");
        let shown = stack.run("carol", &["sessions", "show", id, "--output", "json"]).ok().json();
        let records = shown["records"].as_array().unwrap_or_else(|| panic!("{shown}"));
        records.iter().filter(|record| record["outcome"] == outcome).count()
    }
}

pub fn holds(bytes: &[u8], part: &[u8]) -> bool {
    bytes.windows(part.len()).any(|window| window == part)
}

#[track_caller]
pub fn parsed(answer: &Answer) -> Value {
    serde_json::from_slice(&answer.body).unwrap_or_else(|_| panic!("{}: {}", answer.status, answer.body.escape_ascii()))
}

pub fn unique() -> String {
    static NEXT: AtomicUsize = AtomicUsize::new(1);
    format!("r-{}", NEXT.fetch_add(1, Ordering::Relaxed))
}
