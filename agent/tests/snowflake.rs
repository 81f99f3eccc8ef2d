//! A Snowflake account through an agent, against a stand-in that knows logins, renewals and queries.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]

mod fake;

use std::{
    io::Write,
    sync::{
        Arc, Mutex,
        atomic::{AtomicUsize, Ordering},
    },
};

use fake::{Agent, Gateway, HttpUpstream, Link, body, fault, text, whole};
use flate2::{Compression, write::GzEncoder};
use hoop_agent::{SecretRef, SnowflakeCredential, SnowflakeTarget, Target};
use hoop_model::{ExchangeId, Retry, Secret, SessionId};
use hoop_wire::{
    headers::{FETCH_URL, SNOWFLAKE_LOGIN, SnowflakeLogin},
    open::UpstreamOpen,
};
use http::{Method, Request, Response};
use http_body_util::combinators::BoxBody;
use hyper::body::Incoming;
use serde_json::{Value, json};

/// One session; its token is `session-N`, and only the newest N is good.
#[derive(Default)]
struct Account {
    generation: AtomicUsize,
    logins: Mutex<Vec<Value>>,
    renewals: AtomicUsize,
    log_outs: AtomicUsize,
    /// What queries were run, and with which requestId.
    queries: Mutex<Vec<(String, String)>>,
    gone: std::sync::atomic::AtomicBool,
}

impl Account {
    async fn answer(self: Arc<Self>, request: Request<Incoming>) -> Response<BoxBody<bytes::Bytes, std::io::Error>> {
        let path = request.uri().path().to_owned();
        let query = request.uri().query().unwrap_or_default().to_owned();
        let token = request.headers().get("authorization").map(|value| value.to_str().unwrap().to_owned());
        let generation = self.generation.load(Ordering::SeqCst);
        let good = token == Some(format!("Snowflake Token=\"session-{generation}\""));
        let zipped = request.headers().get("accept-encoding").is_some();
        let sent = text(request).await;
        let answer = match path.as_str() {
            "/session/v1/login-request" => {
                let login: Value = serde_json::from_str(&sent).unwrap();
                self.logins.lock().unwrap().push(json!({ "query": query, "data": login["data"] }));
                if login["data"]["PASSWORD"] != "right" {
                    json!({ "success": false, "code": "390100", "message": "Incorrect username or password was specified." })
                } else {
                    json!({ "success": true, "code": null, "data": {
                        "token": format!("session-{generation}"), "masterToken": "master", "remMeToken": "remember",
                        "sessionId": 7, "parameters": [{ "name": "TIMEZONE", "value": "UTC" }],
                        "sessionInfo": { "databaseName": "PAY" },
                    }})
                }
            }
            "/session/token-request" => {
                assert_eq!(token.unwrap(), "Snowflake Token=\"master\"");
                self.renewals.fetch_add(1, Ordering::SeqCst);
                if self.gone.load(Ordering::SeqCst) {
                    json!({ "success": false, "code": "390114", "data": {} })
                } else {
                    json!({ "success": true, "data":
                        { "sessionToken": format!("session-{generation}"), "masterToken": "master" } })
                }
            }
            "/session" if query.starts_with("delete=true") => {
                assert!(good);
                self.log_outs.fetch_add(1, Ordering::SeqCst);
                json!({ "success": true })
            }
            "/queries/v1/query-request" if good => {
                self.queries.lock().unwrap().push((query, sent.clone()));
                json!({ "success": true, "data": { "rowset": [["x".repeat(sent.len())]] } })
            }
            _ if path.starts_with("/queries/") => json!({ "success": false, "code": "390112", "message": "expired" }),
            _ => panic!("{path}"),
        };
        let mut response = Response::builder().header("content-type", "application/json");
        let mut bytes = answer.to_string().into_bytes();
        if zipped {
            response = response.header("content-encoding", "gzip");
            let mut gzip = GzEncoder::new(Vec::new(), Compression::fast());
            gzip.write_all(&bytes).unwrap();
            bytes = gzip.finish().unwrap();
        }
        response.body(body(bytes)).unwrap()
    }
}

struct Fixture {
    account: Arc<Account>,
    upstream: HttpUpstream,
    link: Link,
    agent: Agent,
    _gateway: Gateway,
}

async fn fixture(password: &str) -> Fixture {
    let account = Arc::new(Account::default());
    let answering = account.clone();
    let upstream = HttpUpstream::start(move |request| answering.clone().answer(request)).await;
    let target = SnowflakeTarget {
        url: upstream.url.clone(),
        account: "acct".to_owned(),
        user: "SVC".to_owned(),
        credential: SnowflakeCredential::Password(SecretRef::Held(Secret::new(password.to_owned()))),
        role: Some("READER".to_owned()),
        warehouse: Some("W".to_owned()),
        database: None,
        schema: None,
        chunk_hosts: Vec::new(),
        authority: None,
    };
    let mut gateway = Gateway::start().await;
    let agent = Agent::start(&gateway, vec![("warehouse", Target::Snowflake(Box::new(target)))]);
    let link = gateway.link().await;
    Fixture { account, upstream, link, agent, _gateway: gateway }
}

