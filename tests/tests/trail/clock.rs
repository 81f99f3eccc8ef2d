//! The gateway's clock against a time server: what the trail, the status of controls, and a start make of it.

use std::path::Path;

use hoop_audit::{Record, RecordType};
use hoop_model::ClockState;
use hoop_recording::records;
use hoop_tests::{
    Finished, hoopctl,
    ntp::{Answers, TimeServer},
};

use crate::witness::{Alone, until};

/// What the trail says of the clock.
fn measured(alone: &Alone) -> Vec<Record> {
    let mut measured = Vec::new();
    let keep = |record: Record, _: &[u8]| {
        if record.draft.kind == RecordType::Clock {
            measured.push(record);
        }
    };
    records(&alone.trail(), keep).unwrap();
    measured
}

/// What evidence of this trail says of its clock.
fn evidence(alone: &Alone, trail: &Path) -> String {
    let out = tempfile::tempdir_in(alone.dir.path()).unwrap();
    let arguments = ["evidence", "--from", "2020-01-01", "--to", "2099-12-31", "--trail"];
    Finished::of(hoopctl().args(arguments).arg(trail).arg("--out").arg(out.path().join("pack"))).ok();
    let arguments = ["--output", "json", "evidence", "verify"];
    let verified = Finished::of(hoopctl().args(arguments).arg(out.path().join("pack"))).json();
    let checks = verified["report"]["checks"].as_array().unwrap();
    checks.iter().find(|check| check["id"] == "h.clock").unwrap()["status"].as_str().unwrap().to_owned()
}

#[test]
fn a_clock_that_is_off_is_measured_recorded_and_an_incident_until_it_is_right() {
    let server = TimeServer::start(Answers::Ahead(0));
    let mut alone = Alone::new();
    alone.more = server.settings();
    let program = alone.start();
    let states = || measured(&alone).iter().map(|record| record.clock).collect::<Vec<_>>();
    until("the first measurement", || states() == [ClockState::Within]);
    program.terminate();
    program.finish().ok();
    let early = alone.copy("early");
    let program = alone.start();
    server.answer(Answers::Ahead(-5));
    until("the clock to be off", || states().last() == Some(&ClockState::Off));
    until("the incident's beginning", || alone.incidents("clock") == 1);
    server.answer(Answers::Ahead(0));
    until("the incident's end", || alone.incidents("clock") == 2);
    server.answer(Answers::Garbage);
    until("nobody to say what the time is", || states().last() == Some(&ClockState::Lost));
    until("another incident's beginning", || alone.incidents("clock") == 3);
    program.terminate();
    program.finish().ok();

    let measured = measured(&alone);
    let detail = |record: &Record, name: &str| record.draft.detail.get(name).cloned().unwrap_or_default();
    let offset = |record: &Record| detail(record, "clock_offset_ms").parse::<f64>().unwrap();
    assert!(offset(&measured[0]).abs() < 1000.0, "{:?}", measured[0]);
    let off = measured.iter().find(|record| record.clock == ClockState::Off).unwrap();
    assert!((offset(off) - 5000.0).abs() < 1000.0, "ahead: {off:?}");
    assert_eq!(detail(&measured[0], "clock_source"), server.address());
    assert_eq!(detail(&measured[0], "clock_host"), "gateway.test");
    assert_eq!(measured.last().unwrap().draft.outcome.as_deref(), Some("unanswered"));

    assert_eq!((evidence(&alone, &early), evidence(&alone, &alone.trail())), ("pass".to_owned(), "fail".to_owned()));
    let whole = alone.verify(&[]);
    let report = &whole.json()["report"];
    assert_eq!(whole.code, Some(10), "{report}");
    assert!(report["clocks"]["unsure"].as_u64().unwrap() >= 3, "{report}");
    assert_eq!(report["clocks"]["moves"], 0, "{report}");
}

#[test]
fn a_gateway_does_not_start_on_a_clock_that_is_off_and_does_without_anybody_to_ask() {
    let server = TimeServer::start(Answers::Ahead(30));
    let mut alone = Alone::new();
    alone.more = server.settings();
    let refused = Finished::of(&mut alone.command());
    assert_eq!(refused.code, Some(1), "{}", refused.stderr);
    // What lies between question and answer may be on one of their ways alone.
    let by = ["off by -30.", "off by -29.9"];
    assert!(by.iter().any(|words| refused.stderr.contains(words)), "{}", refused.stderr);
    for words in ["against 127.0.0.1:", "[clock] within_ms", "chronyd"] {
        assert!(refused.stderr.contains(words), "{words}: {}", refused.stderr);
    }
    assert!(!alone.trail().exists(), "nothing was begun");
    server.answer(Answers::Garbage);
    alone.run();
    let mut states = Vec::new();
    records(&alone.trail(), |record: Record, _: &[u8]| states.push(record.clock)).unwrap();
    assert!(states.iter().all(|state| *state == ClockState::Lost), "{states:?}");
}
