//! Card numbers in clear, from the upstream to the driver: under a policy with group, need and end, for a reason, and for
//! as long as it says. Verification codes never. Every use is in the trail, and no number is.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]

#[path = "../../cli/tests/live/mod.rs"]
mod live;

use std::{convert::Infallible, sync::Arc, time::Duration};

use arrow_array::{cast::AsArray, types::Int64Type};
use arrow_ipc::reader::StreamReader;
use hoop_dev::{
    client::{ClientError, Connection, mcp, snowflake},
    stack::StackOptions,
};
use hoop_model::{Clock, ManualClock, SessionId, Timestamp, later};
use hoop_tests::cards::{VISA, VISA_MASKED};
use hoopctl::{connect::Open, gateway::Gateway};
use http_body_util::{BodyExt, Full};
use hyper::{Request, Response, body::Incoming, server::conn::http1, service::service_fn};
use hyper_util::rt::TokioIo;
use live::Live;
use serde_json::{Value, json};

const REASON: &str = "dispute of 12 May";
const NEED: &str = "chargebacks, CHD-7";
const SQL: &str = "SELECT id, card_number, pan, '123' AS cvv FROM payments WHERE id = 1";
const SETTINGS: &str = r#"
[masking]
key = "command:/bin/echo a-key-of-the-tests-own"

[[policy.table_group]]
name = "cards"
patterns = ["*.*.PAYMENTS"]
"#;
/// A driver's number, hidden.
const NUMBER_MASKED: &str = "4111110000001111";

struct Scene {
    live: Live,
    clock: Arc<ManualClock>,
    until: Timestamp,
}

impl Scene {
    /// Engineers see the card numbers of the tables called payments for a minute, and through `read_query`; `also` stands before
    /// each of the two permits.
    async fn new(also: &str) -> Self {
        Self::over(also, Vec::new()).await
    }

