//! The automatic review of what people really did, by the programs as they are run.

use std::{
    collections::BTreeMap,
    net::SocketAddr,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
};

use axum::{Router, extract::State, http::header, response::IntoResponse};
use hoop_audit::{Record, RecordType};
use hoop_dev::client::snowflake::Client;
use hoop_recording::records;
use hoop_tests::{Listener, Site, mcp};
use serde_json::{Value, json};
use tokio::{net::TcpListener, runtime::Runtime};

/// A history is made in three statements, and a control is well after a second.
const SETTINGS: &str = r#"
[review]
owner = "security@example.com"
calm_seconds = 1
[review.new_resource]
history_requests = 3
history_days = 1
[review.denied]
count = 3
"#;

/// An MCP server whose answers to calls can be made such that nobody can read them.
fn mcp_server(runtime: &Runtime, garbled: &Arc<AtomicBool>) -> String {
    async fn any(State(garbled): State<Arc<AtomicBool>>, body: String) -> impl IntoResponse {
        let message: Value = serde_json::from_str(&body).unwrap_or_default();
        let result = match message["method"].as_str() {
            Some("initialize") => json!({
                "protocolVersion": "2025-06-18", "capabilities": {}, "serverInfo": { "name": "any", "version": "1" },
            }),
            _ => json!({ "content": [{ "type": "text", "text": "fine" }] }),
        };
        let answer = json!({ "jsonrpc": "2.0", "id": message["id"], "result": result }).to_string();
        let cut = if message["method"] == "tools/call" && garbled.load(Ordering::SeqCst) { 20 } else { 0 };
        ([(header::CONTENT_TYPE, "application/json")], answer[..answer.len() - cut].to_owned())
    }
    let listener = runtime.block_on(TcpListener::bind("127.0.0.1:0")).unwrap();
    let url = format!("http://{}/mcp", listener.local_addr().unwrap());
    let router = Router::new().fallback(any).with_state(garbled.clone());
    runtime.spawn(async move { axum::serve(listener, router).await });
    url
}

fn listed(site: &Site, all: bool) -> Vec<Value> {
    let mut arguments = vec!["admin", "alerts", "--output", "json"];
    if all {
        arguments.push("--all");
    }
    let document = site.run("carol", &arguments).ok().json();
    assert_eq!((&document["kind"], &document["version"]), (&json!("alerts"), &json!(1)), "{document}");
    document["alerts"].as_array().unwrap().clone()
}

/// The alerts that wait, by their rule and what was found.
fn found(site: &Site) -> BTreeMap<(String, String), String> {
    let text = |alert: &Value, field: &str| alert[field].as_str().unwrap().to_owned();
    listed(site, false).iter().map(|one| ((text(one, "rule"), text(one, "what")), text(one, "id"))).collect()
}

fn has(site: &Site, rule: &str, what: &str) -> bool {
    found(site).keys().any(|(own, text)| own == rule && text.contains(what))
}

/// What the trail says of this type and event.
fn told(site: &Site, kind: RecordType, event: &str) -> Vec<Record> {
    let mut told = Vec::new();
    let keep = |record: Record, _: &[u8]| {
        if record.draft.kind == kind && record.draft.detail.get("event").is_some_and(|name| name == event) {
            told.push(record);
        }
    };
    records(&site.trail(), keep).unwrap();
    told
}

