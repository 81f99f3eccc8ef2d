//! The agent signs for what it did, and the trail is held against that.

use std::{fs, path::Path};

use hoop_dev::client::snowflake::Client;
use hoop_tests::{Finished, Listener, Site, hoopctl, mcp};
use serde_json::Value;
use tokio::runtime::Runtime;

fn copy(from: &Path, to: &Path) {
    fs::create_dir_all(to).unwrap();
    for entry in fs::read_dir(from).unwrap() {
        let entry = entry.unwrap();
        if entry.file_type().unwrap().is_file() {
            fs::copy(entry.path(), to.join(entry.file_name())).unwrap();
        }
    }
}

fn verify(trail: &Path, head: &Path) -> Finished {
    Finished::of(hoopctl().args(["--output", "json", "audit", "verify"]).arg(trail).arg("--agent").arg(head))
}

fn receipts(site: &Site) -> u64 {
    let verified = Finished::of(hoopctl().args(["--output", "json", "audit", "verify"]).arg(site.trail())).json();
    let agents = verified["report"]["agents"].as_array().unwrap().clone();
    agents.iter().filter_map(|agent| agent["receipts"].as_u64()).sum()
}

fn query(runtime: &Runtime, listener: &Listener) {
    runtime.block_on(async {
        let mut client = Client::connect(listener.address().parse().unwrap(), listener.secret()).await.unwrap();
        client.query("SELECT id, card_number FROM payments").await.unwrap();
    });
}

/// Statements, calls, and one of a restarted agent: each is signed for. A trail that was cut back says the same of itself
/// as before, but not what the agent says.
#[test]
fn a_trail_that_was_cut_back_is_not_what_the_agent_signed_for() {
    let mut site = Site::with_agent();
    site.login("alice").ok();
    let runtime = Runtime::new().unwrap();
    let warehouse = Listener::start(&mut site.hoopctl("alice"), "warehouse");
    query(&runtime, &warehouse);
    let tools = Listener::start(&mut site.hoopctl("alice"), "tools");
    runtime.block_on(async {
        mcp::Client::begin(tools.url(), "2025-06-18").await;
    });
    site.wait_for("receipts", |site| receipts(site) >= 3);
    site.stop_agent().ok();
    let early = site.path("early");
    copy(&site.trail(), &early);
    let before = receipts(&site);
    site.start_agent();
    query(&runtime, &warehouse);
    drop((warehouse, tools));
    site.wait_for("more receipts", |site| receipts(site) > before + 1);
    site.stop_agent().ok();
    site.stop_gateway();

    let head = site.path("agent.head");
    fs::write(&head, Finished::of(&mut site.agent("receipts")).ok().stdout).unwrap();
    let verified = verify(&site.trail(), &head);
    assert_eq!(verified.code, Some(0), "{}", verified.stdout);
    let report = &verified.json()["report"];
    assert_eq!(report["anchors"], serde_json::json!([head.display().to_string()]));
    assert_eq!(report["agents"].as_array().map(Vec::len), Some(1), "a restarted agent goes on with its log: {report}");

    let alone = Finished::of(hoopctl().args(["audit", "verify"]).arg(&early));
    assert_eq!(alone.code, Some(10), "by itself nothing is wrong with it: {}", alone.stdout);
    let cut = verify(&early, &head);
    assert_eq!(cut.code, Some(9), "{}", cut.stdout);
    let finding: &Value = &cut.json()["report"]["findings"][0];
    assert_eq!(finding["kind"], "receipts", "{finding}");

    let words =
        Finished::of(hoopctl().args(["audit", "verify"]).arg(site.trail()).arg("--agent").arg(site.path("agent.toml")));
    assert_eq!(words.code, Some(2), "{}", words.stderr);
    assert!(words.stderr.contains("does not hold an agent's head"), "{}", words.stderr);
}

/// Killed both, the agent sends again what the gateway has not said it has.
#[test]
fn no_receipt_is_lost_with_the_gateway() {
    let mut site = Site::with_agent();
    site.login("alice").ok();
    let runtime = Runtime::new().unwrap();
    for _ in 0..3 {
        let warehouse = Listener::start(&mut site.hoopctl("alice"), "warehouse");
        query(&runtime, &warehouse);
        site.kill_gateway();
        site.start_gateway();
        site.agent_connected();
    }
    site.stop_agent().ok();
    site.stop_gateway();
    let head = site.path("agent.head");
    fs::write(&head, Finished::of(&mut site.agent("receipts")).ok().stdout).unwrap();
    let verified = verify(&site.trail(), &head);
    assert_eq!(verified.code, Some(0), "{}", verified.stdout);
}
