//! Bodies: gzip or not, bounded before they are inflated in full.

use std::io::Read;

use flate2::read::MultiGzDecoder;

#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum BodyError {
    #[error("the compressed body cannot be inflated")]
    Gzip,
    #[error("the body is over {limit} bytes, as sent or inflated")]
    TooLong { limit: usize },
}

/// The body as sent, inflated if it is gzip, of at most `limit` bytes. Its first bytes say which; headers may lie.
/// How far it inflates says nothing: constant columns reach 1000 to 1. Nothing past the limit is inflated.
pub fn decode(body: &[u8], limit: usize) -> Result<Vec<u8>, BodyError> {
    let mut out = Vec::new();
    each_piece(body, limit, |piece| {
        out.extend_from_slice(piece);
        Ok(())
    })?;
    Ok(out)
}

/// Bytes that are inflated at a time.
const PIECE: usize = 128 * 1024;

/// As [`decode`], handed out piece by piece: no more than one is held.
pub(crate) fn each_piece<E: From<BodyError>>(
    body: &[u8],
    limit: usize,
    mut take: impl FnMut(&[u8]) -> Result<(), E>,
) -> Result<(), E> {
    let too_long = || E::from(BodyError::TooLong { limit });
    let is_gzip = body.starts_with(&[0x1f, 0x8b]);
    // As little as is in it, gzip adds no more than this.
    let longest = if is_gzip { limit.saturating_add(limit / 1024).saturating_add(PIECE) } else { limit };
    if body.len() > longest {
        return Err(too_long());
    }
    if !is_gzip {
        return take(body);
    }
    let mut inflate = MultiGzDecoder::new(body);
    let mut piece = vec![0; PIECE];
    let mut left = limit;
    loop {
        let read = inflate.read(&mut piece).map_err(|_| BodyError::Gzip)?;
        if read == 0 {
            return Ok(());
        }
        left = left.checked_sub(read).ok_or_else(too_long)?;
        take(piece.get(..read).unwrap_or_default())?;
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use std::io::Write;

    use flate2::{Compression, write::GzEncoder};

    use super::*;

    fn gzip(bytes: &[u8]) -> Vec<u8> {
        let mut encoder = GzEncoder::new(Vec::new(), Compression::best());
        encoder.write_all(bytes).unwrap();
        encoder.finish().unwrap()
    }

    #[test]
    fn gzip_is_known_by_its_first_bytes() {
        assert_eq!(decode(&gzip(b"{}"), 2).unwrap(), b"{}");
        assert_eq!(decode(b"{}", 2).unwrap(), b"{}");
        assert_eq!(decode(&[0x1f, 0x8b, 1, 2], 99), Err(BodyError::Gzip));
    }

    #[test]
    fn many_empty_members_are_too_long_as_sent() {
        let empty = gzip(b"");
        assert_eq!(decode(&empty.repeat(1000), 8).unwrap(), b"");
        assert_eq!(decode(&empty.repeat(8000), 8), Err(BodyError::TooLong { limit: 8 }));
    }

    #[test]
    fn only_the_length_counts_however_well_it_was_packed() {
        const MIB: usize = 1024 * 1024;
        let constant = gzip(&vec![b'0'; 32 * MIB]);
        assert!(32 * MIB / constant.len() > 900);
        assert_eq!(decode(&constant, 32 * MIB).unwrap().len(), 32 * MIB);
        assert_eq!(decode(&constant, 32 * MIB - 1), Err(BodyError::TooLong { limit: 32 * MIB - 1 }));
        assert_eq!(decode(&[b'0'; 9], 8), Err(BodyError::TooLong { limit: 8 }));
    }
}
