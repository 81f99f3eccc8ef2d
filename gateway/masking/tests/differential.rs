//! What one carrier hides, all hide, and in the same way.
#![allow(clippy::unwrap_used, clippy::indexing_slicing)]

#[allow(dead_code)]
mod corpus;

use std::sync::Arc;

use arrow_array::{builder::ListBuilder, builder::StringBuilder, cast::AsArray, types::*, *};
use arrow_ipc::{reader::StreamReader, writer::StreamWriter};
use arrow_schema::{DataType, Field};
use corpus::{
    pan,
    rng::Rng,
    spelling::{self, ASCII_SEPARATORS, GROUPINGS, UNICODE_SEPARATORS},
};
use hoop_masking::{Column, ColumnKind, Findings, Form, Masker};
use serde_json::{Value, json};

/// Texts around a number; what a carrier would read as its own is not among them.
const AROUND: &[&str] =
    &["{}", "card {} please", "x{}x", "ref {}, ok", "a={};b=2", "é {} ü", "<n>{}</n>", "paid {} & 12.50"];

fn texts() -> Vec<String> {
    let mut rng = Rng::of("differential");
    let mut texts: Vec<String> =
        ["", "x", "no number", "550e8400-e29b-41d4-a716-676100000006", "2024-01-02T03:04:05.678901Z"]
            .map(str::to_owned)
            .into();
    for number in 0..3_000 {
        let digits = match number % 6 {
            0 => pan::mistyped(&mut rng, [13, 15, 16, 19][number / 6 % 4]),
            1 => pan::brandless(&mut rng, [13, 15, 16, 19][number / 6 % 4]),
            _ => pan::any(&mut rng),
        };
        let groups = GROUPINGS.iter().find(|groups| groups.iter().sum::<usize>() == digits.len());
        let separator = match number % 4 {
            0 => rng.pick(&[" ", "-"]),
            1 => rng.pick(ASCII_SEPARATORS),
            2 => rng.pick(UNICODE_SEPARATORS),
            _ => "",
        };
        let written = groups.map_or(digits.clone(), |groups| spelling::grouped(&digits, groups, separator));
        let written =
            if number % 10 == 9 { spelling::in_script(&written, rng.pick(spelling::SCRIPTS)) } else { written };
        texts.push(rng.pick(AROUND).replace("{}", &written));
    }
    texts
}

/// What comes out of an Arrow stream into which a column goes.
fn through(array: ArrayRef) -> ArrayRef {
    let batch = RecordBatch::try_from_iter([("v", array)]).unwrap();
    let mut writer = StreamWriter::try_new(Vec::new(), &batch.schema()).unwrap();
    writer.write(&batch).unwrap();
    writer.finish().unwrap();
    let ipc = writer.into_inner().unwrap();
    let (out, _) = Masker::default().arrow_stream(&ipc, None, &mut Findings::default()).unwrap();
    let batch = StreamReader::try_new(out.as_ref().as_slice(), None).unwrap().next().unwrap().unwrap();
    batch.column(0).clone()
}

fn cells(kind: ColumnKind, cells: &[String]) -> Vec<String> {
    let rows = cells.iter().map(|cell| vec![Some(cell.clone())]).collect();
    let masked = Masker::default().rowset(rows, &[Column::new("v", kind)], &mut Findings::default()).unwrap();
    masked.into_inner().into_iter().map(|mut row| row.remove(0).unwrap()).collect()
}

/// What stands at the end of a line that begins with `front`, masked as bytes of a stream.
fn line(front: &str, value: &str, end: &str) -> String {
    let mut stream = Masker::default().stream(Form::Auto);
    let mut out = stream.write(format!("{front}{value}{end}").as_bytes()).unwrap().into_inner();
    out.extend(stream.finish().unwrap().0.into_inner());
    let out = String::from_utf8(out).unwrap();
    out.strip_prefix(front).and_then(|out| out.strip_suffix(end)).unwrap().to_owned()
}

