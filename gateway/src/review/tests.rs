#![allow(clippy::unwrap_used, clippy::indexing_slicing)]

use std::{path::Path, sync::Arc, time::Duration};

use hoop_audit::{Draft, Origin, Record, RecordType};
use hoop_model::{AlertId, Assurance, Clock, ManualClock, PrincipalKind, Subject, SystemClock};
use hoop_recording::Entry;
use hoop_store::{Alert, Reviewed, Store};
use hoop_wire::open::{ClientOpen, SessionAnswer, SessionRequest};
use http::StatusCode;
use serde_json::{Value, json};

use crate::{
    Gateway, Running, Settings, fault,
    incidents::Control,
    site::{self, Site},
    start,
};

const PATIENCE: Duration = Duration::from_secs(60);
/// The rule of incidents.
const CONTROL: &str = "control_failure";

async fn until<F: Future<Output = bool>>(what: &str, holds: impl Fn() -> F) {
    let waited = async {
        while !holds().await {
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
    };
    tokio::time::timeout(PATIENCE, waited).await.unwrap_or_else(|_| unreachable!("waited in vain for {what}"));
}

/// A gateway on a folder that outlives it.
async fn on(dir: &Path, clock: Arc<dyn Clock>) -> Running {
    with(dir, clock, "").await
}

async fn with(dir: &Path, clock: Arc<dyn Clock>, more: &str) -> Running {
    let text = r#"
data_dir = "DIR"
[listen]
quic = "127.0.0.1:0"
names = ["127.0.0.1"]
[identity.oidc]
issuer = "https://idp.test"
client_id = "hoopctl"
[policy]
file = "all.cedar"
[review]
owner = "sec"
calm_seconds = 1
"#;
    let text = format!("{text}{more}").replace("DIR", dir.to_str().unwrap());
    start(Settings::parse(&text, String::new()).unwrap(), clock).await.unwrap()
}

fn told(dir: &Path, kind: RecordType, event: &str) -> Vec<Record> {
    let mut told = Vec::new();
    let keep = |record: Record, _: &[u8]| {
        if record.draft.kind == kind && record.draft.detail.get("event").is_some_and(|name| name == event) {
            told.push(record);
        }
    };
    hoop_recording::records(dir, keep).unwrap();
    told
}

/// Alerts that the trail tells of, but for those on failures of controls: they have a test of their own.
fn opened(gateway: &Gateway) -> usize {
    let told = told(gateway.recorder.dir(), RecordType::Alert, "opened");
    told.iter().filter(|record| record.draft.detail.get("rule").is_none_or(|rule| rule != CONTROL)).count()
}

/// Refusals, and behind them so much that an alert on them is recorded far away.
async fn refuse(gateway: &Gateway, who: &str, times: usize) {
    let mut draft = Draft::new(RecordType::Denied);
    draft.origin = Some(Origin {
        subject: Subject { issuer: "https://idp.test".to_owned(), sub: who.to_owned() },
        kind: PrincipalKind::Person,
        email: None,
        groups: Vec::new(),
        assurance: Assurance::default(),
        client_ip: [192, 0, 2, 7].into(),
    });
    let refusals = std::iter::repeat_n(draft, times);
    let rest = std::iter::repeat_n(Draft::new(RecordType::Heartbeat), 600);
    gateway.recorder.append_all(refusals.chain(rest).map(Entry::from).collect()).await.unwrap();
}

async fn alerts(gateway: &Gateway) -> Vec<Alert> {
    gateway.store.alerts(true).await.unwrap()
}

/// Without those on failures of controls, as [`opened`].
async fn findings(gateway: &Gateway) -> Vec<Alert> {
    let mut alerts = alerts(gateway).await;
    alerts.retain(|alert| alert.rule != CONTROL);
    alerts
}

#[tokio::test(flavor = "multi_thread")]
async fn a_finding_is_one_alert_whatever_is_lost_in_between() {
    let dir = tempfile::tempdir().unwrap();
    let clock = || Arc::new(SystemClock) as Arc<dyn Clock>;
    let running = on(dir.path(), clock()).await;
    refuse(&running.gateway, "alice", 7).await;
    until("an alert", || async { findings(&running.gateway).await.len() == 1 }).await;
    let [first] = findings(&running.gateway).await.try_into().unwrap();
    assert_eq!((first.rule.as_str(), first.count, first.what.as_str()), ("denied_burst", 5, "5 refusals within 600 s"));
    running.stop().await;

    // Another start reads on; and there is no second alert on the burst.
    let running = on(dir.path(), clock()).await;
    refuse(&running.gateway, "bob", 5).await;
    until("bob's", || async { findings(&running.gateway).await.len() == 2 }).await;
    assert_eq!(opened(&running.gateway), 2);
    running.stop().await;

    // A crash after it was kept, before it was recorded.
    let store = Store::open(&dir.path().join("gateway.sqlite")).await.unwrap();
    let state = store.review_state().await.unwrap().unwrap();
    let kept = Alert { id: AlertId::new(), key: "carol's".to_owned(), ..first.clone() };
    store.save_review(&state, &[Reviewed::Found(Box::new(kept.clone()))]).await.unwrap();
    store.close().await;
    let running = on(dir.path(), clock()).await;
    until("carol's", || async { opened(&running.gateway) == 3 }).await;
    until("its mark", || async { findings(&running.gateway).await.len() == 3 }).await;
    running.stop().await;

    // A crash after it was recorded, before that was kept: here, all of it.
    for file in ["gateway.sqlite", "gateway.sqlite-wal", "gateway.sqlite-shm"] {
        let _ = std::fs::remove_file(dir.path().join(file));
    }
    let running = on(dir.path(), clock()).await;
    until("what the trail tells of", || async { findings(&running.gateway).await.len() == 2 }).await;
    refuse(&running.gateway, "dave", 5).await;
    until("dave's", || async { findings(&running.gateway).await.len() == 3 }).await;
    assert_eq!(opened(&running.gateway), 4, "nothing was opened a second time");
    assert!(findings(&running.gateway).await.contains(&first), "under the id that the trail knows");
    running.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn each_day_is_said_to_be_reviewed_once_and_a_clock_that_is_set_is_an_incident() {
    let dir = tempfile::tempdir().unwrap();
    let clock = Arc::new(ManualClock::new("2026-03-01T12:00:00Z".parse().unwrap()));
    let running = on(dir.path(), clock.clone()).await;
    let trail = running.gateway.recorder.dir().to_owned();
    until("the start to be read", || async { running.gateway.review.has_caught_up() }).await;
    let begun = || told(&trail, RecordType::Incident, "began");
    until("the clock to be set after a look at it", || async {
        clock.set(Duration::from_secs(6).try_into().unwrap());
        !begun().is_empty()
    })
    .await;
    let ended = || told(&trail, RecordType::Incident, "ended");
    until("the clock to be even again", || async {
        clock.advance(Duration::from_secs(1).try_into().unwrap());
        !ended().is_empty()
    })
    .await;
    let began = begun();
    let detail = |record: &Record, name: &str| record.draft.detail.get(name).cloned().unwrap_or_default();
    assert_eq!((detail(&began[0], "control"), detail(&began[0], "owner")), ("clock".to_owned(), "sec".to_owned()));
    assert!(detail(&began[0], "cause").contains("moved by +"), "{}", detail(&began[0], "cause"));
    assert_eq!(detail(&began[0], "incident"), detail(&ended()[0], "incident"));
    until("its alert", || async { alerts(&running.gateway).await.len() == 1 }).await;
    assert_eq!(alerts(&running.gateway).await[0].rule, CONTROL);

    clock.advance(days(1).try_into().unwrap());
    let reviewed = || told(&trail, RecordType::Alert, "reviewed");
    until("the review of a day", || async { !reviewed().is_empty() }).await;
    running.stop().await;

    let running = on(dir.path(), clock.clone()).await;
    clock.advance(days(3).try_into().unwrap());
    until("the days after", || async { reviewed().len() == 2 }).await;
    let days: Vec<_> = reviewed().iter().map(|record| (detail(record, "since"), detail(record, "day"))).collect();
    let day = |day: &str| format!("2026-03-0{day}");
    assert_eq!(days, [(day("1"), day("1")), (day("2"), day("4"))]);
    assert!(detail(&reviewed()[0], "rules").contains("denied_burst, new_resource"));
    assert!(detail(&reviewed()[0], "records").parse::<u64>().unwrap() >= 2);
    running.stop().await;
}

fn days(days: u64) -> Duration {
    Duration::from_secs(days * 24 * 3600)
}

#[tokio::test(flavor = "multi_thread")]
async fn an_incident_outlives_the_gateway_and_ends_once() {
    let dir = tempfile::tempdir().unwrap();
    let running = on(dir.path(), Arc::new(SystemClock)).await;
    let trail = running.gateway.recorder.dir().to_owned();
    let connection = "warehouse".parse().unwrap();
    for _ in 0..3 {
        running.gateway.incidents.unanswered(&connection, &fault::unreadable("a shape"));
    }
    let told = |event: &str| told(&trail, RecordType::Incident, event);
    until("its beginning", || async { told("began").len() == 1 }).await;
    running.stop().await;
    assert_eq!(told("ended").len(), 0);

    let running = on(dir.path(), Arc::new(SystemClock)).await;
    until("its end", || async { told("ended").len() == 1 }).await;
    let (began, ended) = (told("began"), told("ended"));
    assert_eq!(began.len(), 1);
    for name in ["incident", "control", "cause", "since", "owner"] {
        assert_eq!(began[0].draft.detail[name], ended[0].draft.detail[name], "{name}");
    }
    assert_eq!(began[0].draft.detail["of"], "warehouse");
    for name in ["until", "seconds", "remediation"] {
        assert!(ended[0].draft.detail.contains_key(name), "{name}");
    }

    // The store goes away: the trail tells of it all the same.
    running.gateway.store.close().await;
    until("the store's", || async { told("began").len() == 2 }).await;
    assert_eq!(told("began")[1].draft.detail["control"], Control::Store.as_str());
    running.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_required_receiver_that_is_behind_is_an_incident_until_it_has_caught_up() {
    let dir = tempfile::tempdir().unwrap();
    let siem = r#"
[[siem]]
name = "lines"
kind = "file"
path = "DIR/missing/siem.jsonl"
required = true
max_lag_records = 0
"#;
    let running = with(dir.path(), Arc::new(SystemClock), siem).await;
    let trail = running.gateway.recorder.dir().to_owned();
    let told = |event: &str| told(&trail, RecordType::Incident, event);
    until("its beginning", || async { told("began").len() == 1 }).await;
    let began = told("began")[0].draft.detail.clone();
    assert_eq!((began["control"].as_str(), began["of"].as_str()), ("siem", "lines"));
    assert!(began["cause"].contains("records and"), "{}", began["cause"]);
    std::fs::create_dir(dir.path().join("missing")).unwrap();
    until("its end", || async { told("ended").len() == 1 }).await;
    assert_eq!(told("ended")[0].draft.detail["incident"], began["incident"]);
    running.stop().await;
}

/// Asks for a connection that there is not.
async fn knock(client: &hoop_tunnel::Connection) {
    let mut stream = client.open().await.unwrap();
    let request = SessionRequest {
        connection: "nowhere".parse().unwrap(),
        secret_digest: String::new(),
        listener: None,
        reason: None,
    };
    stream.write_frame(&ClientOpen::Session(request)).await.unwrap();
    assert!(matches!(stream.read_frame().await.unwrap(), SessionAnswer::Refused(_)));
}

#[tokio::test(flavor = "multi_thread")]
async fn an_alert_is_listed_acknowledged_and_closed_once_and_each_is_recorded() {
    let site = Site::start().await;
    let (engineer, client) = site.client(&["engineers"]).await;
    for _ in 0..5 {
        knock(&client).await;
    }
    let (admin, admins) = site.client(&["admins"]).await;
    let ask = async |method: &str, path: &str, body: Value| {
        let (status, text) = site::http(&admins, ClientOpen::Api, site::api(method, path, &body.to_string())).await;
        (status, serde_json::from_str::<Value>(&text).unwrap())
    };
    until("the alert", || async { !ask("GET", "/v1/alerts", Value::Null).await.1["alerts"][0].is_null() }).await;
    let (_, listed) = ask("GET", "/v1/alerts", Value::Null).await;
    let alert = &listed["alerts"][0];
    assert_eq!((&alert["state"], &alert["rule"]), (&json!("open"), &json!("denied_burst")));
    assert_eq!(alert["subject"]["sub"], json!(engineer.principal.subject.sub));
    let id = alert["id"].as_str().unwrap().to_owned();
    let (status, _) = site::http(&client, ClientOpen::Api, site::api("GET", "/v1/alerts", "")).await;
    assert_eq!(status, StatusCode::FORBIDDEN);

    let answer = async |what: &str, reason: Value| {
        ask("POST", &format!("/v1/alerts/{id}/{what}"), json!({ "reason": reason })).await
    };
    let (status, refused) = answer("close", Value::Null).await;
    assert_eq!((status, &refused["code"]), (StatusCode::BAD_REQUEST, &json!("reason_needed")));
    let (status, known) = answer("acknowledge", json!("card 4111 1111 1111 1111")).await;
    assert_eq!((status, &known["state"]), (StatusCode::OK, &json!("acknowledged")));
    assert_eq!(known["acknowledged"]["reason"], "card 4111 11** **** 1111");
    assert_eq!(answer("acknowledge", Value::Null).await.1["code"], "alert_acknowledged");
    let (status, closed) = answer("close", Value::Null).await;
    assert_eq!((status, &closed["state"]), (StatusCode::OK, &json!("closed")));
    let (status, refused) = answer("close", json!("again")).await;
    assert_eq!((status, &refused["code"]), (StatusCode::BAD_REQUEST, &json!("alert_closed")));
    assert!(refused["text"].as_str().unwrap().contains("was closed by"), "{refused}");
    assert_eq!(ask("GET", "/v1/alerts", Value::Null).await.1["alerts"], json!([]));
    assert_eq!(ask("GET", "/v1/alerts?all=true", Value::Null).await.1["alerts"][0]["id"], json!(id));
    let (status, unknown) = ask("GET", &format!("/v1/alerts/{}", AlertId::new()), Value::Null).await;
    assert_eq!((status, &unknown["code"]), (StatusCode::NOT_FOUND, &json!("unknown_alert")));

    let dir = site.gateway().recorder.dir();
    assert_eq!(told(dir, RecordType::Alert, "opened").len(), 1);
    for (event, reason) in [("acknowledged", Some("card 4111 11** **** 1111")), ("closed", None)] {
        let [record] = told(dir, RecordType::Alert, event).try_into().unwrap();
        let origin = record.draft.origin.unwrap();
        assert_eq!((origin.subject, origin.client_ip), (admin.principal.subject.clone(), [127, 0, 0, 1].into()));
        assert_eq!(record.draft.detail.get("reason").map(String::as_str), reason);
        assert_eq!(record.draft.detail["alert"], id);
    }
    let (_, status) = ask("GET", "/v1/status", Value::Null).await;
    assert_eq!((&status["alerts"], &status["incidents"]), (&json!({ "open": 0, "acknowledged": 0 }), &json!(0)));
}
