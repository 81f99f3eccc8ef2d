//! What the trail costs by itself: durable records a second, one small exchange, verification. Each beside its ceiling
//! in the same round. Records go to a folder under TMPDIR, so that says which disk.
//!
//!     cargo bench -p hoop-recording
#![allow(clippy::unwrap_used, clippy::print_stdout, clippy::indexing_slicing)]

use std::{
    fs::{self, File},
    hint::black_box,
    io::Write,
    path::Path,
    sync::{
        Arc,
        atomic::{AtomicBool, AtomicUsize, Ordering},
    },
    time::{Duration, Instant},
};

use hoop_audit::{
    Counts, DecisionFacts, Draft, Hash, Origin, RecordType, Verifier,
    payload::PayloadKeys,
    segment::{Frame, Frames},
};
use hoop_masking::Sink;
use hoop_model::{
    Action, Assurance, ConnectionKind, Effect, ExchangeId, Group, PrincipalKind, SessionId, Subject, SystemClock,
};
use hoop_recording::{Attachment, Entry, Masked, Packing, Recorder, Seeds};

const ROUNDS: usize = 5;
/// Length of a round.
const ROUND: Duration = Duration::from_secs(2);

fn main() {
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(1).enable_all().build().unwrap();
    println!("durable records, {} bytes each, median of {ROUNDS} rounds (lowest to highest)", record().len());
    for callers in [1, 16, 256] {
        let rounds: Vec<_> = (0..ROUNDS).map(|_| runtime.block_on(durable(callers))).collect();
        let disk = spread(rounds.iter().map(|(_, disk)| *disk));
        println!(
            "  {callers:>3} callers: {} records/s; the disk alone: {disk} syncs/s",
            spread(rounds.iter().map(|(rate, _)| *rate))
        );
    }
    let rounds: Vec<_> = (0..ROUNDS).map(|_| runtime.block_on(exchanges())).collect();
    println!("one small exchange (request, answer with its payload, end), syncs apart");
    println!(
        "  {} µs, of it syncs {} µs",
        spread(rounds.iter().map(|(all, _)| *all)),
        spread(rounds.iter().map(|(_, sync)| *sync))
    );
    let dir = tempfile::tempdir().unwrap();
    runtime.block_on(fill(dir.path(), 300_000, None));
    let rounds: Vec<_> = (0..ROUNDS).map(|_| verify(dir.path())).collect();
    println!("verification of records");
    println!(
        "  {} records/s; hashing alone, on one core: {} records/s",
        spread(rounds.iter().map(|(all, _)| *all)),
        spread(rounds.iter().map(|(_, hash)| *hash))
    );
    let dir = tempfile::tempdir().unwrap();
    let rows = rows();
    let rounds: Vec<_> = (0..ROUNDS).map(|_| ready(&rows)).collect();
    println!("result rows as they come in chunks, made ready for the trail on one core");
    println!(
        "  {} MB/s hashed and compressed, {} MB/s compressed, to {} % of their length",
        spread(rounds.iter().map(|(all, ..)| *all)),
        spread(rounds.iter().map(|(_, compressed, _)| *compressed)),
        spread(rounds.iter().map(|(.., share)| *share))
    );
    runtime.block_on(fill(dir.path(), 64, Some(&rows)));
    let rounds: Vec<_> = (0..ROUNDS).map(|_| payloads(dir.path())).collect();
    println!("verification of payloads of {} MiB, result rows at zstd's first level", rows.as_ref().len() >> 20);
    println!(
        "  {} MB/s as delivered, {} MB/s as stored",
        spread(rounds.iter().map(|(delivered, _)| *delivered)),
        spread(rounds.iter().map(|(_, stored)| *stored))
    );
}

fn spread(figures: impl Iterator<Item = f64>) -> String {
    let mut sorted: Vec<f64> = figures.collect();
    sorted.sort_by(f64::total_cmp);
    format!("{:.0} ({:.0} to {:.0})", sorted[sorted.len() / 2], sorted[0], sorted[sorted.len() - 1])
}

