//! Cells of a Snowflake result. The first byte says what the column is, the second how it is called.

use hoop_masking::{Column, ColumnKind, Findings, Masker, Released, Rowset};

use super::{LONGEST, aligned::aligned};

const KINDS: [ColumnKind; 6] = [
    ColumnKind::Text,
    ColumnKind::Number { scale: 2 },
    ColumnKind::Real,
    ColumnKind::Temporal,
    ColumnKind::Boolean,
    ColumnKind::Binary,
];
const NAMES: [&str; 6] = ["A", "ORDER_ID", "CARD_NUMBER", "CVV", "PIN", "TRACK_2_DATA"];

/// A line is a cell, an empty one null.
pub fn rowset(data: &[u8]) {
    let [kind, name, cells @ ..] = &data[..data.len().min(LONGEST)] else { return };
    let kind = KINDS[usize::from(*kind) % KINDS.len()];
    let name = NAMES[usize::from(*name) % NAMES.len()];
    let text = String::from_utf8_lossy(cells);
    let cell = |line: &str| (!line.is_empty()).then(|| line.to_owned());
    let rows: Vec<_> = text.split('\n').map(|line| vec![cell(line)]).collect();
    let columns = [Column::new(name, kind)];
    let mask = |rows| Masker::default().rowset(rows, &columns, &mut Findings::default()).unwrap().into_inner();
    let masked = mask(rows.clone());
    let again = mask(masked.clone());
    assert_eq!(masked.len(), rows.len());
    assert_eq!(bytes_of(&masked), chunk(&bytes_of(&rows), &columns), "as bytes, {kind:?} {name}");
    for ((before, after), again) in rows.iter().flatten().zip(masked.iter().flatten()).zip(again.iter().flatten()) {
        assert_eq!(after, again, "twice, {kind:?} {name}: {before:?}");
        let (Some(before), Some(after)) = (before, after) else {
            assert_eq!(before, after, "{kind:?} {name}");
            continue;
        };
        assert!(aligned(before.as_bytes(), after.as_bytes()), "{kind:?} {name} changed more: {before:?} {after:?}");
        let number = |text: &str| text.parse::<f64>().is_ok();
        if matches!(kind, ColumnKind::Number { .. } | ColumnKind::Real) && number(before) {
            assert!(number(after), "{kind:?} {name}: {before:?} {after:?}");
        }
        let hexadecimal =
            |text: &str| text.len().is_multiple_of(2) && text.bytes().all(|byte| byte.is_ascii_hexdigit());
        if kind == ColumnKind::Binary && hexadecimal(before) {
            assert!(hexadecimal(after), "{name}: {before:?} {after:?}");
        }
    }
}

/// Rows as a chunk's body.
fn bytes_of(rows: &Rowset) -> String {
    let text = serde_json::to_string(rows).unwrap();
    text.strip_prefix('[').and_then(|text| text.strip_suffix(']')).unwrap().to_owned()
}

fn chunk(body: &str, columns: &[Column]) -> String {
    let mut chunk = Masker::default().rowset_chunk(columns);
    // Cut wherever.
    let mut masked = Released::within(Vec::new());
    body.as_bytes().chunks(7).for_each(|piece| chunk.write(piece, &mut masked).unwrap());
    chunk.finish(&mut masked, &mut Findings::default()).unwrap();
    String::from_utf8(masked.into_inner()).unwrap()
}
