#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]
use std::{fs, io, sync::Mutex};

use hoop_audit::{Anchor, Hash, Report, Verifier, segment::Frames};
use hoop_masking::Masked;
use hoop_model::{ExchangeId, ManualClock, SessionId};

use super::*;
use crate::{Attachment, Failpoints, Recorder, Seeds};

/// Keeps what was made durable; the call numbered `fails` and every later one would be a lie.
struct Disk {
    kept: Arc<Mutex<Vec<u8>>>,
    /// What was put and not synced, of a disk that is going to fail.
    written: Vec<u8>,
    /// How much there is; `None`: enough.
    room: Arc<Mutex<Option<u64>>>,
    calls: usize,
    fails: usize,
}

impl Durable for Disk {
    fn put(&mut self, bytes: &[u8]) -> io::Result<()> {
        assert!(self.calls < self.fails, "written to after a failure");
        match self.fails {
            usize::MAX => self.kept.lock().unwrap().extend_from_slice(bytes),
            _ => self.written.extend_from_slice(bytes),
        }
        Ok(())
    }

    fn sync(&mut self) -> io::Result<()> {
        self.calls += 1;
        if self.calls == self.fails {
            return Err(io::Error::other("input/output error"));
        }
        self.kept.lock().unwrap().append(&mut self.written);
        Ok(())
    }

    fn reserve(&mut self, bytes: u64) -> io::Result<Room> {
        Ok(match self.room.lock().unwrap().as_ref() {
            Some(room) if *room < bytes => Room::Full { left: 20_000 },
            _ => Room::There,
        })
    }

    fn seal(&mut self) -> io::Result<()> {
        Ok(())
    }
}

const SEED: [u8; 32] = [7; 32];

fn seeds() -> Seeds {
    Seeds::new(vec![SEED])
}

fn clock() -> Arc<ManualClock> {
    Arc::new(ManualClock::new("2026-03-01T09:00:00Z".parse().unwrap()))
}

fn recorder(disk: Box<dyn Durable>, length: usize, dir: Option<PathBuf>, full: u64) -> Recorder {
    recorder_since(Instant::now(), disk, length, dir, full)
}

/// With its newest record written then.
fn recorder_since(
    written: Instant,
    disk: Box<dyn Durable>,
    length: usize,
    dir: Option<PathBuf>,
    full: u64,
) -> Recorder {
    let key = SigningKey::from_seed("hoop-gateway/test", &SEED).unwrap();
    let standing = Standing::new(None, key.verifying().clone(), Failpoints::default());
    let writer = Writer {
        dir: dir.clone(),
        lock: None,
        disk,
        length: length as u64,
        spare: Vec::new(),
        worth_sealing: true,
        full,
        chain: Chain::default(),
        key,
        next_key: None,
        incoming_key: None,
        unsigned: 0,
        clock: clock(),
        began: None,
        disk_is_full: false,
        written,
        last_sync: Duration::ZERO,
        closed: false,
        standing: standing.clone(),
    };
    Recorder::with(writer, standing, dir.unwrap_or_default()).unwrap()
}

fn head() -> Vec<u8> {
    let key = SigningKey::from_seed("hoop-gateway/test", &SEED).unwrap();
    opening(key.verifying(), &Chain::default()).unwrap()
}

fn on_disk(fails: usize) -> (Recorder, Arc<Mutex<Vec<u8>>>) {
    let kept = Arc::new(Mutex::new(head()));
    let disk = Disk { kept: kept.clone(), written: Vec::new(), room: Arc::default(), calls: 0, fails };
    (recorder(Box::new(disk), head().len(), None, SEGMENT), kept)
}

fn draft() -> Draft {
    Draft { session_id: Some(SessionId::new()), ..Draft::new(RecordType::Admin) }
}

