//! A result chunk as bytes against the same rows as texts.
#![allow(clippy::unwrap_used)]

use hoop_masking::{Column, ColumnKind, Findings, Key, MaskError, Masker, Released, Rowset, Rules};
use proptest::prelude::*;

const KINDS: [ColumnKind; 6] = [
    ColumnKind::Text,
    ColumnKind::Number { scale: 2 },
    ColumnKind::Real,
    ColumnKind::Temporal,
    ColumnKind::Boolean,
    ColumnKind::Binary,
];
const NAMES: [&str; 7] = ["A", "ORDER_ID", "CARD_NUMBER", "CVV", "PIN", "TRACK_2_DATA", "NOTE"];

/// Rows without the outer brackets.
fn body(rows: &Rowset) -> Vec<u8> {
    let text = serde_json::to_vec(rows).unwrap();
    text.strip_prefix(b"[").and_then(|text| text.strip_suffix(b"]")).unwrap().to_vec()
}

/// A chunk that comes in pieces.
fn through(
    masker: &Masker,
    pieces: &[&[u8]],
    columns: &[Column],
    findings: &mut Findings,
) -> Result<(String, u64), MaskError> {
    let mut chunk = masker.rowset_chunk(columns);
    let mut bytes = Released::within(Vec::new());
    pieces.iter().try_for_each(|piece| chunk.write(piece, &mut bytes))?;
    let rows = chunk.finish(&mut bytes, findings)?;
    Ok((String::from_utf8(bytes.into_inner()).unwrap(), rows))
}

fn masked(body: &[u8], columns: &[Column]) -> Result<(String, u64), MaskError> {
    through(&Masker::default(), &[body], columns, &mut Findings::default())
}

