//! What records say of the clocks, and what verification makes of a wall clock that somebody sets.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]

use std::{path::Path, sync::Arc, time::Duration};

use hoop_audit::{Draft, Moment, Record, RecordType, Report, Verifier};
use hoop_model::{ClockState, ManualClock};
use hoop_recording::{Recorder, Seeds, records};

fn verified(dir: &Path) -> Report {
    let mut verifier = Verifier::new(Vec::new(), []);
    let bytes = std::fs::read(dir.join("segment-00000000000000000000.log")).unwrap();
    verifier.segment("segment", &bytes, true);
    verifier.finish()
}

async fn opened(dir: &Path, clock: &Arc<ManualClock>) -> Recorder {
    Recorder::open(dir, Seeds::new(vec![[7; 32]]), clock.clone()).unwrap()
}

#[tokio::test]
async fn a_wall_clock_that_is_set_shows_against_the_steady_one_and_each_start_begins_anew() {
    let dir = tempfile::tempdir().unwrap();
    let clock = Arc::new(ManualClock::new("2026-03-01T09:00:00Z".parse().unwrap()));
    let seconds = |count: u64| Duration::from_secs(count).try_into().unwrap();
    clock.advance(seconds(500));
    let recorder = opened(dir.path(), &clock).await;
    for _ in 0..5 {
        clock.advance(seconds(7));
        recorder.append(Draft::new(RecordType::Admin)).await.unwrap();
    }
    clock.set(seconds(3600));
    recorder.append(Draft::new(RecordType::Admin)).await.unwrap();
    recorder.close().await.unwrap();
    let recorder = opened(dir.path(), &clock).await;
    recorder.close().await.unwrap();

    let mut told = Vec::new();
    records(dir.path(), |record: Record, _: &[u8]| told.push((record.draft.kind, record.mono_ns))).unwrap();
    assert_eq!(told[0], (RecordType::WriterStart, Some(0)));
    assert_eq!(told[5], (RecordType::Admin, Some(35_000_000_000)));
    assert_eq!(told[8], (RecordType::WriterStart, Some(0)));
    let report = verified(dir.path());
    assert!(report.is_consistent(), "{:?}", report.findings);
    let first = report.clocks.first_move.unwrap();
    assert_eq!((report.clocks.moves, first.seq, first.seconds.round()), (1, 6, 3600.0));
}

/// Nobody but the holder of the key can write it, and no writer of ours does.
#[test]
fn a_steady_clock_that_goes_back_is_a_finding() {
    let mut chain = hoop_audit::Chain::default();
    let records: Vec<Vec<u8>> = [0, 9, 8]
        .map(|mono_ns| {
            let wall = "2026-03-01T09:00:00Z".parse().unwrap();
            let moment = Moment { wall, mono_ns: Some(mono_ns), clock: ClockState::Off };
            let stored = chain.place(Draft::new(RecordType::Admin), moment).unwrap();
            chain.take(&stored);
            stored.bytes
        })
        .into();
    let mut verifier = Verifier::new(Vec::new(), []);
    verifier.records("bundle", &records.iter().map(|record| (record.as_slice(), None)).collect::<Vec<_>>());
    let report = verifier.finish();
    assert_eq!(report.findings.iter().map(|finding| finding.seq).collect::<Vec<_>>(), [2]);
    assert!(report.findings[0].text.contains("steady clock goes back"), "{:?}", report.findings);
    assert_eq!(report.clocks.unsure, 3);
}