/// The segments of a folder, held against what the recorder says of itself.
fn verify(recorder: &Recorder) -> Report {
    let checkpoint = recorder.checkpoint().unwrap();
    let mut verifier =
        Verifier::new(vec![recorder.key()], [Anchor::Checkpoint { name: "recorder".to_owned(), checkpoint }]);
    let segments = durable::segments(recorder.dir()).unwrap();
    for (index, (_, path)) in segments.iter().enumerate() {
        verifier.segment(&path.display().to_string(), &fs::read(path).unwrap(), index + 1 == segments.len());
    }
    verifier.finish()
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
                    let pair = recorder.append_all(vec![draft().into(), draft().into()]).await.unwrap();
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
    let mut verifier = Verifier::new(vec![recorder.key()], []);
    verifier.segment("kept", &stored, true);
    let report = verifier.finish();
    assert!(report.is_consistent() && report.key_known && report.unsigned_records == 0, "{report:?}");
    assert_eq!(report.checkpoint, recorder.checkpoint());
    assert_eq!(report.records, 64 * 75 + 1);
    let hashes: Vec<Hash> = Frames::new(&stored)
        .filter_map(|frame| match frame.unwrap().1 {
            Frame::Record(record) => Some(Hash::leaf(record)),
            _ => None,
        })
        .collect();
    assert!(receipts.iter().all(|receipt| hashes[receipt.seq as usize] == receipt.hash));
    let stats = recorder.sync_stats();
    assert_eq!(stats.records, report.records);
    assert!(stats.syncs < stats.records / 4, "{} syncs for {} records", stats.syncs, stats.records);
}

#[tokio::test]
async fn a_full_disk_refuses_what_is_new_takes_ends_and_goes_on_once_there_is_room() {
    let (kept, room) = (Arc::new(Mutex::new(head())), Arc::new(Mutex::new(None)));
    let disk = Disk { kept: kept.clone(), written: Vec::new(), room: room.clone(), calls: 0, fails: usize::MAX };
    let recorder = recorder(Box::new(disk), head().len(), None, SEGMENT);
    let (session, exchange) = (SessionId::new(), ExchangeId::new());
    let part = |kind| Draft { session_id: Some(session), exchange_id: Some(exchange), ..Draft::new(kind) };
    recorder.append(part(RecordType::Request)).await.unwrap();
    *room.lock().unwrap() = Some(0);
    for _ in 0..3 {
        assert!(matches!(recorder.append(part(RecordType::ResponseChunk)).await, Err(RecordError::Full)));
    }
    let both = vec![part(RecordType::ResponseChunk).into(), part(RecordType::End).into()];
    assert!(recorder.append_all(both).await.is_err(), "not all of it");
    recorder.append(part(RecordType::End)).await.unwrap();
    *room.lock().unwrap() = None;
    recorder.append(part(RecordType::Request)).await.unwrap();
    *room.lock().unwrap() = Some(0);
    recorder.close().await.unwrap();
    let mut verifier = Verifier::new(Vec::new(), []);
    verifier.segment("kept", &kept.lock().unwrap(), true);
    let report = verifier.finish();
    assert!(report.is_consistent(), "{report:?}");
}

