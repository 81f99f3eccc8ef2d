//! An operator's rules over text and JSON.
#![allow(clippy::unwrap_used)]

use hoop_masking::{Column, ColumnKind, Findings, Form, Key, MaskError, Masker, Rule, Table};
use serde_json::{Value, json};

fn masker(rules: &str) -> Masker {
    Masker::new(&toml::from_str(rules).unwrap(), Some(Key::new("k1", vec![7; 32]).unwrap())).unwrap()
}

fn text(masker: &Masker, text: &str) -> String {
    masker.text(text, &mut Findings::default()).into_inner()
}

fn json(masker: &Masker, value: Value) -> Value {
    masker.json(value, &mut Findings::default()).unwrap().into_inner()
}

fn streamed(masker: &Masker, text: &str) -> String {
    let mut stream = masker.stream(Form::Auto);
    let mut out = stream.write(text.as_bytes()).unwrap().into_inner();
    out.extend(stream.finish().unwrap().0.into_inner());
    String::from_utf8(out).unwrap()
}

#[test]
fn modes_over_text_and_numbers() {
    let cases = [
        ("last4", json!(["************1111", 1111, "see ****-****-****-1111"])),
        ("bin8last4", json!(["41111111****1111", 4_111_111_100_001_111_u64, "see 4111-1111-****-1111"])),
        ("full", json!(["****************", 0, "see ****-****-****-****"])),
        ("null", json!([null, null, "see "])),
    ];
    for (mode, expected) in cases {
        let masker = masker(&format!("mode = \"{mode}\""));
        let clear = json!(["4111111111111111", 4_111_111_111_111_111_u64, "see 4111-1111-1111-1111"]);
        assert_eq!(json(&masker, clear.clone()), expected);
        assert_eq!(streamed(&masker, &clear.to_string()), expected.to_string());
        assert_eq!(json(&masker, expected.clone()), expected, "masked twice");
    }
    let blocked = masker("mode = \"block\"").json(json!({"a": ["4111111111111111"]}), &mut Findings::default());
    assert_eq!(blocked.err(), Some(MaskError::Blocked { at: "$.a[]".to_owned() }));
    // What goes into a record is hidden, not refused.
    assert_eq!(text(&masker("mode = \"block\""), "4111111111111111"), "****************");
}

#[test]
fn tokens_are_the_same_for_every_spelling_and_stay() {
    let masker = masker("mode = \"tokenize\"");
    let out = json(
        &masker,
        json!(["4111111111111111", "4111 1111 1111 1111", 4_111_111_111_111_111_u64, "５５５５555555554444"]),
    );
    let list = out.as_array().unwrap();
    let token = list.first().unwrap().as_str().unwrap();
    assert!(token.starts_with("tok_k1_"), "{token}");
    assert!(list.iter().take(3).all(|one| one == token), "{out}");
    assert_ne!(list.last().unwrap(), token);
    assert_eq!(json(&masker, out.clone()), out);
}

#[test]
fn encrypted_numbers_keep_their_form() {
    let masker = masker("mode = \"fpe\"");
    let once = text(&masker, "4111-1111-1111-1111");
    assert!(
        once.starts_with("4111-11") && once.ends_with("-1111") && once.len() == 19 && once != "4111-1111-1111-1111"
    );
    assert_eq!(text(&masker, &once), once, "it fails its check digit");
}

#[test]
fn authentication_data_goes_in_every_mode() {
    for mode in ["last4", "bin8last4", "full", "null", "tokenize", "fpe"] {
        let masker = masker(&format!("mode = \"{mode}\""));
        assert_eq!(json(&masker, json!({"cvv": "123"})), json!({"cvv": "***"}), "{mode}");
        let track = text(&masker, ";4111111111111111=25121010000012345?");
        assert!(!track.contains("2512") && !track.contains("12345"), "{mode}: {track}");
    }
}

