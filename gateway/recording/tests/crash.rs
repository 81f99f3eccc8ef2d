//! A gateway that died at any byte: what was answered for is there, what was torn is said, what was changed is refused.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]

use std::{
    fs,
    path::{Path, PathBuf},
    sync::Arc,
};

use hoop_audit::{
    Anchor, Draft, Record, RecordType, Report, Verifier,
    payload::PayloadKeys,
    segment::{Frame, Frames, MAGIC},
};
use hoop_model::{ExchangeId, ManualClock, SessionId};
use hoop_recording::{Attachment, Entry, Masked, RecordError, Recorder, Seeds, records};

fn clock() -> Arc<ManualClock> {
    Arc::new(ManualClock::new("2026-03-01T09:00:00Z".parse().unwrap()))
}

fn open(dir: &Path) -> Result<Recorder, RecordError> {
    Recorder::open(dir, Seeds::new(vec![[7; 32]]), clock())
}

fn segment_of(dir: &Path) -> PathBuf {
    dir.join("segment-00000000000000000000.log")
}

fn verify(dir: &Path, anchor: Option<Anchor>) -> Report {
    let mut verifier = Verifier::new(Vec::new(), anchor);
    verifier.segment("segment", &fs::read(segment_of(dir)).unwrap(), true);
    verifier.finish()
}

fn read(dir: &Path) -> Vec<Record> {
    let mut all = Vec::new();
    records(dir, |record, _| all.push(record)).unwrap();
    all
}

/// A trail as a killed gateway leaves it: a session with one finished exchange and one under way. Its bytes up to the
/// last record, and where each frame begins.
async fn killed() -> (Vec<u8>, Vec<usize>) {
    let dir = tempfile::tempdir().unwrap();
    let recorder = open(dir.path()).unwrap();
    let session = SessionId::new();
    let draft = |kind, exchange| Draft { session_id: Some(session), exchange_id: exchange, ..Draft::new(kind) };
    let (done, running) = (ExchangeId::new(), ExchangeId::new());
    recorder.append(draft(RecordType::SessionStart, None)).await.unwrap();
    recorder.append(draft(RecordType::Request, Some(done))).await.unwrap();
    recorder.append(draft(RecordType::End, Some(done))).await.unwrap();
    recorder.append(draft(RecordType::Request, Some(running))).await.unwrap();
    let attachment =
        Attachment::delivered(&Masked::constant("delivered").to_text().into_bytes(), &PayloadKeys::default()).unwrap();
    recorder.append(Entry::new(draft(RecordType::ResponseChunk, Some(running)), Some(attachment))).await.unwrap();
    let mut bytes = fs::read(segment_of(dir.path())).unwrap();
    let frames: Vec<_> = Frames::new(&bytes).map(|frame| frame.unwrap()).collect();
    let last = frames.iter().rposition(|(_, frame)| matches!(frame, Frame::Record(_))).unwrap();
    let starts: Vec<usize> = frames[..=last].iter().map(|(at, _)| *at).collect();
    let Frame::Record(record) = frames[last].1 else { unreachable!() };
    // Room made ahead, or a checkpoint, where the last record ends.
    let end = starts[last] + 9 + record.len();
    bytes.truncate(end);
    (bytes, starts)
}

/// Where each frame begins, and whether it is a record.
fn starts(bytes: &[u8]) -> Vec<(usize, bool)> {
    Frames::new(bytes).map(|frame| frame.unwrap()).map(|(at, frame)| (at, matches!(frame, Frame::Record(_)))).collect()
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
    let recorder = open(dir.path()).unwrap();
    let all = read(dir.path());
    let kinds: Vec<_> = all.iter().map(|record| record.draft.kind).collect();
    assert_eq!(kinds[6..], [RecordType::End, RecordType::SessionEnd, RecordType::WriterStart]);
    assert_eq!(all[6].draft.exchange_id, all[4].draft.exchange_id);
    assert_eq!(all[6].draft.outcome.as_deref(), Some("unknown"));
    assert_eq!(all[8].draft.detail["unsigned_records"], "5", "what nobody had signed is said");
    recorder.close().await.unwrap();
    let checkpoint = recorder.checkpoint().unwrap();
    let report = verify(dir.path(), Some(Anchor::Checkpoint { name: "recorder".to_owned(), checkpoint }));
    assert!(report.is_anchored() && report.is_consistent() && report.open_exchanges == 0, "{report:?}");
    // The second opening finds nothing left to say.
    drop(open(dir.path()).unwrap());
    assert_eq!(read(dir.path()).len(), all.len() + 2);
}

#[tokio::test]
async fn cut_at_every_byte_of_the_last_three_frames() {
    let (bytes, starts) = killed().await;
    let from = starts[starts.len() - 3];
    let payload = starts[starts.len() - 2];
    // With room made ahead behind it, less often: each opening syncs several times.
    for (room, step) in [(0, 1), (5000, 17)] {
        for length in (from..bytes.len()).step_by(step) {
            let left: Vec<u8> = bytes[..length].iter().copied().chain(std::iter::repeat_n(0, room)).collect();
            let dir = left_behind(&left);
            drop(open(dir.path()).unwrap());
            let all = read(dir.path());
            // A payload is nothing without its record.
            let good = *starts.iter().rfind(|start| **start <= length && **start <= payload).unwrap();
            let torn = bytes[good..length].iter().rposition(|byte| *byte != 0).map(|last| last + 1);
            let gaps: Vec<_> = all.iter().filter(|record| record.draft.kind == RecordType::Gap).collect();
            assert_eq!(gaps.len(), usize::from(torn.is_some()), "cut to {length}");
            if let Some(gap) = gaps.first() {
                let torn = torn.unwrap();
                assert_eq!(gap.draft.detail["bytes_lost"], torn.to_string());
                let kept = fs::read(dir.path().join(&gap.draft.detail["kept_in"])).unwrap();
                assert_eq!(kept, bytes[good..good + torn]);
            }
            let report = verify(dir.path(), None);
            assert!(report.is_consistent() && report.torn_bytes == 0 && report.open_exchanges == 0, "cut to {length}");
            assert_eq!(report.gaps, gaps.len() as u64);
        }
    }
}

