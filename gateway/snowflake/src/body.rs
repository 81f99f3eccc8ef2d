//! Bodies: gzip or not, bounded before they are inflated in full.

use std::io::Read;

use flate2::read::MultiGzDecoder;

/// Largest body in bytes once inflated.
const LIMIT: usize = 64 * 1024 * 1024;
/// A body that inflates further than this is an attack, not data.
const RATIO: usize = 200;

#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum BodyError {
    #[error("the compressed body cannot be inflated")]
    Gzip,
    #[error("the body is over {limit} bytes, or inflates too far")]
    TooLong { limit: usize },
}

/// The body as sent, inflated if it is gzip. Its first bytes say so; headers may lie.
pub fn decode(body: &[u8]) -> Result<Vec<u8>, BodyError> {
    let too_long = BodyError::TooLong { limit: LIMIT };
    if !body.starts_with(&[0x1f, 0x8b]) {
        return if body.len() <= LIMIT { Ok(body.to_vec()) } else { Err(too_long) };
    }
    let limit = LIMIT.min(body.len().saturating_mul(RATIO).max(64 * 1024));
    let mut out = Vec::new();
    let mut inflate = MultiGzDecoder::new(body).take(limit as u64 + 1);
    inflate.read_to_end(&mut out).map_err(|_| BodyError::Gzip)?;
    if out.len() > limit { Err(too_long) } else { Ok(out) }
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
        assert_eq!(decode(&gzip(b"{}")).unwrap(), b"{}");
        assert_eq!(decode(b"{}").unwrap(), b"{}");
        assert_eq!(decode(&[0x1f, 0x8b, 1, 2]), Err(BodyError::Gzip));
    }

    #[test]
    fn a_bomb_is_refused() {
        assert!(matches!(decode(&gzip(&vec![0; 32 * 1024 * 1024])), Err(BodyError::TooLong { .. })));
    }
}
