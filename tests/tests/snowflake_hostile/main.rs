//! An upstream that lies and clients that want what is not theirs, against the programs themselves: refused in words that
//! a driver reads, bounded, in the trail, and no reason for the session to end.

mod client;
mod crooked;
mod upstream;

use std::sync::Arc;

use bytes::Bytes;
use hoop_dev::client::{Answer, Connection};
use hoop_tests::{Listener, Stack, cards};
use serde_json::{Value, json};
use tokio::runtime::Runtime;

/// What no client may ever get a byte of.
const NEVER: [&str; 4] = [cards::VISA, "UPSTREAMONLY", "4111 1111 1111 1111", "NDExMTExMTExMTExMTExMQ"];

/// One listener and what is said over it.
struct Talk {
    listener: Listener,
    runtime: Arc<Runtime>,
}

impl Talk {
    fn open(stack: &Stack, user: &str, runtime: &Arc<Runtime>) -> Self {
        Self { listener: Listener::open(stack, user, "snowflake"), runtime: runtime.clone() }
    }

    #[track_caller]
    fn send(&self, method: &str, path: &str, token: &str, body: impl Into<Bytes>) -> Answer {
        let authorization = format!("Snowflake Token=\"{token}\"");
        let headers = [("authorization", authorization.as_str()), ("accept", "application/snowflake")];
        self.send_with(method, path, &headers, body)
    }

    #[track_caller]
    fn send_with(&self, method: &str, path: &str, headers: &[(&str, &str)], body: impl Into<Bytes>) -> Answer {
        let answer = self.runtime.block_on(async {
            let mut connection = Connection::open(self.listener.address().parse().unwrap()).await.unwrap();
            connection.send(method, path, headers, body.into()).await.unwrap()
        });
        let text = String::from_utf8_lossy(&answer.body);
        for never in NEVER {
            assert!(!text.contains(never) && !format!("{:?}", answer.headers).contains(never), "{never} in {text}");
        }
        answer
    }

    #[track_caller]
    fn log_in(&self, password: &str) -> Value {
        let data = json!({ "CLIENT_APP_ID": "JavaScript", "CLIENT_APP_VERSION": "3.3.0", "PASSWORD": password });
        let body = json!({ "data": data }).to_string();
        parsed(&self.send("POST", "/session/v1/login-request?requestId=l", "None", body))
    }

    /// Its session and its master token.
    #[track_caller]
    fn tokens(&self) -> (String, String) {
        let answer = self.log_in(self.listener.secret());
        let token = |name: &str| answer["data"][name].as_str().unwrap_or_else(|| panic!("{answer}")).to_owned();
        (token("token"), token("masterToken"))
    }

    /// The end of a statement, polled for.
    #[track_caller]
    fn query(&self, token: &str, sql: &str) -> Value {
        let body = json!({ "sqlText": sql, "sequenceId": 1 }).to_string();
        let path = format!("/queries/v1/query-request?requestId={}", unique());
        let mut answer = parsed(&self.send("POST", &path, token, body));
        while answer["code"] == "333333" {
            let path = answer["data"]["getResultUrl"].as_str().unwrap().to_owned();
            answer = parsed(&self.send("GET", &path, token, ""));
        }
        answer
    }

    /// How often the session's records have this outcome.
    fn recorded(&self, stack: &Stack, outcome: &str) -> usize {
        let id = self.listener.ready["session"].as_str().unwrap();
        let shown = stack.run("carol", &["sessions", "show", id, "--output", "json"]).ok().json();
        let records = shown["records"].as_array().unwrap_or_else(|| panic!("{shown}"));
        records.iter().filter(|record| record["outcome"] == outcome).count()
    }
}

#[track_caller]
fn parsed(answer: &Answer) -> Value {
    serde_json::from_slice(&answer.body).unwrap_or_else(|_| panic!("{}: {:?}", answer.status, answer.body))
}

fn unique() -> String {
    static NEXT: std::sync::atomic::AtomicUsize = std::sync::atomic::AtomicUsize::new(1);
    format!("r-{}", NEXT.fetch_add(1, std::sync::atomic::Ordering::Relaxed))
}

/// A refusal as a driver raises it at once: HTTP 200, a code and words.
#[track_caller]
fn refused(answer: &Value, code: &str, words: &str) {
    assert_eq!(answer["success"], false, "{answer}");
    assert_eq!(answer["code"], code, "{answer}");
    assert!(answer["message"].as_str().unwrap().contains(words), "{words:?} in {answer}");
}