fn request(
    method: Method,
    path: &str,
    sent: impl Into<bytes::Bytes>,
) -> Request<BoxBody<bytes::Bytes, std::io::Error>> {
    let wish = SnowflakeLogin {
        database: Some("PAY".to_owned()),
        role: Some("ACCOUNTADMIN".to_owned()),
        session_parameters: [("QUERY_TAG".to_owned(), json!("hoop"))].into(),
        ..SnowflakeLogin::default()
    };
    Request::builder()
        .method(method)
        .uri(path)
        .header(SNOWFLAKE_LOGIN, serde_json::to_string(&wish).unwrap())
        .header("authorization", "Snowflake Token=\"the gateway's\"")
        .body(body(sent))
        .unwrap()
}

const QUERY: &str = "/queries/v1/query-request?requestId=r1";

impl Fixture {
    async fn query(&self, session: SessionId, sent: impl Into<bytes::Bytes>) -> Response<Incoming> {
        self.link.http("warehouse", session, request(Method::POST, QUERY, sent)).await
    }
}

#[tokio::test]
async fn the_agent_logs_in_with_its_own_credential_and_keeps_the_tokens() {
    let f = fixture("right").await;
    let session = SessionId::new();
    let opened = f.link.http("warehouse", session, request(Method::GET, "/hoop/session/open", "")).await;
    let opened = whole(opened).await;
    let told: Value = serde_json::from_slice(&opened).unwrap();
    assert_eq!(told["sessionInfo"]["databaseName"], "PAY");
    assert_eq!(told["sessionId"], 7);
    let raw = String::from_utf8(opened.to_vec()).unwrap();
    assert!(!raw.contains("session-0") && !raw.contains("master\"") && !raw.contains("remember"), "{raw}");

    whole(f.query(session, "{}").await).await;
    let logins = f.account.logins.lock().unwrap().clone();
    let [login] = &logins[..] else { panic!("{} logins", logins.len()) };
    assert_eq!(login["data"]["LOGIN_NAME"], "SVC");
    assert_eq!(login["data"]["SESSION_PARAMETERS"]["QUERY_TAG"], "hoop");
    let query = login["query"].as_str().unwrap();
    assert!(query.contains("databaseName=PAY") && query.contains("warehouse=W"), "{query}");
    assert!(query.contains("roleName=READER"), "the user's wish went beyond the settings' role: {query}");
    assert!(f.upstream.seen().iter().all(|seen| seen.headers.keys().all(|name| !name.as_str().starts_with("hoop-"))));

    let closed = f.link.http("warehouse", session, request(Method::POST, "/hoop/session/close", "")).await;
    assert_eq!(closed.status(), 204);
    assert_eq!(f.account.log_outs.load(Ordering::SeqCst), 1);
}

#[tokio::test]
async fn each_session_has_a_login_of_its_own_and_all_end_with_the_agent() {
    let f = fixture("right").await;
    for _ in 0..2 {
        whole(f.query(SessionId::new(), "{}").await).await;
    }
    assert_eq!(f.account.logins.lock().unwrap().len(), 2);
    f.agent.shutdown.cancel();
    f.agent.running.await.unwrap().unwrap();
    assert_eq!(f.account.log_outs.load(Ordering::SeqCst), 2);
}

#[tokio::test]
async fn an_expired_token_is_renewed_and_the_query_runs_once() {
    let f = fixture("right").await;
    let session = SessionId::new();
    whole(f.query(session, "{\"first\":1}").await).await;
    for zipped in [false, true] {
        f.account.generation.fetch_add(1, Ordering::SeqCst);
        let mut again = request(Method::POST, QUERY, "{\"again\":1}");
        if zipped {
            again.headers_mut().insert("accept-encoding", "gzip".parse().unwrap());
        }
        assert_eq!(f.link.http("warehouse", session, again).await.status(), 200);
    }
    assert_eq!(f.account.renewals.load(Ordering::SeqCst), 2);
    assert_eq!(f.account.logins.lock().unwrap().len(), 1);
    let queries = f.account.queries.lock().unwrap().clone();
    assert_eq!(queries.len(), 3);
    assert!(queries.iter().all(|(query, _)| query == "requestId=r1"));
    assert_eq!(queries[2].1, "{\"again\":1}");
}

