//! The Snowflake stand-in over plain HTTP: what every driver relies on, without a driver.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]

use std::io::{Read as _, Write as _};
use std::time::Duration;

use flate2::read::GzDecoder;
use flate2::write::GzEncoder;
use hoop_dev::snowflake::{Credential, Handle, Options, serve};
use hoop_model::Secret;
use serde_json::{Value, json};
use sqlx::SqlitePool;
use sqlx::sqlite::SqlitePoolOptions;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream};

async fn pool() -> SqlitePool {
    let pool = SqlitePoolOptions::new().max_connections(1).connect("sqlite::memory:").await.unwrap();
    for sql in [
        "CREATE TABLE payments (id INTEGER, card_number TEXT, pan NUMBER(38,0), amount DECIMAL(10,2), paid_on DATE)",
        "INSERT INTO payments VALUES (1, '4111111111111111', 4111111111111111, 12.5, '2024-02-29'), (2, NULL, NULL, 7, NULL)",
    ] {
        sqlx::query(sql).execute(&pool).await.unwrap();
    }
    pool
}

async fn start() -> Handle {
    let credential = Credential::Password { user: "SVC".to_owned(), password: Secret::new("right".to_owned()) };
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    serve(listener, Options::new(pool().await, vec![credential])).await.unwrap()
}

struct Reply {
    status: u16,
    head: String,
    body: Vec<u8>,
}

impl Reply {
    fn json(&self) -> Value {
        serde_json::from_slice(&self.plain()).unwrap()
    }

    fn plain(&self) -> Vec<u8> {
        if !self.head.to_lowercase().contains("content-encoding: gzip") {
            return self.body.clone();
        }
        let mut plain = Vec::new();
        GzDecoder::new(self.body.as_slice()).read_to_end(&mut plain).unwrap();
        plain
    }
}

async fn http(double: &Handle, method: &str, target: &str, headers: &[(&str, &str)], body: &[u8]) -> Reply {
    let mut stream = TcpStream::connect(double.address()).await.unwrap();
    let headers: String = headers.iter().map(|(name, value)| format!("{name}: {value}\r\n")).collect();
    let head = format!(
        "{method} {target} HTTP/1.1\r\nHost: {}\r\nConnection: close\r\nContent-Length: {}\r\n{headers}\r\n",
        double.address(),
        body.len()
    );
    stream.write_all(head.as_bytes()).await.unwrap();
    stream.write_all(body).await.unwrap();
    let mut answer = Vec::new();
    stream.read_to_end(&mut answer).await.unwrap();
    let end = answer.windows(4).position(|window| window == b"\r\n\r\n").unwrap();
    let head = String::from_utf8(answer[..end].to_vec()).unwrap();
    Reply { status: head[9..12].parse().unwrap(), body: answer[end + 4..].to_vec(), head }
}

/// A logged-in client of one application.
struct Client<'a> {
    double: &'a Handle,
    token: String,
    master: String,
}

async fn login(double: &Handle, data: Value) -> Value {
    http(
        double,
        "POST",
        "/session/v1/login-request?databaseName=payments",
        &[],
        json!({ "data": data }).to_string().as_bytes(),
    )
    .await
    .json()
}

async fn client<'a>(double: &'a Handle, app: &str) -> Client<'a> {
    let answer = login(double, json!({ "LOGIN_NAME": "svc", "PASSWORD": "right", "CLIENT_APP_ID": app })).await;
    assert_eq!(answer["success"], true, "{answer}");
    assert!(answer["data"]["sessionId"].is_number());
    let text = |name: &str| answer["data"][name].as_str().unwrap().to_owned();
    Client { double, token: text("token"), master: text("masterToken") }
}

impl Client<'_> {
    async fn call(&self, method: &str, target: &str, body: Value) -> Value {
        self.call_with(&self.token, method, target, body).await
    }

    async fn call_with(&self, token: &str, method: &str, target: &str, body: Value) -> Value {
        let authorization = format!("Snowflake Token=\"{token}\"");
        let mut packed = GzEncoder::new(Vec::new(), flate2::Compression::fast());
        packed.write_all(body.to_string().as_bytes()).unwrap();
        let headers =
            [("Authorization", authorization.as_str()), ("Content-Encoding", "gzip"), ("Accept-Encoding", "gzip")];
        http(self.double, method, target, &headers, &packed.finish().unwrap()).await.json()
    }

    async fn query(&self, request_id: &str, sql: &str) -> Value {
        self.call("POST", &format!("/queries/v1/query-request?requestId={request_id}"), json!({ "sqlText": sql })).await
    }
}

