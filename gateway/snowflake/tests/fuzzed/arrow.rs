//! Whether a card number is in an Arrow stream.

use arrow_array::{Array, ArrayRef, RecordBatch, cast::AsArray, types::Int64Type};
use arrow_ipc::reader::StreamReader;
use arrow_schema::DataType;
use hoop_masking::{Column, ColumnKind};

use super::CARD;

/// The batches of what was released, which can be read.
pub fn batches(ipc: &[u8]) -> Vec<RecordBatch> {
    StreamReader::try_new(ipc, None).unwrap().collect::<Result<_, _>>().unwrap()
}

pub fn holds_card(batch: &RecordBatch, columns: &[Column]) -> bool {
    batch.columns().iter().zip(columns).any(|(array, column)| array_holds(array, column.kind))
}

fn array_holds(array: &ArrayRef, kind: ColumnKind) -> bool {
    match array.data_type() {
        DataType::Utf8 => array.as_string::<i32>().iter().flatten().any(|text| text == CARD),
        DataType::LargeUtf8 => array.as_string::<i64>().iter().flatten().any(|text| text == CARD),
        DataType::Dictionary(..) => array_holds(array.as_any_dictionary().values(), kind),
        DataType::Struct(_) => array.as_struct().columns().iter().any(|array| array_holds(array, ColumnKind::Temporal)),
        // A time in microseconds may have a card's digits, and a scaled number is another one.
        DataType::Int64 if matches!(kind, ColumnKind::Text | ColumnKind::Number { scale: 0 }) => {
            array.as_primitive::<Int64Type>().iter().flatten().any(|number| number.to_string() == CARD)
        }
        _ => false,
    }
}
