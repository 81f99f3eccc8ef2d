//! JSON, text and rowsets through the public interface.
#![allow(clippy::unwrap_used, clippy::indexing_slicing)]

use hoop_masking::{Column, ColumnKind, Findings, MaskError, Masker, Rule};
use proptest::prelude::*;
use serde_json::{Value, json};

fn json_text(clear: &str) -> (String, Findings) {
    let mut findings = Findings::default();
    let masked = Masker::default().json(serde_json::from_str(clear).unwrap(), &mut findings).unwrap();
    (masked.to_text().into_inner(), findings)
}

#[test]
fn json_values_of_every_form() {
    let cases = [
        (r#"{"a":"4111111111111111"}"#, r#"{"a":"411111******1111"}"#),
        (r#"{"a":"\u0034111 1111 1111 1111"}"#, r#"{"a":"4111 11** **** 1111"}"#),
        (r#"[4111111111111111]"#, r#"[4111110000001111]"#),
        (r#"[4111111111111111.0,4.111111111111111e15]"#, r#"[4111110000001111,4111110000001111]"#),
        (r#"[4111111111111111.25]"#, r#"[4111110000001111.25]"#),
        (r#"[-6212345678901234569]"#, r#"[-6212340000000004569]"#),
        (r#"["4.111111111111111E+15"]"#, r#"["411111******1111"]"#),
        (r#"{"4111111111111111":{"x":null}}"#, r#"{"411111******1111":{"x":null}}"#),
        (r#"{"card_number":"4111111111111112"}"#, r#"{"card_number":"411111******1112"}"#),
        (r#"{"cardNumber":[4111111111111112]}"#, r#"{"cardNumber":[4111110000001112]}"#),
        (r#"{"cvv":"123","CVC2":1234,"cid":12,"pin":"0000"}"#, r#"{"cvv":"***","CVC2":0,"cid":0,"pin":"***"}"#),
        (r#"{"track2":"4111111111111111=25121010000"}"#, r#"{"track2":"***"}"#),
        // JSON in JSON, once and twice; what was laid out in lines stays so.
        (r#"["{\"n\":4111111111111111}"]"#, r#"["{\"n\":4111110000001111}"]"#),
        (r#"["\"{\\\"n\\\":4111111111111111}\""]"#, r#"["\"{\\\"n\\\":4111110000001111}\""]"#),
        (r#"["{\n  \"n\": 4111111111111111\n}"]"#, r#"["{\n  \"n\": 4111110000001111\n}"]"#),
        (r#"["{\"cvv\":\"123\"}"]"#, r#"["{\"cvv\":\"***\"}"]"#),
        (r#"["{\"a\":\"4111111111111111\",\"a\":1}"]"#, r#"["{\"a\":\"411111******1111\",\"a\":1}"]"#),
        // One of two values under a key, spelled so that only a parser sees it.
        (r#"["{\"a\":\"\\u0034111111111111111\",\"a\":1}"]"#, r#"["{\"a\":\"\\u003411111******1111\",\"a\":1}"]"#),
        (r#"["{\"cvv\":\"123\",\"cvv\":null}"]"#, r#"["{\"cvv\":\"***\",\"cvv\":null}"]"#),
    ];
    for (clear, expected) in cases {
        let (masked, findings) = json_text(clear);
        assert_eq!(masked, expected);
        assert!(!findings.is_empty(), "{clear}");
        assert_eq!(json_text(expected).0, expected, "masked twice");
    }
}

#[test]
fn json_that_must_not_change() {
    let cases = [
        r#"{"z":1,"a":12345678901234567890123456789012345678901234567890,"m":1.10,"e":1e+400,"n":-0}"#,
        r#"{"ts":1700000000000,"ns":1700000000000000000,"lat":52.4222222222222,"uuid":"550e8400-e29b-41d4-a716-446655440000"}"#,
        r#"["{\"a\":\"\\u0031\",\"a\":1}"]"#,
        r#"["{ \"a\" :   1700000000000 }","[1, 2","\"","{}"]"#,
        r#"{"pin":13,"gpio":{"pin":4},"cvv":null,"cvc":"","security_code":"none","cid":"customer-17"}"#,
        r#"{"isbn":9783161484100,"imei":"490154203237518","phone":"+4915123456789","order":"4111111111111112"}"#,
    ];
    for clear in cases {
        let (masked, findings) = json_text(clear);
        assert_eq!(masked, clear);
        assert!(findings.is_empty());
    }
}

#[test]
fn findings_say_where_and_hold_no_values() {
    let (_, findings) = json_text(
        r#"{"rows":[{"pan":"4111111111111111"},{"pan":"5555555555554444","order_id":4111111111111111}],"4111111111111111":"5555555555554444","cvv":"123"}"#,
    );
    let list = serde_json::to_value(&findings).unwrap();
    assert_eq!(
        list,
        json!([
            {"at": "$", "rule": "pan", "count": 1},
            {"at": "$.411111******1111", "rule": "pan", "count": 1},
            {"at": "$.cvv", "rule": "sad", "count": 1},
            {"at": "$.rows[].order_id", "rule": "unexpected_pan", "count": 1},
            {"at": "$.rows[].pan", "rule": "pan", "count": 2},
        ])
    );
    assert_eq!((findings.total(), findings.of(Rule::Pan)), (6, 4));
}

#[test]
fn keys_that_come_out_the_same_stay_two() {
    let (masked, _) =
        json_text(r#"{"4111111111111111":1,"4111110000001111":2,"4111111234561111":3,"4111119999981111":4}"#);
    let value: Value = serde_json::from_str(&masked).unwrap();
    assert_eq!(value.as_object().unwrap().len(), 4);
}

#[test]
fn nesting_is_bounded() {
    let deep = |levels: usize| (0..levels).fold(json!("4111111111111111"), |inner, _| json!([inner]));
    let masker = Masker::default();
    assert!(masker.json(deep(128), &mut Findings::default()).is_ok());
    assert_eq!(masker.json(deep(129), &mut Findings::default()).err(), Some(MaskError::TooDeep { limit: 128 }));
    let text = format!("{}\"\\u0034111111111111111\"{}", "[".repeat(500), "]".repeat(500));
    let nested = masker.json(json!([text]), &mut Findings::default()).unwrap().to_text().into_inner();
    assert!(!nested.contains("1111111111"), "what is too deep to be read is text");
    assert!(!masker.text(&text, &mut Findings::default()).into_inner().contains("111111111"));
    let wrapped = (0..60).fold("4111111111111111".to_owned(), |text, _| format!("[{text}]"));
    assert!(!masker.text(&wrapped, &mut Findings::default()).into_inner().contains("4111111111111111"));
}

#[test]
fn bodies_and_error_texts() {
    let masker = Masker::default();
    let mut findings = Findings::default();
    let text = "Numeric value '4111111111111111' is not recognized";
    assert_eq!(masker.text(text, &mut findings).into_inner(), "Numeric value '411111******1111' is not recognized");
    assert_eq!(findings.total(), 1);
    let sql = "insert into t values (1,'5555 5555 5555 4444'), (2, 378282246310005)";
    let masked = masker.text(sql, &mut findings).into_inner();
    assert_eq!(masked, "insert into t values (1,'5555 55** **** 4444'), (2, 378282*****0005)");
    assert_eq!(masker.bytes_text(b"\xff", &mut findings).err(), Some(MaskError::NotText));
    assert_eq!(
        masker.bytes_text("é 4111111111111111".as_bytes(), &mut findings).unwrap().into_inner(),
        "é 411111******1111".as_bytes()
    );
}

#[test]
fn a_reply_is_to_the_request_that_was_asked() {
    let reply = |message: Value, asked: Option<Value>| {
        let masked = Masker::default().reply(message, asked.as_ref(), &mut Findings::default());
        masked.map(|masked| masked.into_inner())
    };
    // The client's own id comes back whole, even if it looks like a card number.
    let card = json!("4111111111111111");
    let answer = json!({"jsonrpc": "2.0", "id": card, "result": {"text": "4111111111111111"}});
    let masked = reply(answer.clone(), Some(card.clone())).unwrap();
    assert_eq!(masked, json!({"jsonrpc": "2.0", "id": card, "result": {"text": "411111******1111"}}));
    for asked in [None, Some(json!(1)), Some(json!("1")), Some(Value::Null)] {
        assert_eq!(reply(answer.clone(), asked), Err(MaskError::OtherId));
    }
    assert_eq!(reply(json!({"id": "1", "result": {}}), Some(json!(1))), Err(MaskError::OtherId));
    assert_eq!(reply(json!({"result": {}}), None), Err(MaskError::OtherId));
    // The upstream's own requests and notifications.
    let request = |id: Value| json!({"id": id, "method": "roots/list", "params": {"n": "4111111111111111"}});
    assert_eq!(reply(request(json!(7)), None).unwrap()["params"]["n"], "411111******1111");
    assert_eq!(reply(request(card), Some(json!(1))), Err(MaskError::IdMasked));
    assert_eq!(reply(request(json!(4_111_111_111_111_111_u64)), None), Err(MaskError::IdMasked));
    assert!(reply(json!({"method": "notifications/progress", "params": {}}), Some(json!(1))).is_ok());
}

#[test]
fn what_is_hidden_stays_as_it_is() {
    let masker = Masker::default();
    let cases = [
        // Twice the front of a hidden number would be a PIN, or a code.
        ("pin=4111111111111111", "pin=411111******1111"),
        (r#"{"pin":4111111111111111.5"#, r#"{"pin":411111******1111.5"#),
        // The digits of what is encoded are none of a card number's.
        (
            r#"{"card_number":"34313131313131313131313131313131"}"#,
            r#"{"card_number":"3431313131312a2a2a2a2a2a31313131"}"#,
        ),
        // A key that is no valid JSON keeps its backslashes.
        (r#"{"a\n 4111111111111111 \y":1"#, r#"{"a\n 411111******1111 \y":1"#),
    ];
    for (clear, expected) in cases {
        let once = masker.text(clear, &mut Findings::default()).into_inner();
        assert_eq!(once, expected);
        assert_eq!(masker.text(&once, &mut Findings::default()).into_inner(), expected, "masked twice");
    }
}

fn rowset(kind: ColumnKind, name: &str, cells: &[&str]) -> Vec<String> {
    let rows = cells.iter().map(|cell| vec![Some((*cell).to_owned()), None]).collect();
    let columns = [Column::new(name, kind), Column::new("N", ColumnKind::Text)];
    let masked = Masker::default().rowset(rows, &columns, &mut Findings::default()).unwrap().into_inner();
    assert!(masked.iter().all(|row| row[1].is_none()));
    masked.into_iter().map(|mut row| row.swap_remove(0).unwrap()).collect()
}

#[test]
fn rowset_cells_by_kind() {
    let number = ColumnKind::Number { scale: 2 };
    assert_eq!(
        rowset(
            number,
            "A",
            &["4111111111111111", "4111111111111111.50", "-4111111111111111.00", "12.50", "41111111111111.11"]
        ),
        ["4111110000001111", "4111110000001111.50", "-4111110000001111.00", "12.50", "41111111111111.11"]
    );
    assert_eq!(
        rowset(ColumnKind::Real, "A", &["4.111111111111111e15", "NaN", "-inf"]),
        ["4111110000001111", "NaN", "-inf"]
    );
    assert_eq!(
        rowset(ColumnKind::Text, "V", &[r#"{"n": 4111111111111111}"#, r#"{"n": 1}"#, "", "x 4111111111111111"]),
        [r#"{"n": 4111110000001111}"#, r#"{"n": 1}"#, "", "x 411111******1111"]
    );
    let times =
        ["1700000000.000000000", "1700000000.123456789 1440", "-86400.000000000", "19000", "2200000000.000000000"];
    assert_eq!(rowset(ColumnKind::Temporal, "T", &times), times);
    assert_eq!(rowset(ColumnKind::Temporal, "T", &["4111111111111111"]), ["411111******1111"]);
    assert_eq!(rowset(ColumnKind::Boolean, "B", &["1", "0"]), ["1", "0"]);
    // Binary is hexadecimal: "4111111111111111" in ASCII, and bytes that are no text.
    assert_eq!(
        rowset(ColumnKind::Binary, "H", &["34313131313131313131313131313131", "FFFE00"]),
        ["3431313131312A2A2A2A2A2A31313131", "FFFE00"]
    );
}

#[test]
fn rowset_columns_by_name() {
    let number = ColumnKind::Number { scale: 0 };
    assert_eq!(rowset(number, "CARD_NUMBER", &["4111111111111112", "7"]), ["4111110000001112", "7"]);
    assert_eq!(rowset(ColumnKind::Text, "pan", &["1234567890123", "n/a"]), ["123456***0123", "n/a"]);
    // The last group's exponent is too short a number of its own, masked once or twice.
    assert_eq!(rowset(ColumnKind::Text, "card_number", &["3713 971235 3e62"]), ["3713 971235 3e62"]);
    assert_eq!(rowset(number, "CVV", &["123", "12"]), ["0", "0"]);
    assert_eq!(rowset(ColumnKind::Text, "CVV2", &["123", "0123", "unknown"]), ["***", "***", "unknown"]);
    assert_eq!(rowset(ColumnKind::Text, "TRACK_1_DATA", &["%B4111111111111111^X^2512?"]), ["***"]);
    assert_eq!(
        rowset(ColumnKind::Text, "ORDER_ID", &["4111111111111112", "4111111111111111"]),
        ["4111111111111112", "411111******1111"]
    );
}

#[test]
fn a_row_of_another_width_is_refused() {
    let rows = vec![vec![None], vec![None, None]];
    let columns = [Column::new("A", ColumnKind::Text)];
    let refused = Masker::default().rowset(rows, &columns, &mut Findings::default()).err();
    assert_eq!(refused, Some(MaskError::RowWidth { row: 1, cells: 2, columns: 1 }));
}

fn pieces() -> impl Strategy<Value = String> {
    prop::collection::vec(
        prop_oneof![
            Just("x4111111111111111x".to_owned()),
            Just("3782 822463 10005".to_owned()),
            Just("\\u0034".to_owned()),
            "[0-9]{0,17}",
            "[ {}\\[\\]\":,.eE+-]{0,3}",
            "\\PC{0,4}",
        ],
        0..6,
    )
    .prop_map(|pieces| pieces.concat())
}

fn document() -> impl Strategy<Value = Value> {
    let number = prop_oneof![
        any::<i64>().prop_map(|n| json!(n)),
        Just(json!(4_111_111_111_111_111_u64)),
        "[1-9][0-9]{11,20}(\\.[0-9]{1,3})?(e-?[0-9])?".prop_map(|text| serde_json::from_str(&text).unwrap()),
    ];
    let leaf =
        prop_oneof![Just(Value::Null), any::<bool>().prop_map(Value::from), number, pieces().prop_map(Value::from)];
    let key = prop_oneof![3 => "[a-z]{1,4}", 1 => prop::sample::select(vec!["pan", "cvv", "card_number", "pin", "ts"]).prop_map(str::to_owned), 1 => pieces()];

    leaf.prop_recursive(5, 40, 5, move |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..5).prop_map(Value::from),
            prop::collection::vec((key.clone(), inner.clone()), 0..5)
                .prop_map(|members| Value::Object(members.into_iter().collect())),
            inner.prop_map(|value| Value::from(value.to_string())),
        ]
    })
}

fn shape(value: &Value) -> String {
    match value {
        Value::Null => "0".to_owned(),
        Value::Bool(_) => "b".to_owned(),
        Value::Number(_) => "n".to_owned(),
        Value::String(_) => "s".to_owned(),
        Value::Array(items) => format!("[{}]", items.iter().map(shape).collect::<String>()),
        Value::Object(members) => format!("{{{}}}", members.values().map(shape).collect::<String>()),
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 3_000, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn documents_keep_their_shape_and_masking_twice_changes_nothing(value in document()) {
        let masker = Masker::default();
        let once = masker.json(value.clone(), &mut Findings::default()).unwrap();
        let text = once.to_text().into_inner();
        prop_assert_eq!(&serde_json::from_str::<Value>(&text).unwrap(), once.as_ref());
        prop_assert_eq!(shape(once.as_ref()), shape(&value));
        let twice = masker.json(once.as_ref().clone(), &mut Findings::default()).unwrap();
        prop_assert_eq!(twice.as_ref(), once.as_ref());
        prop_assert!(!text.contains("x4111111111111111x"), "{}", text);
    }

    #[test]
    fn text_bodies_twice(text in pieces()) {
        let masker = Masker::default();
        let once = masker.text(&text, &mut Findings::default());
        prop_assert!(masker.text(once.as_ref(), &mut Findings::default()) == once, "{:?} {:?}", text, once.as_ref());
    }
}

#[test]
fn keys_that_come_out_the_same_stay_apart() {
    let cards = r#"{"4111111111111111":1,"4111110000091111":2,"4111110000171111":3,"n":{"4111111111111111":4}}"#;
    let hidden = r#"{"411111******1111":1,"411111******1111'":2,"411111******1111''":3,"n":{"411111******1111":4}}"#;
    // Read as a tree, as bytes, and within a string.
    assert_eq!(json_text(cards).0, hidden);
    assert_eq!(Masker::default().text(cards, &mut Findings::default()).into_inner(), hidden);
    assert_eq!(json_text(&json!([cards]).to_string()).0, json!([hidden]).to_string());
    assert_eq!(json_text(hidden).0, hidden);
    let twice = r#"{"4111111111111111":1,"4111111111111111":2}"#;
    let text = Masker::default().text(twice, &mut Findings::default()).into_inner();
    assert_eq!(text, r#"{"411111******1111":1,"411111******1111":2}"#);
}

#[test]
fn codes_that_follow_codes() {
    for (clear, masked) in [("cvv 563 was 1234", "cvv *** was 1234"), ("cvv *** was 1234", "cvv *** was 1234")] {
        assert_eq!(Masker::default().text(clear, &mut Findings::default()).into_inner(), masked);
    }
}