#[tokio::test]
async fn a_record_over_the_limit_takes_no_place() {
    let (recorder, _) = on_disk(usize::MAX);
    let mut long = Draft::new(RecordType::Admin);
    long.outcome = Some("x".repeat(LIMIT));
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
    let first = durable::create(dir.path(), 0, &head()).unwrap();
    let recorder = recorder(Box::new(first), head().len(), Some(dir.path().to_owned()), 2000);
    let session = SessionId::new();
    let part = |kind| Draft { session_id: Some(session), ..Draft::new(kind) };
    recorder.append(part(RecordType::SessionStart)).await.unwrap();
    for _ in 0..18 {
        recorder.append(part(RecordType::Admin)).await.unwrap();
    }
    let payload = Masked::constant("delivered").to_text().into_bytes();
    let attachment = Attachment::delivered(&payload, &PayloadKeys::default()).unwrap();
    recorder.append(Entry::new(part(RecordType::Admin), Some(attachment))).await.unwrap();
    recorder.close().await.unwrap();
    assert!(durable::segments(dir.path()).unwrap().len() > 3);
    let report = verify(&recorder);
    assert!(report.is_anchored() && report.is_consistent() && report.payloads == 1, "{report:?}");
    let mut late = Vec::new();
    crate::records_from(dir.path(), 17, |record, _| late.push(record.seq)).unwrap();
    assert_eq!(late, [17, 18, 19, 20]);

    // Opened again it goes on in the newest, and ends what was begun in the oldest.
    let again = Recorder::open(dir.path(), seeds(), clock()).unwrap();
    assert_eq!(again.head().unwrap().seq, 22);
    again.close().await.unwrap();
    let mut kinds = Vec::new();
    crate::entries_from(dir.path(), 19, |record, _, payload| kinds.push((record.draft.kind, payload.is_some())))
        .unwrap();
    assert_eq!(
        kinds,
        [
            (RecordType::Admin, true),
            (RecordType::WriterStop, false),
            (RecordType::SessionEnd, false),
            (RecordType::WriterStart, false),
            (RecordType::WriterStop, false)
        ]
    );
    let report = verify(&again);
    assert!(report.is_anchored() && report.is_consistent(), "{report:?}");
}

#[tokio::test]
async fn what_is_recorded_is_signed_within_a_thousand_records_or_a_tick() {
    let (recorder, kept) = on_disk(usize::MAX);
    let signed = |at: usize| {
        let kept = kept.lock().unwrap();
        let mut verifier = Verifier::new(Vec::new(), []);
        verifier.segment("kept", &kept[..], true);
        let report = verifier.finish();
        assert!(report.is_consistent(), "{report:?}");
        assert_eq!(report.records, at as u64);
        report.unsigned_records
    };
    let many = (0..2500).map(|_| draft().into()).collect();
    recorder.append_all(many).await.unwrap();
    assert_eq!(signed(2500), 500);
    recorder.tick().await;
    recorder.sign().await.unwrap();
    assert_eq!(signed(2500), 0);
    recorder.append(draft()).await.unwrap();
    assert_eq!(signed(2501), 1);
    recorder.append(Draft { kind: RecordType::SessionEnd, ..draft() }).await.unwrap();
    assert_eq!(signed(2502), 0, "an ended session is signed at once");
}

#[tokio::test]
async fn a_minute_without_a_record_is_said_once_and_signed() {
    let long_ago = Instant::now().checked_sub(HEARTBEAT).expect("a machine that is up for a minute");
    let kept = Arc::new(Mutex::new(head()));
    let disk = Disk { kept: kept.clone(), written: Vec::new(), room: Arc::default(), calls: 0, fails: usize::MAX };
    let recorder = recorder_since(long_ago, Box::new(disk), head().len(), None, SEGMENT);
    for _ in 0..3 {
        recorder.tick().await;
        recorder.sign().await.unwrap();
    }
    let kept = kept.lock().unwrap().clone();
    let records = Frames::new(&kept).filter_map(|frame| match frame.unwrap().1 {
        Frame::Record(record) => Some(serde_json::from_slice::<hoop_audit::Record>(record).unwrap().draft.kind),
        _ => None,
    });
    assert_eq!(records.collect::<Vec<_>>(), [RecordType::Heartbeat]);
    assert_eq!(recorder.checkpoint().unwrap().size, 1);
}

