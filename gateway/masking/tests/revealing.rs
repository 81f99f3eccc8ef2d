//! What who may see card numbers gets: those, in every carrier, and nothing of authentication data.
#![allow(clippy::unwrap_used, clippy::indexing_slicing)]

use std::sync::Arc;

use arrow_array::{
    Array, ArrayRef, BinaryArray, Decimal128Array, Float64Array, Int64Array, RecordBatch, StringArray, StringViewArray,
    StructArray, cast::AsArray, types::Int64Type,
};
use arrow_ipc::{reader::StreamReader, writer::StreamWriter};
use arrow_schema::{DataType, Field};
use hoop_masking::{Column, ColumnKind, Findings, Form, Key, Masker, Mode, Rule, Rules};
use serde_json::{Value, json};

const PAN: &str = "4111111111111111";
const NUMBER: i64 = 4_111_111_111_111_111;

fn with(rules: &str) -> Masker {
    Masker::new(&toml::from_str(rules).unwrap(), Some(Key::new("k1", vec![7; 32]).unwrap())).unwrap()
}

/// The document as it comes out, and what was found; nothing of it can be kept.
fn shown(masker: &Masker, value: Value) -> (Value, Findings) {
    let mut findings = Findings::default();
    let released = masker.json(value, &mut findings).unwrap();
    assert!(released.masked().is_none() && released.to_bytes().masked().is_none());
    (released.into_inner(), findings)
}

#[test]
fn card_numbers_stay_in_every_mode_and_are_counted_apart() {
    let clear = json!({
        "pan": "4111 1111 1111 1111", "n": NUMBER, "e": "4.111111111111111E+15", "order_id": "5555555555554444",
        "text": "{\"n\":4111111111111111}", "base64": "NDExMTExMTExMTExMTExMQ==", "typo": {"card": "4111111111111112"},
        "wide": "４１１１１１１１１１１１１１１１", "list": ["378282246310005, 6011111111111117"],
    });
    for mode in Mode::ALL {
        let (out, findings) = shown(&with(&format!("mode = \"{mode}\"")).revealing(), clear.clone());
        assert_eq!(out, clear, "{mode}");
        assert_eq!((findings.total(), findings.of(Rule::Revealed)), (0, 10), "{mode}: {findings:?}");
        // Of 4111… in all its spellings one, of the others one each.
        assert_eq!(findings.digests().count(), 5, "{mode}");
    }
    let mut hidden = Findings::default();
    let masked = with("").json(clear.clone(), &mut hidden).unwrap();
    let digests = |findings: &Findings| findings.digests().map(str::to_owned).collect::<Vec<_>>();
    assert_eq!(digests(&hidden), digests(&shown(&with("").revealing(), clear.clone()).1), "the same cards");
    assert_eq!((hidden.of(Rule::Revealed), hidden.total()), (0, 10));
    assert!(masked.masked().is_some_and(|masked| !masked.as_ref().to_string().contains("1111111")));
}

#[test]
fn authentication_data_goes_from_texts_all_the_same() {
    let masker = with("mode = \"block\"").revealing();
    for (clear, out) in [
        ("%B4111111111111111^DOE/J^25121019876543210?", "%B4111111111111111^***/*^*****************?"),
        (";4111111111111111=25121019876543210?", ";4111111111111111=*****************?"),
        ("57134111111111111111D25121019876543210F", "57134111111111111111D******************"),
        ("4111111111111111 cvv 987", "4111111111111111 cvv ***"),
        ("4111111111111111 12/27 987", "4111111111111111 12/27 ***"),
        ("PIN 1234 of 4111111111111111", "PIN **** of 4111111111111111"),
        ("id,pan,cvv\n7,4111111111111112,987\n", "id,pan,cvv\n7,4111111111111112,***\n"),
        ("{\"pan\":\"4111111111111111\",\"cvv\":\"987\"}", "{\"pan\":\"4111111111111111\",\"cvv\":\"***\"}"),
    ] {
        let (value, findings) = shown(&masker, json!([clear]));
        assert_eq!(value, json!([out]));
        assert!(findings.of(Rule::Sad) > 0 && findings.of(Rule::Revealed) > 0, "{clear}: {findings:?}");
        let columns = [Column::new("V", ColumnKind::Text)];
        let rows = masker.rowset(vec![vec![Some(clear.to_owned())]], &columns, &mut Findings::default()).unwrap();
        assert_eq!(rows.into_inner(), [[Some(out.to_owned())]]);
        let bytes = masker.bytes_text(clear.as_bytes(), &mut Findings::default()).unwrap();
        assert_eq!(bytes.into_inner(), out.as_bytes());
    }
    let by_key = json!({ "cvv": "987", "pin": 1234, "track2": format!("{PAN}=25121010000"), "security_code": 987 });
    let (out, findings) = shown(&masker, by_key);
    assert_eq!(out, json!({ "cvv": "***", "pin": 0, "track2": "***", "security_code": 0 }));
    assert_eq!((findings.of(Rule::Sad), findings.of(Rule::Revealed)), (4, 0));
}

