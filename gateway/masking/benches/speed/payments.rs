//! A large result as the load benchmark makes it: a card as text, the same as a number, and one in free text.

use std::{fmt::Write, sync::Arc};

use arrow_array::{ArrayRef, Decimal128Array, Int64Array, RecordBatch, StringArray};
use arrow_ipc::writer::StreamWriter;
use hoop_masking::Column;

/// Rows of a chunk.
pub const ROWS: usize = 200_000;

pub fn columns() -> Vec<Column> {
    let column = |(name, kind, scale)| Column::snowflake(name, kind, scale);
    let columns = [
        ("ID", "fixed", Some(0)),
        ("CARD_NUMBER", "text", None),
        ("PAN", "fixed", Some(0)),
        ("AMOUNT", "fixed", Some(2)),
        ("NOTE", "text", None),
    ];
    columns.into_iter().map(column).collect()
}

struct Row {
    id: i64,
    pan: i64,
    cents: i64,
    note: Option<String>,
}

fn rows() -> impl Iterator<Item = Row> {
    (0..ROWS as i64).map(|index| {
        let pan = pan(index);
        let note = match index % 10 {
            0 => Some(format!("customer read out {pan} on the phone")),
            5 => None,
            _ => Some(format!("order {}", 100_000 + index)),
        };
        Row { id: index + 1, pan, cents: index * 7 + 99, note }
    })
}

/// A test prefix, the index, and the check digit.
fn pan(index: i64) -> i64 {
    let front = 411_111_000_000_000 + index;
    let (mut rest, mut sum) = (front, 0);
    for place in 0..15 {
        let digit = rest % 10;
        rest /= 10;
        sum += if place % 2 == 0 { digit * 2 / 10 + digit * 2 % 10 } else { digit };
    }
    front * 10 + (10 - sum % 10) % 10
}

/// Rows without the outer brackets.
pub fn json() -> Vec<u8> {
    let mut body = String::new();
    for Row { id, pan, cents, note } in rows() {
        let note = note.map_or_else(|| "null".to_owned(), |note| format!("\"{note}\""));
        let _ = write!(body, r#"["{id}","{pan}","{pan}","{}.{:02}",{note}],"#, cents / 100, cents % 100);
    }
    body.pop();
    body.into_bytes()
}

/// One batch, as Snowflake sends one a chunk; `wide`: the number as a decimal of 128 bits.
pub fn arrow(wide: bool) -> Vec<u8> {
    let integers = |of: fn(Row) -> i64| -> ArrayRef { Arc::new(rows().map(of).map(Some).collect::<Int64Array>()) };
    let pans: ArrayRef = match wide {
        true => {
            let pans: Decimal128Array = rows().map(|row| Some(i128::from(row.pan))).collect();
            Arc::new(pans.with_precision_and_scale(38, 0).unwrap())
        }
        false => integers(|row| row.pan),
    };
    let cards: ArrayRef = Arc::new(rows().map(|row| Some(row.pan.to_string())).collect::<StringArray>());
    let notes: ArrayRef = Arc::new(rows().map(|row| row.note).collect::<StringArray>());
    let columns = [
        ("ID", integers(|row| row.id), true),
        ("CARD_NUMBER", cards, true),
        ("PAN", pans, true),
        ("AMOUNT", integers(|row| row.cents), true),
        ("NOTE", notes, true),
    ];
    let batch = RecordBatch::try_from_iter_with_nullable(columns).unwrap();
    let mut writer = StreamWriter::try_new(Vec::new(), &batch.schema()).unwrap();
    writer.write(&batch).unwrap();
    writer.finish().unwrap();
    writer.into_inner().unwrap()
}
