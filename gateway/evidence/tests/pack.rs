//! Packs of a made-up log: a good one holds, and whatever is done to one is found.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing, dead_code)]

mod world;

use std::{collections::BTreeSet, fs};

use hoop_evidence::{Known, PackError, Previous, Scope, Status, verify};
use world::{Made_, all, edit, files, findings, forge, good, march, parsed, status};

#[test]
fn a_good_pack_holds_and_no_check_passes_that_had_nothing_to_look_at() {
    let made = Made_::of(&good(), all());
    let verified = made.verify();
    assert_eq!(findings(&verified), []);
    for check in &verified.checks {
        assert_eq!(check.status == Status::Pass, check.looked_at > 0, "{}", check.id);
    }
    let nothing: Vec<_> =
        verified.checks.iter().filter(|check| check.status == Status::NotApplicable).map(|check| check.id).collect();
    assert_eq!(nothing, ["a.signature", "b.previous", "h.clock"]);
    assert!(!verified.sealed && !verified.is_anchored());
}

#[test]
fn coverage_is_as_it_was() {
    let made = Made_::of(&good(), all());
    let found = fs::read_to_string(made.path().join("coverage.json")).unwrap();
    let golden = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/golden/coverage.json");
    if std::env::var_os("UPDATE_GOLDEN").is_some() {
        fs::write(golden, &found).unwrap();
    }
    assert_eq!(found, fs::read_to_string(golden).unwrap());
}

#[test]
fn tables_have_the_rows_of_their_records() {
    let made = Made_::of(&good(), all());
    let rows = |name: &str| fs::read_to_string(made.path().join(name)).unwrap().lines().count() - 1;
    let counts = [
        ("access_log.csv", 4),
        ("audit_access.csv", 1),
        ("audit_lifecycle.csv", 6),
        ("auth_events.csv", 3),
        ("control_failures.csv", 1),
        ("denied.csv", 2),
        ("privileged_actions.csv", 3),
        ("retention.csv", 2),
        ("reveal_grants.csv", 1),
        ("reviews.csv", 1),
        ("system_accounts.csv", 1),
        ("access_review.csv", 3),
    ];
    for (name, count) in counts {
        assert_eq!(rows(name), count, "{name}");
    }
    let lines = fs::read_to_string(made.path().join("access_log.jsonl")).unwrap();
    let first: serde_json::Value = serde_json::from_str(lines.lines().next().unwrap()).unwrap();
    assert_eq!((&first["sub"], &first["masked"], &first["outcome"]), (&"alice".into(), &"5".into(), &"success".into()));
    assert_eq!(first["amr"], "pwd otp");
    let protection = fs::read_to_string(made.path().join("data_protection.csv")).unwrap();
    // Three times five or one hidden, two shown, and nothing counted twice.
    assert!(protection.contains("warehouse,answer,*,*,13,11,2,0,"), "{protection}");
    let denied = fs::read_to_string(made.path().join("denied.csv")).unwrap();
    assert!(denied.contains("'=HYPERLINK"), "a formula is text: {denied}");
    let page = fs::read_to_string(made.path().join("report.html")).unwrap();
    assert!(!page.contains("<script") && page.contains("<svg") && page.contains("NOT SEALED"));
}

/// Every byte of small files, and of large ones some.
#[test]
fn a_flipped_byte_in_any_file_is_found() {
    let mut log = good();
    let dir = tempfile::tempdir().unwrap();
    let unsealed = log.pack(dir.path(), all(), None, true).unwrap();
    unsealed.seal(&log.seal(&unsealed)).unwrap();
    let check = || verify(dir.path(), &Known::default()).unwrap();
    assert!(check().holds() && check().sealed, "{:?}", findings(&check()));
    let mut flips = 0;
    for path in files(dir.path()) {
        let bytes = fs::read(&path).unwrap();
        let step = (bytes.len() / 60).max(1);
        for at in (flips % step..bytes.len()).step_by(step) {
            for bit in [1, 0x20] {
                let mut changed = bytes.clone();
                changed[at] ^= bit;
                fs::write(&path, changed).unwrap();
                assert!(!check().is_intact(), "{} byte {at} ^ {bit}", path.display());
                flips += 1;
            }
        }
        fs::write(&path, bytes).unwrap();
    }
    eprintln!("{flips} flips found");
    assert!(flips > 2000 && check().holds());
}

