//! Each line of `corpus.txt`: a statement, what it is, and the tables it touches, in a session at `SHOP.PUBLIC`.
//! `UPDATE_GOLDEN=1` rewrites the expectations; read the difference before you keep it.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]

use std::{fmt::Write, fs, path::Path};

use hoop_sql::{SessionState, classify};

const ARROW: &str = " ==> ";

#[test]
fn every_statement_of_the_corpus_is_judged_as_written_down() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/corpus.txt");
    let corpus = fs::read_to_string(&path).unwrap();
    let state = SessionState { database: Some("SHOP".into()), schema: Some("PUBLIC".into()), role: None };
    let mut judged = String::new();
    let mut statements = 0;
    for line in corpus.lines() {
        if line.is_empty() || line.starts_with("# ") {
            writeln!(judged, "{line}").unwrap();
            continue;
        }
        let sql = line.split_once(ARROW).map_or(line, |(sql, _)| sql);
        let classification = classify(sql, &state);
        let tables: Vec<String> = classification.tables().iter().map(ToString::to_string).collect();
        write!(judged, "{sql}{ARROW}{}", classification.action()).unwrap();
        if !tables.is_empty() {
            write!(judged, "; {}", tables.join(", ")).unwrap();
        }
        judged.push('\n');
        statements += 1;
    }
    assert!(statements >= 300, "the corpus shrank to {statements}");
    if std::env::var_os("UPDATE_GOLDEN").is_some() {
        fs::write(&path, &judged).unwrap();
        return;
    }
    for (expected, actual) in corpus.lines().zip(judged.lines()) {
        assert_eq!(actual, expected);
    }
}
