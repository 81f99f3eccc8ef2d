//! The Snowflake stand-in with the real Python connector, straight: what the tunnel's answers are compared with.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]

use std::path::Path;
use std::process::Stdio;

use hoop_dev::snowflake::{Credential, Handle, Options, serve};
use hoop_model::Secret;
use serde_json::{Value, json};
use sqlx::sqlite::SqlitePoolOptions;
use tokio::io::AsyncWriteExt as _;
use tokio::net::TcpListener;
use tokio::process::Command;

async fn start() -> Handle {
    let pool = SqlitePoolOptions::new().max_connections(1).connect("sqlite::memory:").await.unwrap();
    sqlx::query("CREATE TABLE payments (id INTEGER, pan NUMBER(38,0), amount DECIMAL(10,2), paid_at TIMESTAMP)")
        .execute(&pool)
        .await
        .unwrap();
    let credential = Credential::Password { user: "SVC".to_owned(), password: Secret::new("right".to_owned()) };
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    serve(listener, Options::new(pool, vec![credential])).await.unwrap()
}

/// The events `sf_query.py` prints for these statements.
async fn connector(double: &Handle, password: &str, parameters: Value, statements: Value) -> Vec<Value> {
    let peers = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../tests/peers");
    let python = peers.join(".venv-snowflake/bin/python");
    assert!(python.exists(), "the Python connector is not installed: run `tests/run --peers-only`");
    let connect = json!({
        "account": "demo", "user": "svc", "password": password, "host": "127.0.0.1", "port": double.address().port(),
        "protocol": "http", "session_parameters": parameters,
    });
    let mut child = Command::new(python)
        .arg(peers.join("sf_query.py"))
        .arg("-")
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .kill_on_drop(true)
        .spawn()
        .unwrap();
    let document = json!({ "connect": connect, "statements": statements }).to_string();
    child.stdin.take().unwrap().write_all(document.as_bytes()).await.unwrap();
    let output = child.wait_with_output().await.unwrap();
    String::from_utf8(output.stdout).unwrap().lines().map(|line| serde_json::from_str(line).unwrap()).collect()
}

fn results(events: &[Value]) -> Vec<&Value> {
    events.iter().filter(|event| event["event"] == "result" || event["event"] == "error").collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn it_logs_in_reads_and_writes() {
    let double = start().await;
    let statements = json!([
        { "sql": "insert into payments.public.payments values (%s, %s, %s, %s)", "params": [1, 4_111_111_111_111_111_u64, "12.50", "2024-02-29 10:00:00.25"] },
        { "sql": "insert into payments(id, amount) values (%s, %s)", "many": [[2, "1.00"], [3, "2.00"]] },
        "select id, pan, amount, paid_at, 'x' as note, null as empty from payments where id < 3 order by id",
        "select * from payments where id = 99",
        "select current_user(), current_database()",
        "select to_number('4111-1111-1111-1111')",
        { "sql": "select 1 as a; select 2 as b", "multi": 2 },
        { "sql": "select 9 as later", "async": true },
        "select 8 as waited /*hoop: hold=1500ms ping=500ms */",
    ]);
    let events = connector(&double, "right", json!({}), statements).await;
    let results = results(&events);
    let rows = |at: usize| &results[at]["rows"];
    assert_eq!((&results[0]["rowcount"], &results[1]["rowcount"]), (&json!(1), &json!(2)));
    let first = json!([
        ["int", "1"],
        ["int", "4111111111111111"],
        ["Decimal", "Decimal('12.50')"],
        ["datetime", "datetime.datetime(2024, 2, 29, 10, 0, 0, 250000)"],
        ["str", "'x'"],
        ["NoneType", "None"]
    ]);
    assert_eq!(rows(2)[0], first, "{}", results[2]);
    assert_eq!((rows(3), &results[3]["count"]), (&json!([]), &json!(0)));
    assert_eq!(rows(4)[0], json!([["str", "'SVC'"], ["str", "'PAYMENTS'"]]));
    assert_eq!((&results[5]["error"]["errno"], &results[5]["error"]["sqlstate"]), (&json!(100_038), &json!("22018")));
    assert!(results[5]["error"]["msg"].as_str().unwrap().contains("4111-1111-1111-1111"));
    assert_eq!((rows(6), rows(7)), (&json!([[["int", "1"]]]), &json!([[["int", "2"]]])));
    assert_eq!((rows(8), rows(9)), (&json!([[["int", "9"]]]), &json!([[["int", "8"]]])));
    assert_eq!(events.last().unwrap()["event"], "closed");
    assert_eq!(double.open_sessions(), 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn both_formats_and_chunks_give_the_same_rows() {
    let double = start().await;
    let large =
        |switches: &str| json!({ "sql": format!("select 1 /*hoop: rows=100000 {switches} */"), "digest": true });
    let statements = json!([
        large(""),
        large("chunks=4"),
        large("chunks=4 format=json"),
        large("chunks=3 inline=0 secret=qrmk"),
        large("chunks=4 gzip=off pan=decimal128"),
        large("chunks=5 pan=mixed secret=none"),
        "select 1 /*hoop: table=types rows=6 */",
        "select 1 /*hoop: table=types rows=6 format=json */",
    ]);
    let events = connector(&double, "right", json!({}), statements).await;
    let results = results(&events);
    assert_eq!(results.len(), 8, "{events:?}");
    for result in &results[..6] {
        assert_eq!((&result["count"], &result["sha256"]), (&json!(100_000), &results[0]["sha256"]), "{result}");
    }
    assert_eq!(results[6]["columns"].as_array().map(Vec::len), Some(22), "{}", results[6]);
    let text = |cell: &Value| {
        cell.to_string().replace("bytearray(b", "b").replace("\"bytearray\"", "\"bytes\"").replace("')", "'")
    };
    for (arrow, json) in results[6]["rows"].as_array().unwrap().iter().zip(results[7]["rows"].as_array().unwrap()) {
        for (place, (arrow, json)) in arrow.as_array().unwrap().iter().zip(json.as_array().unwrap()).enumerate() {
            // The connector itself gives BINARY as bytes from one format and as bytearray from the other.
            assert_eq!(text(arrow), text(json), "{}", results[6]["columns"][place]["name"]);
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_wrong_password_is_one_clear_error() {
    let double = start().await;
    let events = connector(&double, "wrong", json!({}), json!(["select 1"])).await;
    assert_eq!((events.len(), &events[0]["event"]), (1, &json!("refused")));
    assert_eq!(events[0]["error"]["errno"], 390_100, "{}", events[0]);
    assert!(events[0]["error"]["msg"].as_str().unwrap().contains("Incorrect username or password"));
}