#[test]
fn entities_are_off_until_a_rule_names_them() {
    let clear = "mail anna@example.com, iban DE89 3704 0044 0532 0130 00, id E123456";
    assert_eq!(text(&Masker::default(), clear), clear);
    let masker = masker(
        "[[rule]]\nentity = \"email\"\nmode = \"full\"\n[[rule]]\nentity = \"iban\"\nmode = \"last4\"\n\
         [[rule]]\nentity = \"employee\"\nmode = \"null\"\n[[pattern]]\nname = \"employee\"\nregex = \"E[0-9]{6}\"",
    );
    assert_eq!(streamed(&masker, clear), "mail ****@*******.***, iban **** **** **** **** **30 00, id ");
    // A record shows that something was there.
    assert_eq!(text(&masker, clear), "mail ****@*******.***, iban **** **** **** **** **30 00, id *******");
    let mut findings = Findings::default();
    assert_eq!(masker.json(json!({"m": "a@b.de"}), &mut findings).unwrap().into_inner(), json!({"m": "*@*.**"}));
    assert_eq!(findings.iter().next().unwrap().rule, Rule::Entity("email".into()));
    let twice = text(&masker, &text(&masker, clear));
    assert_eq!(twice, text(&masker, clear));
}

#[test]
fn rules_of_places_and_groups() {
    let masker = masker(
        "card = [\"SHOP.PUBLIC.PAYMENTS.REF\", \"lookup:$.customer.card\"]\n\
         [[rule]]\nentity = \"pan\"\nat = [\"*.*.PAYMENTS.*\"]\nmode = \"full\"\ngroups = [\"contractors\"]",
    );
    let table = |name: &str| Table { database: Some("SHOP".into()), schema: Some("PUBLIC".into()), name: name.into() };
    let cell = |masker: &Masker, table: Table, column: &str, value: &str| {
        let columns = [Column::new(column, ColumnKind::Text).of(Some(table))];
        let rows = vec![vec![Some(value.to_owned())]];
        let masked = masker.rowset(rows, &columns, &mut Findings::default()).unwrap().into_inner();
        masked.into_iter().flatten().flatten().next().unwrap()
    };
    assert_eq!(cell(&masker, table("PAYMENTS"), "REF", "4111111111111112"), "411111******1112");
    assert_eq!(cell(&masker, table("ORDERS"), "REF", "4111111111111112"), "4111111111111112");
    let contractors = masker.for_groups(["contractors".to_owned()]);
    assert_eq!(cell(&contractors, table("PAYMENTS"), "N", "4111111111111111"), "****************");
    assert_eq!(cell(&contractors, table("ORDERS"), "N", "4111111111111111"), "411111******1111");
    let lookup = masker.for_tool("lookup");
    let value = json!({"customer": {"card": "4111111111111112"}, "order": {"ref": "4111111111111112"}});
    let expected = json!({"customer": {"card": "411111******1112"}, "order": {"ref": "4111111111111112"}});
    assert_eq!(json(&lookup, value), expected);
}

#[test]
fn a_column_speaks_by_its_values() {
    let rows = |values: &mut dyn Iterator<Item = String>| values.map(|value| vec![Some(value)]).collect::<Vec<_>>();
    let masked = |masker: &Masker, rows: Vec<Vec<Option<String>>>| {
        let columns = [Column::new("REF", ColumnKind::Text)];
        masker.rowset(rows, &columns, &mut Findings::default()).unwrap().into_inner()
    };
    let card = || "4111111111111111".to_owned();
    let mistyped = || "4111111111111112".to_owned();
    let mostly_cards = rows(&mut (0..20).map(|_| card()).chain((0..5).map(|_| mistyped())));
    assert!(masked(&Masker::default(), mostly_cards).iter().flatten().flatten().all(|value| value.contains("******")));
    let few_cards = || rows(&mut (0..300).map(|row| if row % 100 == 0 { card() } else { format!("{row}") }));
    let hidden =
        |rows: Vec<Vec<Option<String>>>| rows.iter().flatten().flatten().filter(|value| value.contains('*')).count();
    assert_eq!(hidden(masked(&Masker::default(), few_cards())), 3);
    assert_eq!(hidden(masked(&masker("not_card = [\"REF\"]"), few_cards())), 0);
}

#[test]
fn digests_tell_whether_a_card_was_shown() {
    let masker = masker("");
    let digests = |text: &str| {
        let mut findings = Findings::default();
        masker.text(text, &mut findings);
        findings.digests().map(str::to_owned).collect::<Vec<_>>()
    };
    let one = digests("4111111111111111 and 4111 1111 1111 1111");
    assert_eq!((one.len(), &one), (1, &digests("{\"n\":4111111111111111}")));
    assert!(!one.concat().contains("1111"));
    assert_eq!(digests("5555555555554444 4111111111111111").len(), 2);
    let mut findings = Findings::default();
    Masker::default().text("4111111111111111", &mut findings);
    assert_eq!(findings.digests().count(), 0, "without a key");
}