#[test]
fn what_people_do_opens_alerts_once_and_they_are_answered() {
    let (runtime, garbled) = (Runtime::new().unwrap(), Arc::new(AtomicBool::new(true)));
    let mut site = Site::with(SETTINGS);
    site.tools = Some(mcp_server(&runtime, &garbled));
    site.let_agent_in();
    site.login("alice").ok();

    // Refused again and again.
    for _ in 0..4 {
        assert_ne!(site.run("alice", &["connect", "vault"]).code, Some(0));
    }
    // A table that alice never used, and card numbers in it.
    let listener = Listener::start(&mut site.hoopctl("alice"), "warehouse");
    let (address, secret): (SocketAddr, _) = (listener.address().parse().unwrap(), listener.secret().to_owned());
    runtime.block_on(async {
        let mut client = Client::connect(address, &secret).await.unwrap();
        for id in 0..4 {
            client.query(&format!("SELECT id FROM products WHERE id = {id}")).await.unwrap();
        }
        client.query("SELECT id, card_number FROM payments").await.unwrap();
    });
    drop(listener);
    // An answer that cannot be read, and then one that can.
    let tools = Listener::start(&mut site.hoopctl("alice"), "tools");
    let call = |id: u64| json!({ "jsonrpc": "2.0", "id": id, "method": "tools/call", "params": { "name": "look" } });
    runtime.block_on(async {
        let client = mcp::Client::begin(tools.url(), "2025-06-18").await;
        for id in 1..4 {
            let blocked = client.post(&call(id), &[]).await.text().await.unwrap();
            assert!(blocked.contains("cannot read"), "{blocked}");
        }
    });
    site.wait_for("the incident's beginning", |site| told(site, RecordType::Incident, "began").len() == 1);
    garbled.store(false, Ordering::SeqCst);
    runtime.block_on(async {
        let client = mcp::Client::begin(tools.url(), "2025-06-18").await;
        assert!(client.post(&call(9), &[]).await.text().await.unwrap().contains("fine"));
    });
    drop(tools);
    site.wait_for("the incident's end", |site| told(site, RecordType::Incident, "ended").len() == 1);
    let [began] = told(&site, RecordType::Incident, "began").try_into().unwrap();
    for (name, value) in [("control", "masking"), ("of", "tools"), ("owner", "security@example.com")] {
        assert_eq!(began.draft.detail[name], value);
    }

    site.wait_for("all alerts", |site| {
        has(site, "denied_burst", "3 refusals within 600 s")
            && has(site, "new_resource", "PAYMENTS")
            && has(site, "unexpected_pan", "CARD_NUMBER")
            && has(site, "control_failure", "masking: an answer could not be read")
    });
    let before = found(&site);
    let opened = told(&site, RecordType::Alert, "opened").len();
    assert_eq!(opened, before.len(), "{before:?}");

    // Killed: the start is an incident of its own, and nothing is opened a second time.
    site.kill_gateway();
    site.start_gateway();
    site.wait_for("what the kill brings", |site| has(site, "control_failure", "without closing its trail"));
    let after = found(&site);
    assert!(before.iter().all(|alert| after.contains_key(alert.0)) && after.len() == before.len() + 1, "{after:?}");
    assert_eq!(told(&site, RecordType::Alert, "opened").len(), opened + 1);

    let burst = before.iter().find(|((rule, _), _)| rule == "denied_burst").unwrap().1.clone();
    answered(&site, &burst);
}

/// One alert's way to its end, as an admin goes it.
#[track_caller]
fn answered(site: &Site, id: &str) {
    let shown = site.run("carol", &["admin", "alerts", "show", id]).ok().stdout;
    assert!(shown.contains("rule        denied_burst") && shown.contains("state       open"), "{shown}");
    let table = site.run("carol", &["admin", "alerts"]).ok().stdout;
    assert!(table.starts_with("ALERT\tSTATE\t") && table.contains(id), "{table}");
    let refused = site.run("carol", &["admin", "alerts", "close", id]);
    assert!(refused.code == Some(1) && refused.stderr.contains("--reason"), "{}", refused.stderr);
    site.run("carol", &["admin", "alerts", "ack", id, "--reason", "asking alice"]).ok();
    let closed = site.run("carol", &["admin", "alerts", "close", id, "--reason", "a typo", "--output", "json"]);
    assert_eq!(closed.ok().json()["state"], "closed");
    let again = site.run("carol", &["admin", "alerts", "close", id, "--reason", "x"]);
    assert!(again.code == Some(1) && again.stderr.contains("was closed by"), "{}", again.stderr);
    assert!(!listed(site, false).iter().any(|alert| alert["id"] == id));
    let kept = listed(site, true).into_iter().find(|alert| alert["id"] == id).unwrap();
    assert_eq!(kept["acknowledged"]["reason"], "asking alice");
    let refused = site.run("alice", &["admin", "alerts"]);
    assert_eq!(refused.code, Some(3), "{}", refused.stderr);
    for event in ["acknowledged", "closed"] {
        let [record] = told(site, RecordType::Alert, event).try_into().unwrap();
        assert_eq!(record.draft.detail["alert"], id);
        assert!(record.draft.origin.is_some(), "who said so");
    }
}
