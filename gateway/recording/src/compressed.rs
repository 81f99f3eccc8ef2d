//! Answers compressed: as the trail keeps them, and as they go down to a client that inflates them.

use std::io;

use bytes::Bytes;
use zstd::{
    bulk::Compressor,
    zstd_safe::{CParameter, compress_bound},
};

/// Bytes from which on an answer is compressed. Of less, little is gained, and a small call should not wait for it.
pub(crate) const FROM: usize = 4096;
/// zstd's fastest level but for the negative ones; the next two gain nothing on result rows
/// (`audit-and-recording.md` §2).
const LEVEL: i32 = 1;
/// Places for what was seen, as a power of two: 16 KiB, which stay in a core's first cache. The level's own 64 KiB make
/// Arrow 2 % shorter, JSON 3 % longer, and take a fifteenth longer (`gateway/docs/performance.md`).
const TABLE: u32 = 12;
/// Bytes of a frame. A stream of them would be copied into a window and take a quarter longer; all of them at once need room for as
/// much again.
const PIECE: usize = 1024 * 1024;

/// zstd frames, one behind the other, of `bytes`; `None`: they are few, or become no fewer.
pub fn compressed(bytes: &[u8]) -> Option<Bytes> {
    if bytes.len() < FROM {
        return None;
    }
    // Should it fail, the bytes do as they are.
    packed(bytes).ok().filter(|smaller| smaller.len() < bytes.len()).map(Bytes::from)
}

fn packed(bytes: &[u8]) -> io::Result<Vec<u8>> {
    let mut compressor = Compressor::new(LEVEL)?;
    compressor.set_parameter(CParameter::HashLog(TABLE))?;
    let mut frame = Vec::with_capacity(compress_bound(bytes.len().min(PIECE)));
    let mut packed = Vec::with_capacity(bytes.len() / 4);
    for piece in bytes.chunks(PIECE) {
        compressor.compress_to_buffer(piece, &mut frame)?;
        packed.extend_from_slice(&frame);
    }
    packed.shrink_to_fit();
    Ok(packed)
}
