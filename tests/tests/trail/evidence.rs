//! Evidence of real sessions: what was masked, held, approved, refused and replayed, in a pack that the gateway has
//! recorded and that verifies without it.

use std::{fs, path::Path};

use hoop_dev::client::snowflake::Client;
use hoop_tests::{Finished, Listener, Stack, hoopctl};
use serde_json::{Value, json};
use tokio::runtime::Runtime;

const READ: &str = "SELECT id, card_number, amount FROM payments WHERE id < 4";
const DELETE: &str = "DELETE FROM payments WHERE id = 3";
const DROP: &str = "DROP TABLE payments";

/// A stack in which alice read cards, deleted with bob's leave, was refused by him, and carol looked at it all.
fn worked() -> Stack {
    let stack = Stack::start();
    let listener = Listener::open(&stack, "alice", "snowflake");
    Runtime::new().unwrap().block_on(async {
        let mut client = Client::connect(listener.address().parse().unwrap(), listener.secret()).await.unwrap();
        client.query(READ).await.unwrap();
        let waiting = client.submit(DELETE, "r-1", &json!({ "asyncExec": true })).await.unwrap();
        stack.held();
        stack.run("bob", &["approve", "--oldest", "--reason", "ticket OPS-9"]).ok();
        client.follow(waiting).await.unwrap();
        let waiting = client.submit(DROP, "r-2", &json!({ "asyncExec": true })).await.unwrap();
        let held = stack.held();
        let id = held.pointer("/request/id").or(held.pointer("/id")).and_then(Value::as_str).unwrap();
        stack.run("bob", &["deny", id, "--reason", "not on a Friday"]).ok();
        assert!(client.follow(waiting).await.is_err());
    });
    let session = listener.ready["session"].as_str().unwrap().to_owned();
    stack.run("carol", &["sessions", "replay", &session, "--reason", "incident 42"]).ok();
    stack
}

fn make(stack: &Stack, user: &str, out: &Path, more: &[&str]) -> Finished {
    let arguments = ["--output", "json", "evidence", "--from", "2020-01-01", "--to", "2099-12-31", "--out"];
    Finished::of(stack.hoopctl(user).args(arguments).arg(out).args(more))
}

fn verify(dir: &Path, more: &[&str]) -> Finished {
    Finished::of(hoopctl().args(["--output", "json", "evidence", "verify"]).arg(dir).args(more))
}

fn text(dir: &Path, name: &str) -> String {
    fs::read_to_string(dir.join(name)).unwrap()
}

fn status<'a>(verified: &'a Value, id: &str) -> &'a str {
    let checks = verified["report"]["checks"].as_array().unwrap();
    checks.iter().find(|check| check["id"] == id).unwrap()["status"].as_str().unwrap()
}

