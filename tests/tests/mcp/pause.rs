//! Calls that wait for approval longer than real clients wait by themselves (`mcp-protocol.md` §4.1).

use std::{process::Command, thread, time::Duration};

use hoop_tests::{Finished, Listener, Site, Stack, peers};
use serde_json::{Value, json};

/// A write that waits, and can be seen to have run twice if it has.
const WRITE: &str = "UPDATE payments SET amount = amount + 1000000 WHERE id = 1";
const READ: &str = "SELECT amount FROM payments WHERE id = 1";

/// One call by an SDK's client; what it saw, and the seconds it took.
#[track_caller]
fn call(mut client: Command, options: &[&str], url: &str, tool: &str, sql: &str) -> (Value, f64) {
    client.args(["--no-list", "--call", tool, &json!({ "query": sql }).to_string()]);
    let saw = Finished::within(Duration::from_secs(420), client.args(options).args(["http", url])).ok().json();
    let seconds = saw["calls"][0]["ms"].as_f64().expect("a time") / 1000.0;
    (saw["calls"][0].clone(), seconds)
}

fn typescript() -> Command {
    peers::node("mcp-client.mjs")
}

fn python() -> Command {
    let mut command = peers::python("mcp");
    command.arg(peers::path("mcp_client.py"));
    command
}

/// How often the write ran: the million before the amount's own digits.
#[track_caller]
fn ran(url: &str) -> u64 {
    let (saw, _) = call(typescript(), &[], url, "read_query", READ);
    let amount = saw["result"]["structuredContent"]["rows"][0]["amount"].as_f64();
    (amount.unwrap_or_else(|| panic!("{saw}")) / 1_000_000.0) as u64
}

/// Approves the request there is, so long after it was made.
#[track_caller]
fn approve_after(stack: &Stack, wait: Duration) {
    stack.held();
    // This is the time that an approver takes, which is what is tested.
    thread::sleep(wait);
    stack.run("bob", &["approve", "--oldest"]).ok();
}

#[track_caller]
fn succeeded(saw: &Value) {
    assert!(saw["result"]["isError"] != true && saw["error"].is_null(), "{saw}");
}

#[test]
fn the_typescript_sdk_gets_what_is_approved_within_its_own_limit() {
    let stack = Stack::start();
    let listener = Listener::open(&stack, "alice", "mcp");
    let url = listener.url();
    let (saw, seconds) = thread::scope(|scope| {
        let call = scope.spawn(|| call(typescript(), &["--no-progress"], url, "write_query", WRITE));
        approve_after(&stack, Duration::from_secs(30));
        call.join().expect("the call")
    });
    succeeded(&saw);
    assert!((29.0..45.0).contains(&seconds), "{seconds}");
    assert_eq!(ran(url), 1);
}

#[test]
fn what_is_approved_after_it_is_run_by_the_same_call_again_and_once() {
    let stack = Stack::start();
    let listener = Listener::open(&stack, "alice", "mcp");
    let url = listener.url();
    let (saw, seconds) = thread::scope(|scope| {
        let call = scope.spawn(|| call(typescript(), &["--no-progress"], url, "write_query", WRITE));
        approve_after(&stack, Duration::from_secs(70));
        call.join().expect("the call")
    });
    assert!(seconds < 55.0, "{seconds}");
    let text = saw["result"]["content"][0]["text"].as_str().unwrap_or_else(|| panic!("{saw}"));
    assert!(saw["result"]["isError"] == true && text.contains("repeat the same call"), "{saw}");
    assert_eq!(ran(url), 0);

    succeeded(&call(typescript(), &["--no-progress"], url, "write_query", WRITE).0);
    assert_eq!(ran(url), 1);
    // A third is another request.
    let again = thread::scope(|scope| {
        let call = scope.spawn(|| call(typescript(), &["--no-progress"], url, "write_query", WRITE));
        let request = stack.held();
        let id = request.pointer("/request/id").and_then(Value::as_str).expect("an id");
        stack.run("bob", &["deny", id, "--reason", "twice"]).ok();
        call.join().expect("the call").0
    });
    assert_eq!(again["result"]["isError"], true, "{again}");
    assert_eq!(ran(url), 1);
}

#[test]
fn a_client_that_counts_progress_waits_on() {
    let stack = Stack::start();
    let listener = Listener::open(&stack, "alice", "mcp");
    let url = listener.url();
    let (saw, seconds) = thread::scope(|scope| {
        let call = scope.spawn(|| call(typescript(), &[], url, "write_query", WRITE));
        approve_after(&stack, Duration::from_secs(90));
        call.join().expect("the call")
    });
    succeeded(&saw);
    assert!((89.0..105.0).contains(&seconds), "{seconds}");
    assert!(saw["progress"].as_array().is_some_and(|steps| steps.len() >= 9), "{saw}");
    assert_eq!(ran(url), 1);
}

/// Longer than Node and Python keep a silent connection open. Run it by `cargo test --workspace --test mcp -- --ignored`.
#[test]
#[ignore = "takes six minutes"]
fn clients_without_a_limit_survive_five_and_a_half_minutes() {
    let mut site = Site::with("[session]\nmcp_hold_seconds = 400\n");
    site.let_agent_in();
    for user in ["alice", "bob"] {
        site.login(user).ok();
    }
    let listener = Listener::start(&mut site.hoopctl("alice"), "tools");
    let url = listener.url();
    for (client, options) in
        [(typescript(), &["--no-progress", "--timeout", "400"] as &[_]), (python(), &["--timeout", "0"])]
    {
        let saw = thread::scope(|scope| {
            let call = scope.spawn(move || call(client, options, url, "write_query", WRITE).0);
            thread::sleep(Duration::from_secs(330));
            site.run("bob", &["approve", "--oldest"]).ok();
            call.join().expect("the call")
        });
        succeeded(&saw);
    }
    assert_eq!(ran(url), 2);
}
