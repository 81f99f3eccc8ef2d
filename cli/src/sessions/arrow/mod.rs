//! Rows of an answer in Arrow, as Snowflake's drivers would show them.

mod cell;
mod time;

use std::panic::{AssertUnwindSafe, catch_unwind};

use arrow_array::RecordBatch;
use arrow_ipc::reader::StreamReader;
use arrow_schema::ArrowError;
use serde_json::Value;

/// What a stream holds.
#[derive(Debug, Default, PartialEq)]
pub(super) struct Table {
    /// Of the columns.
    pub names: Vec<String>,
    /// The first, each an array with a cell for each column.
    pub rows: Vec<Value>,
    /// How many there are.
    pub total: usize,
}

/// One IPC stream, of whose rows at most `limit` are wanted; none where it cannot be read.
pub(super) fn read(bytes: &[u8], limit: usize) -> Option<Table> {
    if bytes.is_empty() {
        return Some(Table::default());
    }
    // The decoder indexes by what the stream declares.
    catch_unwind(AssertUnwindSafe(|| table(bytes, limit))).ok()?.ok()
}

fn table(bytes: &[u8], limit: usize) -> Result<Table, ArrowError> {
    let reader = StreamReader::try_new(bytes, None)?;
    let names = reader.schema().fields().iter().map(|field| field.name().clone()).collect();
    let mut table = Table { names, ..Table::default() };
    for batch in reader {
        let batch = batch?;
        table.total += batch.num_rows();
        let wanted = limit.saturating_sub(table.rows.len()).min(batch.num_rows());
        table.rows.extend((0..wanted).map(|row| Value::Array(cells(&batch, row))));
    }
    Ok(table)
}

fn cells(batch: &RecordBatch, row: usize) -> Vec<Value> {
    let schema = batch.schema();
    let columns = schema.fields().iter().zip(batch.columns());
    columns.map(|(field, array)| cell::shown(field, array.as_ref(), row)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_no_stream_is_not_read() {
        assert_eq!(read(b"", 3), Some(Table::default()));
        assert_eq!(read(&[0xff, 0xfe], 3), None);
        assert_eq!(read(&[0xff; 64], 3), None);
    }
}