/// By somebody who makes all digests good again: the rows are held against the records, and these against the signed head.
#[test]
fn rows_removed_added_changed_and_moved_are_found_by_file_and_row() {
    let made = Made_::of(&good(), all());
    let dir = made.path();
    let names: Vec<_> = files(dir)
        .iter()
        .map(|path| path.strip_prefix(dir).unwrap().to_string_lossy().into_owned())
        .filter(|name| name.ends_with(".csv") || name.ends_with(".jsonl"))
        .collect();
    let mut seen = BTreeSet::new();
    for name in &names {
        let (path, manifest) = (dir.join(name), fs::read(dir.join("manifest.json")).unwrap());
        let before = fs::read(&path).unwrap();
        let header = usize::from(name.ends_with(".csv"));
        let rows = String::from_utf8(before.clone()).unwrap().lines().count() - header;
        type Edit = fn(&mut Vec<String>, usize);
        let edits: [(&str, usize, Edit); 6] = [
            ("removed", 1, |lines, at| drop(lines.remove(at))),
            ("the last removed", 1, |lines, _| drop(lines.pop())),
            ("added", 1, |lines, at| lines.insert(at, lines[at].clone())),
            ("added at the end", 1, |lines, _| lines.push(lines.last().unwrap().clone())),
            ("changed", 1, |lines, at| lines[at] = lines[at].replacen(['1', '2', '3', 'a'], "7", 1)),
            ("moved", 2, |lines, at| lines.swap(at, at + 1)),
        ];
        for (what, least, change) in edits {
            if rows < least {
                continue;
            }
            let mut done = false;
            edit(&path, |lines| {
                let old = lines.clone();
                change(lines, header);
                done = *lines != old;
            });
            forge(dir);
            let found = made.verify();
            let named = findings(&found).iter().any(|(id, file, row, _)| {
                // Where a path goes wrong may show only at a record.
                id.starts_with("b.") && (file == name || name.ends_with("path.jsonl")) && *row > 0
            });
            assert!(!done || named, "{name}: {what}: {:?}", findings(&found));
            seen.insert(name.clone());
            fs::write(&path, &before).unwrap();
            fs::write(dir.join("manifest.json"), &manifest).unwrap();
            forge(dir);
        }
    }
    assert!(seen.len() >= 15, "{seen:?}");
    assert!(made.verify().holds());
}

#[test]
fn what_is_missing_or_beside_is_found() {
    let made = Made_::of(&good(), all());
    for path in files(made.path()) {
        let bytes = fs::read(&path).unwrap();
        fs::remove_file(&path).unwrap();
        assert!(!made.verify().is_intact(), "{}", path.display());
        fs::write(&path, &bytes[..bytes.len() / 2]).unwrap();
        assert!(bytes.is_empty() || !made.verify().is_intact(), "{} cut off", path.display());
        fs::write(&path, bytes).unwrap();
    }
    fs::write(made.path().join("chain_proof/more"), "x").unwrap();
    let found = findings(&made.verify());
    assert_eq!((found[0].0.as_str(), found[0].1.as_str()), ("a.files", "chain_proof/more"));
}

#[test]
fn the_seal_is_the_logs_own_and_is_missed() {
    let mut log = good();
    let dir = tempfile::tempdir().unwrap();
    let unsealed = log.pack(dir.path(), all(), None, true).unwrap();
    let verified = verify(dir.path(), &Known::default()).unwrap();
    assert_eq!(status(&verified, "a.signature"), "fail", "it was to be sealed");
    let seal = log.seal(&unsealed);
    // Of another pack, of another log.
    let mut foreign = good();
    foreign.idle(1);
    foreign.sign();
    let elsewhere = tempfile::tempdir().unwrap();
    let other = foreign.pack(elsewhere.path(), all(), None, true).unwrap();
    assert!(unsealed.seal(&foreign.seal(&other)).is_err());
    assert!(other.seal(&seal).is_err());
    unsealed.seal(&seal).unwrap();
    let verified = verify(dir.path(), &Known::default()).unwrap();
    assert!(verified.sealed && verified.holds() && !verified.is_anchored());
    assert_eq!(verified.head, Some(log.head()));

    // What is remembered of the log: the same, more than there is, another.
    let keys = vec![log.keys[0].verifying().clone()];
    let known = |head: hoop_audit::Checkpoint| Known { keys: keys.clone(), heads: vec![("it".to_owned(), head)] };
    let verified = verify(dir.path(), &known(log.head())).unwrap();
    assert!(verified.is_anchored() && verified.key_known && verified.holds());
    log.idle(1);
    let verified = verify(dir.path(), &known(log.head())).unwrap();
    assert!(!verified.is_anchored() && verified.holds() && verified.unreached == ["it"]);
    let mut wrong = parsed_head(dir.path());
    wrong.root = hoop_audit::Hash::of(b"another");
    let verified = verify(dir.path(), &known(wrong)).unwrap();
    assert_eq!(status(&verified, "a.signature"), "fail");
    let stranger = hoop_audit::SigningKey::from_seed(world::ORIGIN, &[9; 32]).unwrap();
    let known = Known { keys: vec![stranger.verifying().clone()], heads: Vec::new() };
    assert_eq!(status(&verify(dir.path(), &known).unwrap(), "a.signature"), "fail");
}

