//! S3 that is not there: traffic goes on, everything stays here, and is there once when it is back.

use hoop_audit::RecordType;
use hoop_tests::S3;
use hoopctl::connect::Open;

use super::{BUCKET, Scene, none_missing, proxy::Proxy, segments};

#[tokio::test(flavor = "multi_thread")]
async fn an_outage_leaves_everything_here_and_nothing_out() {
    let mut s3 = S3::start().await;
    s3.make_bucket(BUCKET, true).await;
    let mut scene = Scene::start(&S3::settings(&s3.endpoint(), BUCKET)).await;
    let mut client = scene.work().await;
    scene.query(&mut client, 30).await;
    let before = scene.caught_up().await;
    s3.kill();
    scene.query(&mut client, 60).await;
    let status = scene.until(|status| status["condition"] == "retrying" && status["waiting_bytes"] != 0).await;
    assert!(status["problem"].as_str().unwrap().contains("S3 gives no answer"), "{status}");
    assert!(segments(&scene.trail()).into_keys().filter(|first| *first >= before).count() > 2);
    s3.restart().await;
    let end = scene.caught_up().await;
    assert!(end > before);
    none_missing(&s3, &scene.trail(), end).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_put_whose_reply_is_lost_is_there_once() {
    let s3 = S3::start().await;
    s3.make_bucket(BUCKET, true).await;
    let proxy = Proxy::start(&s3.endpoint()).await;
    let mut scene = Scene::start(&S3::settings(&proxy.endpoint, BUCKET)).await;
    let mut client = scene.work().await;
    scene.query(&mut client, 60).await;
    let end = scene.caught_up().await;
    assert!(proxy.cut() >= 2, "{}", proxy.cut());
    none_missing(&s3, &scene.trail(), end).await;
}

/// The start does not wait for S3; new sessions do, once more waits than may.
#[tokio::test(flavor = "multi_thread")]
async fn more_than_may_wait_refuses_new_sessions_until_it_is_gone() {
    let mut s3 = S3::start().await;
    s3.make_bucket(BUCKET, true).await;
    s3.kill();
    let settings = format!("{}spool_limit = 50000\n", S3::settings(&s3.endpoint(), BUCKET));
    let mut scene = Scene::start(&settings).await;
    let mut client = scene.work().await;
    assert_eq!(scene.status().await["condition"], "unproven");
    scene.query(&mut client, 90).await;
    scene.until(|status| status["waiting_bytes"].as_u64().unwrap() > 50_000).await;
    let listen = || "127.0.0.1:0".parse().unwrap();
    let refused = Open::new(&scene.alice, "snowflake", listen(), None).await.err().unwrap();
    assert_eq!(refused.code, "archive_behind", "{}", refused.text);
    // What is open goes on, and the failure is an incident.
    scene.query(&mut client, 1).await;
    scene.until(|_| told(&scene.trail())).await;

    s3.restart().await;
    scene.until(|status| status["waiting_bytes"] == 0 && status["condition"] == "up").await;
    Open::new(&scene.alice, "snowflake", listen(), None).await.unwrap();
    let end = scene.caught_up().await;
    none_missing(&s3, &scene.trail(), end).await;
}

/// Whether the trail tells that the archive failed.
fn told(trail: &std::path::Path) -> bool {
    let mut told = false;
    hoop_recording::records(trail, |record, _| {
        let detail = &record.draft.detail;
        told |= record.draft.kind == RecordType::Incident && detail.get("control").is_some_and(|of| of == "archive");
    })
    .unwrap();
    told
}
