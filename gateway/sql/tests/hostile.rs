//! Text made to break a reader: too deep, too long, unreadable, or not what it seems.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]

use hoop_model::Action;
use hoop_sql::{Classification, MAX_BYTES, MAX_TOKENS, SessionEffect, SessionState, classify};
use proptest::prelude::*;

fn state() -> SessionState {
    SessionState { database: Some("SHOP".into()), schema: Some("PUBLIC".into()), role: None }
}

/// Judges on a stack as small as a tokio worker's, where an overflow would end the process.
fn on_2_mib(sql: String) -> Classification {
    std::thread::Builder::new().stack_size(2 << 20).spawn(move || classify(&sql, &state())).unwrap().join().unwrap()
}

#[test]
fn long_chains_of_operators_survive_a_small_stack() {
    for link in [" + 1", " and a", " || 'x'", "::int", " is null", " like 'x'", "[0]", " union select 1", " = 1"] {
        for links in [1_000, 2_499, 10_000, 20_000, 33_000, 49_000, 100_000, 1_000_000] {
            let sql = format!("select a{}", link.repeat(links));
            if links >= 100_000 {
                assert_eq!(on_2_mib(sql).action(), Action::Unknown, "{link} × {links}");
            } else {
                on_2_mib(sql);
            }
        }
    }
    assert_eq!(on_2_mib(format!("select a{} from payments", " + 1".repeat(49_000))).action(), Action::Read);
}

#[test]
fn nesting_is_unknown_and_not_an_overflow() {
    for depth in [60, 1_000, 10_000, 40_000] {
        for (open, close) in [
            ("(", ")"),
            ("(select ", ")"),
            ("case when ", " end"),
            ("not ", ""),
            ("- ", ""),
            ("[", "]"),
            ("abs(", ")"),
            ("exists (select 1 from ", ")"),
        ] {
            let sql = format!("select {}1{}", open.repeat(depth), close.repeat(depth));
            assert_eq!(on_2_mib(sql).action(), Action::Unknown, "{open} × {depth}");
        }
        let from = format!("select * from {}payments{}", "(".repeat(depth), ")".repeat(depth));
        assert_eq!(on_2_mib(from).action(), Action::Unknown);
    }
}

#[test]
fn long_lists_are_read_up_to_the_caps() {
    let list = |n: usize| format!("select * from payments where id in ({})", vec!["1"; n].join(","));
    assert_eq!(classify(&list(40_000), &state()).action(), Action::Read);
    assert_eq!(classify(&list(MAX_TOKENS), &state()).action(), Action::Unknown);
    let rows = vec!["(1, 'a', 2.5)"; 9_000].join(", ");
    let insert = classify(&format!("insert into payments values {rows}"), &state());
    assert_eq!(insert.action(), Action::Write);
    assert_eq!(classify(&format!("select '{}'", "x".repeat(MAX_BYTES)), &state()).action(), Action::Unknown);
}

#[test]
fn characters_that_mislead_are_refused() {
    for c in ['\u{feff}', '\0', '\u{1}', '\u{b}', '\u{7f}', '\u{85}', '\u{202e}', '\u{2066}', '\u{200f}'] {
        for sql in [format!("{c}select 1"), format!("select '{c}'"), format!("select 1 -- {c}")] {
            let classification = classify(&sql, &state());
            assert_eq!(classification.action(), Action::Unknown, "{sql:?}");
            assert_eq!(classification.statements[0].reasons.len(), 1);
        }
    }
    assert_eq!(classify("select 1 -- x\rdrop table payments", &state()).action(), Action::Unknown);
    assert_eq!(classify("select\t1\r\n-- x\r\n", &state()).action(), Action::Read);
}

#[test]
fn text_without_a_statement_is_unknown() {
    for sql in ["", " ", ";", "-- x", "/* x */;;"] {
        let classification = classify(sql, &state());
        assert_eq!((classification.action(), classification.count()), (Action::Unknown, 1), "{sql:?}");
    }
}

#[test]
fn reasons_quote_no_literal() {
    for sql in [
        "select '4111111111111111' 4111111111111111 garbage",
        "select \"4111111111111111\"(1)",
        "call p('4111111111111111')",
        "alter session set x4111111111111111 = 1",
        "select f4111111111111111(1)",
    ] {
        let classification = classify(sql, &state());
        assert_eq!(classification.action(), Action::Unknown, "{sql}");
        for reason in classification.statements.iter().flat_map(|judged| &judged.reasons) {
            assert!(!reason.contains("4111"), "{sql}: {reason}");
        }
    }
}