fn draft(kind: RecordType, session: SessionId, exchange: ExchangeId) -> Draft {
    let mut draft = Draft::new(kind);
    draft.session_id = Some(session);
    draft.exchange_id = Some(exchange);
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
        draft.command_digest = Some("ab".repeat(32));
        draft.action = Some(Action::Read);
        draft.resources = vec!["snowflake/PAYMENTS".into()];
        draft.decision = Some(DecisionFacts {
            effect: Effect::Allow,
            rules: vec!["engineers-read".into()],
            policy_digest: "cd".repeat(32),
            reasons: Vec::new(),
        });
    } else {
        draft.counts =
            Some(Counts { rows: 1, bytes: 900, masked: [("pan".to_owned(), 1)].into(), ..Counts::default() });
        draft.outcome = Some("success".into());
    }
    draft
}

fn record() -> Vec<u8> {
    serde_json::to_vec(&draft(RecordType::Request, SessionId::new(), ExchangeId::new())).unwrap()
}

fn open(dir: &Path) -> Recorder {
    Recorder::open(dir, Seeds::new(vec![[7; 32]]), Arc::new(SystemClock)).unwrap()
}

/// Records a second by so many callers, and syncs a second of a plain file that is written over.
async fn durable(callers: usize) -> (f64, f64) {
    let dir = tempfile::tempdir().unwrap();
    let recorder = open(dir.path());
    let (done, stop) = (Arc::new(AtomicUsize::new(0)), Arc::new(AtomicBool::new(false)));
    let began = Instant::now();
    let tasks: Vec<_> = (0..callers)
        .map(|_| {
            let (recorder, done, stop) = (recorder.clone(), done.clone(), stop.clone());
            tokio::spawn(async move {
                let session = SessionId::new();
                while !stop.load(Ordering::Relaxed) {
                    recorder.append(draft(RecordType::Admin, session, ExchangeId::new())).await.unwrap();
                    done.fetch_add(1, Ordering::Relaxed);
                }
            })
        })
        .collect();
    tokio::time::sleep(ROUND).await;
    let rate = done.load(Ordering::Relaxed) as f64 / began.elapsed().as_secs_f64();
    stop.store(true, Ordering::Relaxed);
    for task in tasks {
        task.await.unwrap();
    }
    recorder.close().await.unwrap();
    (rate, syncs(dir.path()))
}

fn syncs(dir: &Path) -> f64 {
    use std::os::unix::fs::FileExt;
    let mut file = File::create(dir.join("plain")).unwrap();
    file.write_all(&vec![0; 4 << 20]).unwrap();
    file.sync_all().unwrap();
    let (began, mut count) = (Instant::now(), 0);
    while began.elapsed() < ROUND / 4 {
        file.write_all_at(&[1; 1024], (count * 1024) % (4 << 20)).unwrap();
        file.sync_data().unwrap();
        count += 1;
    }
    count as f64 / began.elapsed().as_secs_f64()
}

/// Microseconds of an exchange, and those of its syncs.
async fn exchanges() -> (f64, f64) {
    let dir = tempfile::tempdir().unwrap();
    let recorder = open(dir.path());
    let before = recorder.sync_stats();
    let (session, payload) = (SessionId::new(), small());
    let (began, mut count) = (Instant::now(), 0);
    while began.elapsed() < ROUND {
        let exchange = ExchangeId::new();
        recorder.append(draft(RecordType::Request, session, exchange)).await.unwrap();
        let attachment = Attachment::delivered(&payload, &PayloadKeys::default()).unwrap();
        let answer = Entry::new(draft(RecordType::ResponseChunk, session, exchange), Some(attachment));
        recorder.append_all(vec![answer, draft(RecordType::End, session, exchange).into()]).await.unwrap();
        count += 1;
    }
    let all = began.elapsed();
    let syncs = recorder.sync_stats().since(&before).total;
    recorder.close().await.unwrap();
    let each = |time: Duration| time.as_secs_f64() * 1e6 / f64::from(count);
    (each(all), each(syncs))
}

