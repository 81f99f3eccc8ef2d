#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]
use std::{fs, sync::Mutex};

use hoop_audit::Verifier;
use hoop_model::{ManualClock, SessionId};

use super::*;

/// Keeps what was made durable; the call numbered `fails` and every later one would be a lie.
struct Disk {
    kept: Arc<Mutex<Vec<u8>>>,
    calls: usize,
    fails: usize,
}

impl Durable for Disk {
    fn append(&mut self, bytes: &[u8]) -> io::Result<()> {
        self.calls += 1;
        assert!(self.calls <= self.fails, "written to after a failure");
        if self.calls == self.fails {
            return Err(io::Error::other("input/output error"));
        }
        self.kept.lock().unwrap().extend_from_slice(bytes);
        Ok(())
    }
}

fn writer(disk: Box<dyn Durable>, dir: Option<PathBuf>, full: u64) -> (Writer, Arc<SyncCounter>) {
    let stats = Arc::new(SyncCounter::default());
    let writer = Writer {
        dir,
        lock: None,
        disk,
        length: segment::MAGIC.len() as u64,
        full,
        chain: Chain::default(),
        clock: Arc::new(ManualClock::new("2026-03-01T09:00:00Z".parse().unwrap())),
        stats: stats.clone(),
        head: watch::Sender::new(None),
        poisoned: watch::Sender::new(None),
        unended: Unended::default(),
        open: watch::Sender::new(0),
    };
    (writer, stats)
}

fn on_disk(fails: usize) -> (Recorder, Arc<Mutex<Vec<u8>>>) {
    let kept = Arc::new(Mutex::new(segment::MAGIC.to_vec()));
    let (writer, stats) = writer(Box::new(Disk { kept: kept.clone(), calls: 0, fails }), None, SEGMENT);
    (Recorder::with(writer, stats, PathBuf::new()).unwrap(), kept)
}

fn draft() -> Draft {
    Draft { session_id: Some(SessionId::new()), ..Draft::new(RecordType::Admin) }
}

#[tokio::test]
async fn a_failed_write_is_final() {
    let (recorder, kept) = on_disk(3);
    for seq in 0..2 {
        assert_eq!(recorder.append(draft()).await.unwrap().seq, seq);
    }
    let durable = kept.lock().unwrap().clone();
    for _ in 0..20 {
        assert!(matches!(recorder.append(draft()).await, Err(RecordError::Poisoned(_))));
    }
    assert!(recorder.failed().await.contains("input/output error"));
    assert!(recorder.close().await.is_err());
    assert_eq!(*kept.lock().unwrap(), durable);
    assert_eq!(recorder.head().unwrap().seq, 1, "what failed is not the head");
}

#[tokio::test(flavor = "multi_thread")]
async fn many_callers_share_syncs_and_every_receipt_is_true() {
    let (recorder, kept) = on_disk(usize::MAX);
    let callers: Vec<_> = (0..64)
        .map(|_| {
            let recorder = recorder.clone();
            tokio::spawn(async move {
                let mut receipts = Vec::new();
                for _ in 0..25 {
                    receipts.push(recorder.append(draft()).await.unwrap());
                    let pair = recorder.append_all(vec![draft(), draft()]).await.unwrap();
                    assert_eq!(pair[0].seq + 1, pair[1].seq, "one behind the other");
                    receipts.extend(pair);
                }
                assert!(receipts.is_sorted_by_key(|receipt| receipt.seq));
                receipts
            })
        })
        .collect();
    let mut receipts = Vec::new();
    for caller in callers {
        receipts.extend(caller.await.unwrap());
    }
    recorder.close().await.unwrap();
    let stored = kept.lock().unwrap().clone();
    let mut verifier = Verifier::new(recorder.head());
    verifier.segment("kept", &stored, true);
    let report = verifier.finish();
    assert!(report.anchored && report.is_consistent(), "{report:?}");
    assert_eq!(report.records, 64 * 75 + 1);
    let hashes: Vec<String> =
        segment::Frames::new(&stored).map(|frame| crate::commit::sha256_hex(frame.unwrap().1)).collect();
    assert!(receipts.iter().all(|receipt| hashes[receipt.seq as usize] == receipt.hash));
    let stats = recorder.sync_stats();
    assert_eq!(stats.records, report.records);
    assert!(stats.syncs < stats.records / 4, "{} syncs for {} records", stats.syncs, stats.records);
}

#[tokio::test]
async fn a_record_over_the_limit_takes_no_place() {
    let (recorder, _) = on_disk(usize::MAX);
    let long = Draft::new(RecordType::Admin).detail("long", "x".repeat(segment::LIMIT));
    assert!(matches!(recorder.append(long).await, Err(RecordError::TooLong { .. })));
    assert_eq!(recorder.append(draft()).await.unwrap().seq, 0);
}

#[tokio::test]
async fn after_closing_nothing_is_taken() {
    let (recorder, _) = on_disk(usize::MAX);
    recorder.close().await.unwrap();
    assert!(matches!(recorder.append(draft()).await, Err(RecordError::Closed)));
}

#[tokio::test]
async fn full_segments_give_way_to_new_ones() {
    let dir = tempfile::tempdir().unwrap();
    let first = durable::create(dir.path(), 0).unwrap();
    let (writer, stats) = writer(Box::new(first), Some(dir.path().to_owned()), 1000);
    let recorder = Recorder::with(writer, stats, dir.path().to_owned()).unwrap();
    for _ in 0..20 {
        recorder.append(draft()).await.unwrap();
    }
    recorder.close().await.unwrap();
    let segments = durable::segments(dir.path()).unwrap();
    assert!(segments.len() > 3);
    let mut verifier = Verifier::new(recorder.head());
    for (index, (_, path)) in segments.iter().enumerate() {
        verifier.segment(&path.display().to_string(), &fs::read(path).unwrap(), index + 1 == segments.len());
    }
    let report = verifier.finish();
    assert!(report.anchored && report.is_consistent(), "{report:?}");
    let mut late = Vec::new();
    crate::records_from(dir.path(), 17, |record, _| late.push(record.seq)).unwrap();
    assert_eq!(late, [17, 18, 19, 20]);

    // Opened again it goes on in the newest; without a middle one it does not open.
    let clock = Arc::new(ManualClock::new("2026-03-01T10:00:00Z".parse().unwrap()));
    let again = Recorder::open(dir.path(), clock.clone()).unwrap();
    assert_eq!(again.head().unwrap().seq, 21);
    again.close().await.unwrap();
    let mut seen = 0;
    crate::records(dir.path(), |record, _| {
        assert_eq!(record.seq, seen);
        seen += 1;
    })
    .unwrap();
    assert_eq!(seen, 23);
}

#[tokio::test]
async fn the_trail_is_settled_once_all_that_began_has_ended() {
    let (recorder, _) = on_disk(usize::MAX);
    let (session, exchange) = (SessionId::new(), ExchangeId::new());
    let append = async |kind, exchange| {
        let draft = Draft { session_id: Some(session), exchange_id: exchange, ..Draft::new(kind) };
        recorder.append(draft).await.unwrap();
    };
    recorder.settled().await;
    append(RecordType::SessionStart, None).await;
    append(RecordType::Request, Some(exchange)).await;
    let settled = tokio::spawn({
        let recorder = recorder.clone();
        async move { recorder.settled().await }
    });
    append(RecordType::SessionEnd, None).await;
    assert_eq!(*recorder.open.borrow(), 1, "the exchange goes on");
    append(RecordType::End, Some(exchange)).await;
    settled.await.unwrap();
    recorder.close().await.unwrap();
    recorder.settled().await;
}
