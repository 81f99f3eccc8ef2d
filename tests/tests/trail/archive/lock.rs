//! What Object Lock promises, of the server that the tests run against; and that a gateway sees where it does not hold.

use std::{sync::Arc, time::Duration};

use bytes::Bytes;
use hoop_archive::{ArchiveError, Finding, Mode, Part, ProbeError, Purged, Put, S3Error, prove, segment::split};
use hoop_audit::segment::{Frame, MAGIC};
use hoop_model::{SystemClock, Timestamp, later};
use hoop_tests::{S3, program::PATIENCE};

use super::{BUCKET, archive, client, refusal};

fn soon(seconds: u64) -> Timestamp {
    later(Timestamp::now(), Duration::from_secs(seconds))
}

#[track_caller]
fn denied(outcome: Result<(), S3Error>) {
    assert_eq!(outcome.as_ref().err().and_then(S3Error::status), Some(403), "{outcome:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_locked_stays_as_it_was_put() {
    let s3 = S3::start().await;
    s3.make_bucket(BUCKET, true).await;
    let client = client(&s3, BUCKET);
    let until = soon(600);
    let body = Bytes::from_static(b"a segment");
    let put = client.put("v1/a", body.clone(), Some(until)).await.unwrap();
    let Put::Stored { version: Some(version) } = put else { panic!("{put:?}") };
    assert_eq!(client.put("v1/a", body.clone(), Some(until)).await.unwrap(), Put::Exists, "If-None-Match");
    for bypass in [false, true] {
        denied(client.remove("v1/a", &version, bypass).await);
        denied(client.retain("v1/a", &version, Mode::Compliance, soon(60), bypass).await);
        denied(client.retain("v1/a", &version, Mode::Governance, until, bypass).await);
    }
    client.retain("v1/a", &version, Mode::Compliance, soon(1200), false).await.unwrap();
    let facts = client.facts("v1/a", Some(&version)).await.unwrap().unwrap();
    assert_eq!((facts.length, facts.mode, facts.held), (9, Some(Mode::Compliance), false));
    assert!(facts.until.unwrap() > soon(1100) && facts.sha256 == Some(hoop_audit::Hash::of(&body)), "{facts:?}");

    // Over, below and before it: the first version is there all the same.
    s3.overwrite(BUCKET, "v1/a", "another").await;
    s3.hide(BUCKET, "v1/a").await;
    let history = client.history("v1/a").await.unwrap();
    assert_eq!((history.versions.len(), history.markers), (2, 1));
    let oldest = history.oldest().unwrap();
    assert_eq!(oldest.id, version);
    assert_eq!(client.get("v1/a", Some(&version), oldest.size).await.unwrap(), body);

    // A hold needs no retention, and ends when it is taken off.
    let Put::Stored { version: Some(held) } = client.put("v1/held", body, None).await.unwrap() else { panic!() };
    client.hold("v1/held", &held, true).await.unwrap();
    denied(client.remove("v1/held", &held, false).await);
    client.hold("v1/held", &held, false).await.unwrap();
    client.remove("v1/held", &held, false).await.unwrap();
    assert_eq!(client.facts("v1/held", Some(&held)).await.unwrap(), None);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_bucket_without_lock_is_found_out_before_anything_goes_there() {
    let mut s3 = S3::start().await;
    s3.make_bucket(BUCKET, true).await;
    s3.make_bucket("plain", false).await;
    prove(&client(&s3, BUCKET), "v1", &SystemClock).await.unwrap();
    let proof = prove(&client(&s3, "plain"), "v1", &SystemClock).await;
    assert!(matches!(&proof, Err(ProbeError::NoLock(_))), "{proof:?}");
    let proof = prove(&client(&s3, "nowhere"), "v1", &SystemClock).await;
    assert!(matches!(&proof, Err(error @ ProbeError::S3(_)) if error.is_final()), "{proof:?}");
    assert!(client(&s3, "plain").histories("").await.unwrap().is_empty());

    for (bucket, words) in [("plain", "no Object Lock"), ("nowhere", "NoSuchBucket")] {
        let text = refusal(&S3::settings(&s3.endpoint(), bucket)).await;
        assert!(text.contains(words) && text.contains("[trail.archive]"), "{text}");
    }
    let wrong = S3::settings(&s3.endpoint(), BUCKET).replace("/bin/echo archive-secret", "/bin/echo another");
    assert!(refusal(&wrong).await.contains("403 SignatureDoesNotMatch"));

    s3.kill();
    let proof = prove(&client(&s3, BUCKET), "v1", &SystemClock).await;
    assert!(matches!(&proof, Err(error) if !error.is_final()), "{proof:?}");
}

/// A segment of one record, with what was delivered.
fn segment() -> Vec<u8> {
    let mut bytes = MAGIC.to_vec();
    Frame::Opening(b"{}").write(&mut bytes).unwrap();
    let record = format!("{{\"v\":2,\"seq\":0,\"ts\":\"{}\"}}", Timestamp::now());
    Frame::Record(record.as_bytes()).write(&mut bytes).unwrap();
    bytes
}

#[tokio::test(flavor = "multi_thread")]
async fn a_segment_can_be_held_and_is_purged_when_its_time_is_over() {
    let s3 = S3::start().await;
    s3.make_bucket(BUCKET, true).await;
    let client = client(&s3, BUCKET);
    // As an archive puts it, only for seconds: an archive's own margin is a week.
    let long = archive(&s3, "o/1", Duration::from_secs(365 * 24 * 3600));
    long.put_segment(0, split(&segment()).unwrap()).await.unwrap();
    assert!(matches!(long.purge(0).await.unwrap(), Purged::Locked { held: false, until: Some(_) }));
    let day = Duration::from_secs(24 * 3600);
    for part in [Part::Log(0), Part::Payload(0)] {
        let key = long.layout().key(part);
        let facts = client.facts(&key, None).await.unwrap().unwrap();
        assert_eq!(facts.mode, Some(Mode::Compliance));
        let (least, most) = (later(Timestamp::now(), 371 * day), later(Timestamp::now(), 372 * day));
        assert!(facts.until.is_some_and(|until| least < until && until <= most), "{facts:?}");
    }

    let short = archive(&s3, "o/2", day);
    let key = short.layout().key(Part::Payload(0));
    client.put(&key, Bytes::from_static(MAGIC), Some(soon(3))).await.unwrap();
    client.put(&short.layout().key(Part::Log(0)), Bytes::from_static(MAGIC), Some(soon(3))).await.unwrap();
    assert_eq!(short.set_hold(0, true).await.unwrap(), 2);
    let purged = tokio::time::timeout(PATIENCE, async {
        loop {
            match short.purge(0).await.unwrap() {
                Purged::Locked { held: true, until: Some(until) } if until < Timestamp::now() => break,
                Purged::Locked { held: true, .. } => tokio::time::sleep(Duration::from_millis(100)).await,
                other => panic!("{other:?}"),
            }
        }
        assert_eq!(short.set_hold(0, false).await.unwrap(), 2);
        short.purge(0).await.unwrap()
    });
    assert_eq!(purged.await.unwrap(), Purged::Gone { versions: 1 });
    assert_eq!(short.purge(0).await.unwrap(), Purged::Gone { versions: 0 });
    assert!(client.facts(&short.layout().key(Part::Log(0)), None).await.unwrap().is_some(), "its records stay");
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_there_already_is_ours_or_it_is_told() {
    let s3 = S3::start().await;
    s3.make_bucket(BUCKET, true).await;
    let client = client(&s3, BUCKET);
    let archive = archive(&s3, "o/1", Duration::from_secs(365 * 24 * 3600));
    let split = Arc::new(split(&segment()).unwrap());
    let put = async || archive.put_segment(0, (*split).clone()).await;
    // Put by somebody without a lock, so that it could be removed later: it gets the one that it should have.
    let key = archive.layout().key(Part::Log(0));
    client.put(&key, split.log.clone().into(), None).await.unwrap();
    put().await.unwrap();
    put().await.unwrap();
    let facts = client.facts(&key, None).await.unwrap().unwrap();
    assert!(facts.mode == Some(Mode::Compliance) && facts.until.unwrap() > soon(365 * 24 * 3600), "{facts:?}");
    assert_eq!(client.history(&key).await.unwrap().versions.len(), 1);

    s3.overwrite(BUCKET, &key, "another").await;
    let found = put().await.unwrap_err();
    assert!(matches!(&found, ArchiveError::Finding(Finding::Overwritten { versions: 2, .. })), "{found:?}");
    let other = archive.layout().key(Part::Payload(1));
    client.put(&other, Bytes::from_static(b"another"), None).await.unwrap();
    let found = archive.put_segment(1, (*split).clone()).await.unwrap_err();
    assert!(matches!(&found, ArchiveError::Finding(Finding::Other { key, .. }) if *key == other), "{found:?}");
}
