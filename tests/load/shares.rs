//! What the product's own steps cost of one small exchange, and how fast the masker reads a large one.
//!
//!     cargo bench --workspace --bench shares

use std::sync::LazyLock;

use divan::{Bencher, black_box, counter::BytesCount};
use hoop_dev::{client::snowflake::Client, mcp, payments::Database, snowflake};
use hoop_masking::{Findings, Masker};
use hoop_model::{
    Action, Assurance, ConnectionName, Group, LoginMethod, Principal, PrincipalKind, Resource, Secret, Subject,
    Timestamp,
};
use hoop_snowflake::{Answer, Place};
use hoop_sql::SessionState;
use serde_json::{Value, json};
use tokio::net::TcpListener;

const SQL: &str = "SELECT id, card_number, amount FROM payments WHERE id = 1";

fn main() {
    LazyLock::force(&SAMPLES);
    divan::main();
}

/// Answers of the demo upstreams, as the gateway gets them.
struct Samples {
    mcp: Value,
    snowflake: Vec<u8>,
    json: Vec<u8>,
    arrow: Vec<u8>,
}

static SAMPLES: LazyLock<Samples> = LazyLock::new(|| {
    let runtime = tokio::runtime::Runtime::new().expect("a runtime");
    runtime.block_on(async {
        let dir = tempfile::TempDir::new().expect("a folder");
        let database = Database::open(dir.path().join("payments.sqlite")).await.expect("a database");
        let credential =
            snowflake::Credential::Password { user: "hoop".to_owned(), password: Secret::new("direct".to_owned()) };
        let options = snowflake::Options::new(database.pool().clone(), vec![credential]);
        let double = snowflake::serve(loopback().await, options).await.expect("the Snowflake stand-in");
        let mut client = Client::connect(double.address(), "direct").await.expect("a session");
        let mut ask = async |sql: &str| client.answer(sql).await.expect("an answer").to_string().into_bytes();
        let snowflake = ask(SQL).await;
        let json = ask("SELECT * FROM payments /*hoop: rows=10000 format=json */").await;
        let arrow = ask("SELECT * FROM payments /*hoop: rows=10000 format=arrow */").await;
        let listener = loopback().await;
        let address = listener.local_addr().expect("bound");
        tokio::spawn(mcp::serve_http(listener, mcp::Server::new(database, mcp::Journal::default())));
        let mut client = hoop_dev::client::mcp::Client::connect(address, "none").await.expect("a session");
        let result = client.call("find_payment", json!({ "id": 1 })).await.expect("an answer");
        Samples { mcp: json!({ "jsonrpc": "2.0", "id": 1, "result": result }), snowflake, json, arrow }
    })
});

async fn loopback() -> TcpListener {
    TcpListener::bind(("127.0.0.1", 0)).await.expect("a free port")
}

fn masked(body: &[u8]) -> usize {
    let place = Place { listener: "http://127.0.0.1:1", token: "token", query_id: None };
    let answer = Answer::parse(body).expect("an answer");
    let masked = answer.mask(&Masker::default(), &place, &mut Findings::default()).expect("readable");
    masked.body.as_ref().len()
}

#[divan::bench]
fn classify_a_query(bencher: Bencher) {
    let state = SessionState { database: Some("SHOP".to_owned()), schema: Some("PUBLIC".to_owned()), role: None };
    bencher.bench(|| hoop_sql::classify(black_box(SQL), &state));
}

#[divan::bench]
fn decide_what_was_decided_before(bencher: Bencher) {
    let policies = hoop_policy::Policies::compile(hoop_policy::EXAMPLE, &tables()).expect("the example");
    let (principal, connection) = asked();
    let resource = Resource::Connection(connection.clone());
    bencher.bench(|| {
        let asks = vec![(Action::Read, resource.clone())];
        let client_ip = [127, 0, 0, 1].into();
        policies.decide(&principal, &hoop_policy::Request { connection: &connection, asks, reason: None, client_ip })
    });
}

fn tables() -> Vec<hoop_policy::TableGroup> {
    vec![hoop_policy::TableGroup { name: "payments".to_owned(), patterns: vec!["*.*.PAYMENTS".to_owned()] }]
}

fn asked() -> (Principal, ConnectionName) {
    let principal = Principal {
        subject: Subject { issuer: "https://id.example".to_owned(), sub: "alice".to_owned() },
        kind: PrincipalKind::Person,
        groups: [Group("engineers".to_owned())].into(),
        email: None,
        assurance: Assurance::default(),
        login_method: LoginMethod::Browser,
        authenticated_at: Timestamp::UNIX_EPOCH,
    };
    (principal, "warehouse".parse().expect("a name"))
}

#[divan::bench]
fn mask_a_small_mcp_answer(bencher: Bencher) {
    let masker = Masker::default();
    bencher.with_inputs(|| SAMPLES.mcp.clone()).bench_values(|message| {
        let id = message.get("id").cloned();
        masker.reply(message, id.as_ref(), &mut Findings::default()).expect("readable").to_bytes().as_ref().len()
    });
}

#[divan::bench]
fn mask_a_small_snowflake_answer(bencher: Bencher) {
    bencher.counter(BytesCount::new(SAMPLES.snowflake.len())).bench(|| masked(&SAMPLES.snowflake));
}

#[divan::bench]
fn mask_ten_thousand_json_rows(bencher: Bencher) {
    bencher.counter(BytesCount::new(SAMPLES.json.len())).bench(|| masked(&SAMPLES.json));
}

#[divan::bench]
fn mask_ten_thousand_arrow_rows(bencher: Bencher) {
    bencher.counter(BytesCount::new(SAMPLES.arrow.len())).bench(|| masked(&SAMPLES.arrow));
}
