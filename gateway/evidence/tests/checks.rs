//! A log in which something went wrong: the right check says so, and names the row.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing, dead_code)]

mod world;

use hoop_audit::{Draft, RecordType};
use hoop_model::{Action, Effect};
use world::*;

/// What the checks find in a pack of this log.
fn found(log: &mut Log) -> Vec<(String, String, u64, String)> {
    log.sign();
    let made = Made_::of(log, all());
    findings(&made.verify())
}

#[track_caller]
fn finds(log: &mut Log, id: &str, file: &str, row: u64, words: &str) {
    let found = found(log);
    assert!(
        found.iter().any(|(check, at, line, text)| check == id && at == file && *line == row && text.contains(words)),
        "{id} {file} {row} {words}: {found:#?}"
    );
    assert!(found.iter().all(|(check, ..)| check == id), "and nothing else: {found:#?}");
}

const PRIVILEGED: &str = "privileged_actions.csv";

/// A held command that ran: what was asked, decided and let through, each possibly otherwise than it should be.
fn ran(asked: Option<Draft>, decided: &[Draft], approved: Draft) -> Log {
    let mut log = begun();
    for draft in asked.into_iter().chain(decided.iter().cloned()) {
        log.add(10, draft);
    }
    log.add(10, approved);
    log.add(1, chunk(10, "alice", counts(0, 0)));
    log.add(1, end(10, "alice", counts(0, 0)));
    log
}

#[test]
fn approvals_that_are_none() {
    let ask = || Some(asked(10, "alice", DELETE));
    let yes = |name| decided(10, name, "approve", DELETE);
    let go = |approvers: &[&str]| approved(10, "alice", approvers, DELETE);
    assert_eq!(found(&mut ran(ask(), &[yes("bob")], go(&["bob"]))), []);

    let mut without = go(&[]);
    without.approval = None;
    finds(&mut ran(None, &[], without), "d.approvals", PRIVILEGED, 1, "without an approval");
    finds(&mut ran(ask(), &[], go(&[])), "d.approvals", PRIVILEGED, 1, "nobody approved");
    finds(&mut ran(ask(), &[yes("alice")], go(&["alice"])), "d.approvals", PRIVILEGED, 1, "for themselves");
    finds(&mut ran(ask(), &[yes("bob")], go(&["bob", "bob"])), "d.approvals", PRIVILEGED, 1, "twice");
    finds(&mut ran(None, &[], go(&["bob"])), "d.approvals", PRIVILEGED, 1, "no record asks");
    finds(&mut ran(ask(), &[], go(&["bob"])), "d.approvals", PRIVILEGED, 1, "no record says that bob");
    let other = |command| approved(10, "alice", &["bob"], command);
    finds(&mut ran(ask(), &[yes("bob")], other("DROP TABLE x")), "d.approvals", PRIVILEGED, 1, "digests differ");
    let mut bound = go(&["bob"]);
    bound.approval.as_mut().unwrap().binding = "00".repeat(32);
    finds(&mut ran(ask(), &[yes("bob")], bound), "d.approvals", PRIVILEGED, 1, "bindings differ");
    let mut pending = go(&["bob"]);
    pending.approval.as_mut().unwrap().state = "pending".to_owned();
    finds(&mut ran(ask(), &[yes("bob")], pending), "d.approvals", PRIVILEGED, 1, "is pending");
    let mut elsewhere = go(&["bob"]);
    elsewhere.origin = Some(origin("mallory"));
    finds(&mut ran(ask(), &[yes("bob")], elsewhere), "d.approvals", PRIVILEGED, 1, "somebody else asked");
    let two = ask().map(|draft| draft.detail("quorum", "2"));
    finds(&mut ran(two, &[yes("bob")], go(&["bob"])), "d.approvals", PRIVILEGED, 1, "2 had to");
    let late = yes("bob").detail("expires_at", "2026-03-01T08:00:10Z");
    finds(&mut ran(ask(), &[late], go(&["bob"])), "d.approvals", PRIVILEGED, 1, "ended at");
    // Recorded, and then not taken by the store.
    let mut lost = yes("bob");
    lost.outcome = Some("refused".to_owned());
    lost = lost.detail("code", "store_down");
    finds(&mut ran(ask(), &[yes("bob"), lost], go(&["bob"])), "d.approvals", PRIVILEGED, 1, "no record says that bob");
}

#[test]
fn an_approval_is_for_once() {
    let mut log = begun();
    held(&mut log);
    log.add(1, approved(10, "alice", &["bob"], DELETE));
    log.add(1, end(10, "alice", counts(0, 0)));
    let found = found(&mut log);
    assert!(
        found.iter().any(|(id, file, row, text)| {
            id == "d.approvals" && file == PRIVILEGED && *row == 3 && text.contains("was used before")
        }),
        "{found:#?}"
    );
}

#[test]
fn values_that_do_not_add_up() {
    let mut log = begun();
    log.add(1, request(1, "alice", Action::Read, Effect::Allow, "SELECT 1"));
    log.add(1, chunk(1, "alice", counts(3, 0)));
    log.add(1, end(1, "alice", counts(4, 0)));
    let found = found(&mut log);
    let at = |file: &str| found.iter().any(|(id, at, row, _)| id == "e.totals" && at == file && *row == 1);
    assert!(at("access_log.csv") && found.iter().any(|(_, file, ..)| file == "data_protection.csv"), "{found:#?}");

    // What was found and not delivered is no contradiction.
    let mut log = begun();
    log.add(1, request(1, "alice", Action::Read, Effect::Allow, "SELECT 1"));
    log.add(1, chunk(1, "alice", counts(3, 0)));
    let mut blocked = end(1, "alice", counts(4, 0));
    blocked.outcome = Some("blocked".to_owned());
    log.add(1, blocked);
    assert_eq!(self::found(&mut log), []);
}

