#![allow(clippy::unwrap_used, clippy::indexing_slicing)]
use std::{collections::HashMap, sync::Arc};

use arrow_array::{
    builder::{Int64Builder, ListBuilder, MapBuilder, StringBuilder, StringDictionaryBuilder},
    cast::AsArray,
    types::*,
    *,
};
use arrow_buffer::i256;
use arrow_schema::{DataType, Field, Schema};
use proptest::prelude::*;

use crate::{ColumnKind, Masker, Rule};

use super::*;

const PAN: i64 = 4_111_111_111_111_111;
const HIDDEN: i64 = 4_111_110_000_001_111;

fn stream(batches: &[RecordBatch]) -> Vec<u8> {
    let mut writer = StreamWriter::try_new(Vec::new(), &batches[0].schema()).unwrap();
    batches.iter().for_each(|batch| writer.write(batch).unwrap());
    writer.finish().unwrap();
    writer.into_inner().unwrap()
}

fn one(name: &str, array: ArrayRef) -> Vec<u8> {
    let field = Field::new(name, array.data_type().clone(), true)
        .with_metadata(HashMap::from([("charLength".to_owned(), "16".to_owned())]));
    let schema = Arc::new(Schema::new_with_metadata(vec![field], HashMap::from([("a".to_owned(), "b".to_owned())])));
    stream(&[RecordBatch::try_new(schema, vec![array]).unwrap()])
}

fn read(ipc: &[u8]) -> Vec<RecordBatch> {
    StreamReader::try_new(ipc, None).unwrap().collect::<Result<_, _>>().unwrap()
}

/// Masks one column and gives it back; checks that the schema stayed and that a second time changes nothing.
fn masked(name: &str, array: ArrayRef) -> (ArrayRef, Findings) {
    let (ipc, mut findings) = (one(name, array), Findings::default());
    let (out, rows) = Masker::default().arrow_stream(&ipc, None, &mut findings).unwrap();
    let (before, after) = (read(&ipc), read(out.as_ref()));
    assert_eq!(before[0].schema(), after[0].schema());
    assert_eq!(rows, before[0].num_rows() as u64);
    let (again, _) = Masker::default().arrow_stream(out.as_ref(), None, &mut Findings::default()).unwrap();
    assert_eq!(read(again.as_ref()), after);
    (after[0].column(0).clone(), findings)
}

fn check(array: ArrayRef, expected: ArrayRef) {
    let (out, findings) = masked("a", array.clone());
    assert_eq!(&out, &expected);
    assert_eq!(findings.is_empty(), *array == *expected);
}

/// Where most values are card numbers, the one that is mistyped is one too (§3, rule 5).
#[test]
fn columns_of_cards_by_their_values() {
    const MISTYPED: i64 = PAN + 1;
    let numbers = || (0..9).map(|row| if row == 4 { MISTYPED } else { PAN });
    let texts = || numbers().map(|number| number.to_string());
    let hidden = "411111******1112";

    let dictionary: DictionaryArray<Int32Type> =
        DictionaryArray::new(Int32Array::from_iter_values(0..9), Arc::new(StringArray::from_iter_values(texts())));
    let (out, _) = masked("a", Arc::new(dictionary));
    let values = out.as_dictionary::<Int32Type>().values().clone();
    assert!(values.as_string::<i32>().iter().any(|value| value == Some(hidden)), "{values:?}");

    let mut lists = ListBuilder::new(StringBuilder::new());
    texts().for_each(|text| {
        lists.values().append_value(text);
        lists.append(true);
    });
    let (out, _) = masked("a", Arc::new(lists.finish()));
    let values = out.as_list::<i32>().values().clone();
    assert!(values.as_string::<i32>().iter().any(|value| value == Some(hidden)), "{values:?}");

    let cents = Decimal128Array::from_iter_values(numbers().map(|number| i128::from(number) * 100));
    let (out, _) = masked("a", Arc::new(cents.with_precision_and_scale(20, 2).unwrap()));
    let mistyped = out.as_primitive::<Decimal128Type>().value(4);
    assert_ne!(mistyped, i128::from(MISTYPED) * 100);
}

