//! A file, also one whose last line a crash cut off, and one that is rotated away.

use hoop_siem::sink::File;
use serde_json::Value;

use crate::{forward_all, forwarder, trail::Trail};

fn seqs(path: &std::path::Path) -> Vec<Option<u64>> {
    let lines = std::fs::read_to_string(path).unwrap();
    let seq = |line: &str| serde_json::from_str::<Value>(line).ok()?["metadata"]["sequence"].as_u64();
    lines.lines().map(seq).collect()
}

#[tokio::test]
async fn lines_are_whole_after_a_torn_one_and_after_rotation() {
    let dir = tempfile::tempdir().unwrap();
    let (path, rotated) = (dir.path().join("siem.jsonl"), dir.path().join("siem.jsonl.1"));
    std::fs::write(&path, "{\"torn\":").unwrap();
    let trail = Trail::of(3);
    let forwarder = forwarder(dir.path(), trail.clone(), File::new(path.clone()));
    let running = tokio::spawn(forwarder.run());
    trail.caught_up().await;
    assert_eq!(seqs(&path), [None, Some(0), Some(1), Some(2)]);
    std::fs::rename(&path, &rotated).unwrap();
    trail.append(1, "SELECT 2");
    trail.caught_up().await;
    running.abort();
    assert_eq!(seqs(&path), [Some(3)]);
}

#[tokio::test]
async fn a_folder_that_is_not_there_is_waited_for() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("later/siem.jsonl");
    let trail = Trail::of(2);
    let forwarder = forwarder(dir.path(), trail.clone(), File::new(path.clone()));
    let state = forwarder.state();
    let running = tokio::spawn(async move { forward_all(forwarder, &trail).await });
    while state.status(2, hoop_model::Timestamp::now()).problem.is_none() {
        tokio::task::yield_now().await;
    }
    std::fs::create_dir(path.parent().unwrap()).unwrap();
    running.await.unwrap();
    assert_eq!(seqs(&path), [Some(0), Some(1)]);
    assert_eq!(state.status(2, hoop_model::Timestamp::now()).problem, None);
}
