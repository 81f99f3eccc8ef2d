//! What it costs to look at one session of a gigabyte: the list, the first screen, and a place near the end, each with the
//! memory that the reading takes. Records go to a folder under TMPDIR.
//!
//!     cargo bench -p hoop-recording --bench session
#![allow(clippy::unwrap_used, clippy::print_stdout, clippy::indexing_slicing)]

use std::{
    fs,
    ops::ControlFlow,
    path::Path,
    process::Command,
    sync::Arc,
    time::{Duration, Instant},
};

use hoop_audit::{
    Counts, Draft, Origin, RecordType, Replay, is_before,
    payload::{Payload, PayloadKeys},
};
use hoop_model::{
    Assurance, Clock, ConnectionKind, ExchangeId, Group, ManualClock, PrincipalKind, SessionId, Subject, SystemClock,
};
use hoop_recording::{Attachment, Entry, Index, Masked, Recorder, Seeds, Wanted};

const ROUNDS: usize = 5;
/// Bytes of the trail that are the session's.
const SIZE: u64 = 1 << 30;
/// Records with their payloads on a first screen.
const SCREEN: usize = 20;

fn main() {
    let arguments: Vec<String> = std::env::args().collect();
    // A process of its own for each reading: what it takes at the most is its own then.
    if arguments.get(1).is_some_and(|first| first == "read") {
        return read(&arguments[2], Path::new(&arguments[3]), arguments[4].parse().unwrap());
    }
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    for words in [122_000, 7_600] {
        let dir = tempfile::tempdir().unwrap();
        let (id, records) = runtime.block_on(fill(dir.path(), words));
        let stored: u64 = sizes(dir.path(), "log");
        println!(
            "a session of {records} records in a trail of {} MiB, answers of {} KiB; {} KiB of index files",
            stored >> 20,
            rows(words).as_ref().len() >> 10,
            sizes(dir.path(), "index") >> 10
        );
        for what in ["list", "first", "seek"] {
            for (cache, cold) in [("from the page cache", false), ("from the disk", true)] {
                let rounds: Vec<_> = (0..ROUNDS).map(|_| child(what, dir.path(), id, cold)).collect();
                let [times, memory] = [0, 1].map(|at| spread(rounds.iter().map(|round| round[at])));
                println!("  {what:>5} {cache}: {times} ms, {memory} MiB more memory");
            }
        }
        fs::read_dir(dir.path()).unwrap().for_each(|entry| {
            let path = entry.unwrap().path();
            if path.extension().is_some_and(|end| end == "index") {
                fs::remove_file(path).unwrap();
            }
        });
        let made = child("list", dir.path(), id, false);
        println!("  without any index file, so that they are made: {:.0} ms, {:.0} MiB more memory", made[0], made[1]);
    }
}

fn spread(figures: impl Iterator<Item = f64>) -> String {
    let mut sorted: Vec<f64> = figures.collect();
    sorted.sort_by(f64::total_cmp);
    format!("{:.1} ({:.1} to {:.1})", sorted[sorted.len() / 2], sorted[0], sorted[sorted.len() - 1])
}

fn sizes(dir: &Path, extension: &str) -> u64 {
    let paths = fs::read_dir(dir).unwrap().map(|entry| entry.unwrap().path());
    let of_kind = paths.filter(|path| path.extension().is_some_and(|end| end == extension));
    of_kind.map(|path| fs::metadata(path).unwrap().len()).sum()
}

/// Milliseconds, and MiB of memory more than before.
fn child(what: &str, dir: &Path, id: SessionId, cold: bool) -> [f64; 2] {
    if cold {
        for entry in fs::read_dir(dir).unwrap() {
            let file = format!("of={}", entry.unwrap().path().display());
            let forget = ["oflag=nocache", "conv=notrunc,fdatasync", "count=0", "status=none"];
            assert!(Command::new("dd").args(["if=/dev/null", &file]).args(forget).status().unwrap().success());
        }
    }
    let mut reading = Command::new(std::env::current_exe().unwrap());
    let done = reading.arg("read").arg(what).arg(dir).arg(id.to_string()).output().unwrap();
    let text = String::from_utf8(done.stdout).unwrap();
    let figures: Vec<f64> = text.split_whitespace().map(|figure| figure.parse().unwrap()).collect();
    [figures[0], figures[1]]
}

/// As the gateway reads a session, and as whoever gets it verifies it.
fn read(what: &str, dir: &Path, id: SessionId) {
    let before = memory("VmRSS");
    let began = Instant::now();
    let index = Index::of(dir);
    match what {
        "list" => {
            let page = index.list(&Wanted { limit: 100, since: None, before: None }, |_| true).unwrap().unwrap();
            assert!(page.sessions.iter().any(|facts| facts.id == id));
        }
        "first" => assert_eq!(shown(&index, id, 0.0, SCREEN), SCREEN),
        _ => {
            let facts = index.session(id).unwrap().unwrap();
            let end = facts.ended_at.unwrap().duration_since(facts.started_at);
            assert_eq!(shown(&index, id, end.as_secs_f64() - 10.0, SCREEN), SCREEN);
        }
    }
    let milliseconds = began.elapsed().as_secs_f64() * 1e3;
    println!("{milliseconds} {}", (memory("VmHWM") - before) / 1024.0);
}

