//! Splunk HEC, with indexer acknowledgement and without.

use std::{collections::BTreeSet, time::Duration};

use hoop_model::Secret;
use hoop_siem::{
    Condition, Cursor,
    sink::{Acknowledged, Hec},
};

use crate::{
    forward_all, forwarder, no_tls,
    splunk::{Does, Splunk, TOKEN},
    trail::Trail,
};

pub fn soon() -> Acknowledged {
    Acknowledged { every: Duration::from_millis(1), limit: Duration::from_millis(50) }
}

pub fn hec(splunk: &Splunk, token: &str, acknowledged: Option<Acknowledged>) -> Hec {
    Hec::new(&splunk.url(), Secret::new(token.to_owned()), "gateway.test", acknowledged, no_tls()).unwrap()
}

#[tokio::test]
async fn a_trail_arrives_in_order_once_and_in_full_batches() {
    for acks in [true, false] {
        let (dir, trail, splunk) = (tempfile::tempdir().unwrap(), Trail::of(1200), Splunk::start(acks, &[]).await);
        let forwarder = forwarder(dir.path(), trail.clone(), hec(&splunk, TOKEN, acks.then(soon)));
        let state = forwarder.state();
        forward_all(forwarder, &trail).await;
        assert_eq!(splunk.seqs(), (0..1200).collect::<Vec<_>>());
        assert_eq!(splunk.posts().iter().map(Vec::len).collect::<Vec<_>>(), [500, 500, 200]);
        assert_eq!(splunk.channels(), 1);
        let status = state.status(1200, hoop_model::Timestamp::now());
        assert_eq!((status.delivered, status.rejected, status.lag_records), (1200, 0, 0));
        assert_eq!((status.condition, status.lag_seconds), (Condition::Up, 0.0));
        assert_eq!(Cursor::open(&dir.path().join("cursor")).unwrap().place().next, 1200);
    }
}

#[tokio::test]
async fn whatever_the_collector_does_nothing_is_missing() {
    let plan = [
        Does::Busy,
        Does::HangsUp,
        Does::Takes,
        Does::Slow,
        Does::BreaksOff,
        Does::HangsUp,
        Does::Loses,
        Does::Busy,
        Does::BreaksOff,
    ];
    let (dir, trail, splunk) = (tempfile::tempdir().unwrap(), Trail::of(3000), Splunk::start(true, &plan).await);
    let forwarder = forwarder(dir.path(), trail.clone(), hec(&splunk, TOKEN, Some(soon())));
    forward_all(forwarder, &trail).await;
    let seqs = splunk.seqs();
    assert_eq!(seqs.iter().copied().collect::<BTreeSet<_>>(), (0..3000).collect());
    // Only an answer that did not come leaves in doubt whether a batch was taken.
    assert_eq!(seqs.len(), 3000 + 2 * 500);
}

#[tokio::test]
async fn one_event_that_cannot_be_read_is_told_of_and_holds_nothing_up() {
    let (dir, trail, splunk) = (tempfile::tempdir().unwrap(), Trail::of(700), Splunk::start(true, &[]).await);
    splunk.cannot_read(123);
    let forwarder = forwarder(dir.path(), trail.clone(), hec(&splunk, TOKEN, Some(soon())));
    let state = forwarder.state();
    forward_all(forwarder, &trail).await;
    assert_eq!(splunk.seqs(), (0..700).filter(|seq| *seq != 123).collect::<Vec<_>>());
    let status = state.status(700, hoop_model::Timestamp::now());
    assert_eq!((status.delivered, status.rejected), (699, 1));
}

#[tokio::test]
async fn a_wrong_token_and_missing_acknowledgements_are_told_and_nothing_moves_on() {
    for (token, acks, words) in [("wrong", true, "403 Forbidden (code 4: Invalid token)"), (TOKEN, false, "no ackId")] {
        let (dir, trail, splunk) = (tempfile::tempdir().unwrap(), Trail::of(1), Splunk::start(acks, &[]).await);
        let forwarder = forwarder(dir.path(), trail.clone(), hec(&splunk, token, Some(soon())));
        let state = forwarder.state();
        let status = || state.status(1, hoop_model::Timestamp::now());
        let failing = async {
            while status().condition == Condition::Up {
                tokio::task::yield_now().await;
            }
        };
        tokio::select! { () = forwarder.run() => {} () = failing => {} }
        let problem = status().problem.unwrap();
        assert!(problem.contains(words) && !problem.contains(TOKEN), "{problem}");
        assert_eq!((status().next, status().lag_records), (0, 1));
    }
}
