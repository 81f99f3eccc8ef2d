//! What somebody with the bucket can do: put over, hide, put first. Nothing of it is lost, and all of it is told.

use std::fs;

use hoop_archive::{Layout, Part};
use hoop_tests::S3;
use hoopctl::connect::Open;

use super::{BUCKET, Scene, client, options, segments, verify};

#[tokio::test(flavor = "multi_thread")]
async fn what_was_overwritten_or_hidden_is_told_and_the_first_is_taken() {
    let s3 = S3::start().await;
    s3.make_bucket(BUCKET, true).await;
    let mut scene = Scene::start(&S3::settings(&s3.endpoint(), BUCKET)).await;
    let mut worker = scene.work().await;
    scene.query(&mut worker, 40).await;
    scene.caught_up().await;
    let keys: Vec<_> = client(&s3, BUCKET).histories("v1/hoop-gateway/").await.unwrap().into_keys().collect();
    let key = |kind: &str| keys.iter().find(|key| key.contains(kind)).unwrap();
    s3.overwrite(BUCKET, key("/log/"), "another").await;
    s3.hide(BUCKET, key("/payload/")).await;
    s3.hide(BUCKET, key("/checkpoints/")).await;

    let dir = tempfile::tempdir().unwrap();
    let out = dir.path().join("out");
    let fetched = scene.fetch(&out, &[]);
    assert_eq!(fetched.code, Some(9), "{}{}", fetched.stdout, fetched.stderr);
    for (kind, words) in [("/log/", "was overwritten"), ("/payload/", "was hidden"), ("/checkpoints/", "was hidden")] {
        let told = format!("finding: {} {words}", key(kind));
        assert!(fetched.stderr.contains(&told), "{}", fetched.stderr);
    }
    let fetched = fetched.json();
    assert_eq!(fetched["findings"].as_array().unwrap().len(), 3, "{fetched}");
    let verified = verify(&fetched);
    assert_eq!(verified.code, Some(0), "{}{}", verified.stdout, verified.stderr);
    let local = segments(&scene.trail());
    for (first, bytes) in segments(&out) {
        assert!(bytes == local[&first], "segment {first} is another");
    }

    // Another log beside it: which one is wanted has to be said.
    let other = Layout::new("v1", "hoop-gateway/other").unwrap().key(Part::Log(0));
    s3.overwrite(BUCKET, &other, "another").await;
    let origin = fetched["origin"].as_str().unwrap();
    let several = scene.fetch(&dir.path().join("several"), &[]);
    assert!(several.code == Some(1) && several.stderr.contains("--origin") && several.stderr.contains(origin));
    assert_eq!(scene.fetch(&dir.path().join("one"), &["--origin", origin]).code, Some(9));
    let other = scene.fetch(&dir.path().join("other"), &["--origin", "hoop-gateway/other"]);
    assert!(other.code == Some(9) && other.stderr.contains("cannot be read"), "{}", other.stderr);
    assert_eq!(fs::read(dir.path().join("other/segment-00000000000000000000.log")).unwrap(), b"another");
}

/// Something else lies where the trail should go: nothing is put over it, and no new session begins.
#[tokio::test(flavor = "multi_thread")]
async fn what_is_not_the_gateways_stops_the_archive() {
    let s3 = S3::start().await;
    s3.make_bucket(BUCKET, true).await;
    let mut scene = Scene::start("").await;
    let mut worker = scene.work().await;
    scene.query(&mut worker, 40).await;
    let key = Layout::new("v1", &origin(&scene)).unwrap().key(Part::Payload(0));
    s3.overwrite(BUCKET, &key, "another").await;
    let settings = S3::settings(&s3.endpoint(), BUCKET);
    let scene = Scene::of(scene.live.again(options(&settings)).await, &settings).await;
    let status = scene.until(|status| status["condition"] == "stopped").await;
    assert!(status["problem"].as_str().unwrap().contains("is not what this gateway put there"), "{status}");
    let refused = Open::new(&scene.alice, "snowflake", "127.0.0.1:0".parse().unwrap(), None).await.err().unwrap();
    assert_eq!(refused.code, "archive_behind", "{}", refused.text);
    assert_eq!(client(&s3, BUCKET).history(&key).await.unwrap().versions.len(), 1);
}

/// The log's name, as its first segment has it.
fn origin(scene: &Scene) -> String {
    let first = segments(&scene.trail()).into_values().next().unwrap();
    let mut frames = hoop_audit::segment::Frames::new(&first);
    let Some(Ok((_, hoop_audit::segment::Frame::Opening(opening)))) = frames.next() else { unreachable!() };
    let opening: hoop_audit::Opening = serde_json::from_slice(opening).unwrap();
    opening.key.name().to_owned()
}