#[test]
fn texts_in_every_carrier() {
    let texts = texts();
    let plain: Vec<String> =
        texts.iter().map(|text| Masker::default().text(text, &mut Findings::default()).into_inner()).collect();
    assert!(plain.iter().zip(&texts).filter(|(masked, text)| masked != text).count() > 1_500);
    let same = |carrier: &str, found: Vec<String>| {
        let differ: Vec<_> = plain.iter().zip(&found).filter(|(plain, found)| plain != found).collect();
        assert!(differ.is_empty(), "{carrier}: {} differ, {:#?}", differ.len(), &differ[..differ.len().min(8)]);
        assert_eq!(found.len(), plain.len());
    };
    let string = |text: &String| Value::from(text.as_str()).to_string();
    let unquoted = |text: String| serde_json::from_str::<String>(&text).unwrap();
    let each = |mask: &dyn Fn(&String) -> String| texts.iter().map(mask).collect::<Vec<_>>();
    same("a JSON string", each(&|text| unquoted(line("{\"v\":", &string(text), "}"))));
    same("an event", each(&|text| line("data: ", text, "\n\n")));
    same("an event of JSON", each(&|text| unquoted(line("data: {\"v\":", &string(text), "}\n\n"))));
    same(
        "a tree",
        each(&|text| {
            let mut findings = Findings::default();
            let masked = Masker::default().json(json!({ "v": text }), &mut findings).unwrap().into_inner();
            assert_eq!(!findings.is_empty(), masked["v"] != *text.as_str());
            masked["v"].as_str().unwrap().to_owned()
        }),
    );
    same("a rowset", cells(ColumnKind::Text, &texts));

    let utf8 = |array: &StringArray| array.iter().map(|text| text.unwrap().to_owned()).collect::<Vec<_>>();
    let strings = || texts.iter().map(String::as_str);
    same("Utf8", utf8(through(Arc::new(StringArray::from_iter_values(strings()))).as_string::<i32>()));
    let large = through(Arc::new(LargeStringArray::from_iter_values(strings())));
    same("LargeUtf8", large.as_string::<i64>().iter().map(|text| text.unwrap().to_owned()).collect());
    let view = through(Arc::new(StringViewArray::from_iter_values(strings())));
    same("Utf8View", view.as_string_view().iter().map(|text| text.unwrap().to_owned()).collect());
    let dictionary = through(Arc::new(strings().collect::<DictionaryArray<Int32Type>>()));
    let dictionary = dictionary.as_dictionary::<Int32Type>().downcast_dict::<StringArray>().unwrap();
    same("a dictionary", dictionary.into_iter().map(|text| text.unwrap().to_owned()).collect());
    let mut list = ListBuilder::new(StringBuilder::new());
    list.append_value(strings().map(Some));
    same("a list", utf8(through(Arc::new(list.finish())).as_list::<i32>().values().as_string::<i32>()));
    let field = Arc::new(Field::new("v", DataType::Utf8, true));
    let array: ArrayRef = Arc::new(StringArray::from_iter_values(strings()));
    let structure = through(Arc::new(StructArray::from(vec![(field, array)])));
    same("a struct", utf8(structure.as_struct().column(0).as_string::<i32>()));
}

