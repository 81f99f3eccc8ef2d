use std::{
    fs,
    path::{Path, PathBuf},
    process::Command,
};

use hoop_audit::{
    segment::{Frame, Frames, MAGIC},
    tiles,
};
use hoop_dev::client::snowflake::Client;
use hoop_tests::{Finished, Listener, Stack, hoopctl, peers};
use tokio::runtime::Runtime;

/// A stack in which somebody asked something, and the export of its trail, which lies in several segments.
fn exported() -> (Stack, PathBuf) {
    // Segments are short where there is a failpoint, and this one is never reached.
    let stack = Stack::with_environment(&[("HOOP_DEV_KILL_AT", "Started:9")], &[]);
    let listener = Listener::open(&stack, "alice", "snowflake");
    Runtime::new().unwrap().block_on(async {
        let mut client = Client::connect(listener.address().parse().unwrap(), listener.secret()).await.unwrap();
        for id in 0..30 {
            client.query(&format!("SELECT id, name FROM products WHERE id = {id}")).await.unwrap();
        }
    });
    drop(listener);
    let out = stack.dir.path().join("export");
    stack.run("carol", &["audit", "export", "--out", out.to_str().unwrap()]).ok();
    let segments = fs::read_dir(stack.ready.data_dir.join("gateway/trail")).unwrap();
    let segments = segments.filter(|entry| entry.as_ref().unwrap().path().extension().is_some_and(|e| e == "log"));
    assert!(segments.count() > 1, "several segments");
    (stack, out)
}

fn verify(dir: &Path, arguments: &[&str]) -> Finished {
    Finished::of(hoopctl().args(["--output", "json", "audit", "verify"]).arg(dir).args(arguments))
}

/// What Go's own code says: how many records, or why not.
fn by_go(dir: &Path, key: &str) -> Result<u64, String> {
    let finished = Finished::of(Command::new(peers::path("tlog/verify")).arg(dir).arg(key));
    match finished.code {
        Some(0) => Ok(finished.stdout.trim().parse().unwrap()),
        Some(1) => Err(finished.stderr),
        code => panic!("{code:?}: {}", finished.stderr),
    }
}

fn key(dir: &Path) -> String {
    fs::read_to_string(dir.join("keys")).unwrap().lines().next().unwrap().to_owned()
}

/// The records' one bundle, taken apart and put together again.
fn edit(dir: &Path, edit: impl FnOnce(&mut Vec<Vec<u8>>)) {
    let (path, _) = tiles::bundles(size(dir)).next().unwrap();
    let bundle = fs::read(dir.join(&path)).unwrap();
    let mut records = tiles::records(&bundle).unwrap().into_iter().map(<[u8]>::to_vec).collect();
    edit(&mut records);
    let length = |record: &Vec<u8>| u16::try_from(record.len()).unwrap().to_be_bytes();
    let bundle: Vec<u8> =
        records.iter().flat_map(|record| [length(record).to_vec(), record.clone()].concat()).collect();
    fs::write(dir.join(path), bundle).unwrap();
}

fn size(dir: &Path) -> u64 {
    fs::read_to_string(dir.join("checkpoint")).unwrap().lines().nth(1).unwrap().parse().unwrap()
}

fn copy(from: &Path, to: &Path) {
    fs::create_dir_all(to).unwrap();
    for entry in fs::read_dir(from).unwrap() {
        let path = entry.unwrap().path();
        let there = to.join(path.file_name().unwrap());
        if path.is_dir() { copy(&path, &there) } else { assert!(fs::copy(&path, there).is_ok()) }
    }
}

/// Whatever is done to an export, this program and Go's agree on it; on payloads, which Go knows nothing of, ours alone.
#[test]
fn another_program_agrees_on_every_export() {
    let (stack, out) = exported();
    let key = key(&out);
    let whole = verify(&out, &[]);
    assert_eq!(whole.code, Some(10), "{}{}", whole.stdout, whole.stderr);
    let report = &whole.json()["report"];
    assert_eq!(report["key_known"], false);
    assert!(report["payloads"].as_u64().unwrap() >= 30, "{report}");
    assert_eq!(by_go(&out, &key), Ok(size(&out)));
    assert_eq!(report["records"], size(&out));

    type Attack = fn(&Path);
    let attacks: [(&str, Attack, bool); 13] = [
        ("a byte edited", |dir| edit(dir, |log| log[3][40] ^= 1), true),
        ("a record removed", |dir| edit(dir, |log| drop(log.remove(3))), true),
        ("a record added", |dir| edit(dir, |log| log.insert(3, log[2].clone())), true),
        ("two records swapped", |dir| edit(dir, |log| log.swap(3, 4)), true),
        ("the first record removed", |dir| edit(dir, |log| drop(log.remove(0))), true),
        ("the last record removed", |dir| edit(dir, |log| drop(log.pop())), true),
        ("an empty bundle", |dir| edit(dir, Vec::clear), true),
        (
            "a bundle removed",
            |dir| fs::remove_file(dir.join(tiles::bundles(size(dir)).next().unwrap().0)).unwrap(),
            true,
        ),
        ("a tile of hashes edited", |dir| flip(&dir.join(tiles::path("tile/0", 0, size(dir) as usize)), 5), true),
        (
            "another size",
            |dir| {
                let note = fs::read_to_string(dir.join("checkpoint")).unwrap();
                let (size, next) = (format!("\n{}\n", size(dir)), format!("\n{}\n", size(dir) - 1));
                fs::write(dir.join("checkpoint"), note.replacen(&size, &next, 1)).unwrap();
            },
            true,
        ),
        (
            "the signature edited",
            |dir| {
                let note = fs::read_to_string(dir.join("checkpoint")).unwrap();
                let at = note.len() - 20;
                let other = if note.as_bytes()[at] == b'A' { "B" } else { "A" };
                fs::write(dir.join("checkpoint"), format!("{}{other}{}", &note[..at], &note[at + 1..])).unwrap();
            },
            true,
        ),
        ("a payload edited", |dir| flip(&dir.join("payload/000"), 100), false),
        ("the payloads removed", |dir| fs::remove_file(dir.join("payload/000")).unwrap(), false),
    ];
    for (index, (name, attack, seen_by_go)) in attacks.into_iter().enumerate() {
        let forged = stack.dir.path().join(format!("forged-{index}"));
        copy(&out, &forged);
        attack(&forged);
        let found = verify(&forged, &[]);
        assert_eq!(found.code, Some(9), "{name}: {}{}", found.stdout, found.stderr);
        assert_eq!(by_go(&forged, &key).is_err(), seen_by_go, "{name}");
    }
}