#[test]
fn a_use_counts_for_the_statements_after_it() {
    let judged = classify("use schema other.private; select * from t; use database d; select * from t", &state());
    let tables: Vec<String> = judged.tables().iter().map(ToString::to_string).collect();
    assert_eq!(tables, ["OTHER.PRIVATE.T", "OTHER.PUBLIC.T", "T"]);
    assert_eq!(judged.count(), 4);
    let Some(SessionEffect::Use(last)) = judged.statements.get(2).map(|judged| judged.effect.clone()) else { panic!() };
    assert_eq!(last, SessionState { database: Some("D".into()), schema: None, role: None });
    assert_eq!(
        classify("use schema \"lower\"", &state()).statements[0].effect,
        SessionEffect::Use(SessionState { database: Some("SHOP".into()), schema: Some("lower".into()), role: None })
    );
    assert_eq!(classify("use role r", &state()).statements[0].effect, SessionEffect::None);
}

#[test]
fn only_the_role_that_is_current_may_be_taken_again() {
    let analyst = SessionState { role: Some("ANALYST".into()), ..state() };
    for sql in ["use role analyst", "USE ROLE \"ANALYST\"", "use role analyst; select * from t"] {
        assert!(classify(sql, &analyst).action() <= Action::Read, "{sql}");
    }
    for sql in [
        "use role \"analyst\"",
        "use role admin",
        "use role admin; use role analyst",
        "call p(); use role analyst",
        "use secondary roles all",
        "use role identifier($r)",
    ] {
        assert_eq!(classify(sql, &analyst).action(), Action::Unknown, "{sql}");
    }
    assert_eq!(classify("use role analyst", &state()).action(), Action::Unknown, "nobody knows which is current");
    let elsewhere = classify("use schema s; use role analyst; create schema n; use role analyst", &analyst);
    assert!(elsewhere.statements.iter().all(|judged| judged.action != Action::Unknown), "moving keeps the role");
}

#[test]
fn a_name_without_a_schema_may_mean_a_table_of_public() {
    let state = SessionState { database: Some("SHOP".into()), schema: Some("SANDBOX".into()), role: None };
    let touched = |sql: &str| {
        let tables = classify(sql, &state).tables();
        tables.iter().map(ToString::to_string).collect::<Vec<_>>().join(" ")
    };
    let both = "SHOP.SANDBOX.PAYMENTS SHOP.PUBLIC.PAYMENTS";
    for sql in [
        "select * from payments",
        "select * from table('payments') join payments p on true",
        "insert into payments values (1)",
        "insert all into payments values (1) select 1",
        "update payments set a = 1",
        "delete from payments",
        "merge into payments using payments on true when matched then delete",
        "copy into payments from @s",
    ] {
        assert_eq!(touched(sql), both, "{sql}");
    }
    // A new table is made in the current schema, and a schema that is named is no search.
    assert_eq!(touched("create table payments (a int)"), "SHOP.SANDBOX.PAYMENTS");
    assert_eq!(touched("select * from sandbox.payments"), "SHOP.SANDBOX.PAYMENTS");
    assert_eq!(touched("with payments as (select 1) select * from payments"), "");
    let judged = classify("select * from a, b", &state);
    assert_eq!(judged.statements[0].reasons.len(), 1);
    assert!(judged.statements[0].reasons[0].contains("PUBLIC"));
    assert!(
        classify("select * from a", &SessionState { schema: Some("PUBLIC".into()), ..state }).statements[0]
            .reasons
            .is_empty()
    );
}

#[test]
fn after_something_unknown_names_resolve_against_nothing() {
    let judged = classify("execute immediate 'use schema x'; select * from t", &state());
    assert_eq!(judged.statements[1].tables[0].to_string(), "T");
}

#[test]
fn ids_read_back_are_reported_apart_from_what_else_is_risky() {
    let judged = classify("select * from table(result_scan('01b2-aa')) join t on true", &state());
    assert_eq!(judged.statements[0].result_scan, ["01b2-aa"]);
    assert_eq!(judged.statements[0].action, Action::Unknown);
    assert_eq!(judged.statements[0].besides_result_scan, Action::Read);
    let udf = classify("select my_udf(1) from table(result_scan('01b2-aa'))", &state());
    assert_eq!(udf.statements[0].besides_result_scan, Action::Unknown);
}

