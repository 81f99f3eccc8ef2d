//! Bodies: gzip or not, bounded before they are inflated in full.

use std::{
    cell::Cell,
    io::{self, Read},
};

use flate2::bufread::MultiGzDecoder;

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
    check(body, limit)?;
    let failed = Cell::new(None);
    let mut plain = Plain::new(body, limit, &failed);
    let mut out = Vec::with_capacity(expected(body, limit));
    // It fails in no other way.
    plain.read_to_end(&mut out).map_err(|_| failed.get().unwrap_or(BodyError::Gzip))?;
    Ok(out)
}

/// Bytes that are inflated at a time.
const PIECE: usize = 128 * 1024;
/// How many times its length a body in gzip is taken to hold at least. Of rows gzip makes a tenth; at its best it makes a
/// thousandth.
const INFLATED: usize = 16;
/// Most bytes that are made room for because a body says that it holds as many.
const BELIEVED: usize = 64 * 1024 * 1024;

/// As [`decode`], handed out piece by piece: no more than one is held.
pub(crate) fn each_piece<E: From<BodyError>>(
    body: &[u8],
    limit: usize,
    mut take: impl FnMut(&[u8]) -> Result<(), E>,
) -> Result<(), E> {
    check(body, limit)?;
    if !is_gzip(body) {
        return take(body);
    }
    let failed = Cell::new(None);
    let mut plain = Plain::new(body, limit, &failed);
    let mut piece = vec![0; PIECE];
    loop {
        let read = plain.read(&mut piece).map_err(|_| failed.get().unwrap_or(BodyError::Gzip))?;
        if read == 0 {
            return Ok(());
        }
        take(piece.get(..read).unwrap_or_default())?;
    }
}

/// How many bytes a body may hold, as far as one can know: what it says itself, which may be a lie.
pub(crate) fn expected(body: &[u8], limit: usize) -> usize {
    let said = match body {
        [0x1f, 0x8b, .., a, b, c, d] => u32::from_le_bytes([*a, *b, *c, *d]) as usize,
        _ => body.len(),
    };
    said.min(limit).min(BELIEVED)
}

/// About how many bytes there are to read of a body, also where it says that there are few.
pub fn to_read(body: &[u8], limit: usize) -> usize {
    let least = if is_gzip(body) { body.len().saturating_mul(INFLATED) } else { body.len() };
    expected(body, limit).max(least)
}

fn is_gzip(body: &[u8]) -> bool {
    body.starts_with(&[0x1f, 0x8b])
}

/// Refuses a body that is too long as it was sent.
pub(crate) fn check(body: &[u8], limit: usize) -> Result<(), BodyError> {
    // As little as is in it, gzip adds no more than this.
    let longest = if is_gzip(body) { limit.saturating_add(limit / 1024).saturating_add(PIECE) } else { limit };
    if body.len() > longest { Err(BodyError::TooLong { limit }) } else { Ok(()) }
}

/// A body that was [checked](check), as [`decode`] reads it.
pub(crate) struct Plain<'b> {
    /// `None`: it is as it was sent.
    inflate: Option<MultiGzDecoder<&'b [u8]>>,
    rest: &'b [u8],
    limit: usize,
    left: usize,
    /// Why it could not be read.
    failed: &'b Cell<Option<BodyError>>,
}

impl<'b> Plain<'b> {
    pub(crate) fn new(body: &'b [u8], limit: usize, failed: &'b Cell<Option<BodyError>>) -> Self {
        let inflate = is_gzip(body).then(|| MultiGzDecoder::new(body));
        Self { inflate, rest: body, limit, left: limit, failed }
    }

    fn fail(&self, error: BodyError) -> io::Error {
        self.failed.set(Some(error));
        io::Error::other(error)
    }
}

impl Read for Plain<'_> {
    fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
        let Some(inflate) = &mut self.inflate else { return self.rest.read(into) };
        // One byte more tells that it is too long.
        let most = into.len().min(self.left.saturating_add(1));
        let read = inflate.read(into.get_mut(..most).unwrap_or_default());
        let read = read.map_err(|_| self.fail(BodyError::Gzip))?;
        self.left = self.left.checked_sub(read).ok_or_else(|| self.fail(BodyError::TooLong { limit: self.limit }))?;
        Ok(read)
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
    fn what_there_is_to_read_cannot_be_made_out_to_be_little() {
        let rows = gzip(&[b'0'; 1_000_000]);
        assert_eq!(to_read(&rows, 1 << 24), 1_000_000);
        let mut lying = rows.clone();
        let end = lying.len() - 4;
        lying.truncate(end);
        lying.extend([7, 0, 0, 0]);
        assert_eq!(to_read(&lying, 1 << 24), 16 * rows.len());
        assert_eq!(to_read(b"{}", 1 << 24), 2);
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
