#![allow(clippy::unwrap_used)]

use std::{sync::Mutex, time::Duration};

use axum::{Router, extract::DefaultBodyLimit, http::StatusCode, routing::post};
use hoop_audit::{Counts, Draft, RecordType};
use hoop_model::{ConnectionKind, ExchangeId, Secret, SessionId, SystemClock};
use hoop_siem::{Source, event, sink};
use hoop_wire::open::{ClientOpen, SessionAnswer};
use serde_json::Value;

use super::*;
use crate::site::{Site, api, ask_session, http, session};

const PATIENCE: Duration = Duration::from_secs(60);

async fn until(what: &str, holds: impl Fn() -> bool) {
    let waited = async {
        while !holds() {
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
    };
    tokio::time::timeout(PATIENCE, waited).await.unwrap_or_else(|_| unreachable!("waited in vain for {what}"));
}

fn file_siem(path: &Path, more: &str) -> String {
    format!("[[siem]]\nname = \"lines\"\nkind = \"file\"\npath = \"{}\"\n{more}", path.display())
}

fn seqs(path: &Path) -> Vec<u64> {
    let text = std::fs::read_to_string(path).unwrap_or_default();
    let seq = |line: &str| {
        serde_json::from_str::<Value>(line).unwrap().pointer("/metadata/sequence").and_then(Value::as_u64).unwrap()
    };
    text.lines().map(seq).collect()
}

/// Every record of the trail, also those of the gateway's end, each with the hash that the next one names.
#[tokio::test]
async fn the_whole_trail_is_forwarded_up_to_the_gateways_last_record() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("siem.jsonl");
    let site = Site::of_connection(&file_siem(&path, "")).await;
    let agent = site.enrolled("dc1").await;
    let _agent = site.linked(agent).await;
    let (_, client) = site.client(&["engineers"]).await;
    let (stream, _) = session(&client).await;
    drop(stream);
    let recorder = site.gateway().recorder.clone();
    site.running.stop().await;
    let end = reader::end(&recorder);
    assert!(end >= 4, "start, configuration, the session's begin and end: {end}");
    assert_eq!(seqs(&path), (0..end).collect::<Vec<_>>());
    let text = std::fs::read_to_string(&path).unwrap();
    let events: Vec<Value> = text.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    for (event, next) in events.iter().zip(events.iter().skip(1)) {
        assert_eq!(event.pointer("/unmapped/record_hash"), next.pointer("/unmapped/prev"));
    }
    let last = events.last().unwrap().pointer("/unmapped/record_hash").and_then(Value::as_str).map(str::to_owned);
    assert_eq!(last, recorder.head().map(|head| head.hash.to_string()));
}

#[tokio::test]
async fn while_a_required_receiver_is_behind_no_session_begins_and_then_it_does() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("missing/siem.jsonl");
    let site = Site::of_connection(&file_siem(&path, "required = true\nmax_lag_records = 0")).await;
    let agent = site.enrolled("dc1").await;
    let _agent = site.linked(agent).await;
    let (_, client) = site.client(&["admins"]).await;
    let SessionAnswer::Refused(fault) = ask_session(&client, None).await.1 else { unreachable!() };
    assert_eq!(
        (fault.code.as_ref(), fault.side, fault.retry),
        ("siem_behind", hoop_model::Side::Internal, hoop_model::Retry::Safe)
    );

    let (status, body) = http(&client, ClientOpen::Api, api("GET", "/v1/status", "")).await;
    let shown: Value = serde_json::from_str(&body).unwrap();
    let shown = shown.pointer("/siem/0").unwrap();
    assert_eq!((status, shown.get("name").unwrap().as_str()), (StatusCode::OK, Some("lines")), "{body}");
    assert!(shown.get("lag_records").and_then(Value::as_u64).unwrap() >= 3, "{body}");
    assert_eq!(shown.get("required"), Some(&true.into()));

    std::fs::create_dir(path.parent().unwrap()).unwrap();
    let gateway = site.gateway();
    until("the receiver to catch up", || gateway.siem.admits(gateway).is_ok()).await;
    let (_stream, _) = session(&client).await;
}

#[tokio::test]
async fn what_is_not_required_holds_no_session_up() {
    let dir = tempfile::tempdir().unwrap();
    let site = Site::of_connection(&file_siem(&dir.path().join("missing/siem.jsonl"), "")).await;
    let agent = site.enrolled("dc1").await;
    let _agent = site.linked(agent).await;
    let (_, client) = site.client(&["engineers"]).await;
    let (_stream, _) = session(&client).await;
}