fn flip(path: &Path, at: usize) {
    let mut bytes = fs::read(path).unwrap();
    bytes[at] ^= 1;
    fs::write(path, bytes).unwrap();
}

#[test]
fn a_changed_trail_is_found_out_and_a_shorter_one_by_what_was_remembered() {
    let (stack, early) = exported();
    let state = stack.dir.path().join("head.json");
    let remembering = ["--state", state.to_str().unwrap()];
    assert_eq!(verify(&early, &[]).code, Some(10));
    assert_eq!(verify(&early, &[]).code, Some(10), "without --state nothing is remembered");
    assert_eq!(verify(&early, &remembering).code, Some(10));
    assert_eq!(verify(&early, &remembering).code, Some(0));

    // The gateway's own folder, read while it runs, goes on from there.
    let trail = stack.ready.data_dir.join("gateway/trail");
    let live = verify(&trail, &remembering);
    assert_eq!(live.code, Some(0), "{}{}", live.stdout, live.stderr);
    let out = stack.dir.path().join("later");
    stack.run("carol", &["audit", "export", "--out", out.to_str().unwrap()]).ok();
    assert!(size(&out) > size(&early));
    assert_eq!(verify(&out, &remembering).code, Some(0));
    let rolled_back = verify(&early, &remembering);
    assert_eq!(rolled_back.code, Some(9), "the earlier export, validly signed");
    assert!(rolled_back.stdout.contains("rolled_back"), "{}", rolled_back.stdout);
    assert_eq!(verify(&out, &remembering).code, Some(0), "a failed verification forgets nothing");
    // The head of one vouches for the other, and what somebody else signed for nothing.
    let head = early.join("checkpoint");
    assert_eq!(verify(&out, &["--head", head.to_str().unwrap()]).code, Some(0));
    let (_other, foreign) = exported();
    let foreign = foreign.join("checkpoint");
    assert_eq!(verify(&out, &["--head", foreign.to_str().unwrap()]).code, Some(2));

    // Without asking the gateway: a record of its own file changed by somebody who can make checksums good.
    let copied = stack.dir.path().join("copied");
    copy(&trail, &copied);
    let path = fs::read_dir(&copied)
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .find(|path| path.extension().is_some_and(|e| e == "log"))
        .unwrap();
    let good = fs::read(&path).unwrap();
    let mut forged = MAGIC.to_vec();
    let mut done = false;
    for frame in Frames::new(&good) {
        match frame.unwrap().1 {
            Frame::Record(record) if !done && String::from_utf8_lossy(record).contains("alice") => {
                let changed = String::from_utf8_lossy(record).replacen("alice", "malia", 1);
                Frame::Record(changed.as_bytes()).write(&mut forged).unwrap();
                done = true;
            }
            frame => frame.write(&mut forged).unwrap(),
        }
    }
    fs::write(&path, forged).unwrap();
    let found = verify(&copied, &[]);
    assert_eq!(found.code, Some(9), "{}", found.stdout);
    assert_eq!(found.json()["kind"], "audit_verify");
}

#[test]
fn what_cannot_be_read_is_said() {
    let (stack, out) = exported();
    let said = |finished: Finished, code: i32, words: &str| {
        assert_eq!(finished.code, Some(code), "{}{}", finished.stdout, finished.stderr);
        assert!(finished.stderr.contains(words), "{words}: {}", finished.stderr);
    };
    let nowhere = stack.dir.path().join("nowhere");
    said(verify(&nowhere, &[]), 1, "cannot read");
    fs::create_dir(&nowhere).unwrap();
    said(verify(&nowhere, &[]), 1, "holds no trail");
    let file = stack.dir.path().join("file");
    fs::write(&file, "garbled").unwrap();
    let file = file.to_str().unwrap();
    said(verify(&out, &["--state", file]), 1, "does not hold a remembered head");
    said(verify(&out, &["--trust", file]), 2, "does not hold verifier keys");
    said(verify(&out, &["--head", file]), 2, "does not hold a signed head");
    said(verify(&out, &["--siem", file]), 2, "does not hold an event in line 1");
    let again = stack.run("carol", &["audit", "export", "--out", out.to_str().unwrap()]);
    said(again, 2, "is not empty");
    let refused = stack.run("alice", &["audit", "export", "--out", "x"]);
    said(refused, 3, "reading the trail");
}
