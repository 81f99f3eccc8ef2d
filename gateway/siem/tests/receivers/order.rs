//! A trail that is not the one that was sent is not forwarded.

use hoop_model::Timestamp;
use hoop_siem::{Condition, Cursor, sink::File};

use crate::{forward_all, forwarder, trail, trail::Trail};

#[tokio::test]
async fn a_trail_that_was_cut_or_changed_stops_its_forwarding_for_good() {
    type Change = fn(&mut Vec<hoop_siem::Entry>);
    let changes: [(Change, &str); 4] = [
        (|entries| entries.truncate(5), "the trail ends before record 5, and 10 were sent"),
        (|entries| drop(entries.remove(11)), "record 11 is missing"),
        (|entries| entries[12].hash = hoop_audit::Hash::of(b"other"), "record 13 does not follow"),
        (
            |entries| {
                let tail: Vec<_> = entries.drain(9..).collect();
                let changed = trail::next(entries.last(), "DROP TABLE payments");
                entries.push(changed);
                for _ in tail {
                    let next = trail::next(entries.last(), "SELECT 1");
                    entries.push(next);
                }
            },
            "record 10 does not follow the one that was sent before it",
        ),
    ];
    for (change, words) in changes {
        let (dir, trail) = (tempfile::tempdir().unwrap(), Trail::of(10));
        let path = dir.path().join("siem.jsonl");
        forward_all(forwarder(dir.path(), trail.clone(), File::new(path.clone())), &trail).await;
        trail.append(10, "SELECT 2");
        trail.tamper(change);
        let again = forwarder(dir.path(), trail.clone(), File::new(path.clone()));
        let state = again.state();
        again.run().await;
        let status = state.status(20, Timestamp::now());
        assert_eq!((status.condition, status.next), (Condition::Diverged, 10));
        assert!(status.lag_records > 0 && status.problem.as_ref().unwrap().contains(words), "{status:?}");
        assert_eq!(std::fs::read_to_string(&path).unwrap().lines().count(), 10);
        assert_eq!(Cursor::open(&dir.path().join("cursor")).unwrap().place().next, 10);
    }
}
