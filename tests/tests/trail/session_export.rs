//! One session, taken away and checked without the gateway: by this program, and its proof by Go's.

use std::{
    fs,
    path::{Path, PathBuf},
    process::Command,
};

use hoop_audit::Hash;
use hoop_dev::client::snowflake::Client;
use hoop_tests::{Finished, Listener, Stack, hoopctl, peers};
use serde_json::Value;
use tokio::runtime::Runtime;

const SQL: &str = "SELECT id, card_number, amount FROM payments WHERE id < 4";

/// A stack in which alice asked something, and the session's id. Only by its segments that are small it has several.
fn recorded() -> (Stack, Listener, String) {
    let stack = Stack::with_environment(&[("HOOP_DEV_KILL_AT", "Started:9")], &[]);
    let listener = Listener::open(&stack, "alice", "snowflake");
    Runtime::new().unwrap().block_on(async {
        let mut client = Client::connect(listener.address().parse().unwrap(), listener.secret()).await.unwrap();
        client.query(SQL).await.unwrap();
        for id in 0..20 {
            client.query(&format!("SELECT id, name FROM products WHERE id = {id}")).await.unwrap();
        }
    });
    let id = listener.ready["session"].as_str().unwrap().to_owned();
    (stack, listener, id)
}

fn export(stack: &Stack, user: &str, id: &str, out: &Path) -> Finished {
    let arguments = ["--output", "json", "sessions", "export", id, "--reason", "incident 42", "--out"];
    Finished::of(stack.hoopctl(user).args(arguments).arg(out))
}

fn verify(dir: &Path, arguments: &[&str]) -> Finished {
    Finished::of(hoopctl().args(["--output", "json", "audit", "verify"]).arg(dir).args(arguments))
}

fn text(dir: &Path, name: &str) -> String {
    fs::read_to_string(dir.join(name)).unwrap()
}

/// The records that have a payload here.
fn payloads(dir: &Path) -> Vec<PathBuf> {
    let paths = fs::read_dir(dir.join("payloads")).unwrap().map(|entry| entry.unwrap().path());
    let mut paths: Vec<_> = paths.filter(|path| path.extension().is_none()).collect();
    paths.sort();
    paths
}

fn copy(from: &Path, to: &Path) {
    fs::create_dir_all(to).unwrap();
    for entry in fs::read_dir(from).unwrap() {
        let path = entry.unwrap().path();
        let there = to.join(path.file_name().unwrap());
        if path.is_dir() { copy(&path, &there) } else { assert!(fs::copy(&path, there).is_ok()) }
    }
}

fn flip(path: &Path, at: usize) {
    let mut bytes = fs::read(path).unwrap();
    let at = at % bytes.len();
    bytes[at] ^= 1;
    fs::write(path, bytes).unwrap();
}

/// Whether Go's own code finds the last record in the log that the proof is of.
fn by_go(dir: &Path) -> Result<(), String> {
    let last = dir.join("last");
    let records = fs::read(dir.join("records.ndjson")).unwrap();
    let record = records.strip_suffix(b"\n").unwrap_or(&records).rsplit(|byte| *byte == b'\n').next().unwrap().to_vec();
    fs::write(&last, record).unwrap();
    let mut go = Command::new(peers::path("tlog/verify"));
    let finished = Finished::of(go.arg(dir.join("session.tlog-proof")).arg(text(dir, "key").trim()).arg(&last));
    fs::remove_file(last).unwrap();
    match finished.code {
        Some(0) => Ok(()),
        Some(1) => Err(finished.stderr),
        code => panic!("{code:?}: {}", finished.stderr),
    }
}