#[test]
fn nulls_in_a_field_declared_free_of_them_stay_nulls() {
    let numbers = || Int64Array::from(vec![Some(PAN), None, Some(7)]);
    let structure = |nullable| {
        let field = Field::new("epoch", DataType::Int64, nullable);
        Field::new("at", DataType::Struct(vec![field].into()), nullable)
    };
    let honest = Arc::new(Schema::new(vec![structure(true)]));
    let array = StructArray::from(vec![(
        Arc::new(Field::new("epoch", DataType::Int64, true)),
        Arc::new(numbers()) as ArrayRef,
    )]);
    let honest_stream = stream(&[RecordBatch::try_new(honest.clone(), vec![Arc::new(array)]).unwrap()]);
    let schema_of = |schema: &Schema| StreamWriter::try_new(Vec::new(), schema).unwrap().get_ref().clone();
    let batches = &honest_stream[schema_of(&honest).len()..];
    let ipc = [schema_of(&Schema::new(vec![structure(false)])), batches.to_vec()].concat();
    assert!(
        StreamReader::try_new(&ipc[..], None).unwrap().any(|batch| batch.is_err()),
        "the decoder takes it as it is"
    );

    let mut findings = Findings::default();
    let (out, rows) = Masker::default().arrow_stream(&ipc, None, &mut findings).unwrap();
    let after = read(out.as_ref());
    let epochs = after[0].column(0).as_struct().column(0).as_primitive::<Int64Type>().clone();
    assert_eq!(epochs, Int64Array::from(vec![Some(HIDDEN), None, Some(7)]));
    assert_eq!((rows, findings.total()), (3, 1));
}

