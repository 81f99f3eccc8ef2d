//! Arrow streams: damaged, lying, or of types nobody asked for.

use std::sync::Arc;

use arrow_array::{types::Int32Type, *};
use arrow_ipc::{
    reader::StreamReader,
    writer::{FileWriter, StreamWriter},
};
use arrow_schema::{DataType, Field, Schema};
use hoop_masking::{Column, ColumnKind, Findings, MaskError, Masker, Released};
use hoop_snowflake::{BodyError, ChunkError, ChunkForm, mask_chunk};

use super::{CARD, MASKED, ZEROED, each, gzip};

const LIMIT: usize = 64 * 1024;
/// Before a message's length.
const MARK: [u8; 4] = [0xff; 4];
const END: [u8; 8] = [0xff, 0xff, 0xff, 0xff, 0, 0, 0, 0];

fn stream(batches: &[RecordBatch]) -> Vec<u8> {
    let mut writer = StreamWriter::try_new(Vec::new(), &batches[0].schema()).unwrap();
    batches.iter().for_each(|batch| writer.write(batch).unwrap());
    writer.finish().unwrap();
    writer.into_inner().unwrap()
}

fn one(array: impl Array + 'static) -> Vec<u8> {
    stream(&[RecordBatch::try_from_iter([("A", Arc::new(array) as ArrayRef)]).unwrap()])
}

fn texts() -> Vec<u8> {
    one(StringArray::from(vec![CARD, "x", CARD]))
}

/// Puts `new` where `old` is, which is there once.
fn changed(mut bytes: Vec<u8>, old: &[u8], new: &[u8]) -> Vec<u8> {
    let places: Vec<usize> = (0..=bytes.len() - old.len()).filter(|at| bytes[*at..].starts_with(old)).collect();
    assert_eq!(places.len(), 1, "{places:?}");
    bytes[places[0]..places[0] + old.len()].copy_from_slice(new);
    bytes
}

/// The lengths behind which the stream's messages are, from the schema on.
fn messages(bytes: &[u8]) -> Vec<usize> {
    (0..bytes.len() - 4).step_by(4).filter(|at| bytes[*at..].starts_with(&MARK)).map(|at| at + 4).collect()
}

fn with_length(message: usize, length: i32) -> Vec<u8> {
    let mut bytes = texts();
    let at = messages(&bytes)[message];
    bytes[at..at + 4].copy_from_slice(&length.to_le_bytes());
    bytes
}

fn offsets(list: [i32; 4]) -> Vec<u8> {
    list.iter().flat_map(|offset| offset.to_le_bytes()).collect()
}

fn mask(body: &[u8], columns: &[Column]) -> Result<(Vec<u8>, u64), ChunkError> {
    let mut bytes = Released::within(Vec::new());
    let masked =
        mask_chunk(body, LIMIT, ChunkForm::Arrow, columns, &Masker::default(), &mut bytes, &mut Findings::default());
    masked.map(|rows| (bytes.into_inner(), rows))
}

/// The rows of a stream of one column, as they are printed.
fn cells(body: &[u8], kind: ColumnKind) -> Result<Vec<String>, ChunkError> {
    let (bytes, rows) = mask(body, &[Column::new("A", kind)])?;
    assert!(!String::from_utf8_lossy(&bytes).contains(CARD));
    if bytes.is_empty() {
        assert_eq!(rows, 0);
        return Ok(Vec::new());
    }
    let batches: Vec<RecordBatch> =
        StreamReader::try_new(bytes.as_slice(), None).unwrap().map(Result::unwrap).collect();
    assert_eq!(batches.iter().map(|batch| batch.num_rows() as u64).sum::<u64>(), rows);
    Ok(batches.iter().map(|batch| format!("{:?}", batch.column(0)).split_whitespace().collect()).collect())
}

fn arrow<T>(reason: &'static str) -> Result<T, ChunkError> {
    Err(ChunkError::Mask(MaskError::Arrow { reason }))
}

const CUT: &str = "it ends before it should";
const INVALID: &str = "it is not a valid stream";