#[tokio::test]
async fn wrong_passwords_and_unknown_tokens_are_refused() {
    let double = start().await;
    let refused = login(&double, json!({ "LOGIN_NAME": "svc", "PASSWORD": "wrong" })).await;
    assert_eq!((&refused["success"], &refused["code"]), (&json!(false), &json!("390100")));
    let stranger = Client { double: &double, token: "made-up".to_owned(), master: String::new() };
    assert_eq!(stranger.query("r", "select 1").await["code"], "390111");
    assert_eq!(double.executions("r"), 0);
}

#[tokio::test]
async fn rows_keep_their_declared_types() {
    let double = start().await;
    let node = client(&double, "JavaScript").await;
    let answer = node
        .query("r1", "select id, card_number, pan, amount, paid_on from payments.public.payments order by id")
        .await;
    let data = &answer["data"];
    assert_eq!(data["queryResultFormat"], "json");
    assert_eq!(
        data["rowset"],
        json!([["1", "4111111111111111", "4111111111111111", "12.50", "19782"], ["2", null, null, "7.00", null]])
    );
    let types: Vec<_> =
        data["rowtype"].as_array().unwrap().iter().map(|column| column["type"].as_str().unwrap()).collect();
    assert_eq!(types, ["fixed", "text", "fixed", "fixed", "date"]);
    assert_eq!((&data["total"], &data["returned"], &data["rowtype"][3]["scale"]), (&json!(2), &json!(2), &json!(2)));

    let python = client(&double, "PythonConnector").await;
    let answer = python.query("r2", "select * from payments").await;
    assert_eq!(answer["data"]["queryResultFormat"], "arrow");
    assert!(!answer["data"]["rowsetBase64"].as_str().unwrap().is_empty());
    let changed = python.query("r3", "update payments set amount = 1 where id = 2").await;
    assert_eq!(
        (&changed["data"]["rowset"], &changed["data"]["statementTypeId"]),
        (&json!([["1", "0"]]), &json!(0x3200))
    );
}

#[tokio::test]
async fn errors_carry_codes_and_repeat_the_value() {
    let double = start().await;
    let client = client(&double, "JavaScript").await;
    for (sql, code) in [
        ("select '4111-1111'::number", "100038"),
        ("select * from nowhere", "002003"),
        ("select missing from payments", "000904"),
        ("selec 1", "001003"),
        ("select 1 /*hoop: error=4111111111111111*/", "100038"),
    ] {
        let answer = client.query("e", sql).await;
        assert_eq!((&answer["success"], answer["code"].as_str().unwrap()), (&json!(false), code), "{sql}");
    }
    let answer = client.query("e", "select 1 /*hoop: error=4111111111111111*/").await;
    assert_eq!(answer["message"], "Numeric value '4111111111111111' is not recognized");
    assert_eq!(answer["data"]["sqlState"], "22018");
}

#[tokio::test]
async fn chunks_need_their_headers_and_hold_the_rest_of_the_rows() {
    let double = start().await;
    let client = client(&double, "PythonConnector").await;
    let answer = client.query("c", "select 1 /*hoop: rows=1000 chunks=3 format=json */").await;
    let data = &answer["data"];
    let inline = data["rowset"].as_array().unwrap().len();
    let key = data["chunkHeaders"]["x-amz-server-side-encryption-customer-key"].as_str().unwrap();
    let headers = [
        ("x-amz-server-side-encryption-customer-algorithm", "AES256"),
        ("x-amz-server-side-encryption-customer-key", key),
    ];
    let mut last = inline;
    for chunk in data["chunks"].as_array().unwrap() {
        let url = chunk["url"].as_str().unwrap();
        assert!(url.contains(double.marker()) && key.contains(double.marker()));
        let target = url.strip_prefix(double.url()).unwrap();
        assert_eq!(http(&double, "GET", target, &[], b"").await.status, 403);
        let body = http(&double, "GET", target, &headers, b"").await.plain();
        let rows: Vec<Vec<Value>> = serde_json::from_str(&format!("[{}]", String::from_utf8(body).unwrap())).unwrap();
        assert_eq!(json!(rows.len()), chunk["rowCount"]);
        for row in rows {
            last += 1;
            assert_eq!(row[0], json!(last.to_string()));
        }
    }
    assert_eq!((last, &data["total"]), (1000, &json!(1000)));
}

#[tokio::test]
async fn a_held_statement_is_polled_and_an_aborted_one_never_ends_well() {
    let double = start().await;
    let client = client(&double, "JavaScript").await;
    let first = client.query("h", "select 7 as n /*hoop: hold=300ms ping=100ms */").await;
    assert_eq!(first["code"], "333333");
    let url = first["data"]["getResultUrl"].as_str().unwrap().to_owned();
    let mut polls = 0;
    let rows = loop {
        let answer = client.call("GET", &url, Value::Null).await;
        if answer["code"].is_null() {
            break answer["data"]["rowset"].clone();
        }
        polls += 1;
    };
    assert_eq!(rows, json!([["7"]]));
    assert!(polls >= 1);
    assert_eq!(double.executions("h"), 1);

    let held = client.query("a", "select 1 /*hoop: hold=60s */").await;
    client.call("POST", "/queries/v1/abort-request", json!({ "requestId": "a" })).await;
    let ended = client.call("GET", held["data"]["getResultUrl"].as_str().unwrap(), Value::Null).await;
    assert_eq!((&ended["code"], double.executions("a")), (&json!("000604"), 0));
}

