//! Bodies that are packed, and rows in them.

use hoop_masking::{Column, ColumnKind, Findings, MaskError, Masker, Released};
use hoop_snowflake::{BodyError, ChunkError, ChunkForm, decode, mask_chunk};

use super::{MASKED, each, gzip};

const LIMIT: usize = 1000;
const TOO_LONG: BodyError = BodyError::TooLong { limit: LIMIT };

/// The trailer of gzip: checksum and length.
fn with_trailer(change: impl Fn(&mut [u8])) -> Vec<u8> {
    let mut packed = gzip(b"[\"a\"]");
    let trailer = packed.len() - 8;
    change(&mut packed[trailer..]);
    packed
}

#[test]
fn packed_bodies() {
    let once = gzip(b"{}");
    let member_and = |rest: &[u8]| [once.as_slice(), rest].concat();
    let cases = [
        ("a bomb", gzip(&vec![b'0'; 50_000_000]), Err(TOO_LONG)),
        ("one byte too many", gzip(&[b'0'; LIMIT + 1]), Err(TOO_LONG)),
        ("as many as may be", gzip(&[b'0'; LIMIT]), Ok(vec![b'0'; LIMIT])),
        ("too many as they are", vec![b'0'; LIMIT + 1], Err(TOO_LONG)),
        ("gzip of gzip is inflated once", gzip(&once), Ok(once.clone())),
        ("a bomb in members", gzip(&[b'0'; 10]).repeat(101), Err(TOO_LONG)),
        ("members in their limit", gzip(&[b'0'; 10]).repeat(100), Ok(vec![b'0'; LIMIT])),
        ("a great many empty members", gzip(b"").repeat(10_000), Err(TOO_LONG)),
        ("cut off", once[..once.len() - 9].to_vec(), Err(BodyError::Gzip)),
        ("cut off in the trailer", once[..once.len() - 1].to_vec(), Err(BodyError::Gzip)),
        ("nothing but the mark", vec![0x1f, 0x8b], Err(BodyError::Gzip)),
        ("a wrong checksum", with_trailer(|trailer| trailer[0] ^= 1), Err(BodyError::Gzip)),
        ("a wrong length", with_trailer(|trailer| trailer[4] ^= 1), Err(BodyError::Gzip)),
        ("garbage behind", member_and(b"4111111111111111"), Err(BodyError::Gzip)),
        ("noughts behind", member_and(&[0; 32]), Err(BodyError::Gzip)),
        ("half a member behind", member_and(&once[..5]), Err(BodyError::Gzip)),
        ("another method", vec![0x1f, 0x8b, 9, 0, 0, 0, 0, 0, 0, 0, 3, 0], Err(BodyError::Gzip)),
        ("zstd is no gzip, and read as it is", vec![0x28, 0xb5, 0x2f, 0xfd], Ok(vec![0x28, 0xb5, 0x2f, 0xfd])),
        ("nothing", Vec::new(), Ok(Vec::new())),
    ];
    each(cases, |body| decode(&body, LIMIT));
}

fn text(body: &[u8]) -> Result<(String, u64), ChunkError> {
    let columns = [Column::new("A", ColumnKind::Text), Column::new("N", ColumnKind::Number { scale: 0 })];
    let masker = Masker::default();
    let mut bytes = Released::within(Vec::new());
    let rows = mask_chunk(body, LIMIT, ChunkForm::Json, &columns, &masker, &mut bytes, &mut Findings::default())?;
    Ok((String::from_utf8(bytes.into_inner()).unwrap(), rows))
}

#[test]
fn rows_without_brackets() {
    let rows = || Err(ChunkError::Mask(MaskError::Rows));
    let width = |row, cells| Err(ChunkError::Mask(MaskError::RowWidth { row, cells, columns: 2 }));
    let is = |text: &str, rows| Ok((text.to_owned(), rows));
    let cases: [(_, &[u8], _); 25] = [
        ("nothing", b"", is("", 0)),
        ("a space", b" ", is(" ", 0)),
        ("an escaped card number", br#"["\u0034111111111111111","1"]"#, is(&format!(r#"["{MASKED}","1"]"#), 1)),
        ("a card number in a column of numbers", br#"["a","4111111111111111"]"#, is(r#"["a","4111110000001111"]"#, 1)),
        ("text in a column of numbers", br#"["a","x 4111111111111111"]"#, is(&format!(r#"["a","x {MASKED}"]"#), 1)),
        ("a row too narrow", br#"["a"]"#, width(0, 1)),
        ("a row too wide behind a good one", br#"["a","1"],["b","2","4111111111111111"]"#, width(1, 3)),
        ("a row of nothing", b"[]", width(0, 0)),
        ("a comma behind", br#"["a","1"],"#, rows()),
        ("a comma before", br#",["a","1"]"#, rows()),
        ("a comma in a row", br#"["a","1",]"#, rows()),
        ("no comma between rows", br#"["a","1"]["b","2"]"#, rows()),
        ("outer brackets", br#"[["a","1"]]"#, rows()),
        ("a number", br#"["a",4111111111111111]"#, rows()),
        ("a list", br#"["a",["4111111111111111"]]"#, rows()),
        ("an object", br#"["a",{"x":"4111111111111111"}]"#, rows()),
        ("an object for a row", br#"{"a":"4111111111111111"}"#, rows()),
        ("nulls in another case", br#"["a",NULL]"#, rows()),
        ("a truth", br#"["a",true]"#, rows()),
        ("cut off in a cell", br#"["a","4111111111111"#, rows()),
        ("cut off behind a cell", br#"["a","1""#, rows()),
        ("no UTF-8", b"[\"a\xff\",\"1\"]", rows()),
        ("a line's end in a cell", b"[\"a\n\",\"1\"]", rows()),
        ("a null behind", b"[\"a\",\"1\"]\0", rows()),
        ("text behind", br#"["a","1"] 4111111111111111"#, rows()),
    ];
    each(cases, |body| {
        let plain = text(body);
        assert_eq!(text(&gzip(body)), plain, "packed");
        plain
    });
    let damaged: [(_, Vec<u8>, _); 5] = [
        ("a bomb of good rows", gzip(&br#"["a","1"],"#.repeat(1_000_000)), Err(ChunkError::Body(TOO_LONG))),
        ("gzip of gzip", gzip(&gzip(br#"["4111111111111111","1"]"#)), rows()),
        (
            "a wrong checksum behind good rows",
            with_trailer(|trailer| trailer[0] ^= 1),
            Err(ChunkError::Body(BodyError::Gzip)),
        ),
        (
            "rows over two members",
            [gzip(br#"["411111111"#), gzip(br#"1111111","1"]"#)].concat(),
            is(&format!(r#"["{MASKED}","1"]"#), 1),
        ),
        ("an Arrow stream", vec![0xff, 0xff, 0xff, 0xff, 0, 0, 0, 0], rows()),
    ];
    each(damaged, |body| text(&body));
}
