//! Chunks. The first byte says how it was sent and what it may have, the second what its columns are.

use std::io::Write;

use flate2::{Compression, write::GzEncoder};
use hoop_masking::{Column, ColumnKind, Findings, Masker, Released, Rowset};
use hoop_snowflake::{BodyError, ChunkError, ChunkForm, decode, mask_chunk};

use super::{CARD, LONGEST, arrow, in_row};

const LIMITS: [usize; 4] = [64, 700, 4096, LONGEST];
const KINDS: [ColumnKind; 6] = [
    ColumnKind::Text,
    ColumnKind::Number { scale: 0 },
    ColumnKind::Real,
    ColumnKind::Temporal,
    ColumnKind::Boolean,
    ColumnKind::Binary,
];

pub fn chunk(data: &[u8]) {
    let [how, what, plain @ ..] = &data[..data.len().min(LONGEST)] else { return };
    let form = if how & 1 == 0 { ChunkForm::Json } else { ChunkForm::Arrow };
    let limit = LIMITS[usize::from(how >> 2) % LIMITS.len()];
    let column =
        |index: usize| Column::new(["A", "ORDER_ID", "B"][index], KINDS[(usize::from(*what) + index) % KINDS.len()]);
    let columns: Vec<Column> = (0..=usize::from(what >> 4) % 3).map(column).collect();
    let body = if how & 2 == 0 { plain.to_vec() } else { gzip(plain) };

    let inflated = decode(&body, limit);
    assert!(inflated.as_ref().is_ok_and(|body| body.len() <= limit) || inflated.is_err());
    let mask = |body: &[u8]| {
        let mut bytes = Released::within(Vec::new());
        let masked = mask_chunk(body, limit, form, &columns, &Masker::default(), &mut bytes, &mut Findings::default());
        masked.map(|rows| (bytes.into_inner(), rows))
    };
    let (bytes, rows) = match mask(&body) {
        Ok(masked) => masked,
        Err(error) => {
            let fits = plain.len() <= limit || plain.starts_with(&[0x1f, 0x8b]);
            assert!(
                fits || matches!(error, ChunkError::Body(BodyError::TooLong { .. }) | ChunkError::Mask(_)),
                "{error}"
            );
            return assert!(!error.to_string().contains(CARD), "{error}");
        }
    };
    let inflated = inflated.unwrap();
    match form {
        ChunkForm::Json => {
            let rowset = rowset(&bytes);
            assert_eq!((rowset.len() as u64, rowset.len()), (rows, self::rowset(&inflated).len()));
            assert!(rowset.iter().all(|row| row.len() == columns.len()));
            assert!(!rowset.iter().any(|row| in_row(row, &columns)), "{rowset:?}");
        }
        ChunkForm::Arrow if bytes.is_empty() => assert_eq!(rows, 0),
        ChunkForm::Arrow => {
            let batches = arrow::batches(&bytes);
            assert_eq!(batches.iter().map(|batch| batch.num_rows() as u64).sum::<u64>(), rows);
            assert!(!batches.iter().any(|batch| arrow::holds_card(batch, &columns)));
        }
    }
}

fn gzip(bytes: &[u8]) -> Vec<u8> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::fast());
    encoder.write_all(bytes).unwrap();
    encoder.finish().unwrap()
}

fn rowset(body: &[u8]) -> Rowset {
    serde_json::from_slice(&[b"[", body, b"]"].concat()).unwrap()
}