/// How many records were shown of those from `at` seconds on, at most `most`; all before them are verified.
fn shown(index: &Index, id: SessionId, at: f64, most: usize) -> usize {
    let facts = index.session(id).unwrap().unwrap();
    let mut replay = Replay::of(id, SystemClock.now()).from(at);
    let (mut shown, mut frame) = (0, Vec::new());
    index
        .read(id, facts.first, |entry| {
            let early = is_before(entry.ts, facts.started_at, at);
            let payload: Option<Payload<'_>> = if early { None } else { entry.payload.read(&mut frame).unwrap() };
            let replayed = replay.take(entry.record, payload.as_ref()).unwrap();
            assert!(
                replayed.problem.is_none()
                    && replayed.not_asked_for == (early && replayed.record.draft.payload.is_some())
            );
            shown += usize::from(!early);
            if shown == most { ControlFlow::Break(()) } else { ControlFlow::Continue(()) }
        })
        .unwrap();
    shown
}

/// Kilobytes, as the system counts this process.
fn memory(name: &str) -> f64 {
    let status = fs::read_to_string("/proc/self/status").unwrap();
    let line = status.lines().find(|line| line.starts_with(name)).unwrap();
    line.split_whitespace().nth(1).unwrap().parse().unwrap()
}

fn draft(kind: RecordType, session: SessionId, exchange: Option<ExchangeId>) -> Draft {
    let mut draft = Draft::new(kind);
    draft.session_id = Some(session);
    draft.exchange_id = exchange;
    draft.origin = Some(Origin {
        subject: Subject { issuer: "https://idp.example.com".into(), sub: "alice".into() },
        kind: PrincipalKind::Person,
        email: Some("alice@example.com".into()),
        groups: vec![Group("engineers".into())],
        assurance: Assurance::default(),
        client_ip: "192.0.2.7".parse().unwrap(),
    });
    draft.connection = Some("snowflake".parse().unwrap());
    draft.protocol = Some(ConnectionKind::Snowflake);
    if kind == RecordType::Request {
        draft.command = Some("SELECT id, card_number, amount FROM payments WHERE id = 1".into());
    }
    if kind == RecordType::ResponseChunk {
        draft.counts =
            Some(Counts { rows: 1, bytes: 900, masked: [("pan".to_owned(), 1)].into(), ..Counts::default() });
    }
    draft
}

/// One session of a gigabyte, its exchanges a second apart, among records of others.
async fn fill(dir: &Path, words: usize) -> (SessionId, u64) {
    let clock = Arc::new(ManualClock::new("2026-03-01T09:00:00Z".parse().unwrap()));
    let recorder = Recorder::open(dir, Seeds::new(vec![[7; 32]]), clock.clone()).unwrap();
    let (session, other) = (SessionId::new(), SessionId::new());
    let answer = rows(words);
    let keys = PayloadKeys::default();
    for id in [session, other] {
        recorder.append(draft(RecordType::SessionStart, id, None)).await.unwrap();
    }
    let mut records = 1;
    while sizes(dir, "log") < SIZE {
        let mut entries = Vec::new();
        for _ in 0..16 {
            let exchange = Some(ExchangeId::new());
            let attachment = Attachment::delivered(&answer, &keys).unwrap();
            entries.push(draft(RecordType::Request, session, exchange).into());
            entries.push(Entry::new(draft(RecordType::ResponseChunk, session, exchange), Some(attachment)));
            entries.push(draft(RecordType::End, session, exchange).into());
            records += 3;
            entries.push(draft(RecordType::Denied, other, None).into());
            recorder.append_all(std::mem::take(&mut entries)).await.unwrap();
            clock.advance(Duration::from_secs(1).try_into().unwrap());
        }
    }
    for id in [session, other] {
        recorder.append(draft(RecordType::SessionEnd, id, None)).await.unwrap();
    }
    recorder.close().await.unwrap();
    // Those of the sealed segments are made by the way.
    Index::of(dir).session(session).unwrap();
    (session, records + 1)
}

/// Result rows of so many words.
fn rows(words: usize) -> Masked<Vec<u8>> {
    let parts = [
        "[\"",
        "alice",
        "bob",
        "carol",
        "dave",
        "erin",
        "@example.com\",\"",
        "411111******1111",
        "550000******0004",
        "\",\"",
        "2026-03-01",
        "2026-04-17",
        "2025-12-24",
        "12.50",
        "8.00",
        "199.99",
        "\"],",
    ];
    let mut state = 1_u64;
    let words = (0..words).map(|_| {
        state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
        Masked::constant(parts[(state >> 33) as usize % parts.len()]).to_text()
    });
    Masked::join(words).into_bytes()
}