fn parsed_head(dir: &std::path::Path) -> hoop_audit::Checkpoint {
    let manifest: serde_json::Value = serde_json::from_slice(&fs::read(dir.join("manifest.json")).unwrap()).unwrap();
    serde_json::from_value(manifest["checkpoint"].clone()).unwrap()
}

#[test]
fn the_next_pack_continues_the_one_before() {
    let mut log = good();
    let [first, second, third] = [(); 3].map(|()| tempfile::tempdir().unwrap());
    let unsealed = log.pack(first.path(), march("2026-03-01T00:00:00Z", "2026-03-02T00:00:00Z"), None, true).unwrap();
    unsealed.seal(&log.seal(&unsealed)).unwrap();
    let head = log.head();
    log.rotate();
    log.idle(5);
    log.sign();
    let next = march("2026-03-02T00:00:00Z", "2026-03-03T00:00:00Z");
    let unsealed = log.pack(second.path(), next.clone(), Some(first.path()), true).unwrap();
    unsealed.seal(&log.seal(&unsealed)).unwrap();
    let known = Known { keys: vec![log.keys[0].verifying().clone()], heads: vec![("last time".to_owned(), head)] };
    let verified = verify(second.path(), &known).unwrap();
    assert_eq!(findings(&verified), []);
    assert!(verified.is_anchored(), "{:?}", verified.unreached);
    assert_eq!(status(&verified, "b.previous"), "pass");
    assert_eq!(verified.keys.len(), 2, "the second by the first");
    // A log that was made anew does not continue it.
    let mut anew = good();
    anew.idle(60);
    anew.sign();
    assert!(anew.pack(third.path(), next, Some(first.path()), false).is_err());
    assert!(Previous::of(third.path()).is_err());
}

/// The key that a rotation brought in vouches for nothing where the one before did not bring it in.
#[test]
fn a_key_that_nobody_brought_in_signs_nothing() {
    let mut log = good();
    log.rotate();
    log.idle(1);
    log.sign();
    let made = Made_::of(&log, all());
    assert!(made.verify().holds());
    let path = made.path().join("chain_proof/rotations.json");
    let mut rotations: serde_json::Value = serde_json::from_slice(&fs::read(&path).unwrap()).unwrap();
    let record = rotations[0]["record"].as_str().unwrap().replace("key_rotation", "heartbeat");
    rotations[0]["record"] = record.into();
    fs::write(&path, serde_json::to_string_pretty(&rotations).unwrap() + "\n").unwrap();
    forge(made.path());
    assert_eq!(status(&made.verify(), "b.chain"), "fail");
}

/// A row of the period may need a record of before; and what another connection did is in the proof alone.
#[test]
fn any_period_of_any_log_makes_a_pack_that_holds() {
    let log = good();
    let times: Vec<_> = log.records().iter().map(|record| parsed(record).ts).collect();
    let (first, last) = (times[0], *times.last().unwrap());
    for from in times.iter().copied().step_by(3) {
        for to in times.iter().copied().step_by(7).filter(|to| from < *to) {
            for connection in [None, Some("warehouse".parse().unwrap()), Some("elsewhere".parse().unwrap())] {
                let scope = Scope { from, to, connection };
                let dir = tempfile::tempdir().unwrap();
                match log.pack(dir.path(), scope.clone(), None, false) {
                    // All that happened was of another connection.
                    Err(PackError::Empty) if scope.connection.is_some() => continue,
                    packed => drop(packed.unwrap()),
                }
                let found = findings(&verify(dir.path(), &Known::default()).unwrap());
                // What was asked for before the period may have been approved before it, and is known to be.
                assert_eq!(found, [], "{scope:?} of {first} to {last}");
            }
        }
    }
    let nothing = march("2027-01-01T00:00:00Z", "2027-02-01T00:00:00Z");
    let dir = tempfile::tempdir().unwrap();
    assert!(log.pack(dir.path(), nothing, None, false).is_err());
}
