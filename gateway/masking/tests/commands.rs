//! Commands as the trail and an approver see them.
#![allow(clippy::unwrap_used, clippy::indexing_slicing)]

use hoop_masking::{Findings, Masker, Rule};
use proptest::prelude::*;
use serde_json::{Value, json};

fn statement(sql: &str) -> String {
    Masker::default().statement(sql, None, &mut Findings::default()).into_inner()
}

fn bound(sql: &str, values: &Value) -> String {
    Masker::default().statement(sql, Some(values), &mut Findings::default()).into_inner()
}

fn arguments(value: Value) -> Value {
    Masker::default().arguments(value, &mut Findings::default()).unwrap().into_inner()
}

#[test]
fn a_statement_that_names_a_code_shows_no_literal_that_could_be_one() {
    let cases = [
        ("update payments set cvv = '123'", "update payments set cvv = '***'"),
        (
            "insert into payments (pan, cvv) values ('4111111111111111', '123')",
            "insert into payments (pan, cvv) values ('411111******1111', '***')",
        ),
        ("select id from t where CVC2=1234 and id = 12345", "select id from t where CVC2=**** and id = 12345"),
        ("update t1234 set \"Security Code\" = ' 987 '", "update t1234 set \"Security Code\" = ' *** '"),
        ("update t set pin = '１２３４'", "update t set pin = '****'"),
        // In some countries a postal code, and a PIN where it is not.
        ("insert into t (pan, pin_code) values (?, '1234')", "insert into t (pan, pin_code) values (?, '****')"),
        (r#"select parse_json('{"cvv":"123"}')"#, r#"select parse_json('{"cvv":"***"}')"#),
        (r"update t set cvv = '\x31\x32\x33'", r"update t set cvv = '\***\***\***'"),
        ("update t set cvv = $$123$$ -- was 456", "update t set cvv = $$***$$ -- was ***"),
        (
            "-- don't\nupdate t set track_2_data = '4111111111111112=2512', note = 'a' where id = 1234",
            "-- don't\nupdate t set track_2_data = '****************=****', note = 'a' where id = 1234",
        ),
    ];
    for (clear, expected) in cases {
        assert_eq!(statement(clear), expected);
        assert_eq!(statement(expected), expected, "masked twice");
    }
}

#[test]
fn other_statements_keep_their_literals() {
    for sql in [
        "select 123, '456' from orders where year = 2024 -- 789",
        "select zip_code, customer_cid from company where id = 1234",
        r"select 'a\tb' from t",
        "select cvv from t where id = '550e8400-e29b-4184-a716-676100000006'",
    ] {
        assert_eq!(statement(sql), sql);
    }
}

#[test]
fn bound_values_go_with_the_statement() {
    let values =
        json!({ "1": { "type": "TEXT", "value": "4111111111111111" }, "2": { "type": "TEXT", "value": "123" } });
    assert_eq!(
        bound("insert into payments (pan, cvv) values (?, ?)", &values),
        "insert into payments (pan, cvv) values (?, ?)\n-- bound: \
         {\"1\":{\"type\":\"TEXT\",\"value\":\"***\"},\"2\":{\"type\":\"TEXT\",\"value\":\"***\"}}"
    );
    let columns = json!({ "1": { "type": "FIXED", "value": ["123", null, "99999"] } });
    assert!(
        bound("update payments set cvv = ?", &columns)
            .ends_with(r#"{"1":{"type":"FIXED","value":["***",null,"***"]}}"#)
    );
    assert!(
        bound("select ?, ?", &values)
            .ends_with(r#"{"1":{"type":"TEXT","value":"411111******1111"},"2":{"type":"TEXT","value":"123"}}"#)
    );
    let mut findings = Findings::default();
    Masker::default().statement("update payments set cvv = ?, pin = '0000'", Some(&values), &mut findings);
    assert_eq!(findings.of(Rule::Sad), 3);
}

#[test]
fn arguments_are_hidden_by_key_and_by_what_a_text_among_them_names() {
    assert_eq!(
        arguments(json!({ "cvv": "123", "amount": 1500, "card": { "pan": "4111111111111111" } })),
        json!({ "cvv": "***", "amount": 1500, "card": { "pan": "411111******1111" } })
    );
    assert_eq!(
        arguments(json!({ "query": "update payments set cvv = '123' where id = 7" })),
        json!({ "query": "update payments set cvv = '***' where id = 7" })
    );
    assert_eq!(
        arguments(json!({ "field": "cvv", "values": ["123", 456, 78901] })),
        json!({ "field": "cvv", "values": ["***", "***", 78901] })
    );
    let plain = json!({ "query": "select 123", "limit": 100 });
    assert_eq!(arguments(plain.clone()), plain);
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 2_000, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn any_text_keeps_its_length_and_no_code(
        front in "[ -~é１]{0,20}", code in "[0-9]{3,4}", back in "[ -~é\\\\'\"$\n]{0,20}",
    ) {
        let sql = format!("set cvv = {front} {code} {back}");
        let shown = statement(&sql);
        prop_assert_eq!(shown.chars().count(), sql.chars().count());
        let padded = format!(" {code} ");
        prop_assert!(!shown.contains(&padded), "{}", shown);
    }
}
