//! The masker against a labelled corpus: what it must hide and what it must leave.

#![allow(clippy::unwrap_used, clippy::indexing_slicing)]

mod corpus;

use std::collections::BTreeSet;

use corpus::{
    case::{Case, Class, Format},
    corpus, engine,
    report::{Report, Tally},
    score::judge,
};

fn report(mask: impl Fn(&Case, &str) -> String) -> Report {
    let mut report = Report::default();
    for case in &corpus() {
        let output = mask(case, &case.text);
        let again = mask(case, &output);
        report.add(case, &judge(case, &output), &output, Some(&again));
    }
    report
}

#[test]
fn streams_clear_every_bar() {
    clears_every_bar(&report(|case, text| engine::mask(case.format, text)));
}

#[test]
fn messages_that_have_been_read_clear_every_bar() {
    clears_every_bar(&report(|case, text| engine::read(case.format, text)));
}

#[test]
fn pieces_of_any_size_come_out_the_same() {
    for case in &corpus() {
        let whole = engine::in_pieces(&case.text, 64 * 1024);
        for size in [1, 7] {
            assert_eq!(engine::in_pieces(&case.text, size), whole, "{} in pieces of {size}", case.id);
        }
    }
}

fn clears_every_bar(report: &Report) {
    eprintln!("{report}");
    report.0.iter().flat_map(|row| &row.samples).for_each(|sample| eprintln!("{sample}\n"));

    let mut under = Vec::new();
    let mut bar = |name: &str, value: f64, least: f64| {
        if value < least {
            under.push(format!("{name}: {value:.2} < {least}"));
        }
    };
    bar("plain", report.class(Class::Plain).recall(), 99.9);
    bar("hard", report.class(Class::Hard).recall(), 97.0);
    for row in report.0.iter().filter(|row| row.class == Class::Hard) {
        bar(row.category, row.tally.recall(), 80.0);
    }
    bar("authentication data", report.class(Class::Sad).recall(), 99.9);
    bar("decoys kept", report.class(Class::Decoy).kept(), 99.0);
    bar("masked twice, unchanged", report.all().idempotent(), 100.0);
    assert_eq!(report.all().broken, 0, "broken JSON");
    assert!(under.is_empty(), "{under:#?}");
}

#[test]
fn a_masker_that_does_nothing_hides_nothing() {
    for case in &corpus() {
        let verdict = judge(case, &case.text);
        assert_eq!(verdict.leaked, case.secrets, "{}", case.id);
        assert!(verdict.lost.is_empty() && !verdict.broken, "{}", case.id);
    }
}

#[test]
fn a_masker_that_hides_all_keeps_nothing() {
    let stars = |text: &str| "*".repeat(text.chars().count());
    let Tally { hidden, secret, broken, .. } = report(|_, text| stars(text)).all();
    assert_eq!(hidden, secret);
    assert!(broken > 0);
    assert_eq!(report(|_, text| stars(text)).class(Class::Decoy).kept, 0);
}

#[test]
fn numbers_with_zeroed_middles_are_masked() {
    let case = Case::plain("zeroed", Format::Json, r#"{"n":4111111111111111}"#).hides("4111111111111111");
    assert!(judge(&case, r#"{"n":4111110000001111}"#).leaked.is_empty());
    for leak in [r#"{"n":"411111 1111 11 1111"}"#, r#"{"n":"%34111111111111111"}"#, r#"{"n":4.111111111111111e15}"#] {
        assert_eq!(judge(&case, leak).leaked.len(), 1, "{leak}");
    }
    assert!(judge(&case, r#"{"n":411111******1111}"#).broken);
}

#[test]
fn the_corpus_is_whole_and_always_the_same() {
    let cases = corpus();
    assert!(cases.len() >= 3000, "{}", cases.len());
    assert_eq!(cases, corpus());
    assert_eq!(cases.iter().map(|case| &case.id).collect::<BTreeSet<_>>().len(), cases.len());
    for case in &cases {
        assert_eq!(case.secrets.is_empty(), case.class == Class::Decoy, "{}", case.id);
        let parses = serde_json::from_str::<serde_json::Value>(&case.text).is_ok();
        assert!(parses || case.format != Format::Json, "{}", case.id);
    }
}
