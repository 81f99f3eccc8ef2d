//! Result chunks: inflated within limits and masked, rows as they come and Arrow as one; sent on plain (§4).

use std::cell::Cell;

use hoop_masking::{Column, Findings, Masker, Released};

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

/// The chunk's body as the client may have it, and its count of rows. Inflated it may have `limit` bytes.
pub fn mask_chunk(
    body: &[u8],
    limit: usize,
    form: ChunkForm,
    columns: &[Column],
    masker: &Masker,
    findings: &mut Findings,
) -> Result<(Released<Vec<u8>>, u64), ChunkError> {
    match form {
        ChunkForm::Arrow => {
            let (failed, mut found) = (Cell::new(None), Findings::default());
            body::check(body, limit)?;
            let open = || Plain::new(body, limit, &failed);
            let masked = masker.arrow_chunk(open, body::expected(body, limit), Some(columns), &mut found);
            if let Some(error) = failed.get() {
                return Err(error.into());
            }
            findings.merge(&found);
            Ok(masked?)
        }
        ChunkForm::Json => {
            let mut chunk = masker.rowset_chunk(columns);
            chunk.expect(body::expected(body, limit));
            body::each_piece(body, limit, |piece| Ok::<_, ChunkError>(chunk.write(piece)?))?;
            Ok(chunk.finish(findings)?)
        }
    }
}
