//! A record, shown under a signed head to somebody who knows the log's beginning.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]

use std::sync::Arc;

use hoop_audit::{Draft, Hash, RecordType, Tree};
use hoop_model::ManualClock;
use hoop_recording::{Recorder, Seeds, later, records};

#[tokio::test]
async fn any_record_is_shown_behind_any_beginning_and_only_what_is_signed() {
    let dir = tempfile::tempdir().unwrap();
    let clock = Arc::new(ManualClock::new("2026-03-01T09:00:00Z".parse().unwrap()));
    let recorder = Recorder::open(dir.path(), Seeds::new(vec![[7; 32]]), clock).unwrap();
    for _ in 0..20 {
        recorder.append(Draft::new(RecordType::Heartbeat)).await.unwrap();
    }
    recorder.sign().await.unwrap();
    let mut leaves = Vec::new();
    records(dir.path(), |_, bytes| leaves.push(Hash::leaf(bytes))).unwrap();
    for size in 0..leaves.len() {
        let mut known = Tree::default();
        leaves[..size].iter().for_each(|leaf| known.push(*leaf));
        for seq in size..leaves.len() {
            let later = later(dir.path(), size as u64, seq as u64).unwrap().unwrap();
            let (number, head) = later.check(known.clone(), &[&recorder.key()]).unwrap();
            assert_eq!(number, seq as u64);
            assert!(head.size > number);
        }
        if size > 0 {
            assert_eq!(later(dir.path(), size as u64, 0).unwrap(), None, "it is no later record");
        }
    }
    let unsigned = recorder.append(Draft::new(RecordType::Heartbeat)).await.unwrap();
    // The writer may have signed it by itself, a second later.
    if let Some(later) = later(dir.path(), unsigned.seq, unsigned.seq).unwrap() {
        assert!(!later.checkpoint.is_empty());
    }
    assert_eq!(later(dir.path(), 0, unsigned.seq + 1).unwrap(), None);
}