#[test]
fn a_session_is_checked_without_the_gateway_and_whatever_is_changed_in_it_is_found() {
    let (stack, listener, id) = recorded();
    let live = stack.dir.path().join("live");
    let exported = export(&stack, "carol", &id, &live).ok().json();
    assert_eq!((&exported["kind"], &exported["ended"]), (&"session_export".into(), &false.into()), "{exported}");
    let verified = verify(&live, &[]);
    assert_eq!(verified.code, Some(10), "{}{}", verified.stdout, verified.stderr);
    assert_eq!(verified.json()["session"]["ended_at"], Value::Null);
    let words = Finished::of(hoopctl().args(["audit", "verify"]).arg(&live));
    assert!(words.stdout.contains("its end is not in here"), "{}", words.stdout);

    listener.program.terminate();
    listener.program.finish();
    wait_for_end(&stack, &id);
    let out = stack.dir.path().join("case-42");
    // Somebody's own, too.
    let exported = export(&stack, "alice", &id, &out).ok().json();
    assert_eq!(exported["ended"], true, "{exported}");
    let report = verify(&out, &[]).json();
    assert_eq!((&report["kind"], &report["exit"]), (&"audit_verify".into(), &10.into()), "{report}");
    assert_eq!(report["session"]["id"], id.as_str());
    assert!(report["report"]["payloads"].as_u64() >= Some(21), "{report}");
    assert_eq!(report["report"]["exchanges"], exported_requests(&out));
    by_go(&out).unwrap();

    // Held against the key that an auditor has, and what was remembered of the log.
    let shown = stack.run("carol", &["admin", "keys", "show"]).ok().stdout;
    let trust = stack.dir.path().join("gateway.vkey");
    fs::write(&trust, shown.lines().next().unwrap()).unwrap();
    let trusting = ["--trust", trust.to_str().unwrap()];
    let trusted = verify(&out, &trusting);
    assert_eq!(trusted.code, Some(0), "{}{}", trusted.stdout, trusted.stderr);
    let state = stack.dir.path().join("head.json");
    let remembering = ["--state", state.to_str().unwrap()];
    assert_eq!(verify(&out, &remembering).code, Some(10));
    assert!(!state.exists(), "one session says too little of the log to remember it by");
    let trail = stack.dir.path().join("trail");
    stack.run("carol", &["audit", "export", "--out", trail.to_str().unwrap()]).ok();
    verify(&trail, &remembering);
    assert_eq!(verify(&out, &remembering).code, Some(0));
    // Another gateway's key is none.
    let foreign = stack.dir.path().join("foreign.vkey");
    fs::write(&foreign, "PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW").unwrap();
    assert_eq!(verify(&out, &["--trust", foreign.to_str().unwrap()]).code, Some(9));

    // What is delivered is there as it was, and its commitment can be computed by hand.
    let records: Vec<Value> =
        text(&out, "records.ndjson").lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    let answers = payloads(&out);
    assert!(answers.iter().any(|path| fs::read_to_string(path).is_ok_and(|text| text.contains("411111******1111"))));
    for path in &answers {
        let seq: u64 = path.file_name().unwrap().to_str().unwrap().parse().unwrap();
        let record = records.iter().find(|record| record["seq"] == seq).unwrap();
        let salt = fs::read(path.with_extension("salt")).unwrap();
        let bytes = [b"hoop payload v1\0".as_slice(), &salt, &fs::read(path).unwrap()].concat();
        assert_eq!(record["payload"]["digest"], Hash::of(&bytes).to_string());
    }

    by_hand(&out, &records, &answers[0]);

    type Attack = fn(&Path);
    let attacks: [(&str, Attack, bool); 18] = [
        ("a record edited", |dir| edit(dir, |lines| lines[3] = lines[3].replacen("alice", "malia", 1)), false),
        ("a record removed", |dir| edit(dir, |lines| drop(lines.remove(3))), false),
        ("a record added", |dir| edit(dir, |lines| lines.insert(3, lines[2].clone())), false),
        ("two records swapped", |dir| edit(dir, |lines| lines.swap(3, 4)), false),
        ("the first record removed", |dir| edit(dir, |lines| drop(lines.remove(0))), false),
        ("the last record removed", |dir| edit(dir, |lines| drop(lines.pop())), true),
        (
            "the last record edited",
            |dir| edit(dir, |lines| *lines.last_mut().unwrap() = lines.last().unwrap().replacen("alice", "malia", 1)),
            true,
        ),
        ("no records", |dir| fs::write(dir.join("records.ndjson"), "").unwrap(), true),
        ("records that are gone", |dir| fs::remove_file(dir.join("records.ndjson")).unwrap(), false),
        ("a payload edited", |dir| flip(&payloads(dir)[0], 7), false),
        ("a payload cut", |dir| fs::write(&payloads(dir)[0], "").unwrap(), false),
        ("a payload removed", |dir| fs::remove_file(&payloads(dir)[0]).unwrap(), false),
        ("a salt edited", |dir| flip(&payloads(dir)[0].with_extension("salt"), 7), false),
        (
            "a payload and its salt removed",
            |dir| {
                let path = payloads(dir).remove(0);
                fs::remove_file(path.with_extension("salt")).unwrap();
                fs::remove_file(path).unwrap();
            },
            false,
        ),
        ("a payload of nobody", |dir| fs::write(dir.join("payloads/99999"), "rows").unwrap(), false),
        ("the proof removed", |dir| fs::remove_file(dir.join("session.tlog-proof")).unwrap(), false),
        ("another number", |dir| replace(dir, "index ", "index 1"), true),
        (
            "another key",
            |dir| {
                let key = text(dir, "key");
                let name = key.split('+').next().unwrap();
                fs::write(dir.join("key"), other_key(name)).unwrap();
            },
            true,
        ),
    ];
    for (index, (name, attack, seen_by_go)) in attacks.into_iter().enumerate() {
        let forged = stack.dir.path().join(format!("forged-{index}"));
        copy(&out, &forged);
        attack(&forged);
        let found = verify(&forged, &trusting);
        assert_eq!(found.code, Some(9), "{name}: {}{}", found.stdout, found.stderr);
        let findings = found.json()["report"]["findings"].clone();
        assert!(findings[0]["seq"].is_u64(), "{name}: {findings}");
        if seen_by_go {
            assert!(by_go(&forged).is_err(), "{name}");
        }
    }
    // Every line of the proof counts.
    let proof = text(&out, "session.tlog-proof");
    let forged = stack.dir.path().join("forged-proof");
    copy(&out, &forged);
    for (number, line) in proof.lines().enumerate().filter(|(_, line)| !line.is_empty()) {
        let at = line.char_indices().nth(line.chars().count() / 2).unwrap().0;
        let letter = line[at..].chars().next().unwrap();
        let other = if letter == 'B' { 'C' } else { 'B' };
        let edited = format!("{}{other}{}", &line[..at], &line[at + letter.len_utf8()..]);
        let lines: Vec<&str> =
            proof.lines().enumerate().map(|(n, line)| if n == number { &edited } else { line }).collect();
        fs::write(forged.join("session.tlog-proof"), lines.join("\n") + "\n").unwrap();
        assert_eq!(verify(&forged, &trusting).code, Some(9), "line {number}: {line}");
        assert!(by_go(&forged).is_err(), "line {number}: {line}");
    }

    let refused = export(&stack, "bob", &id, &stack.dir.path().join("bobs"));
    assert!(refused.code == Some(1) && refused.stdout.contains("unknown_session"), "{}", refused.stdout);
    let again = export(&stack, "carol", &id, &out);
    assert!(again.code == Some(2) && again.stderr.contains("is not empty"), "{}", again.stderr);
    // Who took it, and why.
    let mut reads = Vec::new();
    let trail = stack.ready.data_dir.join("gateway/trail");
    hoop_recording::records(&trail, |record, _| {
        let detail = record.draft.detail;
        if detail.get("what").is_some_and(|what| what.starts_with("export of session")) {
            reads.push((record.draft.origin.unwrap().subject.sub, detail["reason"].clone()));
        }
    })
    .unwrap();
    let reads: Vec<_> = reads.iter().map(|(who, why)| (who.as_str(), why.as_str())).collect();
    assert_eq!(reads, [("carol", "incident 42"), ("alice", "incident 42")]);
}

