use std::fs;

use hoop_archive::Part;
use hoop_tests::S3;

use super::{BUCKET, ENOUGH, Scene, each_once, none_missing, options, segments, verify};

/// There, back, and held against the head that came with it; and again after the gateway forgot how far it was.
#[tokio::test(flavor = "multi_thread")]
async fn what_comes_back_is_the_trail_and_verifies() {
    let s3 = S3::start().await;
    s3.make_bucket(BUCKET, true).await;
    let settings = S3::settings(&s3.endpoint(), BUCKET);
    let mut scene = Scene::start(&settings).await;
    let mut client = scene.work().await;
    scene.query(&mut client, 60).await;
    let end = scene.caught_up().await;
    assert!(end > ENOUGH, "{end}");
    let status = scene.until(|status| status["waiting_bytes"] == 0).await;
    assert_eq!(status["condition"], "up", "{status}");
    none_missing(&s3, &scene.trail(), end).await;

    let dir = tempfile::tempdir().unwrap();
    let fetched = scene.fetch(&dir.path().join("out"), &[]).ok().json();
    assert_eq!((&fetched["kind"], &fetched["findings"]), (&"archive_fetch".into(), &serde_json::json!([])));
    assert!(fetched["records"].as_u64().unwrap() >= end, "{fetched}");
    let local = segments(&scene.trail());
    let back = segments(&dir.path().join("out"));
    assert!(back.len() >= 3, "{}", back.len());
    for (first, bytes) in &back {
        assert!(bytes == &local[first], "segment {first} is another");
    }
    let verified = verify(&fetched);
    assert_eq!(verified.code, Some(0), "{}{}", verified.stdout, verified.stderr);
    let report = &verified.json()["report"];
    assert_eq!(report["records"], fetched["records"]);
    assert!(report["sealed_payloads"].as_u64().unwrap() > 0, "{report}");

    // A folder that holds something is not mixed with.
    let again = scene.fetch(&dir.path().join("out"), &[]);
    assert!(again.code == Some(1) && again.stderr.contains("is not empty"), "{}", again.stderr);

    let before = each_once(&s3).await.into_iter().filter(|part| matches!(part, Part::Log(_))).count();
    let Scene { live, .. } = scene;
    fs::remove_file(live.gateway_dir().join("archive.cursor")).unwrap();
    let live = live.again(options(&settings)).await;
    let mut scene = Scene::of(live, &settings).await;
    let mut client = scene.work().await;
    scene.query(&mut client, 30).await;
    let end = scene.caught_up().await;
    none_missing(&s3, &scene.trail(), end).await;
    assert!(each_once(&s3).await.into_iter().filter(|part| matches!(part, Part::Log(_))).count() > before);
}
