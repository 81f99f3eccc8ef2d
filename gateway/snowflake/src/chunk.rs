//! Result chunks: inflated within limits and masked, rows as they come and Arrow as one (§4).

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

/// The chunk's body as the client may have it, in `into`'s memory, and its count of rows. Inflated it may have `limit` bytes.
pub fn mask_chunk(
    body: &[u8],
    limit: usize,
    form: ChunkForm,
    columns: &[Column],
    masker: &Masker,
    into: Vec<u8>,
    findings: &mut Findings,
) -> Result<(Released<Vec<u8>>, u64), ChunkError> {
    let expected = body::expected(body, limit);
    let room = match form {
        // It is written in more batches than it came in, each with a head of its own.
        ChunkForm::Arrow => expected + expected / 16,
        ChunkForm::Json => expected,
    };
    // To grow it would copy what was in it.
    let into = if into.capacity() < room { Vec::with_capacity(room) } else { into };
    match form {
        ChunkForm::Arrow => {
            let (failed, mut found) = (Cell::new(None), Findings::default());
            body::check(body, limit)?;
            let open = || Plain::new(body, limit, &failed);
            let masked = masker.arrow_chunk(open, into, Some(columns), &mut found);
            if let Some(error) = failed.get() {
                return Err(error.into());
            }
            findings.merge(&found);
            Ok(masked?)
        }
        ChunkForm::Json => {
            let mut chunk = masker.rowset_chunk(columns).within(into);
            body::each_piece(body, limit, |piece| Ok::<_, ChunkError>(chunk.write(piece)?))?;
            Ok(chunk.finish(findings)?)
        }
    }
}