/// What a card's column holds beside a number is not known, so it is hidden with it; even if both together pass for one,
/// as in the first.
#[test]
fn what_is_more_than_a_card_number_is_not_shown() {
    let masker = Masker::default().revealing();
    for held in
        [format!("{PAN} 987"), format!("{PAN} 12 27 987"), format!("{PAN}25121019876543210"), format!("{PAN}987654")]
    {
        let out = shown(&masker, json!({ "pan": held })).0.to_string();
        assert!(!out.contains("1111111") && !out.contains("9876"), "{out}");
    }
}

#[test]
fn names_of_keys_and_columns_stay_masked() {
    let masker = Masker::default().revealing();
    assert_eq!(shown(&masker, json!({ PAN: { "x": PAN } })).0, json!({ "411111******1111": { "x": PAN } }));
    let mut findings = Findings::default();
    let columns = [Column::new(PAN, ColumnKind::Text)];
    masker.rowset(vec![vec![Some(PAN.to_owned())]], &columns, &mut findings).unwrap();
    assert_eq!(findings.iter().next().unwrap().at, "column 411111******1111");
}

#[test]
fn records_people_and_streams_get_no_number() {
    let masker = Masker::default().revealing();
    let findings = &mut Findings::default();
    let text = format!("select * from t where pan = '{PAN}'");
    let arguments = masker.arguments(json!({ "a": PAN }), findings).unwrap();
    let mut stream = masker.stream(Form::Auto);
    let mut out = stream.write(PAN.as_bytes()).unwrap().into_inner();
    out.extend(stream.finish().unwrap().0.into_inner());
    for out in [
        masker.text(&text, findings).into_inner(),
        masker.statement(&text, Some(&json!({ "1": PAN })), findings).into_inner(),
        arguments.to_text().into_inner(),
        String::from_utf8(out).unwrap(),
    ] {
        assert!(out.contains("411111******1111") && !out.contains(PAN), "{out}");
    }
    assert_eq!(findings.of(Rule::Revealed), 0);
    let (ipc, mut out) = (stream_of("a", Arc::new(Int64Array::from(vec![NUMBER]))), Vec::new());
    masker.arrow_through(ipc.as_slice(), &mut out, findings).unwrap();
    assert_eq!(column(&out).as_primitive::<Int64Type>().value(0), 4_111_110_000_001_111);
}

#[test]
fn what_rules_hide_beside_cards_stays_hidden() {
    let masker = with("[[rule]]\nentity = \"email\"\nmode = \"full\"").revealing();
    let (out, _) = shown(&masker, json!({ "by": format!("a@b.de with {PAN}") }));
    assert_eq!(out, json!({ "by": format!("*@*.** with {PAN}") }));
}

#[test]
fn a_rowset_keeps_its_numbers_and_its_types() {
    let masker = with("numbers = \"text\"");
    let columns = [
        Column::new("PAN", ColumnKind::Number { scale: 0 }),
        Column::new("CVV", ColumnKind::Number { scale: 0 }),
        Column::new("CARD", ColumnKind::Text),
    ];
    let rows = || vec![vec![Some(PAN.to_owned()), Some("987".to_owned()), Some(PAN.to_owned())]];
    let cells = |masker: &Masker, findings: &mut Findings| {
        let row = masker.rowset(rows(), &columns, findings).unwrap().into_inner().remove(0);
        row.into_iter().map(Option::unwrap).collect::<Vec<_>>()
    };
    let mut findings = Findings::default();
    assert_eq!(cells(&masker.revealing(), &mut findings), [PAN, "0", PAN]);
    assert_eq!((findings.of(Rule::Revealed), findings.of(Rule::Sad), findings.digests().count()), (2, 1, 1));
    let hidden = ["411111******1111", "0", "411111******1111"];
    assert_eq!(cells(&masker, &mut Findings::default()), hidden);
    // The rest of a result whose beginning said that the column is of numbers.
    let rest = masker.after_revealing();
    assert_eq!(cells(&rest, &mut Findings::default()), ["4111110000001111", "0", "411111******1111"]);
    let kind = columns[0].kind;
    assert_eq!([masker.revealing().kind_of(&columns[0]), rest.kind_of(&columns[0])], [kind, kind]);
    assert_eq!(masker.kind_of(&columns[0]), ColumnKind::Text);
    let kept = rest.rowset(rows(), &columns, &mut Findings::default()).unwrap();
    assert!(kept.masked().is_some(), "nothing is shown any more");
}

