//! Samples with what must become of them, to the letter: whether this build masks at all.

use std::sync::Arc;

use arrow_array::{ArrayRef, Decimal128Array, Float64Array, Int64Array, RecordBatch, StringArray};
use arrow_ipc::{reader::StreamReader, writer::StreamWriter};
use arrow_schema::{ArrowError, Field, Schema};
use serde_json::json;

use super::ProofFailure;
use crate::{Column, ColumnKind, Findings, MaskError, Masker, Released, Rowset};

/// Name, text, and what must become of it.
const TEXTS: [(&str, &str, &str); 12] = [
    ("plain", "pan 4111111111111111.", "pan 411111******1111."),
    ("grouped", "5555-5555-5555-4444", "5555-55**-****-4444"),
    ("4-6-5", "3782 822463 10005", "3782 82**** *0005"),
    ("no-break spaces", "6011\u{a0}1111\u{a0}1111\u{a0}1117", "6011\u{a0}11**\u{a0}****\u{a0}1117"),
    ("fullwidth", "４１１１１１１１１１１１１１１１", "４１１１１１******１１１１"),
    ("invisible", "4111\u{200b}111111111111", "4111\u{200b}11******1111"),
    ("19 digits", "x6212345678901234569x", "x621234*********4569x"),
    ("track 2", ";4111111111111111=25121010000012345?", ";411111******1111=*****************?"),
    ("track 1", "%B4111111111111111^DOE/J^2512101?", "%B411111******1111^***/*^*******?"),
    ("uuid", "550e8400-e29b-41d4-a716-446655440000", "550e8400-e29b-41d4-a716-446655440000"),
    ("check digit", "4111111111111112", "4111111111111112"),
    ("epoch", "1700000000000", "1700000000000"),
];

pub(super) fn prove(masker: &Masker) -> Result<(), ProofFailure> {
    texts(masker)?;
    documents(masker)?;
    rowsets(masker)?;
    arrow(masker)
}

pub(super) fn hold(carrier: &'static str, sample: &'static str, held: bool) -> Result<(), ProofFailure> {
    if held { Ok(()) } else { Err(ProofFailure { carrier, sample }) }
}

fn texts(masker: &Masker) -> Result<(), ProofFailure> {
    for (sample, clear, expected) in TEXTS {
        let mut findings = Findings::default();
        let once = masker.text(clear, &mut findings);
        hold("text", sample, once.as_ref() == expected && findings.is_empty() == (clear == expected))?;
        hold("text", sample, masker.text(once.as_ref(), &mut findings) == once)?;
    }
    Ok(())
}

fn documents(masker: &Masker) -> Result<(), ProofFailure> {
    let cases = [
        ("string", json!({"a": "4111111111111111"}), json!({"a": "411111******1111"})),
        ("number", json!([4_111_111_111_111_111_u64]), json!([4_111_110_000_001_111_u64])),
        ("key", json!({"4111111111111111": 1}), json!({"411111******1111": 1})),
        ("code", json!({"cvv": "123", "cvc": 987}), json!({"cvv": "***", "cvc": 0})),
        ("number in text", json!(r#"{"n":4111111111111111}"#), json!(r#"{"n":4111110000001111}"#)),
        ("escape in text", json!(r#"["\u0034111111111111111"]"#), json!(r#"["\u003411111******1111"]"#)),
        ("harmless", json!({"id": 1_700_000_000_000_u64, "x": null}), json!({"id": 1_700_000_000_000_u64, "x": null})),
    ];
    for (sample, clear, expected) in cases {
        let masked = masker.json(clear, &mut Findings::default());
        hold("json", sample, masked.is_ok_and(|masked| *masked.as_ref() == expected))?;
    }
    Ok(())
}

fn rowsets(masker: &Masker) -> Result<(), ProofFailure> {
    let columns = [
        Column::new("A", ColumnKind::Text),
        Column::new("B", ColumnKind::Number { scale: 2 }),
        Column::new("CARD_NUMBER", ColumnKind::Number { scale: 0 }),
        Column::new("CVV", ColumnKind::Text),
    ];
    let row = |cells: [&str; 4]| vec![cells.map(|cell| Some(cell.to_owned())).to_vec()];
    let clear = row(["4111111111111111", "4111111111111111.00", "4111111111111112", "123"]);
    let expected = row(["411111******1111", "4111110000001111.00", "4111110000001112", "***"]);
    let bytes = |rows: &Rowset| -> Vec<u8> {
        rows.iter().flat_map(|row| serde_json::to_vec(row).unwrap_or_default()).collect()
    };
    let chunk = chunk(masker, &bytes(&clear), &columns);
    hold("rowset as bytes", "one row", chunk.is_ok_and(|masked| masked == bytes(&expected)))?;
    let masked = masker.rowset(clear, &columns, &mut Findings::default());
    hold("rowset", "one row", masked.is_ok_and(|masked| *masked.as_ref() == expected))
}

/// A result chunk's body, masked.
pub(super) fn chunk(masker: &Masker, body: &[u8], columns: &[Column]) -> Result<Vec<u8>, MaskError> {
    let mut chunk = masker.rowset_chunk(columns);
    let mut masked = Released::within(Vec::new());
    chunk.write(body, &mut masked)?;
    chunk.finish(&mut masked, &mut Findings::default())?;
    Ok(masked.into_inner())
}

fn arrow(masker: &Masker) -> Result<(), ProofFailure> {
    let arrays = |text: &str, number: i64| -> Result<[ArrayRef; 4], ArrowError> {
        let cents = i128::from(number) * 100;
        Ok([
            Arc::new(StringArray::from(vec![Some(text), None])),
            Arc::new(Int64Array::from(vec![Some(number), None])),
            Arc::new(Decimal128Array::from(vec![Some(cents), None]).with_precision_and_scale(38, 2)?),
            Arc::new(Float64Array::from(vec![Some(number as f64), None])),
        ])
    };
    let samples = ["text", "integer", "decimal", "float"];
    let clear = arrays("4111111111111111", 4_111_111_111_111_111);
    let expected = arrays("411111******1111", 4_111_110_000_001_111);
    for ((sample, clear), expected) in
        samples.into_iter().zip(clear.into_iter().flatten()).zip(expected.into_iter().flatten())
    {
        let held = written(clear)
            .ok()
            .and_then(|stream| masker.arrow_stream(&stream, None, &mut Findings::default()).ok())
            .and_then(|(masked, rows)| Some((first(masked.as_ref()).ok()??, rows)))
            .is_some_and(|(array, rows)| rows == 2 && *array == *expected);
        hold("arrow", sample, held)?;
    }
    Ok(())
}

pub(super) fn written(array: ArrayRef) -> Result<Vec<u8>, ArrowError> {
    let schema = Arc::new(Schema::new(vec![Field::new("a", array.data_type().clone(), true)]));
    let mut writer = StreamWriter::try_new(Vec::new(), &schema)?;
    writer.write(&RecordBatch::try_new(schema, vec![array])?)?;
    writer.finish()?;
    writer.into_inner()
}

fn first(stream: &[u8]) -> Result<Option<ArrayRef>, ArrowError> {
    let batch = StreamReader::try_new(stream, None)?.next().transpose()?;
    Ok(batch.and_then(|batch| batch.columns().first().cloned()))
}
