//! What is old: the copy goes with what it is a copy of, and is held with it.

use hoop_archive::{Client, Part};
use hoop_tests::{S3, Site};
use tokio::runtime::Runtime;

use super::{BUCKET, client, segments};
use crate::retention::old_trail;

/// Of the payload objects, by segment: whether each is there, and held.
async fn payloads(client: &Client) -> Vec<(u64, Option<bool>)> {
    let mut found = Vec::new();
    for (key, history) in client.histories("v1/hoop-gateway/").await.unwrap() {
        let Some((_, Part::Payload(first))) = hoop_archive::Layout::read("v1", &key) else { continue };
        let held = match history.oldest() {
            Some(version) => client.facts(&key, Some(&version.id)).await.unwrap().map(|facts| facts.held),
            None => None,
        };
        found.push((first, held));
    }
    found.sort();
    found
}

#[test]
fn what_is_purged_here_goes_there_and_what_is_held_stays() {
    let runtime = Runtime::new().unwrap();
    let s3 = runtime.block_on(async {
        let s3 = S3::start().await;
        s3.make_bucket(BUCKET, true).await;
        s3
    });
    let client = client(&s3, BUCKET);
    let mut site = Site::start();
    site.login("carol").ok();
    let add = ["admin", "holds", "add", "--connection", "tools", "--reason", "case 7"];
    let hold = site.run("carol", &add).ok().stdout.trim().to_owned();
    site.stop_gateway();
    old_trail(&site);
    // Nobody waits for a lock of seven days: this bucket's versions can be removed, those under a hold cannot.
    let archive = format!("{}worm = \"off\"\n", S3::settings(&s3.endpoint(), BUCKET));
    site.more = archive.replace("[trail]", "[trail]\ndays = 1000");
    site.start_gateway();
    let [warehouse, tools, ..] = segments(&site.trail()).into_keys().collect::<Vec<_>>()[..] else { panic!() };
    let there = |wanted: &[(u64, Option<bool>)]| {
        let found = runtime.block_on(payloads(&client));
        wanted.iter().all(|one| found.contains(one))
    };
    site.wait_for("the archive", |_| there(&[(warehouse, Some(false)), (tools, Some(false))]));

    site.stop_gateway();
    site.more = archive;
    site.start_gateway();
    let gone =
        |first: u64| runtime.block_on(payloads(&client)).iter().all(|(one, held)| *one != first || held.is_none());
    site.wait_for("the purge, and the hold", |_| gone(warehouse) && there(&[(tools, Some(true))]));
    site.run("carol", &["admin", "holds", "release", &hold, "--reason", "closed"]).ok();
    site.stop_gateway();
    site.start_gateway();
    site.wait_for("the rest of it", |_| gone(tools));
    let verified = site.run("carol", &["audit", "verify", "--output", "json"]).json();
    assert_eq!(verified["report"]["purged_payloads"], 2, "{verified}");
    assert_eq!(verified["report"]["findings"].as_array().unwrap().len(), 0, "{verified}");
}