fn stream_of(name: &str, array: ArrayRef) -> Vec<u8> {
    let batch = RecordBatch::try_from_iter([(name, array)]).unwrap();
    let mut writer = StreamWriter::try_new(Vec::new(), &batch.schema()).unwrap();
    writer.write(&batch).unwrap();
    writer.finish().unwrap();
    writer.into_inner().unwrap()
}

fn column(ipc: &[u8]) -> ArrayRef {
    StreamReader::try_new(ipc, None).unwrap().next().unwrap().unwrap().column(0).clone()
}

fn arrow(masker: &Masker, name: &str, array: &ArrayRef) -> (ArrayRef, Findings) {
    let mut findings = Findings::default();
    let (out, _) = masker.arrow_stream(&stream_of(name, array.clone()), None, &mut findings).unwrap();
    assert!(out.masked().is_none());
    (column(out.as_ref()), findings)
}

#[test]
fn arrow_columns_of_every_type() {
    let decfloat = || -> ArrayRef {
        let members: Vec<(Arc<Field>, ArrayRef)> = vec![
            (Arc::new(Field::new("exponent", DataType::Int16, true)), Arc::new(arrow_array::Int16Array::from(vec![0]))),
            (
                Arc::new(Field::new("significand", DataType::Binary, true)),
                Arc::new(BinaryArray::from(vec![NUMBER.to_be_bytes().as_slice()])),
            ),
        ];
        Arc::new(StructArray::from(members))
    };
    let decimals = Decimal128Array::from(vec![i128::from(NUMBER) * 100]).with_precision_and_scale(38, 2).unwrap();
    let arrays: Vec<ArrayRef> = vec![
        Arc::new(StringArray::from(vec![Some(PAN), None])),
        Arc::new(StringViewArray::from(vec![PAN])),
        Arc::new(BinaryArray::from(vec![PAN.as_bytes()])),
        Arc::new(Int64Array::from(vec![NUMBER, 7])),
        Arc::new(Float64Array::from(vec![NUMBER as f64])),
        Arc::new(decimals),
        decfloat(),
    ];
    for masker in [Masker::default(), with("numbers = \"text\"\nmode = \"block\""), with("mode = \"tokenize\"")] {
        for (array, name) in arrays.iter().flat_map(|array| [(array, "a"), (array, "pan")]) {
            let (out, findings) = arrow(&masker.revealing(), name, array);
            assert_eq!(&out, array, "{name}");
            let found = (findings.of(Rule::Revealed), findings.total());
            assert_eq!(found, (1, 0), "{name} {:?}", array.data_type());
            assert_eq!(findings.digests().count(), usize::from(masker.rules().key().is_some()));
        }
    }
    let codes: ArrayRef = Arc::new(Int64Array::from(vec![987]));
    let (out, findings) = arrow(&Masker::default().revealing(), "cvv", &codes);
    assert_eq!((out.as_primitive::<Int64Type>().value(0), findings.of(Rule::Sad)), (0, 1));
    let texts: ArrayRef =
        Arc::new(StringArray::from(vec![format!("{PAN} cvv 987"), format!(";{PAN}=25121019876543210?")]));
    let (out, findings) = arrow(&Masker::default().revealing(), "note", &texts);
    let out = out.as_string::<i32>();
    assert_eq!([out.value(0), out.value(1)], [format!("{PAN} cvv ***"), format!(";{PAN}=*****************?")]);
    assert_eq!((findings.of(Rule::Revealed), findings.of(Rule::Sad)), (2, 2));
}

#[test]
fn a_reply_shows_and_its_findings_survive_serde() {
    let mut findings = Findings::default();
    let message = json!({ "jsonrpc": "2.0", "id": 1, "result": { "content": [{ "text": PAN }], "cvv": 987 } });
    let reply = Masker::default().revealing().reply(message, Some(&json!(1)), &mut findings).unwrap();
    assert_eq!(reply.as_ref()["result"], json!({ "content": [{ "text": PAN }], "cvv": 0 }));
    let text = serde_json::to_string(&findings).unwrap();
    assert!(text.contains(r#""rule":"revealed""#), "{text}");
    assert_eq!(serde_json::from_str::<Findings>(&text).unwrap(), findings);
    let rules: Rules = toml::from_str("[[pattern]]\nname = \"revealed\"\nregex = \"a\"").unwrap();
    assert!(Masker::new(&rules, None).is_err(), "a pattern would be counted as what was shown");
}
