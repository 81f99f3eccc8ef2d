//! Whoever reads a trail on has each record once, however it grew meanwhile.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]

use std::{fs, path::Path, sync::Arc};

use hoop_audit::{Draft, Hash, RecordType, payload::PayloadKeys};
use hoop_model::ManualClock;
use hoop_recording::{Attachment, Entry, Masked, Recorded, Recorder, Seeds, Tail};

async fn recorder(dir: &Path) -> Recorder {
    let clock = Arc::new(ManualClock::new("2026-03-01T09:00:00Z".parse().unwrap()));
    Recorder::open(dir, Seeds::new(vec![[7; 32]]), clock).unwrap()
}

/// Every third with something beside it.
async fn append(recorder: &Recorder, count: usize) {
    for number in 0..count {
        let delivered = Masked::constant("delivered").to_text().into_bytes();
        let attachment = (number % 3 == 0).then(|| Attachment::delivered(&delivered, &PayloadKeys::default()).unwrap());
        recorder.append(Entry::new(Draft::new(RecordType::AuditRead), attachment)).await.unwrap();
    }
}

fn read(tail: &mut Tail) -> Vec<u64> {
    let mut read = Vec::new();
    tail.read(|record, _| read.push(record.seq)).unwrap();
    read
}

#[tokio::test]
async fn each_record_comes_once_across_segments_and_signatures() {
    let dir = tempfile::tempdir().unwrap();
    let recorder = recorder(dir.path()).await;
    let (mut tail, mut late, mut seen) = (Tail::new(dir.path(), 0), Tail::new(dir.path(), 17), Vec::new());
    for round in 0..40 {
        append(&recorder, round % 5).await;
        match round % 7 {
            3 => recorder.sign().await.unwrap(),
            5 => recorder.seal().await.unwrap(),
            _ => {}
        }
        seen.extend(read(&mut tail));
        let head = recorder.head().unwrap().seq;
        assert_eq!((seen.len() as u64, tail.next()), (head + 1, head + 1), "round {round}");
        assert!(read(&mut tail).is_empty());
    }
    assert!(seen.iter().enumerate().all(|(index, seq)| index as u64 == *seq));
    assert_eq!(read(&mut late), seen[17..]);
}

#[tokio::test]
async fn what_is_in_memory_still_is_what_is_read() {
    let dir = tempfile::tempdir().unwrap();
    let recorder = recorder(dir.path()).await;
    append(&recorder, 5).await;
    let long = "é".repeat(9_000);
    let mut draft = Draft::new(RecordType::Denied).detail("why", long.clone());
    (draft.command, draft.outcome) = (Some(long), Some("success".to_owned()));
    recorder.append(draft).await.unwrap();
    let mut read = Vec::new();
    Tail::new(dir.path(), 0).read(|_, bytes| read.push((bytes.to_vec(), Hash::leaf(bytes)))).unwrap();
    let recent = |from, most| {
        let recent = recorder.recent(from, most).into_iter();
        recent.map(|Recorded { record, hash }| (serde_json::to_vec(&*record).unwrap(), hash)).collect::<Vec<_>>()
    };
    assert_eq!(recent(0, usize::MAX), read);
    assert_eq!(recent(3, 2), read[3..5]);
    let next = recorder.head().unwrap().seq + 1;
    assert!(recorder.recent(next, 9).is_empty());
    recorder.close().await.unwrap();
}

#[tokio::test]
async fn what_is_half_written_comes_once_it_is_whole() {
    let dir = tempfile::tempdir().unwrap();
    let recorder = recorder(dir.path()).await;
    append(&recorder, 12).await;
    recorder.close().await.unwrap();
    let path = dir.path().join("segment-00000000000000000000.log");
    let whole = fs::read(&path).unwrap();
    let all = read(&mut Tail::new(dir.path(), 0));
    assert_eq!(all.len(), 14, "with the writer's start and stop");
    for cut in (0..whole.len()).step_by(11) {
        // As room that was made ahead looks, and as a file that ends there.
        for room in [true, false] {
            let mut part = whole[..cut].to_vec();
            part.resize(if room { whole.len() } else { cut }, 0);
            fs::write(&path, part).unwrap();
            let mut tail = Tail::new(dir.path(), 0);
            let mut seen = Vec::new();
            let begun = tail.read(|record, _| seen.push(record.seq));
            fs::write(&path, &whole).unwrap();
            // Not even the header is there: nobody reads a segment before it has one.
            if begun.is_err() {
                assert!(cut < 64 * 1024 && seen.is_empty(), "cut at {cut}");
                continue;
            }
            seen.extend(read(&mut tail));
            assert_eq!(seen, all, "cut at {cut}");
        }
    }
}

#[tokio::test]
async fn a_segment_that_was_rewritten_meanwhile_is_read_from_its_beginning() {
    let dir = tempfile::tempdir().unwrap();
    let recorder = recorder(dir.path()).await;
    append(&recorder, 6).await;
    let mut tail = Tail::new(dir.path(), 0);
    let mut seen = read(&mut tail);
    append(&recorder, 6).await;
    recorder.seal().await.unwrap();
    append(&recorder, 2).await;
    // As a purge leaves it: without any payload.
    let path = dir.path().join("segment-00000000000000000000.log");
    let bytes = fs::read(&path).unwrap();
    let mut rest = hoop_audit::segment::MAGIC.to_vec();
    for (_, frame) in hoop_audit::segment::Frames::new(&bytes).map(Result::unwrap) {
        if !matches!(frame, hoop_audit::segment::Frame::Payload(_)) {
            frame.write(&mut rest).unwrap();
        }
    }
    fs::write(&path, rest).unwrap();
    seen.extend(read(&mut tail));
    let head = recorder.head().unwrap().seq;
    assert_eq!(seen, (0..=head).collect::<Vec<_>>());
}