#[tokio::test]
async fn another_key_comes_in_by_a_record_that_both_sign() {
    let dir = tempfile::tempdir().unwrap();
    let recorder = Recorder::open(dir.path(), seeds(), clock()).unwrap();
    let old = recorder.key();
    let next = recorder.rotate([8; 32]).await.unwrap();
    assert_eq!(recorder.key(), next);
    recorder.append(draft()).await.unwrap();
    recorder.close().await.unwrap();
    let report = verify(&recorder);
    assert!(report.is_consistent() && report.keys == [old.clone(), next.clone()], "{report:?}");
    // Known by the old key alone, too; and by a third, not at all.
    for (trusted, known) in [(old, true), (SigningKey::from_seed("x", &[9; 32]).unwrap().verifying().clone(), false)] {
        let mut verifier = Verifier::new(vec![trusted], []);
        let (_, path) = durable::segments(dir.path()).unwrap().remove(0);
        verifier.segment("segment", &fs::read(path).unwrap(), true);
        assert_eq!(verifier.finish().is_consistent(), known);
    }
    let Err(error) = Recorder::open(dir.path(), seeds(), clock()) else { panic!("opened with the old key alone") };
    assert!(matches!(&error, RecordError::Key { expected } if *expected == next), "{error}");
    let both = Seeds::new(vec![SEED, [8; 32]]);
    assert_eq!(Recorder::open(dir.path(), both, clock()).unwrap().key(), next);
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
    assert_eq!(recorder.open_now(), 1, "the exchange goes on");
    append(RecordType::End, Some(exchange)).await;
    settled.await.unwrap();
    recorder.close().await.unwrap();
    recorder.settled().await;
}

/// On a disk that remembers which thread wrote to it.
struct Watched(Arc<Mutex<Vec<String>>>);

impl Durable for Watched {
    fn put(&mut self, _: &[u8]) -> io::Result<()> {
        self.0.lock().unwrap().push(std::thread::current().name().unwrap_or_default().to_owned());
        Ok(())
    }

    fn sync(&mut self) -> io::Result<()> {
        Ok(())
    }

    fn reserve(&mut self, _: u64) -> io::Result<Room> {
        Ok(Room::There)
    }

    fn seal(&mut self) -> io::Result<()> {
        Ok(())
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 1)]
async fn who_is_alone_writes_and_others_share_the_writers_thread() {
    let threads = Arc::new(Mutex::new(Vec::new()));
    let recorder = recorder(Box::new(Watched(threads.clone())), 0, None, SEGMENT);
    let by = || threads.lock().unwrap().drain(..).next_back().unwrap();
    let request = || Draft { exchange_id: Some(ExchangeId::new()), ..Draft::new(RecordType::Request) };
    let of = |exchange: &Draft, kind| Draft { kind, ..exchange.clone() };
    let (one, two) = (request(), request());
    assert_eq!(recorder.append(one.clone()).await.unwrap().seq, 0);
    assert_ne!(by(), "trail", "nobody else is there");
    recorder.append(of(&one, RecordType::ResponseChunk)).await.unwrap();
    assert_ne!(by(), "trail", "it is the only one");
    recorder.append(Draft::new(RecordType::Denied)).await.unwrap();
    assert_eq!(by(), "trail", "of those there may be any number at once");
    recorder.append(two.clone()).await.unwrap();
    recorder.append(of(&one, RecordType::ResponseChunk)).await.unwrap();
    assert_eq!(by(), "trail", "two exchanges are under way");
    recorder.append(of(&one, RecordType::End)).await.unwrap();
    // That thread may still be on its way out as the next record comes.
    let mut left = 1000;
    while by() == "trail" {
        left -= 1;
        assert_ne!(left, 0, "one is over");
        recorder.append(of(&two, RecordType::ResponseChunk)).await.unwrap();
    }
    let many = std::iter::repeat_n(of(&two, RecordType::ResponseChunk), 100).map(Entry::from).collect();
    recorder.append_all(many).await.unwrap();
    assert_eq!(by(), "trail", "much takes long");
    recorder.close().await.unwrap();
    assert!(matches!(recorder.append(Draft::new(RecordType::Admin)).await, Err(RecordError::Closed)));
}
