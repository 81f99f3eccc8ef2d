//! That a trail continues what it was, from its files, for whoever has only the old head.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]

use std::sync::Arc;

use hoop_audit::{Consistency, Draft, Hash, RecordType, Tree};
use hoop_model::ManualClock;
use hoop_recording::{Failpoints, Recorder, Seeds, consistency, records, segment_files};

#[tokio::test]
async fn any_two_sizes_of_a_trail_of_many_segments_are_proven() {
    let dir = tempfile::tempdir().unwrap();
    let clock = Arc::new(ManualClock::new("2026-03-01T09:00:00Z".parse().unwrap()));
    let small = Failpoints::new(2000, |_| {});
    let recorder = Recorder::open_with(dir.path(), Seeds::new(vec![[7; 32]]), clock, small).unwrap();
    for _ in 0..40 {
        recorder.append(Draft::new(RecordType::Admin)).await.unwrap();
    }
    assert!(segment_files(dir.path()).unwrap().len() > 3);
    let mut leaves = Vec::new();
    records(dir.path(), |_, bytes| leaves.push(Hash::leaf(bytes))).unwrap();
    for size in 1..=leaves.len() {
        for old in 0..=size {
            let mut tree = Tree::default();
            leaves[..old].iter().for_each(|leaf| tree.push(*leaf));
            let mut known = Consistency::new(&tree, size as u64).unwrap();
            leaves[old..size].iter().for_each(|leaf| known.push(*leaf));
            let made = consistency(dir.path(), old as u64, size as u64).unwrap();
            assert_eq!(made, known.finish(), "{old} of {size}");
        }
    }
    let more = leaves.len() as u64 + 1;
    assert_eq!(consistency(dir.path(), 3, more).unwrap(), None, "there are not so many");
    assert_eq!(consistency(dir.path(), 9, 5).unwrap(), None, "backwards");
}