#[test]
fn damaged_streams() {
    let whole = texts();
    let batch = messages(&whole)[1] - 4;
    let end = whole.len() - 8;
    let good = offsets([0, 16, 17, 33]);
    let rows = 3_i64.to_le_bytes();
    let cases = [
        ("a schema that is cut off", whole[..batch / 2].to_vec(), arrow(INVALID)),
        ("a buffer that is cut off", whole[..end - 20].to_vec(), arrow(CUT)),
        ("a message's length and nothing behind", whole[..batch + 8].to_vec(), arrow(INVALID)),
        ("no schema", END.to_vec(), arrow(INVALID)),
        ("rows without a schema", whole[batch..].to_vec(), arrow(INVALID)),
        ("another schema behind rows", [&whole[..end], &whole[..batch]].concat(), arrow(INVALID)),
        ("a schema of 2 GB", with_length(0, i32::MAX), arrow(INVALID)),
        ("a batch of 2 GB", with_length(1, i32::MAX), arrow(INVALID)),
        ("a length below zero", with_length(1, -8), arrow(INVALID)),
        ("offsets that run backwards", changed(whole.clone(), &good, &offsets([0, 17, 16, 33])), arrow(INVALID)),
        ("offsets below zero", changed(whole.clone(), &good, &offsets([0, -16, 17, 33])), arrow(INVALID)),
        ("offsets past the end", changed(whole.clone(), &good, &offsets([0, 16, 17, 1_000_000])), arrow(INVALID)),
        ("the file format", file(), arrow(INVALID)),
        ("an end before rows", [&whole[..batch], &END, &whole[batch..]].concat(), Ok(Vec::new())),
        ("an end of old before rows", [&whole[..batch], &[0; 4], &whole[batch..]].concat(), Ok(Vec::new())),
        ("JSON", br#"["4111111111111111"]"#.to_vec(), arrow(INVALID)),
        ("no UTF-8", changed(one(StringArray::from(vec!["x\u{e9}y"])), b"x\xc3\xa9y", b"x\xffzy"), arrow(INVALID)),
        ("buffers packed by lz4", include_bytes!("lz4.arrow").to_vec(), arrow(INVALID)),
        ("buffers packed by zstd", include_bytes!("zstd.arrow").to_vec(), arrow(INVALID)),
        (
            "more than may be",
            gzip(&one(StringArray::from(vec!["x"; LIMIT]))),
            Err(ChunkError::Body(BodyError::TooLong { limit: LIMIT })),
        ),
    ];
    each(cases, |body| cells(&body, ColumnKind::Text));
    let message = arrow_ipc::root_as_message(&whole[batch + 8..]).unwrap();
    let body = message.bodyLength().to_le_bytes();
    for length in [-8, 1 << 40, i64::MAX] {
        let lying = [&whole[..batch], &changed(whole[batch..].to_vec(), &body, &i64::to_le_bytes(length))].concat();
        assert!(matches!(cells(&lying, ColumnKind::Text), Err(ChunkError::Mask(MaskError::Arrow { .. }))), "{length}");
    }
    // The count of rows stands twice in the message: of the batch, and of its column.
    let mut lies = 0;
    for at in (batch..end).filter(|at| whole[*at..].starts_with(&rows)) {
        for count in [-1, 2, 4, i64::MAX] {
            let mut lying = whole.clone();
            lying[at..at + 8].copy_from_slice(&i64::to_le_bytes(count));
            let message = arrow_ipc::root_as_message(&lying[batch + 8..]).ok().and_then(|m| m.header_as_record_batch());
            let Some(header) = message.filter(|header| header.nodes().is_some()) else { continue };
            if [header.length(), header.nodes().unwrap().get(0).length()].contains(&count) {
                lies += 1;
                let found = cells(&lying, ColumnKind::Text);
                assert!(matches!(found, Err(ChunkError::Mask(MaskError::Arrow { .. }))), "{count}: {found:?}");
            }
        }
    }
    assert_eq!(lies, 8);
}

fn file() -> Vec<u8> {
    let batch = RecordBatch::try_from_iter([("A", Arc::new(StringArray::from(vec![CARD])) as ArrayRef)]).unwrap();
    let mut writer = FileWriter::try_new(Vec::new(), &batch.schema()).unwrap();
    writer.write(&batch).unwrap();
    writer.finish().unwrap();
    writer.into_inner().unwrap()
}

#[test]
fn streams_of_another_width() {
    let column = || Column::new("A", ColumnKind::Text);
    let width = || arrow("its count of columns is not the declared one");
    let cases = [
        ("fewer columns than declared", vec![column(), column()], width()),
        ("more columns than declared", vec![], width()),
        ("as many", vec![column()], Ok(3)),
    ];
    each(cases, |columns| mask(&texts(), &columns).map(|(_, rows)| rows));
}

#[test]
fn what_is_released_of_streams() {
    let whole = texts();
    let text = |array: &str, cells: &[&str]| Ok(vec![format!("{array}[{},]", cells.join(","))]);
    let string = |cell: &str| text("StringArray", &[&format!("{cell:?}")]);
    let masked = |name: &str| text(name, &[&format!("{MASKED:?}"), "\"x\"", &format!("{MASKED:?}")]);
    let dictionary =
        || DictionaryArray::<Int32Type>::new(vec![1, 1].into(), Arc::new(StringArray::from(vec![CARD, "x"])));
    let number: i64 = CARD.parse().unwrap();
    let fixed = ColumnKind::Number { scale: 0 };
    let two =
        stream(&[CARD, "x"].map(|cell| {
            RecordBatch::try_from_iter([("A", Arc::new(StringArray::from(vec![cell])) as ArrayRef)]).unwrap()
        }));
    let cases = [
        ("nothing", (Vec::new(), fixed), Ok(Vec::new())),
        ("packed by gzip", (gzip(&whole), ColumnKind::Text), masked("StringArray")),
        (
            "something behind the end",
            ([whole.as_slice(), CARD.as_bytes()].concat(), ColumnKind::Text),
            masked("StringArray"),
        ),
        ("text where numbers are declared", (whole.clone(), fixed), masked("StringArray")),
        ("text where times are declared", (whole.clone(), ColumnKind::Temporal), masked("StringArray")),
        ("text where bytes are declared", (whole.clone(), ColumnKind::Binary), masked("StringArray")),
        (
            "numbers where text is declared",
            (one(Int64Array::from(vec![number])), ColumnKind::Text),
            text("PrimitiveArray<Int64>", &[ZEROED]),
        ),
        (
            "numbers where truths are declared",
            (one(Int64Array::from(vec![number])), ColumnKind::Boolean),
            text("PrimitiveArray<Int64>", &[ZEROED]),
        ),
        (
            "another width than others have",
            (one(UInt64Array::from(vec![number as u64])), fixed),
            text("PrimitiveArray<UInt64>", &[ZEROED]),
        ),
        ("a value under a null", (one(under_null()), ColumnKind::Text), text("StringArray", &["null"])),
        (
            "text as bytes",
            (one(BinaryArray::from(vec![CARD.as_bytes()])), ColumnKind::Text),
            text("BinaryArray", &[&format!("{:?}", MASKED.as_bytes()).replace(' ', "")]),
        ),
        (
            "two batches",
            (two, ColumnKind::Text),
            Ok([string(MASKED), string("x")].into_iter().flat_map(Result::unwrap).collect()),
        ),
    ];
    each(cases, |(body, kind): (Vec<u8>, ColumnKind)| cells(&body, kind));
    // A value that no row shows.
    let shown = cells(&one(dictionary()), ColumnKind::Text).unwrap();
    assert!(shown[0].contains(MASKED), "{shown:?}");
}

fn under_null() -> StringArray {
    let whole = StringArray::from(vec![CARD]);
    StringArray::new(whole.offsets().clone(), whole.values().clone(), Some(vec![false].into()))
}

fn nested(member: &str, value: &str) -> StructArray {
    let inner = Arc::new(Field::new(member, DataType::Utf8, true));
    StructArray::new(vec![inner].into(), vec![Arc::new(StringArray::from(vec![value])) as ArrayRef], None)
}

#[test]
fn nested_types() {
    let deep = |levels: usize| {
        (0..levels).fold(Arc::new(StringArray::from(vec![CARD])) as ArrayRef, |inner, _| {
            let field = Arc::new(Field::new("m", inner.data_type().clone(), true));
            Arc::new(StructArray::new(vec![field].into(), vec![inner], None))
        })
    };
    let of = |array: ArrayRef| stream(&[RecordBatch::try_from_iter([("A", array)]).unwrap()]);
    let refused = |kind: &str| Err(MaskError::ArrowType { column: 0, data_type: kind.to_owned() });
    let fixed = FixedSizeBinaryArray::try_from_iter([CARD.as_bytes()].into_iter()).unwrap();
    let cases = [
        ("a card number in a struct", of(Arc::new(nested("m", CARD))), Ok(true)),
        ("a card number as a member's name", of(Arc::new(nested(CARD, "x"))), refused("struct")),
        ("structs in structs", of(deep(20)), Ok(true)),
        ("structs in structs without end", of(deep(40)), refused("struct")),
        ("bytes of a fixed size", one(fixed), refused("fixed-size binary")),
    ];
    each(cases, |body| match mask(&body, &[Column::new("A", ColumnKind::Text)]) {
        Ok((bytes, _)) => Ok(!String::from_utf8_lossy(&bytes).contains(CARD)),
        Err(ChunkError::Mask(error)) => Err(error),
        Err(error) => panic!("{error}"),
    });
}

#[test]
fn names_and_metadata() {
    let field = Field::new(CARD, DataType::Utf8, true)
        .with_metadata([("logicalType".to_owned(), "TEXT".to_owned()), ("x".to_owned(), CARD.to_owned())]);
    let schema = Schema::new_with_metadata(vec![field], [(CARD.to_owned(), CARD.to_owned())]);
    let batch = RecordBatch::try_new(Arc::new(schema), vec![Arc::new(StringArray::from(vec!["x"]))]).unwrap();
    let (bytes, _) = mask(&stream(&[batch]), &[Column::new(CARD, ColumnKind::Text)]).unwrap();
    let schema = StreamReader::try_new(bytes.as_slice(), None).unwrap().schema();
    assert_eq!(schema.field(0).name(), MASKED);
    assert_eq!(schema.field(0).metadata().get("x").map(|value| value.to_string()).as_deref(), Some(MASKED));
    assert_eq!(schema.metadata().get(MASKED).map(|value| value.to_string()).as_deref(), Some(MASKED));
    assert!(!String::from_utf8_lossy(&bytes).contains(CARD));
}
