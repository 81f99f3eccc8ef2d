//! Result chunks: inflated within limits and masked, rows as they come and Arrow as one (§4).

use std::cell::Cell;

use hoop_masking::{Column, Findings, Masker, Sink};

use crate::body::{self, BodyError, Plain};

/// How a chunk's rows are written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ChunkForm {
    /// Rows without the outer brackets.
    Json,
    /// An Arrow IPC stream.
    Arrow,
}

#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum ChunkError {
    #[error(transparent)]
    Body(#[from] BodyError),
    #[error(transparent)]
    Mask(#[from] hoop_masking::MaskError),
}

/// About how many bytes a chunk's body will have, masked: what it says itself, which may be a lie.
pub fn expected_length(body: &[u8], limit: usize, form: ChunkForm) -> usize {
    let expected = body::expected(body, limit);
    match form {
        // It is written in more batches than it came in, each with a head of its own.
        ChunkForm::Arrow => expected + expected / 16,
        ChunkForm::Json => expected,
    }
}

/// Puts the chunk's body into `sink` as the client may have it. Its count of rows. Inflated it may have `limit` bytes. After an
/// error what the sink took is void.
pub fn mask_chunk(
    body: &[u8],
    limit: usize,
    form: ChunkForm,
    columns: &[Column],
    masker: &Masker,
    sink: &mut impl Sink,
    findings: &mut Findings,
) -> Result<u64, ChunkError> {
    match form {
        ChunkForm::Arrow => {
            let (failed, mut found) = (Cell::new(None), Findings::default());
            body::check(body, limit)?;
            let open = || Plain::new(body, limit, &failed);
            let masked = masker.arrow_chunk(open, sink, Some(columns), &mut found);
            if let Some(error) = failed.get() {
                return Err(error.into());
            }
            findings.merge(&found);
            Ok(masked?)
        }
        ChunkForm::Json => {
            let mut chunk = masker.rowset_chunk(columns);
            body::each_piece(body, limit, |piece| Ok::<_, ChunkError>(chunk.write(piece, sink)?))?;
            Ok(chunk.finish(sink, findings)?)
        }
    }
}
