//! Any record is shown to be in the log to somebody who has nothing of it but the key.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]

use std::sync::Arc;

use hoop_audit::{Draft, Hash, RecordType, payload::PayloadKeys};
use hoop_model::ManualClock;
use hoop_recording::{Attachment, Entry, Masked, Recorder, Seeds, proof, records};

#[tokio::test]
async fn any_record_is_proven_across_segments_and_changes_of_keys() {
    let dir = tempfile::tempdir().unwrap();
    let clock = Arc::new(ManualClock::new("2026-03-01T09:00:00Z".parse().unwrap()));
    let recorder = Recorder::open(dir.path(), Seeds::new(vec![[7; 32]]), clock).unwrap();
    let mut keys = vec![recorder.key()];
    for round in 0..60_usize {
        let delivered = Masked::constant("delivered").to_text().into_bytes();
        let attachment = (round % 3 == 0).then(|| Attachment::delivered(&delivered, &PayloadKeys::default()).unwrap());
        recorder.append(Entry::new(Draft::new(RecordType::AuditRead), attachment)).await.unwrap();
        match round % 20 {
            7 => recorder.sign().await.unwrap(),
            11 => keys.push(recorder.rotate([round as u8; 32]).await.unwrap()),
            5 | 13 => recorder.seal().await.unwrap(),
            _ => {}
        }
    }
    recorder.sign().await.unwrap();
    let mut leaves = Vec::new();
    records(dir.path(), |_, bytes| leaves.push(Hash::leaf(bytes))).unwrap();
    let mut signed_by = Vec::new();
    for (seq, leaf) in leaves.iter().enumerate() {
        let (proof, key) = proof(dir.path(), seq as u64).unwrap().unwrap();
        assert_eq!(proof.index, seq as u64);
        assert!(proof.check(*leaf, &key).unwrap().size > seq as u64);
        assert!(proof.check(Hash::of(b"another"), &key).is_err());
        signed_by.push(key);
    }
    signed_by.dedup();
    assert_eq!(signed_by, keys, "each key in its time");
    let unsigned = recorder.append(Draft::new(RecordType::Heartbeat)).await.unwrap();
    assert_eq!(proof(dir.path(), unsigned.seq + 1).unwrap(), None, "no such record");
}