/// The README's commands, as they stand in it.
fn by_hand(dir: &Path, records: &[Value], payload: &Path) {
    let readme = text(dir, "README.md");
    let commands: Vec<&str> = readme.lines().filter_map(|line| line.strip_prefix("      ")).collect();
    let [line, chain, commitment] = commands[..] else { panic!("{commands:?}") };
    let digest = |script: String| {
        let hashed = Finished::of(Command::new("bash").current_dir(dir).args(["-c", &script])).ok().stdout;
        hashed.split_whitespace().next().unwrap().to_owned()
    };
    assert_eq!(digest(format!("{line}\n{chain}")), records[1]["prev_session"].as_str().unwrap());
    let name = payload.file_name().unwrap().to_str().unwrap();
    let seq: u64 = name.parse().unwrap();
    let record = records.iter().find(|record| record["seq"] == seq).unwrap();
    assert_eq!(digest(commitment.replace('N', name)), record["payload"]["digest"].as_str().unwrap());
}

/// The listener is gone a moment before the gateway has recorded it.
fn wait_for_end(stack: &Stack, id: &str) {
    let deadline = std::time::Instant::now() + hoop_tests::program::PATIENCE;
    loop {
        let listed = stack.run("carol", &["sessions", "--output", "json"]).ok().json();
        let sessions = listed["sessions"].as_array().unwrap();
        if sessions.iter().any(|session| session["id"] == id && session["ended_at"].is_string()) {
            return;
        }
        assert!(std::time::Instant::now() < deadline, "it has not ended: {listed}");
    }
}

fn edit(dir: &Path, edit: impl FnOnce(&mut Vec<String>)) {
    let mut lines: Vec<String> = text(dir, "records.ndjson").lines().map(str::to_owned).collect();
    edit(&mut lines);
    fs::write(dir.join("records.ndjson"), lines.join("\n") + "\n").unwrap();
}

fn replace(dir: &Path, from: &str, to: &str) {
    let proof = text(dir, "session.tlog-proof");
    fs::write(dir.join("session.tlog-proof"), proof.replacen(from, to, 1)).unwrap();
}

fn exported_requests(dir: &Path) -> usize {
    text(dir, "records.ndjson").lines().filter(|line| line.contains("\"type\":\"request\"")).count()
}

/// A key of this name that signed nothing.
fn other_key(name: &str) -> String {
    hoop_audit::SigningKey::from_seed(name, &[3; 32]).unwrap().verifying().to_string()
}