#[tokio::test]
async fn many_requests_that_find_a_token_expired_renew_it_once() {
    let f = fixture("right").await;
    let session = SessionId::new();
    whole(f.query(session, "{}").await).await;
    f.account.generation.fetch_add(1, Ordering::SeqCst);
    let all = futures_util::future::join_all((0..8).map(|_| f.query(session, "{}"))).await;
    assert!(all.iter().all(|response| response.status() == 200));
    assert_eq!(f.account.renewals.load(Ordering::SeqCst), 1);
}

#[tokio::test]
async fn a_session_that_ended_upstream_is_not_replaced_unasked() {
    let f = fixture("right").await;
    let session = SessionId::new();
    whole(f.query(session, "{}").await).await;
    f.account.generation.fetch_add(1, Ordering::SeqCst);
    f.account.gone.store(true, Ordering::SeqCst);
    for _ in 0..2 {
        let fault = fault(&f.query(session, "{}").await);
        assert_eq!((fault.code.as_ref(), fault.retry), ("upstream_session_ended", Retry::Useless));
        assert!(fault.text.contains("nothing ran"), "{}", fault.text);
    }
    assert_eq!(f.account.logins.lock().unwrap().len(), 1);
    let opened = f.link.http("warehouse", session, request(Method::GET, "/hoop/session/open", "")).await;
    assert_eq!(opened.status(), 200);
    assert_eq!(f.query(session, "{}").await.status(), 200);
}

#[tokio::test]
async fn a_poll_that_finds_the_session_gone_does_not_say_that_nothing_ran() {
    let f = fixture("right").await;
    let session = SessionId::new();
    whole(f.query(session, "{}").await).await;
    f.account.gone.store(true, Ordering::SeqCst);
    for _ in 0..2 {
        let poll = request(Method::GET, "/queries/01b2/result?requestId=r1", "");
        let fault = fault(&f.link.http("warehouse", session, poll).await);
        assert_eq!((fault.code.as_ref(), fault.retry), ("upstream_session_ended", Retry::Unsafe));
        assert!(fault.text.contains("may have run") && !fault.text.contains("nothing ran"), "{}", fault.text);
    }
}

#[tokio::test]
async fn a_refused_login_is_explained_and_not_hammered() {
    let f = fixture("wrong").await;
    for _ in 0..3 {
        let fault = fault(&f.query(SessionId::new(), "{}").await);
        assert_eq!(fault.code, "upstream_login_refused");
        assert!(fault.text.contains("390100"), "{}", fault.text);
    }
    assert_eq!(f.account.logins.lock().unwrap().len(), 1);
}

#[tokio::test]
async fn a_large_statement_and_answer_pass_whole() {
    let f = fixture("right").await;
    let large = vec![b'q'; 9 * 1024 * 1024];
    let answer = whole(f.query(SessionId::new(), large.clone()).await).await;
    assert!(answer.len() > large.len());
    assert_eq!(f.account.queries.lock().unwrap()[0].1.len(), large.len());
}

#[tokio::test]
async fn token_paths_are_not_passed_on() {
    let f = fixture("right").await;
    for path in [
        "/session/v1/login-request",
        "/session/token-request",
        "/session?delete=true",
        "/oauth/token-request",
        "/queries/../session/token-request",
        "/queries/%2E%2e/session/token-request",
        "//session//token-request",
    ] {
        let response = f.link.http("warehouse", SessionId::new(), request(Method::POST, path, "{}")).await;
        assert_eq!(fault(&response).code, "path_refused", "{path}");
    }
    assert!(f.upstream.seen().is_empty());
    let session = SessionId::new();
    let doubled = request(Method::POST, "//queries//v1/query-request?requestId=r1", "{}");
    assert_eq!(f.link.http("warehouse", session, doubled).await.status(), 200);
}

#[tokio::test]
async fn chunks_come_from_known_places_only() {
    let f = fixture("right").await;
    let chunk = HttpUpstream::start(|_| async { Response::new(body("chunk")) }).await;
    let fetch = |url: String| {
        let open = UpstreamOpen::Fetch {
            connection: "warehouse".parse().unwrap(),
            session: SessionId::new(),
            exchange: ExchangeId::new(),
        };
        let request = Request::get("/").header(FETCH_URL, url).body(body("")).unwrap();
        async { f.link.ask(open, request).await }
    };
    let elsewhere = fetch(chunk.url.to_string()).await;
    assert_eq!(fault(&elsewhere).code, "fetch_refused");
    assert!(chunk.seen().is_empty());
    let own = f.upstream.url.join("/queries/chunk").unwrap();
    assert_eq!(fetch(own.to_string()).await.status(), 200);
    assert!(!f.upstream.seen()[0].headers.contains_key("authorization"));
}