#[test]
fn what_happened_is_in_a_pack_that_the_gateway_has_recorded() {
    let stack = worked();
    let dir = stack.dir.path().join("q1");
    let refused = make(&stack, "alice", &dir, &[]);
    assert_eq!(refused.code, Some(3), "{}{}", refused.stdout, refused.stderr);
    let made = make(&stack, "carol", &dir, &[]).ok().json();
    assert_eq!((&made["kind"], &made["sealed"]), (&"evidence".into(), &true.into()), "{made}");
    assert_eq!(made["failed"], json!([]), "{made}");

    // Without the gateway: first nothing is remembered of the log, then it is.
    let state = stack.dir.path().join("head.json");
    let remembering = ["--state", state.to_str().unwrap()];
    let first = verify(&dir, &remembering);
    assert_eq!(first.code, Some(10), "{}{}", first.stdout, first.stderr);
    let again = verify(&dir, &remembering);
    assert_eq!(again.code, Some(0), "{}{}", again.stdout, again.stderr);
    let verified = again.json();
    for id in
        ["a.files", "a.signature", "b.chain", "b.rows", "c.facts", "d.approvals", "e.totals", "f.cards", "j.reads"]
    {
        assert_eq!(status(&verified, id), "pass", "{id}: {verified:#}");
    }
    for id in ["e.reveals", "g.retention", "h.clock", "i.failures"] {
        assert_eq!(status(&verified, id), "not_applicable", "{id}");
    }

    let privileged = text(&dir, "privileged_actions.csv");
    let row = |words: &[&str]| privileged.lines().any(|line| words.iter().all(|word| line.contains(word)));
    assert!(row(&["ran", DELETE, "bob", "yes", "ticket OPS-9"]), "{privileged}");
    assert!(row(&["denied", DROP, "not run"]) || row(&["denied", DROP]), "{privileged}");
    let access = text(&dir, "access_log.csv");
    assert!(access.lines().any(|line| line.contains("card_number") && line.contains("success")), "{access}");
    assert!(text(&dir, "data_protection.csv").contains(",pan,"));
    let reads = text(&dir, "audit_access.csv");
    assert!(reads.contains("recording of session") && reads.contains("incident 42"), "{reads}");
    let page = text(&dir, "report.html");
    assert!(page.contains("<svg") && page.contains(DELETE) && !page.contains("<script"), "{page}");

    // The next one continues it, and what was remembered of this one.
    let next = stack.dir.path().join("q2");
    make(&stack, "carol", &next, &["--previous", dir.to_str().unwrap()]).ok();
    let continued = verify(&next, &remembering);
    assert_eq!(continued.code, Some(0), "{}{}", continued.stdout, continued.stderr);
    assert_eq!(status(&continued.json(), "b.previous"), "pass");
    assert!(text(&next, "audit_access.csv").contains("evidence pack"), "the first one was a reading of the trail");
    // And an export of the trail goes on from there too.
    let export = stack.dir.path().join("export");
    stack.run("carol", &["audit", "export", "--out", export.to_str().unwrap()]).ok();
    let audited = Finished::of(hoopctl().args(["audit", "verify"]).arg(&export).args(remembering));
    assert_eq!(audited.code, Some(0), "{}{}", audited.stdout, audited.stderr);

    let path = dir.join("privileged_actions.csv");
    fs::write(&path, privileged.replacen("bob", "eve", 1)).unwrap();
    let forged = verify(&dir, &remembering);
    assert_eq!(forged.code, Some(9), "{}", forged.stdout);
    assert!(forged.stdout.contains("privileged_actions.csv"), "{}", forged.stdout);
    let words = Finished::of(hoopctl().args(["evidence", "verify"]).arg(&dir));
    assert!(
        words.stdout.contains("TAMPERED") && words.stdout.contains("privileged_actions.csv, row"),
        "{}",
        words.stdout
    );
}

#[test]
fn of_a_copy_a_pack_is_made_that_nobody_has_recorded() {
    let stack = worked();
    let export = stack.dir.path().join("export");
    stack.run("carol", &["audit", "export", "--out", export.to_str().unwrap()]).ok();
    let trails = [export, stack.ready.data_dir.join("gateway/trail")];
    for (index, trail) in trails.iter().enumerate() {
        let out = stack.dir.path().join(format!("copy-{index}"));
        let arguments = ["evidence", "--from", "2020-01-01", "--to", "2099-12-31", "--trail"];
        let made = Finished::of(hoopctl().args(arguments).arg(trail).arg("--out").arg(&out));
        assert!(made.code == Some(0) && made.stdout.contains("NOT sealed"), "{}{}", made.stdout, made.stderr);
        let verified = Finished::of(hoopctl().args(["evidence", "verify"]).arg(&out));
        assert!(
            verified.code == Some(10) && verified.stdout.contains("NOT SEALED"),
            "{}{}",
            verified.stdout,
            verified.stderr
        );
        let again = Finished::of(hoopctl().args(arguments).arg(trail).arg("--out").arg(&out));
        assert!(again.code == Some(2) && again.stderr.contains("is not empty"), "{}", again.stderr);
    }
    // A trail that does not verify gives none.
    let broken = stack.dir.path().join("broken");
    fs::create_dir_all(broken.join("tile/entries")).unwrap();
    let out = stack.dir.path().join("none");
    let arguments = ["evidence", "--from", "2020-01-01", "--to", "2099-12-31", "--trail"];
    fs::copy(trails[0].join("checkpoint"), broken.join("checkpoint")).unwrap();
    fs::copy(trails[0].join("keys"), broken.join("keys")).unwrap();
    let made = Finished::of(hoopctl().args(arguments).arg(&broken).arg("--out").arg(&out));
    assert_eq!(made.code, Some(9), "{}{}", made.stdout, made.stderr);
    assert!(!out.exists(), "no pack of it");
}