#[test]
fn numbers_in_every_carrier() {
    let mut rng = Rng::of("differential numbers");
    let mut numbers: Vec<u64> = vec![0, 7, 1_700_000_000_000, 4_111_110_000_001_111];
    for number in 0..6_000 {
        // Fewer than half are card numbers, or the column would be one of cards.
        let digits = match number % 6 {
            0 | 2 => pan::mistyped(&mut rng, [13, 15, 16, 19][number / 6 % 4]),
            1 | 3 => pan::brandless(&mut rng, [13, 15, 16, 19][number / 6 % 4]),
            _ => pan::any(&mut rng),
        };
        numbers.push(digits.parse().unwrap());
    }
    let plain: Vec<u64> =
        through(Arc::new(UInt64Array::from(numbers.clone()))).as_primitive::<UInt64Type>().values().to_vec();
    assert!(plain.iter().zip(&numbers).filter(|(masked, number)| masked != number).count() > 1_500);
    let same = |carrier: &str, found: Vec<u64>| {
        let differ: Vec<_> =
            numbers.iter().zip(&plain).zip(&found).filter(|((_, plain), found)| plain != found).collect();
        assert!(differ.is_empty(), "{carrier}: {} differ, {:?}", differ.len(), &differ[..differ.len().min(8)]);
        assert_eq!(found.len(), plain.len());
    };
    // Of text the same digits are hidden, with stars.
    for (number, masked) in numbers.iter().zip(&plain) {
        let text = Masker::default().text(&number.to_string(), &mut Findings::default()).into_inner();
        assert_eq!(text.contains('*'), masked != number, "{text} {masked}");
        let masked = masked.to_string();
        assert!(
            text.bytes().zip(masked.bytes()).all(|(a, b)| a == b || a == b'*' && matches!(b, b'0' | b'1')),
            "{text} {masked}"
        );
    }
    let parsed = |texts: Vec<String>| texts.iter().map(|text| text.parse().unwrap()).collect::<Vec<u64>>();
    let spelled: Vec<String> = numbers.iter().map(ToString::to_string).collect();
    same("a JSON number", parsed(spelled.iter().map(|number| line("{\"v\":", number, "}")).collect()));
    same("a number in an event", parsed(spelled.iter().map(|number| line("data: {\"v\":", number, "}\n\n")).collect()));
    same(
        "a tree",
        numbers
            .iter()
            .map(|number| {
                let masked = Masker::default().json(json!({ "v": number }), &mut Findings::default()).unwrap();
                masked.as_ref()["v"].as_u64().unwrap()
            })
            .collect(),
    );
    same("a rowset", parsed(cells(ColumnKind::Number { scale: 0 }, &spelled)));
    let cents: Vec<String> = spelled.iter().map(|number| format!("{number}.25")).collect();
    let cents = cells(ColumnKind::Number { scale: 2 }, &cents);
    same(
        "a rowset with scale",
        parsed(cents.iter().map(|text| text.strip_suffix(".25").unwrap().to_owned()).collect()),
    );

    let signed = through(Arc::new(Int64Array::from_iter_values(numbers.iter().map(|number| *number as i64))));
    same("Int64", signed.as_primitive::<Int64Type>().values().iter().map(|number| *number as u64).collect());
    for (scale, power, cents) in [(0, 1, 0), (2, 100, 25)] {
        let values = numbers.iter().map(|number| i128::from(*number) * power + cents);
        let array = Decimal128Array::from_iter_values(values).with_precision_and_scale(38, scale).unwrap();
        let decimal = through(Arc::new(array));
        let values = decimal.as_primitive::<Decimal128Type>().values().iter();
        same("Decimal128", values.map(|value| u64::try_from((value - cents) / power).unwrap()).collect());
    }
    // Beyond 2^53 a float does not hold the number.
    let exact = |number: &u64| *number < 1 << 53;
    let floats = numbers.iter().map(|number| if exact(number) { *number as f64 } else { 0.0 });
    let floats = through(Arc::new(Float64Array::from_iter_values(floats)));
    let floats = floats.as_primitive::<Float64Type>().values().iter().zip(&plain).zip(&numbers);
    same(
        "Float64",
        floats.map(|((float, plain), number)| if exact(number) { *float as u64 } else { *plain }).collect(),
    );
}

/// Where most values of a column are card numbers, those with a wrong check digit go too.
#[test]
fn a_column_of_cards_is_one_in_every_carrier() {
    let number = |last: u64| 4_111_111_111_111_110 + last % 2;
    let numbers: Vec<u64> = (0..20).map(number).collect();
    // The last of the zeros is a one where the whole would pass for a card number.
    let hidden = |last: u64| if last.is_multiple_of(2) { 4_111_110_000_011_110 } else { 4_111_110_000_001_111 };
    let hidden: Vec<u64> = (0..20).map(hidden).collect();
    let spelled: Vec<String> = numbers.iter().map(ToString::to_string).collect();
    for kind in [ColumnKind::Number { scale: 0 }, ColumnKind::Real] {
        let masked = cells(kind, &spelled);
        assert_eq!(masked, hidden.iter().map(ToString::to_string).collect::<Vec<_>>(), "{kind:?}");
    }
    let unsigned = through(Arc::new(UInt64Array::from(numbers.clone())));
    assert_eq!(unsigned.as_primitive::<UInt64Type>().values(), hidden.as_slice());
    let signed = through(Arc::new(Int64Array::from_iter_values(numbers.iter().map(|number| *number as i64))));
    assert!(signed.as_primitive::<Int64Type>().values().iter().zip(&hidden).all(|(a, b)| *a as u64 == *b));
    let floats = through(Arc::new(Float64Array::from_iter_values(numbers.iter().map(|number| *number as f64))));
    assert!(floats.as_primitive::<Float64Type>().values().iter().zip(&hidden).all(|(a, b)| *a as u64 == *b));
    let stars = |text: &String| text.contains("411111******111");
    assert!(cells(ColumnKind::Text, &spelled).iter().all(stars));
    let texts = through(Arc::new(StringArray::from_iter_values(spelled)));
    assert!(texts.as_string::<i32>().iter().all(|text| text.map(str::to_owned).as_ref().is_some_and(stars)));
}
