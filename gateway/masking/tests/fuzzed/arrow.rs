//! Arrow streams, whole and damaged: an error, or a stream of the same shape.

use arrow_array::{Array, RecordBatch, cast::AsArray};
use arrow_ipc::reader::StreamReader;
use arrow_schema::DataType;
use hoop_masking::{Findings, Masker, Released};

use super::aligned::aligned;

/// Bytes of a stream looked at.
const LONGEST: usize = 64 * 1024;

fn read(ipc: &[u8]) -> Option<Vec<RecordBatch>> {
    // The decoder trusts what a stream says of itself; what it makes of a damaged one is not what is asked here.
    std::panic::catch_unwind(|| StreamReader::try_new(ipc, None).ok()?.collect::<Result<_, _>>().ok()).ok()?
}

pub fn arrow(data: &[u8]) {
    let data = data.get(..LONGEST).unwrap_or(data);
    let mask = |ipc: &[u8]| {
        let masked = Masker::default().arrow_stream(ipc, None, &mut Findings::default());
        masked.map(|(out, rows)| (Released::into_inner(out), rows)).ok()
    };
    let mut piped = Vec::new();
    let through = Masker::default().arrow_through(data, &mut piped, &mut Findings::default());
    let Some((out, rows)) = mask(data).filter(|(out, _)| !out.is_empty()) else { return };
    let after = read(&out).unwrap();
    assert_eq!(after.iter().map(|batch| batch.num_rows() as u64).sum::<u64>(), rows);
    let (again, _) = mask(&out).unwrap();
    assert_eq!(read(&again).unwrap(), after, "twice");
    if through.is_ok() {
        assert_eq!(read(&piped).unwrap(), after, "batch by batch");
    }
    let Some(before) = read(data) else { return };
    assert_eq!(before.len(), after.len());
    for (before, after) in before.iter().zip(&after) {
        for (before, after) in before.columns().iter().zip(after.columns()) {
            assert_eq!(before.data_type(), after.data_type());
            assert_eq!(before.nulls(), after.nulls());
            strings(before, after);
        }
    }
}

fn strings(before: &dyn Array, after: &dyn Array) {
    if before.data_type() == &DataType::Utf8 {
        for (before, after) in before.as_string::<i32>().iter().zip(after.as_string::<i32>()) {
            let (before, after) = (before.unwrap_or_default(), after.unwrap_or_default());
            assert!(aligned(before.as_bytes(), after.as_bytes()), "changed more: {before:?} {after:?}");
        }
    }
}
