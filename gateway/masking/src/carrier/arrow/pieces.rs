//! Large batches, some thousand rows at a time, so that no second one has to be held beside the one that came. Rows of types
//! that nest or share values stay together.

use std::sync::Arc;

use arrow_array::{
    Array, ArrayRef, GenericByteArray, RecordBatch, RecordBatchOptions,
    cast::AsArray,
    types::{BinaryType, ByteArrayType, LargeBinaryType, LargeUtf8Type, Utf8Type},
};
use arrow_buffer::{ArrowNativeType, OffsetBuffer};
use arrow_schema::{ArrowError, DataType};

/// Bytes of a piece, about. In smaller ones a column's values are too few to be compressed as well, which takes longer too: at
/// 512 KiB a fifth.
const PIECE: usize = 4 * 1024 * 1024;
/// Rows of a piece are a multiple of this: its bits begin with a byte.
const TOGETHER: usize = 1024;

/// The batch's rows in order.
pub(super) fn of(batch: &RecordBatch) -> impl Iterator<Item = Result<RecordBatch, ArrowError>> {
    let rows = batch.num_rows();
    let bytes = size(batch);
    let each = match batch.columns().iter().all(|array| is_flat(array.data_type())) {
        true => (rows / (bytes / PIECE).max(1)).next_multiple_of(TOGETHER),
        false => rows,
    };
    let each = each.max(1);
    (0..rows.div_ceil(each).max(1)).map(move |piece| {
        let from = piece * each;
        if each >= rows { Ok(batch.clone()) } else { piece_of(batch, from, each.min(rows - from)) }
    })
}

/// In bytes, of its own rows.
fn size(batch: &RecordBatch) -> usize {
    batch.columns().iter().filter_map(|array| array.to_data().get_slice_memory_size().ok()).sum()
}

fn is_flat(data_type: &DataType) -> bool {
    use DataType::{Binary, Boolean, LargeBinary, LargeUtf8, Utf8};
    data_type.is_primitive() || matches!(data_type, Boolean | Utf8 | LargeUtf8 | Binary | LargeBinary)
}

fn piece_of(batch: &RecordBatch, from: usize, rows: usize) -> Result<RecordBatch, ArrowError> {
    let columns = batch.columns().iter().map(|array| {
        let array = array.slice(from, rows);
        match array.data_type() {
            DataType::Utf8 => alone::<Utf8Type>(&array),
            DataType::LargeUtf8 => alone::<LargeUtf8Type>(&array),
            DataType::Binary => alone::<BinaryType>(&array),
            DataType::LargeBinary => alone::<LargeBinaryType>(&array),
            _ => Ok(array),
        }
    });
    let columns = columns.collect::<Result<_, _>>()?;
    RecordBatch::try_new_with_options(batch.schema(), columns, &RecordBatchOptions::new().with_row_count(Some(rows)))
}

/// The same without the bytes of the rows around it.
fn alone<T: ByteArrayType>(array: &ArrayRef) -> Result<ArrayRef, ArrowError> {
    let (offsets, values, nulls) = array.as_bytes::<T>().clone().into_parts();
    let (begin, end) = (offsets.first().as_usize(), offsets.last().as_usize());
    let values = values.slice_with_length(begin, end.saturating_sub(begin));
    let offsets: Vec<_> = offsets.iter().map(|offset| T::Offset::usize_as(offset.as_usize() - begin)).collect();
    Ok(Arc::new(GenericByteArray::<T>::try_new(OffsetBuffer::new(offsets.into()), values, nulls)?))
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use arrow_array::{BooleanArray, Decimal128Array, DictionaryArray, LargeStringArray, StringArray, types::Int8Type};
    use arrow_schema::{Field, Schema};
    use proptest::prelude::*;

    use super::*;

    fn batch(columns: Vec<(&str, ArrayRef)>, rows: usize) -> RecordBatch {
        let fields: Vec<_> =
            columns.iter().map(|(name, array)| Field::new(*name, array.data_type().clone(), true)).collect();
        let arrays = columns.into_iter().map(|(_, array)| array).collect();
        let options = RecordBatchOptions::new().with_row_count(Some(rows));
        RecordBatch::try_new_with_options(Arc::new(Schema::new(fields)), arrays, &options).unwrap()
    }

    proptest! {
        #![proptest_config(ProptestConfig { cases: 48, ..ProptestConfig::default() })]

        #[test]
        fn together_they_are_the_batch(rows in 0usize..20_000, width in 0usize..800, cut in 0usize..9) {
            let text = |row: usize| (row % 7 != 3).then(|| "é".repeat((row * 31 + width) % (width + 1)));
            let some = |row: usize| (row % 5 != 1).then_some(row.is_multiple_of(3));
            let number = |row: usize| (row % 11 != 4).then_some(row as i128 * 97);
            let columns: Vec<(&str, ArrayRef)> = vec![
                ("text", Arc::new((0..rows).map(text).collect::<StringArray>())),
                ("long", Arc::new((0..rows).map(text).collect::<LargeStringArray>())),
                ("bits", Arc::new((0..rows).map(some).collect::<BooleanArray>())),
                ("number", Arc::new((0..rows).map(number).collect::<Decimal128Array>())),
            ];
            let whole = batch(columns, rows);
            // As a slice of another.
            let whole = whole.slice(cut.min(rows), rows - cut.min(rows));
            let pieces: Vec<_> = of(&whole).map(Result::unwrap).collect();
            let several = pieces.len() > 1;
            prop_assert!(several || size(&whole) < 2 * PIECE || whole.num_rows() <= TOGETHER);
            let mut from = 0;
            for piece in &pieces {
                prop_assert_eq!(piece, &whole.slice(from, piece.num_rows()));
                from += piece.num_rows();
                let text = piece.column(0).as_string::<i32>();
                prop_assert!(!several || text.values().len() == text.offsets().last().as_usize());
            }
            prop_assert_eq!(from, whole.num_rows());
        }
    }

    #[test]
    fn rows_without_columns_and_rows_that_share_values_stay_together() {
        let rows = 4 * PIECE;
        let pieces: Vec<_> = of(&batch(Vec::new(), rows)).map(Result::unwrap).collect();
        assert_eq!(pieces.iter().map(RecordBatch::num_rows).collect::<Vec<_>>(), [rows]);
        let shared: DictionaryArray<Int8Type> = (0..rows).map(|row| if row % 2 == 0 { "a" } else { "b" }).collect();
        let pieces: Vec<_> = of(&batch(vec![("shared", Arc::new(shared))], rows)).map(Result::unwrap).collect();
        assert_eq!(pieces.len(), 1);
    }
}
