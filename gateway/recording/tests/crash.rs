//! A gateway that died at any byte: what was answered for is there, what was torn is said, what was changed is refused.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]

use std::{
    fs,
    path::{Path, PathBuf},
    sync::Arc,
};

use hoop_audit::{Draft, Head, Record, RecordType, Report, Verifier, segment};
use hoop_model::{ExchangeId, ManualClock, SessionId};
use hoop_recording::{RecordError, Recorder, records};

fn clock() -> Arc<ManualClock> {
    Arc::new(ManualClock::new("2026-03-01T09:00:00Z".parse().unwrap()))
}

fn segment_of(dir: &Path) -> PathBuf {
    dir.join("segment-00000000000000000000.log")
}

fn verify(dir: &Path, anchor: Option<Head>) -> Report {
    let mut verifier = Verifier::new(anchor);
    verifier.segment("segment", &fs::read(segment_of(dir)).unwrap(), true);
    verifier.finish()
}

fn read(dir: &Path) -> Vec<Record> {
    let mut all = Vec::new();
    records(dir, |record, _| all.push(record)).unwrap();
    all
}

/// A trail as a killed gateway leaves it: a session with one finished exchange and one under way. Its bytes, and where
/// each frame begins.
async fn killed() -> (Vec<u8>, Vec<usize>) {
    let dir = tempfile::tempdir().unwrap();
    let recorder = Recorder::open(dir.path(), clock()).unwrap();
    let session = SessionId::new();
    let draft = |kind, exchange| Draft { session_id: Some(session), exchange_id: exchange, ..Draft::new(kind) };
    let (done, open) = (ExchangeId::new(), ExchangeId::new());
    recorder.append(draft(RecordType::SessionStart, None)).await.unwrap();
    recorder.append(draft(RecordType::Request, Some(done))).await.unwrap();
    recorder.append(draft(RecordType::End, Some(done))).await.unwrap();
    recorder.append(draft(RecordType::Request, Some(open))).await.unwrap();
    recorder.append(draft(RecordType::ResponseChunk, Some(open))).await.unwrap();
    let bytes = fs::read(segment_of(dir.path())).unwrap();
    let starts = segment::Frames::new(&bytes).map(|frame| frame.unwrap().0).collect();
    (bytes, starts)
}

fn left_behind(bytes: &[u8]) -> tempfile::TempDir {
    let dir = tempfile::tempdir().unwrap();
    fs::write(segment_of(dir.path()), bytes).unwrap();
    dir
}

#[tokio::test]
async fn a_kill_leaves_exchanges_and_sessions_ended_as_unknown() {
    let (bytes, _) = killed().await;
    let dir = left_behind(&bytes);
    let recorder = Recorder::open(dir.path(), clock()).unwrap();
    let all = read(dir.path());
    let kinds: Vec<_> = all.iter().map(|record| record.draft.kind).collect();
    assert_eq!(kinds[6..], [RecordType::End, RecordType::SessionEnd, RecordType::WriterStart]);
    assert_eq!(all[6].draft.exchange_id, all[4].draft.exchange_id);
    assert_eq!(all[6].draft.outcome.as_deref(), Some("unknown"));
    recorder.close().await.unwrap();
    let report = verify(dir.path(), recorder.head());
    assert!(report.anchored && report.is_consistent() && report.open_exchanges == 0, "{report:?}");
    // The second opening finds nothing left to say.
    drop(Recorder::open(dir.path(), clock()).unwrap());
    assert_eq!(read(dir.path()).len(), all.len() + 2);
}

#[tokio::test]
async fn cut_at_every_byte_of_the_last_two_frames() {
    let (bytes, starts) = killed().await;
    let from = starts[starts.len() - 2];
    for length in from..bytes.len() {
        let dir = left_behind(&bytes[..length]);
        drop(Recorder::open(dir.path(), clock()).unwrap());
        let all = read(dir.path());
        let whole = starts.iter().filter(|start| **start <= length).count() - 1;
        let torn = length - starts[whole];
        let gaps: Vec<_> = all.iter().filter(|record| record.draft.kind == RecordType::Gap).collect();
        assert_eq!(gaps.len(), usize::from(torn > 0), "cut to {length}");
        if let Some(gap) = gaps.first() {
            assert_eq!(gap.draft.detail["bytes_lost"], torn.to_string());
            let kept = fs::read(dir.path().join(&gap.draft.detail["kept_in"])).unwrap();
            assert_eq!(kept, bytes[starts[whole]..length]);
        }
        let report = verify(dir.path(), None);
        assert!(report.is_consistent() && report.torn_bytes == 0 && report.open_exchanges == 0, "cut to {length}");
        assert_eq!(report.gaps, gaps.len() as u64);
    }
}