    /// With MCP servers of the test's own.
    async fn over(also: &str, mcp: Vec<url::Url>) -> Self {
        let now = Timestamp::now();
        let clock = Arc::new(ManualClock::new(now));
        let until = later(now, Duration::from_secs(60));
        let grant =
            format!("{also} @reveal(\"{NEED}\") @until(\"{until}\") permit (principal in Group::\"engineers\",");
        let policy = format!(
            "{}
             @id(\"sees-cards\") {grant} action == Action::\"read\", resource in TableGroup::\"cards\");
             @id(\"sees-cards-by-tool\") {grant} action == Action::\"call_tool\", resource)
             when {{ resource.name == \"read_query\" }};",
            hoop_policy::EXAMPLE
        );
        let live = Live::with(StackOptions {
            policy: Some(policy),
            settings: SETTINGS.to_owned(),
            clock: Some(clock.clone()),
            mcp,
            ..StackOptions::default()
        });
        Self { live: live.await, clock, until }
    }

    /// What is granted ends.
    fn end(&self) {
        self.clock.advance(self.until.duration_since(self.clock.now()));
    }

    async fn snowflake(&self, who: &Gateway, reason: Option<&str>) -> (snowflake::Client, Open) {
        let open = self.live.open_for(who, "snowflake", reason).await;
        (snowflake::Client::connect(open.address, open.secret.expose()).await.unwrap(), open)
    }

    async fn mcp(&self, who: &Gateway, reason: Option<&str>) -> (mcp::Client, Open) {
        let open = self.live.open_for(who, "mcp", reason).await;
        (mcp::Client::connect(open.address, open.secret.expose()).await.unwrap(), open)
    }
}

/// The one row of [`SQL`].
async fn row(client: &mut snowflake::Client) -> Vec<String> {
    let rows = client.query(SQL).await.unwrap().rows;
    assert_eq!(rows.len(), 1);
    rows[0].iter().map(|cell| cell.clone().unwrap()).collect()
}

/// The same through the tool: as structured content, and in its text.
async fn called(client: &mut mcp::Client) -> (Value, String) {
    let result = client.call("read_query", json!({ "query": SQL })).await.unwrap();
    (result["structuredContent"]["rows"][0].clone(), result["content"][0]["text"].as_str().unwrap().to_owned())
}

const SHOWN: [&str; 4] = ["1", VISA, VISA, "***"];
const HIDDEN: [&str; 4] = ["1", VISA_MASKED, NUMBER_MASKED, "***"];

/// The session's records of this type.
async fn records(who: &Gateway, session: SessionId, kind: &str) -> Vec<Value> {
    let shown: Value = who.get(&format!("/v1/sessions/{session}")).await.unwrap();
    let records = shown["records"].as_array().unwrap().iter();
    records.filter(|record| record["type"] == kind).cloned().collect()
}

fn refused(outcome: Result<Value, ClientError>) -> String {
    match outcome {
        Err(ClientError::Refused { text, .. }) => text,
        other => panic!("not refused: {other:?}"),
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_driver_gets_clear_cards_for_a_reason_and_the_trail_says_so() {
    let scene = Scene::new("").await;
    let (alice, _) = scene.live.log_in("alice").await;
    let (mut client, open) = scene.snowflake(&alice, Some(REASON)).await;
    assert_eq!(row(&mut client).await, SHOWN);
    // What the grant does not name shows nothing, and takes it from what it does name.
    let joined = "SELECT p.card_number FROM payments p JOIN products o ON o.id = p.id WHERE p.id = 1";
    assert_eq!(client.query(joined).await.unwrap().rows[0][0].as_deref(), Some(VISA_MASKED));
    let constant = format!("SELECT '{VISA}' AS x");
    assert_eq!(client.query(&constant).await.unwrap().rows[0][0].as_deref(), Some(VISA_MASKED));

    let session = open.opened.session;
    let facts = json!({
        "rules": ["sees-cards"], "needs": [NEED], "until": scene.until.to_string(), "reason": REASON,
    });
    let requests = records(&alice, session, "request").await;
    let [request] = requests.iter().filter(|one| one["reveal"] != Value::Null).collect::<Vec<_>>()[..] else {
        panic!("{requests:?}")
    };
    assert_eq!(request["reveal"], facts);
    assert_eq!(request["command"], SQL.replace("123", "***"), "the trail's text is masked");
    let why = request["decision"]["reasons"].to_string();
    assert!(why.contains("card numbers are shown in clear until") && why.contains(NEED), "{why}");
    let of_exchange = |records: Vec<Value>| {
        let mut records = records.into_iter().filter(|one| one["exchange_id"] == request["exchange_id"]);
        (records.next().unwrap(), records.count())
    };
    let (answer, further) = of_exchange(records(&alice, session, "response_chunk").await);
    let revealed = json!([{ "at": "column CARD_NUMBER", "count": 1 }, { "at": "column PAN", "count": 1 }]);
    assert_eq!((&answer["reveal"], &answer["counts"]["revealed"], further), (&facts, &revealed, 0), "{answer}");
    assert_eq!(answer["counts"]["masked"], json!({ "sad": 1 }));
    assert_eq!(answer["payload"], Value::Null, "it could be guessed from");
    let (end, _) = of_exchange(records(&alice, session, "end").await);
    assert_eq!((&end["reveal"], &end["counts"]["revealed"]), (&facts, &revealed));
    let masked = records(&alice, session, "response_chunk").await;
    let masked: Vec<_> = masked.iter().filter(|one| one["exchange_id"] != request["exchange_id"]).collect();
    assert!(masked.len() >= 2 && masked.iter().all(|one| one["reveal"].is_null() && !one["payload"].is_null()));

    // Whether a card was shown to anyone can be told by its keyed digest, which is the same where it was hidden.
    let (bob, _) = scene.live.log_in("bob").await;
    let (mut other, others) = scene.snowflake(&bob, Some(REASON)).await;
    assert_eq!(row(&mut other).await, HIDDEN, "bob's group has no grant");
    let cards = records(&bob, others.opened.session, "response_chunk").await;
    let cards = cards.iter().map(|one| one["counts"]["cards"].clone()).find(|cards| !cards.is_null()).unwrap();
    assert_eq!((cards.as_array().unwrap().len(), &answer["counts"]["cards"]), (1, &cards));
    assert!(records(&bob, others.opened.session, "request").await.iter().all(|one| one["reveal"].is_null()));
    let trail = scene.live.trail();
    assert!(trail.contains("revealed") && !trail.contains(VISA));
    scene.live.stack.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn without_a_reason_or_after_the_end_all_is_masked() {
    let scene = Scene::new("").await;
    let (alice, _) = scene.live.log_in("alice").await;
    for reason in [None, Some(" ")] {
        let (mut client, _open) = scene.snowflake(&alice, reason).await;
        assert_eq!(row(&mut client).await, HIDDEN, "{reason:?}");
        let (mut tool, _open) = scene.mcp(&alice, reason).await;
        assert_eq!(called(&mut tool).await.0["card_number"], VISA_MASKED);
    }
    let (mut client, open) = scene.snowflake(&alice, Some(REASON)).await;
    let (mut tool, _tools) = scene.mcp(&alice, Some(REASON)).await;
    let asked = client.submit(SQL, "r-1", &json!({})).await.unwrap();
    let first = client.follow(asked).await.unwrap();
    assert_eq!(first["data"]["rowset"][0][1], VISA);
    let again = client.submit(SQL, "r-1", &json!({})).await.unwrap();
    assert_eq!(again["data"]["rowset"], first["data"]["rowset"], "a retry of the same request gets the same answer");
    assert_eq!(called(&mut tool).await.0["card_number"], VISA);

    scene.end();
    let late = refused(client.submit(SQL, "r-1", &json!({})).await);
    assert!(late.contains("no longer be shown"), "{late}");
    assert_eq!(row(&mut client).await, HIDDEN);
    assert_eq!(called(&mut tool).await.0["card_number"], VISA_MASKED);
    let requests = records(&alice, open.opened.session, "request").await;
    assert!(requests.last().unwrap()["reveal"].is_null(), "what is over is not granted");
    scene.live.stack.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn chunks_are_clear_until_the_end_and_masked_after_it() {
    let scene = Scene::new("").await;
    let (alice, _) = scene.live.log_in("alice").await;
    let (mut client, _open) = scene.snowflake(&alice, Some(REASON)).await;
    let json =
        "SELECT /*hoop: chunks=2 inline=0 format=json */ card_number, pan, '123' AS cvv FROM payments ORDER BY id";
    let arrow = "SELECT /*hoop: rows=20 chunks=2 format=arrow */ * FROM payments";
    let (rows, columns) = (chunks(&client.answer(json).await.unwrap()), chunks(&client.answer(arrow).await.unwrap()));
    let before = String::from_utf8(client.chunk(&rows[0], &[]).await.unwrap().to_vec()).unwrap();
    assert!(before.contains(&format!("[\"{VISA}\",\"{VISA}\",\"***\"]")), "{before}");
    assert!(!before.contains("123\"") && !before.contains("411111*"), "{before}");
    let batch = client.chunk(&columns[0], &[]).await.unwrap();
    let [(card, pan), ..] = cards(&batch)[..] else { panic!("no rows") };
    assert!(card.is_some_and(|card| card == pan), "{card:?} {pan}");

    scene.end();
    for path in &rows {
        let after = String::from_utf8(client.chunk(path, &[]).await.unwrap().to_vec()).unwrap();
        assert!(after.contains("\"***\"") && !after.contains(VISA), "{after}");
    }
    let first = String::from_utf8(client.chunk(&rows[0], &[]).await.unwrap().to_vec()).unwrap();
    assert!(first.contains(&format!("[\"{VISA_MASKED}\",\"{NUMBER_MASKED}\",\"***\"]")), "{first}");
    for path in &columns {
        let batch = client.chunk(path, &[]).await.unwrap();
        let rows = cards(&batch);
        assert!(!rows.is_empty() && rows.iter().all(|(card, pan)| card.is_none() && pan / 10_000 % 1_000_000 < 2));
    }
    scene.live.stack.stop().await;
}

/// The paths of an answer's chunks.
fn chunks(answer: &Value) -> Vec<String> {
    let listed = answer["data"]["chunks"].as_array().unwrap();
    assert_eq!(listed.len(), 2);
    let path = |chunk: &Value| format!("/hoop/{}", chunk["url"].as_str().unwrap().split_once("/hoop/").unwrap().1);
    listed.iter().map(path).collect()
}

/// CARD_NUMBER, as far as it is a number, and PAN of each row.
fn cards(ipc: &[u8]) -> Vec<(Option<i64>, i64)> {
    let mut rows = Vec::new();
    for batch in StreamReader::try_new(ipc, None).unwrap() {
        let batch = batch.unwrap();
        let texts = batch.column(1).as_string::<i32>();
        let numbers = batch.column(2).as_primitive::<Int64Type>();
        rows.extend((0..batch.num_rows()).map(|row| (texts.value(row).parse().ok(), numbers.value(row))));
    }
    rows
}

#[tokio::test(flavor = "multi_thread")]
async fn a_tool_that_is_granted_shows_cards_and_no_other_does() {
    let scene = Scene::new("").await;
    let (alice, _) = scene.live.log_in("alice").await;
    let (mut client, open) = scene.mcp(&alice, Some(REASON)).await;
    let (shown, text) = called(&mut client).await;
    assert_eq!(shown, json!({ "id": 1, "card_number": VISA, "pan": 4_111_111_111_111_111_u64, "cvv": "***" }));
    assert!(text.contains(VISA) && text.contains("\"cvv\":\"***\""), "{text}");
    for (tool, arguments) in [
        ("find_payment", json!({ "id": 1 })),
        ("read_query", json!({ "query": "SELECT p.card_number FROM payments p, products o LIMIT 1" })),
        ("fail_with_card", json!({})),
        ("echo", json!({ "text": VISA })),
    ] {
        let answer = client.call(tool, arguments).await.unwrap().to_string();
        assert!(answer.contains(VISA_MASKED) && !answer.contains(VISA), "{tool}: {answer}");
    }
    let answers = records(&alice, open.opened.session, "response_chunk").await;
    let shown: Vec<_> = answers.iter().filter(|one| !one["reveal"].is_null()).collect();
    assert_eq!(shown.len(), 1);
    assert_eq!(shown[0]["reveal"]["rules"], json!(["sees-cards", "sees-cards-by-tool"]));
    assert!(
        shown[0]["counts"]["revealed"].to_string().contains("$.result.structuredContent.rows[].pan"),
        "{}",
        shown[0]
    );
    assert!(!scene.live.trail().contains(VISA));
    scene.live.stack.stop().await;
}

/// What a server says beside the response may be of other calls.
#[tokio::test(flavor = "multi_thread")]
async fn only_the_response_to_the_call_shows_cards() {
    let socket = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}/mcp", socket.local_addr().unwrap()).parse().unwrap();
    tokio::spawn(async move {
        while let Ok((stream, _)) = socket.accept().await {
            tokio::spawn(http1::Builder::new().serve_connection(TokioIo::new(stream), service_fn(chatty)));
        }
    });
    let scene = Scene::over("", vec![url]).await;
    let (alice, _) = scene.live.log_in("alice").await;
    let open = scene.live.open_for(&alice, "mcp", Some(REASON)).await;
    let mut connection = Connection::open(open.address).await.unwrap();
    let bearer = format!("Bearer {}", open.secret.expose());
    let mut session = String::new();
    let mut said = Vec::new();
    for (method, params) in [
        ("initialize", json!({ "protocolVersion": "2025-06-18", "capabilities": {}, "clientInfo": { "name": "t" } })),
        ("tools/call", json!({ "name": "read_query", "arguments": { "query": SQL } })),
    ] {
        let message = json!({ "jsonrpc": "2.0", "id": 7, "method": method, "params": params }).to_string();
        let mut headers = vec![
            ("accept", "application/json, text/event-stream"),
            ("authorization", bearer.as_str()),
            ("mcp-protocol-version", "2025-06-18"),
        ];
        if !session.is_empty() {
            headers.push(("mcp-session-id", session.as_str()));
        }
        let answer = connection.send("POST", "/mcp", &headers, message.into()).await.unwrap();
        session = answer.headers["mcp-session-id"].to_str().unwrap().to_owned();
        said = answer.body.to_vec();
    }
    let said = String::from_utf8(said).unwrap();
    let events: Vec<&str> = said.lines().filter_map(|line| line.strip_prefix("data:")).collect();
    let [notification, response] = events[..] else { panic!("{said}") };
    assert!(notification.contains("notifications/message") && notification.contains(VISA_MASKED), "{notification}");
    assert!(response.contains(VISA), "{response}");
    scene.live.stack.stop().await;
}

/// An MCP server that tells of a card before it answers with one.
async fn chatty(request: Request<Incoming>) -> Result<Response<Full<bytes::Bytes>>, Infallible> {
    let body = request.into_body().collect().await.unwrap().to_bytes();
    let message: Value = serde_json::from_slice(&body).unwrap_or_default();
    let say = |result: Value| json!({ "jsonrpc": "2.0", "id": message["id"], "result": result });
    let (kind, text) = match message["method"].as_str() {
        Some("initialize") => {
            let server = json!({ "name": "chatty", "version": "1" });
            let hello =
                json!({ "protocolVersion": "2025-06-18", "capabilities": { "tools": {} }, "serverInfo": server });
            ("application/json", say(hello).to_string())
        }
        Some("tools/call") => {
            let aside = json!({ "jsonrpc": "2.0", "method": "notifications/message",
                "params": { "level": "info", "data": format!("another call read {VISA}") } });
            let answer = say(json!({ "content": [{ "type": "text", "text": VISA }] }));
            ("text/event-stream", format!("data: {aside}\n\ndata: {answer}\n\n"))
        }
        _ => ("application/json", String::new()),
    };
    Ok(Response::builder().header("content-type", kind).body(Full::from(text)).unwrap())
}

#[tokio::test(flavor = "multi_thread")]
async fn the_person_is_told_before_and_only_who_it_concerns() {
    let scene = Scene::new("").await;
    let (alice, _) = scene.live.log_in("alice").await;
    let (bob, _) = scene.live.log_in("bob").await;
    let sentence = format!("card numbers, with --reason, until {}: {NEED} (policy sees-cards)", scene.until);
    assert_eq!(scene.live.open(&alice, "snowflake").await.opened.shown, std::slice::from_ref(&sentence));
    assert_eq!(scene.live.open(&alice, "mcp").await.opened.shown.len(), 2, "the tool as well");
    assert!(scene.live.open(&bob, "snowflake").await.opened.shown.is_empty());
    let listed: Value = alice.get("/v1/connections").await.unwrap();
    let snowflake = listed["connections"].as_array().unwrap().iter().find(|one| one["name"] == "snowflake").unwrap();
    assert_eq!(snowflake["shown"], json!([sentence]));
    scene.end();
    assert!(scene.live.open(&alice, "snowflake").await.opened.shown.is_empty(), "it is over");
    scene.live.stack.stop().await;
}

/// Approvers read that the answer shows card numbers; what they did not read is not shown.
#[tokio::test(flavor = "multi_thread")]
async fn a_held_read_shows_what_its_approver_was_told() {
    let scene = Scene::new("@approvers(\"approvers\")").await;
    let (alice, _) = scene.live.log_in("alice").await;
    let (bob, _) = scene.live.log_in("bob").await;
    let later = json!({ "asyncExec": true });
    let approve = async || {
        let waiting: Value = bob.get("/v1/requests").await.unwrap();
        let [request] = &waiting["requests"].as_array().unwrap()[..] else { panic!("{waiting}") };
        let id = request["request"]["id"].as_str().unwrap();
        let words = json!({ "reason": "seen" });
        let _: Value = bob.post(&format!("/v1/requests/{id}/approve"), &words).await.unwrap();
        request["request"]["why"].to_string()
    };
    // Asked without a reason, then again with one: the request is the same, and says nothing of cards.
    let (mut client, open) = scene.snowflake(&alice, None).await;
    client.submit(SQL, "r-1", &later).await.unwrap();
    held(&bob).await;
    drop((client, open));
    let (mut client, _open) = scene.snowflake(&alice, Some(REASON)).await;
    let waiting = client.submit(SQL, "r-2", &later).await.unwrap();
    let why = approve().await;
    assert!(!why.contains("card numbers"), "{why}");
    assert_eq!(client.follow(waiting).await.unwrap()["data"]["rowset"][0][1], VISA_MASKED);

    let waiting = client.submit(SQL, "r-3", &later).await.unwrap();
    held(&bob).await;
    let why = approve().await;
    assert!(why.contains("card numbers are shown in clear until") && why.contains(NEED), "{why}");
    assert_eq!(client.follow(waiting).await.unwrap()["data"]["rowset"][0], json!(SHOWN));
    scene.live.stack.stop().await;
}

/// Waits until a request is there.
async fn held(bob: &Gateway) {
    loop {
        let waiting: Value = bob.get("/v1/requests").await.unwrap();
        if waiting["requests"].as_array().is_some_and(|list| !list.is_empty()) {
            return;
        }
        tokio::task::yield_now().await;
    }
}