#[test]
fn strings_of_every_kind() {
    let clear =
        || vec![Some("4111111111111111"), None, Some("x"), Some(""), Some(r#"{"n":4111111111111111,"cvv":"123"}"#)];
    let hidden =
        || vec![Some("411111******1111"), None, Some("x"), Some(""), Some(r#"{"n":4111110000001111,"cvv":"***"}"#)];
    check(Arc::new(StringArray::from(clear())), Arc::new(StringArray::from(hidden())));
    check(Arc::new(LargeStringArray::from(clear())), Arc::new(LargeStringArray::from(hidden())));
    check(Arc::new(StringViewArray::from(clear())), Arc::new(StringViewArray::from(hidden())));
    let bytes = |values: Vec<Option<&'static str>>| {
        values.into_iter().map(|value| value.map(str::as_bytes)).collect::<Vec<_>>()
    };
    check(Arc::new(BinaryArray::from(bytes(clear()))), Arc::new(BinaryArray::from(bytes(hidden()))));
    check(Arc::new(LargeBinaryArray::from(bytes(clear()))), Arc::new(LargeBinaryArray::from(bytes(hidden()))));
    check(Arc::new(BinaryViewArray::from(bytes(clear()))), Arc::new(BinaryViewArray::from(bytes(hidden()))));
}

#[test]
fn text_inside_other_bytes() {
    let clear: &[u8] = b"\xff\xfe4111111111111111\xc3";
    let hidden: &[u8] = b"\xff\xfe411111******1111\xc3";
    check(Arc::new(BinaryArray::from(vec![clear])), Arc::new(BinaryArray::from(vec![hidden])));
}

#[test]
fn numbers_of_every_kind() {
    check(
        Arc::new(Int64Array::from(vec![Some(PAN), None, Some(-PAN), Some(7)])),
        Arc::new(Int64Array::from(vec![Some(HIDDEN), None, Some(-HIDDEN), Some(7)])),
    );
    check(
        Arc::new(UInt64Array::from(vec![Some(PAN as u64), None])),
        Arc::new(UInt64Array::from(vec![Some(HIDDEN as u64), None])),
    );
    check(
        Arc::new(Float64Array::from(vec![Some(PAN as f64), None, Some(0.5)])),
        Arc::new(Float64Array::from(vec![Some(HIDDEN as f64), None, Some(0.5)])),
    );
    for array in [
        Arc::new(Int8Array::from(vec![Some(i8::MIN), None])) as ArrayRef,
        Arc::new(Int16Array::from(vec![Some(i16::MAX), None])),
        Arc::new(Int32Array::from(vec![Some(i32::MAX), None])),
        Arc::new(UInt8Array::from(vec![Some(u8::MAX), None])),
        Arc::new(UInt16Array::from(vec![Some(u16::MAX), None])),
        Arc::new(UInt32Array::from(vec![Some(u32::MAX), None])),
        Arc::new(Int64Array::from(vec![i64::MIN, i64::MAX, 0])),
        Arc::new(UInt64Array::from(vec![u64::MAX])),
        Arc::new(Decimal128Array::from(vec![i128::MAX, i128::MIN])),
    ] {
        check(array.clone(), array);
    }
}

#[test]
fn decimals_with_and_without_scale() {
    let decimal = |values: Vec<Option<i128>>, scale| -> ArrayRef {
        Arc::new(Decimal128Array::from(values).with_precision_and_scale(38, scale).unwrap())
    };
    let (pan, hidden) = (i128::from(PAN), i128::from(HIDDEN));
    check(decimal(vec![Some(pan), None], 0), decimal(vec![Some(hidden), None], 0));
    check(decimal(vec![Some(pan * 100 + 42), None], 2), decimal(vec![Some(hidden * 100 + 42), None], 2));
    // 41111111111111.11 is no card number.
    check(decimal(vec![Some(pan)], 2), decimal(vec![Some(pan)], 2));
    let wide = |values: Vec<Option<i256>>, scale| -> ArrayRef {
        Arc::new(Decimal256Array::from(values).with_precision_and_scale(76, scale).unwrap())
    };
    let power = i256::from_i128(10).wrapping_pow(40);
    let scaled = |value: i128| i256::from_i128(value).checked_mul(power).unwrap();
    check(wide(vec![Some(i256::from_i128(pan)), None], 0), wide(vec![Some(i256::from_i128(hidden)), None], 0));
    check(wide(vec![Some(scaled(pan)), None], 40), wide(vec![Some(scaled(hidden)), None], 40));
    check(
        Arc::new(Decimal64Array::from(vec![PAN]).with_precision_and_scale(18, 0).unwrap()),
        Arc::new(Decimal64Array::from(vec![HIDDEN]).with_precision_and_scale(18, 0).unwrap()),
    );
}

#[test]
fn a_scaled_integer_by_its_metadata_and_by_its_column() {
    let array: ArrayRef = Arc::new(Int64Array::from(vec![PAN * 100]));
    let metadata = [("logicalType", "FIXED"), ("scale", "2")].map(|(key, value)| (key.to_owned(), value.to_owned()));
    let field = Field::new("a", DataType::Int64, true).with_metadata(HashMap::from(metadata));
    let batch = RecordBatch::try_new(Arc::new(Schema::new(vec![field])), vec![array.clone()]).unwrap();
    let columns = [Column::new("a", ColumnKind::Number { scale: 2 })];
    for (ipc, columns) in [(stream(&[batch]), None), (one("a", array), Some(columns.as_slice()))] {
        let (out, _) = Masker::default().arrow_stream(&ipc, columns, &mut Findings::default()).unwrap();
        assert_eq!(read(out.as_ref())[0].column(0).as_primitive::<Int64Type>().value(0), HIDDEN * 100);
    }
}

#[test]
fn nested_arrays() {
    let list = |text: &str, number: i64| {
        let mut strings = ListBuilder::new(StringBuilder::new());
        strings.append_value([Some("x"), Some(text), None]);
        strings.append_null();
        let mut numbers = ListBuilder::new(Int64Builder::new());
        numbers.append_value([Some(number)]);
        numbers.append_value([]);
        (Arc::new(strings.finish()) as ArrayRef, Arc::new(numbers.finish()) as ArrayRef)
    };
    let (clear, hidden) = (list("4111111111111111", PAN), list("411111******1111", HIDDEN));
    check(clear.0.clone(), hidden.0.clone());
    check(clear.1.clone(), hidden.1.clone());

    let structure = |(a, b): (ArrayRef, ArrayRef)| -> ArrayRef {
        Arc::new(StructArray::from(vec![
            (Arc::new(Field::new("s", a.data_type().clone(), true)), a),
            (Arc::new(Field::new("n", b.data_type().clone(), true)), b),
        ]))
    };
    check(structure(clear), structure(hidden));

    let map = |key: &str, value: &str| -> ArrayRef {
        let mut map = MapBuilder::new(None, StringBuilder::new(), StringBuilder::new());
        map.keys().append_value(key);
        map.values().append_value(value);
        map.append(true).unwrap();
        map.append(false).unwrap();
        Arc::new(map.finish())
    };
    check(map("4111111111111111", "5555555555554444"), map("411111******1111", "555555******4444"));

    let dictionary = |values: &[&str]| -> ArrayRef {
        let mut dictionary = StringDictionaryBuilder::<Int32Type>::new();
        values.iter().for_each(|value| dictionary.append_value(value));
        dictionary.append_null();
        Arc::new(dictionary.finish())
    };
    let (out, findings) = masked("a", dictionary(&["4111111111111111", "x", "4111111111111111"]));
    assert_eq!(&out, &dictionary(&["411111******1111", "x", "411111******1111"]));
    assert_eq!(findings.total(), 1, "a dictionary's value is masked once");

    let fixed = |number| -> ArrayRef {
        let values = Some(vec![Some(number), None]);
        Arc::new(FixedSizeListArray::from_iter_primitive::<Int64Type, _, _>([values, None], 2))
    };
    check(fixed(PAN), fixed(HIDDEN));
}

#[test]
fn decfloats() {
    let decfloat = |values: &[(i16, i128)]| -> ArrayRef {
        let exponents = Int16Array::from(values.iter().map(|(exponent, _)| *exponent).collect::<Vec<_>>());
        let bytes: Vec<[u8; 16]> = values.iter().map(|(_, value)| value.to_be_bytes()).collect();
        Arc::new(StructArray::from(vec![
            (Arc::new(Field::new("exponent", DataType::Int16, true)), Arc::new(exponents) as ArrayRef),
            (
                Arc::new(Field::new("significand", DataType::Binary, true)),
                Arc::new(BinaryArray::from_iter_values(bytes.iter())) as ArrayRef,
            ),
        ]))
    };
    let (pan, hidden) = (i128::from(PAN), i128::from(HIDDEN));
    check(decfloat(&[(0, pan), (-2, -pan * 100), (3, 5)]), decfloat(&[(0, hidden), (0, -hidden), (3, 5)]));
}

#[test]
fn times_pass_and_names_tell() {
    let times = TimestampNanosecondArray::from(vec![Some(2_200_000_000_000_000_003), None]);
    check(Arc::new(times.clone()), Arc::new(times));
    let (out, findings) = masked("CARD_NUMBER", Arc::new(Int64Array::from(vec![4_111_111_111_111_112, 12])));
    assert_eq!(out.as_primitive::<Int64Type>().values(), &[4_111_110_000_001_112, 12]);
    assert_eq!(findings.of(Rule::Pan), 1);
    let (out, findings) = masked("cvv", Arc::new(Int16Array::from(vec![Some(123), None])));
    assert_eq!(out.as_primitive::<Int16Type>().value(0), 0);
    assert_eq!(findings.of(Rule::Sad), 1);
    let (out, _) = masked("CVV2", Arc::new(StringArray::from(vec!["123", "n/a"])));
    assert_eq!(out.as_string::<i32>().value(0), "***");
    let (_, findings) = masked("ORDER_ID", Arc::new(Int64Array::from(vec![PAN])));
    assert_eq!(findings.of(Rule::UnexpectedPan), 1);
}

#[test]
fn a_value_under_a_null_goes_too() {
    let nulls = arrow_buffer::NullBuffer::from(vec![false, true]);
    let numbers = Int64Array::new(vec![PAN, 1].into(), Some(nulls.clone()));
    let (out, _) = masked("a", Arc::new(numbers));
    assert!(!out.as_primitive::<Int64Type>().values().contains(&PAN));
    let offsets = arrow_buffer::OffsetBuffer::new(vec![0, 16, 17].into());
    let strings = StringArray::new(offsets, arrow_buffer::Buffer::from(b"4111111111111111x"), Some(nulls));
    let (out, _) = masked("a", Arc::new(strings));
    assert_eq!(out.as_string::<i32>().value_data(), b"x");
}

#[test]
fn unchanged_bytes_stay_and_hidden_ones_do_not_pass() {
    let ipc = one("a", Arc::new(StringArray::from(vec![Some("harmless"), None])));
    let mut findings = Findings::default();
    let (out, rows) = Masker::default().arrow_stream(&ipc, None, &mut findings).unwrap();
    assert_eq!((out.as_ref(), rows), (&ipc, 2));
    let trailing = [ipc.as_slice(), b"4111111111111111"].concat();
    let (out, _) = Masker::default().arrow_stream(&trailing, None, &mut findings).unwrap();
    assert!(!out.as_ref().windows(16).any(|window| window == b"4111111111111111"));
    let (out, rows) = Masker::default().arrow_stream(&[], None, &mut findings).unwrap();
    assert_eq!((out.as_ref().len(), rows), (0, 0));
    assert!(findings.is_empty());
}

#[test]
fn a_card_number_as_a_column_name() {
    let ipc = one("4111111111111111", Arc::new(Int8Array::from(vec![1])));
    let mut findings = Findings::default();
    let (out, _) = Masker::default().arrow_stream(&ipc, None, &mut findings).unwrap();
    assert_eq!(read(out.as_ref())[0].schema().field(0).name(), "411111******1111");
    assert_eq!(findings.total(), 1);
    assert!(!serde_json::to_string(&findings).unwrap().contains("4111111111111111"));
}

#[test]
fn many_batches_and_none() {
    let batch = |number: i64| {
        let array: ArrayRef = Arc::new(Int64Array::from(vec![number]));
        RecordBatch::try_from_iter([("a", array)]).unwrap()
    };
    let ipc = stream(&[batch(1), batch(PAN), batch(2)]);
    let (out, rows) = Masker::default().arrow_stream(&ipc, None, &mut Findings::default()).unwrap();
    assert_eq!((read(out.as_ref()).len(), rows), (3, 3));
    assert_eq!(read(out.as_ref())[1], batch(HIDDEN));
    let mut writer = StreamWriter::try_new(Vec::new(), &batch(1).schema()).unwrap();
    writer.finish().unwrap();
    let none = writer.into_inner().unwrap();
    let (out, rows) = Masker::default().arrow_stream(&none, None, &mut Findings::default()).unwrap();
    assert_eq!((out.as_ref(), rows), (&none, 0));
}

#[test]
fn what_cannot_be_looked_into_is_refused() {
    let refused =
        |array: ArrayRef| Masker::default().arrow_stream(&one("a", array), None, &mut Findings::default()).err();
    let fixed = FixedSizeBinaryArray::try_from_iter([b"4111111111111111"].iter()).unwrap();
    assert!(matches!(refused(Arc::new(fixed)), Some(MaskError::ArrowType { column: 0, .. })));
    assert!(matches!(
        Masker::default().arrow_stream(b"no stream", None, &mut Findings::default()),
        Err(MaskError::Arrow { .. })
    ));
    let ipc = one("a", Arc::new(Int8Array::from(vec![1])));
    let wrong = Masker::default().arrow_stream(&ipc, Some(&[]), &mut Findings::default());
    assert!(matches!(wrong, Err(MaskError::Arrow { .. })));
}

#[test]
fn the_value_of_a_run_is_masked_once() {
    let run = |text: &str| -> ArrayRef {
        let ends = Int32Array::from(vec![3, 4]);
        Arc::new(RunArray::try_new(&ends, &StringArray::from(vec![text, "x"])).unwrap())
    };
    check(run("4111111111111111"), run("411111******1111"));
}

fn with(rules: &str) -> Masker {
    Masker::new(&toml::from_str(rules).unwrap(), Some(crate::Key::new("k1", vec![7; 32]).unwrap())).unwrap()
}

#[test]
fn a_column_of_card_numbers_becomes_text_by_rule() {
    let masker = with("numbers = \"text\"\ncard = [\"ref\"]");
    let field = |name: &str| {
        let metadata =
            [("logicalType", "FIXED"), ("scale", "0")].map(|(key, value)| (key.to_owned(), value.to_owned()));
        Field::new(name, DataType::Int64, true).with_metadata(HashMap::from(metadata))
    };
    let schema = Arc::new(Schema::new(vec![field("PAN"), field("REF"), field("N")]));
    let numbers = || -> ArrayRef { Arc::new(Int64Array::from(vec![Some(PAN), None, Some(7)])) };
    let ipc = stream(&[RecordBatch::try_new(schema, vec![numbers(), numbers(), numbers()]).unwrap()]);
    let mut findings = Findings::default();
    let (out, _) = masker.arrow_stream(&ipc, None, &mut findings).unwrap();
    let batch = read(out.as_ref()).remove(0);
    for column in [0, 1] {
        assert_eq!(
            batch.column(column),
            &(Arc::new(StringArray::from(vec![Some("411111******1111"), None, Some("7")])) as ArrayRef)
        );
        assert_eq!(batch.schema().field(column).metadata().get("logicalType").map(String::as_str), Some("TEXT"));
    }
    // Nobody said that it holds cards, so its type is what the rest of the result was promised.
    assert_eq!(batch.column(2), &(Arc::new(Int64Array::from(vec![Some(HIDDEN), None, Some(7)])) as ArrayRef));
    assert_eq!((findings.of(Rule::Pan), findings.digests().count()), (3, 1));
}

#[test]
fn every_mode_over_text_and_numbers() {
    let text: ArrayRef =
        Arc::new(StringArray::from(vec![Some("4111111111111111"), Some("x 4111-1111-1111-1111"), None]));
    let number: ArrayRef = Arc::new(Int64Array::from(vec![PAN]));
    let of = |mode: &str, array: &ArrayRef| {
        let masked =
            with(&format!("mode = \"{mode}\"")).arrow_stream(&one("a", array.clone()), None, &mut Findings::default());
        masked.map(|(out, _)| read(out.as_ref())[0].column(0).clone())
    };
    let texts = |mode: &str| {
        of(mode, &text).unwrap().as_string::<i32>().iter().map(|text| text.map(str::to_owned)).collect::<Vec<_>>()
    };
    let some = |text: &str| Some(text.to_owned());
    assert_eq!(texts("last4"), [some("************1111"), some("x ****-****-****-1111"), None]);
    assert_eq!(texts("bin8last4"), [some("41111111****1111"), some("x 4111-1111-****-1111"), None]);
    assert_eq!(texts("full"), [some("****************"), some("x ****-****-****-****"), None]);
    assert_eq!(texts("null"), [None, some("x "), None]);
    let tokens = texts("tokenize");
    let token = tokens[0].clone().unwrap();
    assert!(token.starts_with("tok_k1_"));
    assert_eq!(tokens[1], Some(format!("x {token}")), "the same for every spelling");
    let encrypted = texts("fpe")[0].clone().unwrap();
    assert!(encrypted.starts_with("411111") && encrypted.ends_with("1111") && encrypted != "4111111111111111");
    assert!(matches!(of("block", &text), Err(MaskError::Blocked { .. })));
    assert!(matches!(of("block", &number), Err(MaskError::Blocked { .. })));
    for (mode, expected) in [("last4", 1111), ("full", 0), ("tokenize", 0), ("null", 0)] {
        assert_eq!(of(mode, &number).unwrap().as_primitive::<Int64Type>().value(0), expected, "{mode}");
    }
}

#[test]
fn a_stream_goes_through_batch_by_batch() {
    let text =
        |text: &str| RecordBatch::try_from_iter([("a", Arc::new(StringArray::from(vec![text])) as ArrayRef)]).unwrap();
    let ipc = stream(&[text("x"), text("4111111111111111")]);
    let mut out = Vec::new();
    let rows = Masker::default().arrow_through(ipc.as_slice(), &mut out, &mut Findings::default()).unwrap();
    assert_eq!((rows, read(&out)), (2, vec![text("x"), text("411111******1111")]));
    let cut = Masker::default().arrow_through(&ipc[..ipc.len() - 100], Vec::new(), &mut Findings::default());
    assert!(matches!(cut, Err(MaskError::Arrow { .. })));
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 3_000, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn damaged_streams_end_in_an_error_or_in_a_stream(changes in prop::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 1..6), cut in any::<prop::sample::Index>(), cuts in any::<bool>()) {
        let strings: ArrayRef = Arc::new(StringArray::from(vec![Some("4111111111111111"), None, Some("x")]));
        let numbers: ArrayRef = Arc::new(Int64Array::from(vec![PAN, 1, 2]));
        let mut ipc = stream(&[RecordBatch::try_from_iter([("a", strings), ("b", numbers)]).unwrap()]);
        for (place, byte) in changes {
            let place = place.index(ipc.len());
            ipc[place] = byte;
        }
        if cuts {
            ipc.truncate(cut.index(ipc.len()));
        }
        if let Ok((out, _)) = Masker::default().arrow_stream(&ipc, None, &mut Findings::default()) {
            // What a reader sees; a buffer that was moved onto another's bytes reads as other values.
            let Ok(reader) = StreamReader::try_new(out.as_ref().as_slice(), None) else { return Ok(()) };
            for batch in reader.flatten() {
                for column in batch.columns() {
                    let number = |column: &Int64Array| column.iter().flatten().any(|value| value == PAN);
                    let text = |column: &StringArray| column.iter().flatten().any(|value| value.contains("4111111111111111"));
                    prop_assert!(!column.as_primitive_opt::<Int64Type>().is_some_and(number));
                    prop_assert!(!column.as_string_opt::<i32>().is_some_and(text));
                }
            }
        }
    }
}
