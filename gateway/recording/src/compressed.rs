//! Answers compressed: as the trail keeps them, and as they go down to a client that inflates them.

use std::io::{self, Write};

use bytes::Bytes;
use zstd::stream::write::Encoder;

/// Bytes from which on an answer is compressed. Of less, little is gained, and a small call should not wait for it.
pub(crate) const FROM: usize = 4096;
/// zstd's fastest level but for the negative ones; the next two gain nothing on result rows
/// (`audit-and-recording.md` §2).
const LEVEL: i32 = 1;

/// zstd frames, one behind the other, of `bytes`; `None`: they are few, or become no fewer.
pub fn compressed(bytes: &[u8]) -> Option<Bytes> {
    if bytes.len() < FROM {
        return None;
    }
    // Should it fail, the bytes do as they are.
    packed(bytes).ok().filter(|smaller| smaller.len() < bytes.len()).map(Bytes::from)
}

/// As a stream: at once, zstd asks for as much room as there is to compress.
fn packed(bytes: &[u8]) -> io::Result<Vec<u8>> {
    let mut encoder = Encoder::new(Vec::new(), LEVEL)?;
    // What it knows of the length it adapts to.
    encoder.set_pledged_src_size(Some(bytes.len() as u64))?;
    encoder.write_all(bytes)?;
    let mut packed = encoder.finish()?;
    packed.shrink_to_fit();
    Ok(packed)
}
