//! The list of sessions, by page, and what is read of a trail of several segments.

use hoop_dev::client::snowflake::Client;
use hoop_tests::{Listener, Stack};
use serde_json::Value;
use tokio::runtime::Runtime;

fn ids(listed: &Value) -> Vec<String> {
    listed["sessions"].as_array().unwrap().iter().map(|session| session["id"].as_str().unwrap().to_owned()).collect()
}

#[test]
fn sessions_are_listed_by_page_the_newest_first_from_whatever_segment() {
    // Segments are short where there is a failpoint, and this one is never reached.
    let stack = Stack::with_environment(&[("HOOP_DEV_KILL_AT", "Started:9")], &[]);
    let runtime = Runtime::new().unwrap();
    let session = |user: &str, queries: usize| {
        let listener = Listener::open(&stack, user, "snowflake");
        runtime.block_on(async {
            let mut client = Client::connect(listener.address().parse().unwrap(), listener.secret()).await.unwrap();
            for id in 0..queries {
                client.query(&format!("SELECT id, name FROM products WHERE id = {id}")).await.unwrap();
            }
        });
        listener
    };
    let open: Vec<_> = [("alice", 12), ("bob", 1), ("alice", 2), ("alice", 9)].map(|(user, n)| session(user, n)).into();
    let mut all: Vec<String> =
        open.iter().map(|listener| listener.ready["session"].as_str().unwrap().to_owned()).collect();
    all.reverse();

    let list = |user: &str, more: &[&str]| stack.run(user, &[&["sessions", "--output", "json"], more].concat());
    let whole = list("carol", &[]).ok().json();
    assert_eq!((ids(&whole), &whole["more"]), (all.clone(), &false.into()));
    let rows: Vec<u64> =
        whole["sessions"].as_array().unwrap().iter().map(|one| one["exchanges"].as_u64().unwrap()).collect();
    // Beside its queries a driver asks for one thing or another.
    assert!(rows[0] >= 9 && rows[3] >= 12 && rows[3] > rows[2], "{whole}");
    assert!(whole["sessions"].as_array().unwrap().iter().all(|one| one["live"] == true), "{whole}");

    let first = list("carol", &["--limit", "3"]).ok().json();
    assert_eq!((ids(&first), &first["more"]), (all[..3].to_vec(), &true.into()));
    let words = stack.run("carol", &["sessions", "--limit", "3"]).ok();
    assert!(words.stderr.contains(&format!("--before {}", all[2])), "{}", words.stderr);
    let rest = list("carol", &["--limit", "3", "--before", &all[2]]).ok().json();
    assert_eq!((ids(&rest), &rest["more"]), (all[3..].to_vec(), &false.into()));
    assert_eq!(ids(&list("alice", &["--limit", "2"]).ok().json()), all[..2]);
    assert_eq!(ids(&list("alice", &["--before", &all[1]]).ok().json()), all[3..]);
    let not_hers = list("alice", &["--before", &all[2]]);
    assert!(not_hers.code == Some(1) && not_hers.stdout.contains("unknown_session"), "{}", not_hers.stdout);
    assert_eq!(list("carol", &["--before", "x"]).code, Some(2));
    assert_eq!(ids(&list("carol", &["--since", "2020-01-01"]).ok().json()), all);
    assert_eq!(ids(&list("carol", &["--since", "2099-01-01"]).ok().json()), Vec::<String>::new());
    let started = whole["sessions"][1]["started_at"].as_str().unwrap();
    assert_eq!(ids(&list("carol", &["--since", started]).ok().json()), all[..2]);

    // Across segments, each with its index beside it.
    let trail = stack.ready.data_dir.join("gateway/trail");
    let of_kind = |kind: &str| {
        let paths = std::fs::read_dir(&trail).unwrap().map(|entry| entry.unwrap().path());
        paths.filter(|path| path.extension().is_some_and(|end| end == kind)).count()
    };
    assert!(of_kind("log") > 2, "several segments");
    assert_eq!(of_kind("index"), of_kind("log") - 1);
    let shown = stack.run("alice", &["sessions", "show", &all[3], "--output", "json"]).ok().json();
    let places: Vec<u64> =
        shown["records"].as_array().unwrap().iter().map(|record| record["session_seq"].as_u64().unwrap()).collect();
    assert_eq!(places, (0..places.len() as u64).collect::<Vec<_>>());
    // Whoever checks or takes away the trail minds none of it.
    let verified = stack.run("carol", &["audit", "verify"]);
    assert_eq!(verified.code, Some(10), "{}{}", verified.stdout, verified.stderr);
}