#[test]
fn a_name_that_is_spelled_with_escapes_is_unknown() {
    for name in
        [r"pay\x6dents", r"pay\155ents", r"pay\u006dents", r"pay\ments", r#""PAY\x4dENTS""#, r"shop.public.pay\x6dents"]
    {
        for sql in [
            format!("delete from identifier('{name}')"),
            format!("insert into identifier('{name}') values (1)"),
            format!("update identifier('{name}') set a = 1"),
            format!("select * from identifier('{name}')"),
            format!("select * from table('{name}')"),
            format!("use schema identifier('{name}')"),
            format!("create table c clone identifier('{name}')"),
        ] {
            assert_eq!(classify(&sql, &state()).action(), Action::Unknown, "{sql}");
        }
    }
    // An id in escapes is another id to the server than to a reader.
    let scan = classify(r"select * from table(result_scan('01b2\x2daa'))", &state());
    assert_ne!(scan.statements[0].result_scan, ["01b2-aa"]);
    // Elsewhere a literal may hold what it likes.
    assert_eq!(classify(r"select 'it\'s \x6d' from payments", &state()).action(), Action::Read);
    let quoted = classify("select * from \"a\"\"b\"", &state());
    assert_eq!(quoted.statements[0].tables[0].to_string(), "SHOP.PUBLIC.a\"b");
}

#[test]
fn relations_that_hold_the_text_of_statements_say_so() {
    let judged = classify("select query_text from snowflake.account_usage.query_history", &state());
    assert_eq!(judged.action(), Action::Read);
    assert!(judged.statements[0].reasons[0].contains("text of statements"));
}

#[test]
fn a_text_far_over_the_cap_is_not_read() {
    assert_eq!(classify(&"(".repeat(9 << 20), &state()).action(), Action::Unknown);
}

const WORDS: &[&str] = &[
    "select",
    "*",
    "from",
    "payments",
    "p",
    "where",
    "(",
    ")",
    ",",
    ";",
    "'",
    "\"",
    "$$",
    "--",
    "/*",
    "*/",
    "\n",
    "with",
    "as",
    "insert",
    "into",
    "values",
    "1",
    "identifier",
    "table",
    "'payments'",
    "$t",
    "?",
    "union",
    "join",
    "on",
    "=",
    "update",
    "set",
    "delete",
    "merge",
    "using",
    "when",
    "matched",
    "then",
    "copy",
    "@s",
    "create",
    "drop",
    "alter",
    "clone",
    "like",
    "grant",
    "to",
    "use",
    "schema",
    "begin",
    "end",
    "call",
    "execute",
    "immediate",
    "case",
    "over",
    "partition",
    "by",
    "order",
    "->",
    "->>",
    "::",
    ":",
    "[",
    "]",
    "{",
    "}",
    ".",
    "..",
    "é",
    "\u{a0}",
    "\\",
    "not",
    "in",
    "is",
    "null",
    "explain",
    "show",
    "tables",
    "lateral",
    "flatten",
    "input",
    "=>",
    "at",
    "pivot",
    "for",
    "any",
    "match_recognize",
    "interval",
    "cast",
];

proptest! {
    #![proptest_config(ProptestConfig::with_cases(2_000))]

    #[test]
    fn any_text_is_judged(text in ".{0,200}") {
        prop_assert!(classify(&text, &state()).count() >= 1);
    }

    #[test]
    fn any_words_are_judged_and_a_read_does_not_hide_the_rest(
        words in prop::collection::vec(prop::sample::select(WORDS), 0..40),
        glue in prop::sample::select(&[" ", ""][..]),
    ) {
        let judged = classify(&words.join(glue), &state());
        prop_assert_eq!(judged.action(), judged.statements.iter().map(|judged| judged.action).max().unwrap());
        if judged.action() <= Action::Read {
            for word in ["insert", "update", "delete", "merge", "copy", "create", "drop", "alter", "grant", "call", "execute"] {
                let starts = words.first() == Some(&word) && glue == " ";
                prop_assert!(!starts, "{words:?}");
            }
        }
    }

    #[test]
    fn a_list_is_as_risky_as_its_riskiest_statement(
        picks in prop::collection::vec(prop::sample::select(&[
            "select 1", "select * from payments", "insert into a select * from b", "drop table a", "copy into @s from payments",
            "grant role a to role b", "call p()", "begin", "not a statement", "use schema x", "-- nothing\n",
        ][..]), 1..6),
    ) {
        let alone = picks.iter().filter(|sql| !sql.starts_with("--")).map(|sql| classify(sql, &state()).action()).max();
        let together = classify(&picks.join(";"), &state());
        prop_assert_eq!(together.action(), alone.unwrap_or(Action::Unknown));
    }
}