#[tokio::test]
async fn an_expired_token_is_renewed_with_the_master_token() {
    let double = start().await;
    let mut client = client(&double, "JavaScript").await;
    assert_eq!(client.query("o", "select 1 /*hoop: code=390112-once */").await["code"], "390112");
    assert_eq!(client.query("o", "select 1 /*hoop: code=390112-once */").await["success"], true);
    double.expire_sessions(false);
    assert_eq!(client.query("x", "select 1").await["code"], "390112");
    let renewed =
        client.call_with(&client.master, "POST", "/session/token-request", json!({ "requestType": "RENEW" })).await;
    client.token = renewed["data"]["sessionToken"].as_str().unwrap().to_owned();
    assert_eq!(client.query("x", "select 1").await["success"], true);
    assert_eq!((double.executions("x"), double.renewals()), (1, 1));
    client.call("POST", "/session?delete=true", Value::Null).await;
    assert_eq!((client.query("x", "select 1").await["code"].as_str(), double.open_sessions()), (Some("390111"), 0));
}

#[tokio::test]
async fn several_statements_need_their_count_and_answer_by_id() {
    let double = start().await;
    let client = client(&double, "JavaScript").await;
    let sql = "insert into payments(id) values (3); select count(*) from payments";
    assert_eq!(client.query("m", sql).await["code"], "000008");
    let body = json!({ "sqlText": sql, "parameters": { "MULTI_STATEMENT_COUNT": 2, "QUERY_TAG": "tagged" } });
    let answer = client.call("POST", "/queries/v1/query-request?requestId=m2", body).await;
    assert_eq!(answer["data"]["resultTypes"], "12544,4096");
    let last = answer["data"]["resultIds"].as_str().unwrap().split(',').next_back().unwrap().to_owned();
    let rows = client.call("GET", &format!("/queries/{last}/result"), Value::Null).await;
    assert_eq!(rows["data"]["rowset"], json!([["3"]]));
    assert_eq!(double.statements().last().unwrap().tag.as_deref(), Some("tagged"));
}

#[tokio::test]
async fn an_async_statement_runs_until_its_status_says_so() {
    let double = start().await;
    let client = client(&double, "JavaScript").await;
    let body = json!({ "sqlText": "select 5 as n", "asyncExec": true });
    let submitted = client.call("POST", "/queries/v1/query-request?requestId=async", body).await;
    assert_eq!(submitted["code"], "333334");
    let id = submitted["data"]["queryId"].as_str().unwrap().to_owned();
    let status = tokio::time::timeout(Duration::from_secs(10), async {
        loop {
            let status = client.call("GET", &format!("/monitoring/queries//{id}"), Value::Null).await;
            if status["data"]["queries"][0]["status"] != "RUNNING" {
                return status["data"]["queries"][0]["status"].clone();
            }
            tokio::task::yield_now().await;
        }
    });
    assert_eq!(status.await.unwrap(), "SUCCESS");
    let scanned = client.query("scan", &format!("select * from table(result_scan('{id}'))")).await;
    assert_eq!(scanned["data"]["rowset"], json!([["5"]]));
}

#[tokio::test]
async fn the_journal_has_every_statement_before_it_answers() {
    let folder = tempfile::tempdir().unwrap();
    let journal = folder.path().join("executed.jsonl");
    let credential = Credential::Token { user: "BOT".to_owned(), token: Secret::new("pat".to_owned()) };
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let options = Options { journal: Some(journal.clone()), ..Options::new(pool().await, vec![credential]) };
    let double = serve(listener, options).await.unwrap();
    let answer = login(&double, json!({ "AUTHENTICATOR": "OAUTH", "TOKEN": "pat" })).await;
    let client =
        Client { double: &double, token: answer["data"]["token"].as_str().unwrap().to_owned(), master: String::new() };
    for number in 0..3 {
        client.query(&format!("j{number}"), &format!("select {number}")).await;
        let written = std::fs::read_to_string(&journal).unwrap();
        let last: Value = serde_json::from_str(written.lines().last().unwrap()).unwrap();
        assert_eq!(
            (&last["request_id"], &last["sql"]),
            (&json!(format!("j{number}")), &json!(format!("select {number}")))
        );
    }
}