#[tokio::test]
async fn flipped_at_every_byte_of_the_last_frames() {
    let (bytes, starts) = killed().await;
    let [.., before, payload, last] = starts[..] else { panic!("too few frames") };
    for at in before..bytes.len() {
        let mut flipped = bytes.clone();
        flipped[at] ^= 1 << (at % 8);
        let dir = left_behind(&flipped);
        let opened = open(dir.path());
        if at < last {
            // A whole record lies behind the damage: no torn write looks like that.
            assert!(matches!(opened, Err(RecordError::Damaged { .. })), "byte {at}");
            assert_eq!(fs::read(segment_of(dir.path())).unwrap(), flipped, "byte {at}: nothing is repaired");
        } else {
            drop(opened.unwrap());
            let report = verify(dir.path(), None);
            assert!(report.is_consistent() && report.gaps == 1, "byte {at}");
        }
    }
    assert!(payload < last);
}

#[tokio::test]
async fn changes_before_the_end_are_refused_also_with_a_right_checksum() {
    let (bytes, _) = killed().await;
    let mut forged = MAGIC.to_vec();
    for (index, frame) in Frames::new(&bytes).map(|frame| frame.unwrap().1).enumerate() {
        match frame {
            Frame::Record(record) => {
                let text = String::from_utf8(record.to_vec()).unwrap();
                let edited = if index == 4 { text.replace("request", "admin") } else { text };
                Frame::Record(edited.as_bytes()).write(&mut forged).unwrap();
            }
            frame => frame.write(&mut forged).unwrap(),
        }
    }
    assert_eq!(forged.len() + 2, bytes.len(), "one word is two letters shorter");
    let dir = left_behind(&forged);
    let Err(error) = open(dir.path()) else { panic!("opened a forged trail") };
    assert!(error.to_string().contains("record 3 does not follow"), "{error}");
}

#[tokio::test]
async fn room_made_ahead_is_no_damage() {
    let (mut bytes, _) = killed().await;
    bytes.extend([0; 5000]);
    let dir = left_behind(&bytes);
    drop(open(dir.path()).unwrap());
    let report = verify(dir.path(), None);
    assert!(report.is_consistent() && report.gaps == 0 && report.torn_bytes == 0, "{report:?}");
}

#[tokio::test]
async fn a_segment_that_was_only_begun_is_begun_again_and_nothing_else_is() {
    let dir = tempfile::tempdir().unwrap();
    open(dir.path()).unwrap().close().await.unwrap();
    let whole = fs::read(segment_of(dir.path())).unwrap();
    let opening = starts(&whole)[1].0;
    for length in 0..opening {
        let dir = left_behind(&whole[..length]);
        drop(open(dir.path()).unwrap());
        let report = verify(dir.path(), None);
        assert!(report.is_consistent(), "{report:?}");
        assert_eq!(report.gaps, u64::from(length > 0), "cut to {length}");
    }
    let dir = left_behind(b"not a segment at all");
    assert!(matches!(open(dir.path()), Err(RecordError::Damaged { .. })));
    // Begun beside a whole one: the trail goes on from that.
    let dir = left_behind(&whole);
    fs::write(dir.path().join("segment-00000000000000000002.log"), &whole[..opening / 2]).unwrap();
    drop(open(dir.path()).unwrap());
    assert_eq!(read(dir.path()).len(), 4);
    assert!(verify(dir.path(), None).is_consistent());
    // Another's name is not taken.
    let dir = tempfile::tempdir().unwrap();
    fs::write(dir.path().join("segment-00000000000000000007.log"), &whole).unwrap();
    assert!(matches!(open(dir.path()), Err(RecordError::Damaged { .. })));
}

#[tokio::test]
async fn one_writer_at_a_time() {
    let dir = tempfile::tempdir().unwrap();
    let recorder = open(dir.path()).unwrap();
    let Err(error) = open(dir.path()) else { panic!("two writers") };
    assert!(matches!(error, RecordError::InUse { .. }), "{error}");
    recorder.close().await.unwrap();
    let again = open(dir.path()).unwrap();
    assert_eq!(again.head().unwrap().seq, 2);
}

#[tokio::test]
async fn a_reader_beside_the_writer_sees_whole_records_only() {
    let (bytes, _) = killed().await;
    let frames = starts(&bytes);
    for length in frames[1].0..bytes.len() {
        let dir = left_behind(&bytes[..length]);
        let ends = frames.iter().skip(1).map(|(at, _)| *at).chain([bytes.len()]);
        let whole = frames.iter().zip(ends).filter(|((_, record), end)| *record && *end <= length).count();
        assert_eq!(read(dir.path()).len(), whole, "cut to {length}");
    }
}