#[tokio::test]
async fn flipped_at_every_byte_of_the_last_two_frames() {
    let (bytes, starts) = killed().await;
    let last = starts[starts.len() - 1];
    for at in starts[starts.len() - 2]..bytes.len() {
        let mut flipped = bytes.clone();
        flipped[at] ^= 1 << (at % 8);
        let dir = left_behind(&flipped);
        let opened = Recorder::open(dir.path(), clock());
        if at < last {
            // A whole frame lies behind the damage: no torn write looks like that.
            assert!(matches!(opened, Err(RecordError::Damaged { .. })), "byte {at}");
            assert_eq!(fs::read(segment_of(dir.path())).unwrap(), flipped, "byte {at}: nothing is repaired");
        } else {
            drop(opened.unwrap());
            let report = verify(dir.path(), None);
            assert!(report.is_consistent() && report.gaps == 1, "byte {at}");
        }
    }
}

#[tokio::test]
async fn changes_before_the_end_are_refused_also_with_a_right_checksum() {
    let (bytes, starts) = killed().await;
    let frames: Vec<&[u8]> = segment::Frames::new(&bytes).map(|frame| frame.unwrap().1).collect();
    let edited = String::from_utf8(frames[2].to_vec()).unwrap().replace("request", "admin");
    let mut forged = bytes[..starts[2]].to_vec();
    forged.extend(segment::frame(edited.as_bytes()).unwrap());
    forged.extend(&bytes[starts[3]..]);
    let dir = left_behind(&forged);
    let Err(error) = Recorder::open(dir.path(), clock()) else { panic!("opened a forged trail") };
    assert!(error.to_string().contains("record 3 does not follow"), "{error}");
}

#[tokio::test]
async fn zeros_at_the_end_are_a_torn_write() {
    let (mut bytes, _) = killed().await;
    bytes.extend([0; 5000]);
    let dir = left_behind(&bytes);
    drop(Recorder::open(dir.path(), clock()).unwrap());
    let report = verify(dir.path(), None);
    assert!(report.is_consistent() && report.gaps == 1 && report.torn_bytes == 0, "{report:?}");
}

#[tokio::test]
async fn a_segment_without_its_header_is_begun_again_only_when_it_holds_nothing() {
    for length in 0..segment::MAGIC.len() {
        let dir = left_behind(&segment::MAGIC[..length]);
        drop(Recorder::open(dir.path(), clock()).unwrap());
        assert!(verify(dir.path(), None).is_consistent());
    }
    let dir = left_behind(b"not a segment at all");
    assert!(matches!(Recorder::open(dir.path(), clock()), Err(RecordError::Damaged { .. })));
}

#[tokio::test]
async fn one_writer_at_a_time() {
    let dir = tempfile::tempdir().unwrap();
    let recorder = Recorder::open(dir.path(), clock()).unwrap();
    let Err(error) = Recorder::open(dir.path(), clock()) else { panic!("two writers") };
    assert!(matches!(error, RecordError::InUse { .. }), "{error}");
    recorder.close().await.unwrap();
    let again = Recorder::open(dir.path(), clock()).unwrap();
    assert_eq!(again.head().unwrap().seq, 2);
}

#[tokio::test]
async fn a_reader_beside_the_writer_sees_whole_records_only() {
    let (bytes, starts) = killed().await;
    for length in starts[0]..bytes.len() {
        let dir = left_behind(&bytes[..length]);
        let whole = starts.iter().filter(|start| **start <= length).count() - 1;
        assert_eq!(read(dir.path()).len(), whole);
    }
}