fn cell() -> impl Strategy<Value = Option<String>> {
    let number = prop_oneof![
        Just("4111111111111111".to_owned()),
        Just("5555 5555 5555 4444".to_owned()),
        Just("4111111111111112".to_owned()),
        "[0-9]{1,19}",
        "[1-9]\\.[0-9]{1,15}e1[0-9]",
        Just("4.2e15".to_owned()),
        Just("34313131313131313131313131313131".to_owned()),
        Just("63767620313233".to_owned()),
        Just("NDExMTExMTExMTExMTExMQ==".to_owned()),
    ];
    let text = prop_oneof![
        Just(r#"{"cvv":"123","n":4111111111111111}"#.to_owned()),
        Just("a line\nand 4111111111111111\u{1}".to_owned()),
        Just("cvv 123".to_owned()),
        Just("%B4111111111111111^X^2512?".to_owned()),
        "[a-zé \"\\\\]{0,40}",
        "[a-z ]{0,30}",
    ];
    prop_oneof![1 => Just(None), 4 => number.prop_map(Some), 4 => text.prop_map(Some)]
}

fn table() -> impl Strategy<Value = (Vec<Column>, Rowset)> {
    let column = (0..NAMES.len(), 0..KINDS.len())
        .prop_map(|(name, kind)| Column::new(*NAMES.get(name).unwrap(), *KINDS.get(kind).unwrap()));
    prop::collection::vec(column, 1..5).prop_flat_map(|columns| {
        let rows = prop::collection::vec(prop::collection::vec(cell(), columns.len()), 0..40);
        // Enough for a column's first values to have said that it is like any other.
        let first = vec![vec![Some("x".to_owned()); columns.len()]; 1024];
        let rows = (any::<bool>(), rows)
            .prop_map(move |(decided, rows)| if decided { first.iter().cloned().chain(rows).collect() } else { rows });
        (Just(columns), rows)
    })
}

fn counts(findings: &Findings) -> Vec<String> {
    findings.iter().map(|finding| format!("{finding:?}")).chain(findings.digests().map(str::to_owned)).collect()
}

/// Rules, and whether there is a key.
const RULES: [(&str, bool); 7] = [
    ("", true),
    ("", false),
    ("numbers = \"text\"", false),
    ("mode = \"last4\"", false),
    ("mode = \"full\"", false),
    ("mode = \"null\"", false),
    ("mode = \"fpe\"", true),
];

proptest! {
    #[test]
    fn bytes_are_masked_as_their_texts_are(
        (columns, rows) in table(), (rules, keyed) in prop::sample::select(RULES.to_vec()), size in 1usize..4000,
    ) {
        let key = keyed.then(|| Key::new("k1", vec![7; 32]).unwrap());
        let masker = Masker::new(&toml::from_str::<Rules>(rules).unwrap(), key).unwrap();
        let (mut of_texts, mut of_bytes) = (Findings::default(), Findings::default());
        let texts = masker.rowset(rows.clone(), &columns, &mut of_texts).unwrap().into_inner();
        let (body, masked) = (body(&rows), body(&texts));
        let pieces: Vec<&[u8]> = body.chunks(size).collect();
        let (bytes, count) = through(&masker, &pieces, &columns, &mut of_bytes).unwrap();
        prop_assert_eq!(bytes, String::from_utf8(masked).unwrap());
        prop_assert_eq!(count, rows.len() as u64);
        prop_assert_eq!(counts(&of_texts), counts(&of_bytes));
    }
}

#[test]
fn what_is_not_hidden_stays_as_it_is_spelled() {
    let columns = [Column::new("A", ColumnKind::Text), Column::new("B", ColumnKind::Text)];
    let body = "[\"\\u0041\",\"\\/\"],\n [ null , \"4111111111111111\" ]\n";
    let (out, rows) = masked(body.as_bytes(), &columns).unwrap();
    assert_eq!((out.as_str(), rows), ("[\"\\u0041\",\"\\/\"],\n [ null , \"411111******1111\" ]\n", 2));
    assert_eq!(masked(b"", &columns).unwrap(), (String::new(), 0));
    assert_eq!(masked(b" ", &[]).unwrap(), (" ".to_owned(), 0));
    assert_eq!(masked(b"[],[]", &[]).unwrap(), ("[],[]".to_owned(), 2));
}

/// Half of a column's values are card numbers, so the others that look like one are mistyped.
#[test]
fn a_column_is_known_by_its_first_values() {
    let rows: Rowset = (0..3000)
        .map(|row| vec![Some(if row % 2 == 0 { "4111111111111111" } else { "4111111111111112" }.to_owned())])
        .collect();
    let (out, _) = masked(&body(&rows), &[Column::new("A", ColumnKind::Text)]).unwrap();
    assert!(!out.contains("4111111111111112"));
    assert_eq!(out.matches("411111******1112").count(), 1500);
}

/// More than is read at a time, cut within rows, characters and escapes.
#[test]
fn pieces_are_masked_as_the_whole_is() {
    let columns =
        [Column::new("A", ColumnKind::Text), Column::new("CVV", ColumnKind::Text), Column::new("B", ColumnKind::Text)];
    let mut rows: Rowset = (0..60_000)
        .map(|row| {
            vec![
                Some(format!("é\"{row}\" 4111111111111111")),
                Some("123".to_owned()),
                (row % 3 == 0).then(|| "x".to_owned()),
            ]
        })
        .collect();
    let whole = body(&rows);
    let expected = masked(&whole, &columns).unwrap();
    assert_eq!(expected.1, 60_000);
    assert!(!expected.0.contains("4111111111111111") && !expected.0.contains("\"123\""));
    for size in [1, 7, 64 * 1024, 1_000_003] {
        let pieces: Vec<&[u8]> = whole.chunks(size).collect();
        assert!(
            through(&Masker::default(), &pieces, &columns, &mut Findings::default()).unwrap() == expected,
            "{size}"
        );
    }
    // A column that says nothing keeps all of them waiting.
    rows.iter_mut().for_each(|row| *row.last_mut().unwrap() = None);
    let pieces = body(&rows);
    let waiting =
        through(&Masker::default(), &pieces.chunks(64 * 1024).collect::<Vec<_>>(), &columns, &mut Findings::default());
    assert_eq!(waiting.unwrap().0.matches("411111******1111").count(), 60_000);
}

#[test]
fn what_cannot_be_read_is_an_error() {
    let columns = [Column::new("A", ColumnKind::Text)];
    let long = format!("[\"{}\u{1}\"]", "x".repeat(40));
    let unreadable = [
        "[\"1\"",
        "[\"1\"],",
        "[\"1\"]]",
        "[\"1\"] [\"2\"]",
        "\"1\"",
        "[1]",
        "[true]",
        "[nul]",
        "[\"1]",
        "[\"1\\\"]",
        "[[\"1\"]]",
        "[{}]",
        "[\"a\u{1}\"]",
        &long,
        "[\"\\x 4111\"]",
        "[\"\\ud800\"]",
        "{\"a\":1}",
        "[\"1\"],[",
    ];
    for body in unreadable {
        assert_eq!(masked(body.as_bytes(), &columns).err(), Some(MaskError::Rows), "{body}");
    }
    assert_eq!(masked(b"[\"\xff\"]", &columns).err(), Some(MaskError::Rows));
    for (body, cells) in [("[\"1\",\"2\"]", 2), ("[]", 0)] {
        let width = MaskError::RowWidth { row: 0, cells, columns: 1 };
        assert_eq!(masked(body.as_bytes(), &columns).err(), Some(width), "{body}");
    }
}
