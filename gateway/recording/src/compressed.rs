//! Answers compressed: as the trail keeps them, and as they go down to a client that inflates them.

use std::{io, mem};

use hoop_audit::payload::Codec;
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

/// An answer that is compressed while it comes: zstd frames, one behind the other. Of less than [`FROM`] bytes there is none.
#[derive(Default)]
pub(crate) struct Frames {
    compressor: Option<Compressor<'static>>,
    /// What no frame is made of yet.
    gathered: Vec<u8>,
    frame: Vec<u8>,
    packed: Vec<u8>,
}

impl Frames {
    pub(crate) fn put(&mut self, mut bytes: &[u8]) -> io::Result<()> {
        while !bytes.is_empty() {
            if self.gathered.is_empty()
                && let Some((piece, more)) = bytes.split_at_checked(PIECE)
            {
                self.pack(piece)?;
                bytes = more;
                continue;
            }
            let (piece, more) = bytes.split_at(bytes.len().min(PIECE - self.gathered.len()));
            self.gathered.extend_from_slice(piece);
            bytes = more;
            if self.gathered.len() == PIECE {
                self.pack_gathered()?;
            }
        }
        Ok(())
    }

    /// All of it, and how it is written.
    pub(crate) fn finish(mut self) -> io::Result<(Codec, Vec<u8>)> {
        if self.packed.is_empty() && self.gathered.len() < FROM {
            return Ok((Codec::Plain, self.gathered));
        }
        if !self.gathered.is_empty() {
            self.pack_gathered()?;
        }
        self.packed.shrink_to_fit();
        Ok((Codec::Zstd, self.packed))
    }

    fn pack_gathered(&mut self) -> io::Result<()> {
        let mut gathered = mem::take(&mut self.gathered);
        self.pack(&gathered)?;
        gathered.clear();
        self.gathered = gathered;
        Ok(())
    }

    fn pack(&mut self, piece: &[u8]) -> io::Result<()> {
        let compressor = match &mut self.compressor {
            Some(compressor) => compressor,
            none => {
                let mut compressor = Compressor::new(LEVEL)?;
                compressor.set_parameter(CParameter::HashLog(TABLE))?;
                none.insert(compressor)
            }
        };
        self.frame.clear();
        self.frame.reserve(compress_bound(piece.len()));
        compressor.compress_to_buffer(piece, &mut self.frame)?;
        self.packed.extend_from_slice(&self.frame);
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::indexing_slicing)]
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #![proptest_config(ProptestConfig { cases: 24, ..ProptestConfig::default() })]

        #[test]
        fn however_it_is_cut_it_is_the_same(length in 0usize..3 * PIECE, cuts in prop::collection::vec(0usize..3 * PIECE, 0..6)) {
            let bytes: Vec<u8> = (0..length).map(|at| (at / 7 * 31 % 251) as u8).collect();
            let mut cuts: Vec<usize> = cuts.into_iter().map(|cut| cut.min(length)).chain([0, length]).collect();
            cuts.sort_unstable();
            let mut frames = Frames::default();
            cuts.windows(2).for_each(|cut| frames.put(&bytes[cut[0]..cut[1]]).unwrap());
            let (codec, packed) = frames.finish().unwrap();
            let mut whole = Frames::default();
            whole.put(&bytes).unwrap();
            prop_assert!(whole.finish().unwrap() == (codec, packed.clone()));
            prop_assert_eq!(codec == Codec::Zstd, length >= FROM);
            let read = if codec == Codec::Zstd { zstd::decode_all(packed.as_slice()).unwrap() } else { packed };
            prop_assert!(read == bytes);
        }
    }
}