fn drafts(exchange: ExchangeId, session: SessionId) -> [Draft; 3] {
    [RecordType::Request, RecordType::ResponseChunk, RecordType::End].map(|kind| {
        let mut draft = Draft::new(kind);
        draft.session_id = Some(session);
        draft.exchange_id = Some(exchange);
        draft.connection = Some("warehouse".parse().unwrap());
        draft.protocol = Some(ConnectionKind::Snowflake);
        draft.command = (kind == RecordType::Request).then(|| "SELECT id, name FROM products WHERE id < 7".to_owned());
        draft.counts = Some(Counts { rows: 7, bytes: 420, ..Counts::default() });
        draft
    })
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn each_record_comes_once_from_the_disk_and_from_memory() {
    let dir = tempfile::tempdir().unwrap();
    let seeds = hoop_recording::Seeds::new(vec![[7; 32]]);
    let recorder = Recorder::open(dir.path(), seeds, Arc::new(SystemClock)).unwrap();
    let session = SessionId::new();
    let append = async |calls: usize| {
        let many = (0..calls).flat_map(|_| drafts(ExchangeId::new(), session)).map(Into::into).collect();
        recorder.append_all(many).await.unwrap();
    };
    append(1_500).await;
    assert!(recorder.recent(0, 1).is_empty(), "more than is in memory");
    let (mut reader, mut next) = (TrailReader::new(recorder.clone()), 0);
    for round in 0.. {
        for entry in reader.read(next, 250).await.unwrap() {
            assert_eq!(entry.record.seq, next);
            next += 1;
        }
        // It grows while it is read.
        match round {
            ..10 => append(7).await,
            _ if next == reader::end(&recorder) => break,
            _ => {}
        }
    }
    // The newest ones need no disk.
    for segment in hoop_recording::segment_files(dir.path()).unwrap() {
        std::fs::remove_file(segment.path).unwrap();
    }
    append(1).await;
    let newest = reader.read(next, 250).await.unwrap();
    assert_eq!(newest.iter().map(|entry| entry.record.seq).collect::<Vec<_>>(), [next, next + 1, next + 2]);
}

/// After an outage, more of them than are in memory.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_a_receiver_missed_comes_once_and_whole() {
    const OUTAGE: u64 = 60_000;
    let dir = tempfile::tempdir().unwrap();
    let clock: Arc<dyn Clock> = Arc::new(SystemClock);
    let recorder =
        Recorder::open(&dir.path().join("trail"), hoop_recording::Seeds::new(vec![[7; 32]]), clock.clone()).unwrap();
    let session = SessionId::new();
    while reader::end(&recorder) < OUTAGE {
        let many = (0..80).flat_map(|_| drafts(ExchangeId::new(), session)).map(Into::into).collect();
        recorder.append_all(many).await.unwrap();
    }

    let got = Arc::new(Mutex::new(0_usize));
    let counted = got.clone();
    let receiver = move |body: String| async move {
        *counted.lock().unwrap() += body.matches("\"record_hash\"").count();
        StatusCode::NO_CONTENT
    };
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}/hook", listener.local_addr().unwrap()).parse().unwrap();
    let router = Router::new().route("/hook", post(receiver)).layer(DefaultBodyLimit::disable());
    tokio::spawn(async move { axum::serve(listener, router).await });
    let webhook = sink::Webhook::new(url, &Secret::new(vec![7]), clock.clone(), sink::trusting(None).unwrap()).unwrap();
    let mapper = Mapper {
        origin: "o".to_owned(),
        host: "gateway.test".to_owned(),
        version: "1.0.0".to_owned(),
        format: hoop_siem::Format::Ocsf,
        longest: event::LONGEST,
    };
    let cursor = Cursor::open(&dir.path().join("cursor")).unwrap();
    let source = Box::new(TrailReader::new(recorder.clone()));
    let forwarder = Forwarder::new("hook", source, Box::new(webhook), cursor, mapper, clock, Pace::default());
    let state = forwarder.state();
    let _running = AbortOnDropHandle::new(tokio::spawn(forwarder.run()));
    let end = reader::end(&recorder);
    until("the receiver to catch up", || state.status(end, Timestamp::now()).lag_records == 0).await;
    assert_eq!(*got.lock().unwrap() as u64, end);
    recorder.close().await.unwrap();
}