#[test]
fn cards_shown_outside_of_a_grant() {
    let records = "chain_proof/records.jsonl";
    let answer = |reveal: Option<&str>| {
        let mut draft = chunk(20, "erin", counts(0, 2));
        draft.reveal = reveal.map(grant);
        draft
    };
    let log = |granted: Option<&str>, answer: Draft| {
        let mut log = begun();
        let mut asking = request(20, "erin", Action::Read, Effect::Allow, "SELECT card_number FROM chargebacks");
        asking.reveal = granted.map(grant);
        log.add(5, asking);
        log.add(1, answer);
        log.add(1, end(20, "erin", counts(0, 2)));
        log
    };
    let long = "2026-04-01T00:00:00Z";
    assert_eq!(found(&mut log(Some(long), answer(Some(long)))), []);
    finds(&mut log(Some(long), answer(None)), "e.reveals", records, 8, "names no grant");
    finds(&mut log(None, answer(Some(long))), "e.reveals", records, 8, "had no grant");
    let over = "2026-03-01T07:00:00Z";
    finds(&mut log(Some(over), answer(Some(over))), "e.reveals", records, 8, "ended at");
    finds(&mut log(Some("2026-03-05T00:00:00Z"), answer(Some(long))), "e.reveals", records, 8, "until");
    let mut other = answer(Some(long));
    other.reveal.as_mut().unwrap().rules = vec!["another".to_owned()];
    finds(&mut log(Some(long), other), "e.reveals", records, 8, "granted nothing");
    let mut whose = answer(Some(long));
    whose.origin = Some(origin("mallory"));
    finds(&mut log(Some(long), whose), "e.reveals", records, 8, "whoever asked");
}

#[test]
fn facts_that_are_missing() {
    for (draft, words) in [
        (Draft { origin: None, ..request(1, "alice", Action::Read, Effect::Allow, "SELECT 1") }, "user, origin"),
        (Draft { origin: None, ..of(RecordType::SessionStart, "alice") }, "user, origin"),
        (Draft { outcome: None, ..end(1, "alice", counts(0, 0)) }, "outcome"),
        (Draft { connection: None, ..of(RecordType::SessionEnd, "alice") }, "affected resource"),
    ] {
        let mut log = begun();
        log.add(1, draft);
        let found = found(&mut log);
        assert!(
            found.iter().any(|(id, file, row, text)| {
                id == "c.facts" && file == "chain_proof/records.jsonl" && *row == 7 && text.contains(words)
            }),
            "{words}: {found:#?}"
        );
    }
}

#[test]
fn a_card_in_a_cell() {
    let mut log = begun();
    log.add(1, request(1, "alice", Action::Read, Effect::Allow, "SELECT 1 WHERE pan = '4111 1111 1111 1111'"));
    log.add(1, end(1, "alice", counts(0, 0)));
    let found = found(&mut log);
    for file in ["access_log.csv", "access_log.jsonl", "chain_proof/records.jsonl"] {
        assert!(found.iter().any(|(id, at, row, _)| id == "f.cards" && at == file && *row > 0), "{file}: {found:#?}");
    }
}

#[test]
fn silence_that_nothing_explains() {
    let records = "chain_proof/records.jsonl";
    let mut log = begun();
    log.add(200, Draft::new(RecordType::Heartbeat));
    finds(&mut log, "g.silence", records, 7, "nothing was recorded between");
    // A killed gateway says nothing as it stops.
    let mut log = begun();
    log.add(200, Draft::new(RecordType::WriterStart));
    finds(&mut log, "g.silence", records, 7, "nothing says why");
    let mut log = begun();
    log.add(1, Draft::new(RecordType::WriterStop));
    log.add(86_400, Draft::new(RecordType::WriterStart));
    assert_eq!(found(&mut log), []);
    // A control failure that lasted as long.
    let mut log = begun();
    log.add(3600, incident("began", "platform").detail("since", "2026-03-01T08:00:10Z"));
    log.add(1, incident("ended", "platform").detail("since", "2026-03-01T08:00:10Z"));
    assert_eq!(found(&mut log), []);
}

#[test]
fn failures_without_an_end_or_an_owner() {
    let mut log = begun();
    log.add(1, incident("began", "platform"));
    finds(&mut log, "i.failures", "control_failures.csv", 1, "no end");
    let mut log = begun();
    log.add(1, incident("began", ""));
    log.add(1, incident("ended", ""));
    finds(&mut log, "i.failures", "control_failures.csv", 1, "no cause, no owner");
}

#[test]
fn purges_before_their_time() {
    let mut log = begun();
    log.add(1, purge(90));
    finds(&mut log, "g.retention", "retention.csv", 1, "365 are the least");
    let mut log = begun();
    log.add(1, hold("warehouse"));
    log.add(1, purge(400));
    finds(&mut log, "g.retention", "retention.csv", 2, "hold h-1");
}

#[test]
fn readings_and_clocks() {
    let mut log = begun();
    let mut read = Draft::new(RecordType::AuditRead);
    read.origin = Some(origin("carol"));
    read.outcome = Some("success".to_owned());
    read.connection = Some("warehouse".parse().unwrap());
    log.add(1, read);
    finds(&mut log, "j.reads", "audit_access.csv", 1, "what of it");
    let mut log = begun();
    for offset in ["3", "-2000", "none"] {
        log.add(1, Draft::new(RecordType::Clock).detail("clock_offset_ms", offset));
    }
    let found = found(&mut log);
    assert_eq!(
        found.iter().map(|(id, _, row, _)| (id.as_str(), *row)).collect::<Vec<_>>(),
        [("h.clock", 2), ("h.clock", 3)]
    );
}