fn small() -> Masked<Vec<u8>> {
    Masked::join((0..10).map(|_| {
        Masked::constant("{\"id\": 1, \"card_number\": \"411111******1111\", \"amount\": \"12.50\"}").to_text()
    }))
    .into_bytes()
}

fn rows() -> Masked<Vec<u8>> {
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
    let words = (0..1_600_000).map(|_| {
        state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
        Masked::constant(parts[(state >> 33) as usize % parts.len()]).to_text()
    });
    Masked::join(words).into_bytes()
}

async fn fill(dir: &Path, records: usize, payload: Option<&Masked<Vec<u8>>>) {
    let recorder = open(dir);
    let (session, mut exchange) = (SessionId::new(), ExchangeId::new());
    let mut left = records;
    while left > 0 {
        let now = left.min(if payload.is_some() { 4 } else { 3000 });
        let entry = |n: usize| match payload {
            Some(payload) => {
                let attachment = Attachment::delivered(payload, &PayloadKeys::default()).unwrap();
                Entry::new(draft(RecordType::Admin, session, ExchangeId::new()), Some(attachment))
            }
            None => {
                let kind = [RecordType::Request, RecordType::ResponseChunk, RecordType::End][n % 3];
                if kind == RecordType::Request {
                    exchange = ExchangeId::new();
                }
                draft(kind, session, exchange).into()
            }
        };
        recorder.append_all((0..now).map(entry).collect()).await.unwrap();
        left -= now;
    }
    recorder.close().await.unwrap();
}

/// MB/s of all that is done with a chunk before its record, and of compressing it; what is left of it in %.
fn ready(rows: &Masked<Vec<u8>>) -> (f64, f64, f64) {
    let length = rows.as_ref().len() as f64;
    let began = Instant::now();
    black_box(Attachment::delivered(rows, &PayloadKeys::default()).unwrap());
    let all = began.elapsed();
    let began = Instant::now();
    let mut packing = Packing::new(None).unwrap();
    packing.take(rows.as_slice().into());
    let (compressed, _) = black_box(packing.finish().unwrap()).into_bytes();
    let alone = began.elapsed();
    let rate = |time: Duration| length / 1e6 / time.as_secs_f64();
    (rate(all), rate(alone), 100.0 * compressed.len() as f64 / length)
}

fn files(dir: &Path) -> Vec<Vec<u8>> {
    let mut paths: Vec<_> = fs::read_dir(dir).unwrap().map(|entry| entry.unwrap().path()).collect();
    paths.retain(|path| path.extension().is_some_and(|extension| extension == "log"));
    paths.sort();
    paths.iter().map(|path| fs::read(path).unwrap()).collect()
}

/// Records a second: all of verification, and only their hashes.
fn verify(dir: &Path) -> (f64, f64) {
    let files = files(dir);
    let began = Instant::now();
    let mut verifier = Verifier::new(Vec::new(), []);
    files.iter().for_each(|file| verifier.segment("segment", file, false));
    let report = verifier.finish();
    assert!(report.is_consistent(), "{:?}", report.findings);
    let all = report.records as f64 / began.elapsed().as_secs_f64();
    let began = Instant::now();
    let mut hashed = 0;
    for frame in files.iter().flat_map(|file| Frames::new(file)) {
        if let Frame::Record(record) = frame.unwrap().1 {
            std::hint::black_box(Hash::leaf(record));
            hashed += 1;
        }
    }
    (all, f64::from(hashed) / began.elapsed().as_secs_f64())
}

/// Megabytes a second, as delivered and as stored.
fn payloads(dir: &Path) -> (f64, f64) {
    let files = files(dir);
    let stored: usize = files.iter().map(Vec::len).sum();
    let began = Instant::now();
    let mut verifier = Verifier::new(Vec::new(), []);
    files.iter().for_each(|file| verifier.segment("segment", file, false));
    let report = verifier.finish();
    assert!(report.is_consistent() && report.payloads == 64);
    let seconds = began.elapsed().as_secs_f64() * 1e6;
    (report.payload_bytes as f64 / seconds, stored as f64 / seconds)
}
