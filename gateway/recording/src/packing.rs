//! A large answer on its way into the trail and down to its client: what is masked is compressed piece by piece, and nowhere
//! gathered as it is.

use std::{io, sync::Arc};

use bytes::Bytes;
use hoop_audit::{
    PayloadOf,
    payload::{Codec, PayloadKeys},
};
use hoop_masking::{Released, Sink};

use crate::{Attachment, RecordError, compressed::Frames, entry::Salted};

/// Compresses what it takes, and commits to it as far as it may be kept.
pub struct Packing {
    frames: io::Result<Frames>,
    length: usize,
    /// `None`: nothing of it is kept.
    kept: Option<Kept>,
}

struct Kept {
    keys: Arc<PayloadKeys>,
    salted: Salted,
    /// All of it is masked so far.
    masked: bool,
}

/// An answer as its client gets it, and what is kept of it.
pub struct Packed {
    attachment: Option<Attachment>,
    bytes: Bytes,
    codec: Codec,
    length: usize,
}

impl Packing {
    /// `kept`: by which keys it is sealed where it is kept, if there are any; nothing is kept otherwise.
    ///
    /// # Errors
    /// [`RecordError::NoRandom`]: an unsalted commitment could be guessed.
    pub fn new(kept: Option<Arc<PayloadKeys>>) -> Result<Self, RecordError> {
        let kept = kept.map(|keys| Salted::new().map(|salted| Kept { keys, salted, masked: true })).transpose()?;
        Ok(Self { frames: Ok(Frames::default()), length: 0, kept })
    }

    /// # Errors
    /// [`RecordError::Compress`]; [`RecordError::Seal`].
    pub fn finish(self) -> Result<Packed, RecordError> {
        let (codec, bytes) = self.frames.and_then(Frames::finish).map_err(RecordError::Compress)?;
        let (bytes, length) = (Bytes::from(bytes), self.length);
        let kept = self.kept.filter(|kept| kept.masked);
        let attachment = kept.map(|Kept { keys, salted, .. }| {
            Attachment::stored(PayloadOf::Delivered, length, salted, (codec, bytes.clone()), &keys)
        });
        Ok(Packed { attachment: attachment.transpose()?, bytes, codec, length })
    }
}

impl Sink for Packing {
    fn take(&mut self, piece: Released<&[u8]>) {
        if let Some(kept) = &mut self.kept {
            match piece.masked() {
                Some(masked) => kept.salted.commitment.update(masked.as_ref()),
                // Card numbers are shown in it.
                None => kept.masked = false,
            }
        }
        let bytes = piece.into_inner();
        self.length += bytes.len();
        if let Ok(frames) = &mut self.frames
            && let Err(error) = frames.put(bytes)
        {
            self.frames = Err(error);
        }
    }

    fn void(&mut self) {
        (self.frames, self.length) = (Ok(Frames::default()), 0);
        if let Some(kept) = &mut self.kept {
            kept.salted.void();
            kept.masked = true;
        }
    }
}

impl Packed {
    /// In bytes, as the client reads it.
    pub fn length(&self) -> usize {
        self.length
    }

    /// What is kept of it, if anything is: for the record that says so.
    pub fn take_attachment(&mut self) -> Option<Attachment> {
        self.attachment.take()
    }

    /// For the client's connection, and whether it is compressed.
    pub fn into_bytes(self) -> (Bytes, bool) {
        (self.bytes, self.codec == Codec::Zstd)
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::indexing_slicing)]
    use std::io::Read;

    use hoop_audit::payload::Payload;
    use hoop_masking::{Column, ColumnKind, Findings, Masker};

    use super::*;

    const ROWS: &[u8] = br#"["4111111111111111","of a customer"],"#;

    /// The rows, so many times and one behind them, as `masker` puts them.
    fn packed(masker: &Masker, times: usize, kept: Option<PayloadKeys>) -> Packed {
        let columns = ["CARD", "NOTE"].map(|name| Column::new(name, ColumnKind::Text));
        let mut packing = Packing::new(kept.map(Arc::new)).unwrap();
        let mut chunk = masker.rowset_chunk(&columns);
        (0..times).for_each(|_| chunk.write(ROWS, &mut packing).unwrap());
        chunk.write(&ROWS[..ROWS.len() - 1], &mut packing).unwrap();
        chunk.finish(&mut packing, &mut Findings::default()).unwrap();
        packing.finish().unwrap()
    }

    fn opened(payload: &Payload<'_>) -> Vec<u8> {
        let mut read = Vec::new();
        payload.open().unwrap().read_to_end(&mut read).unwrap();
        read
    }

    #[test]
    fn what_goes_down_is_what_is_kept() {
        for times in [0, 200, 100_000] {
            let mut packed = packed(&Masker::default(), times, Some(PayloadKeys::default()));
            let attachment = packed.take_attachment().unwrap();
            let length = packed.length();
            assert_eq!(length, (times + 1) * ROWS.len() - 1);
            attachment.at(7).check(&attachment.facts).unwrap();
            let (bytes, compressed) = packed.into_bytes();
            assert_eq!(compressed, times > 0);
            let plain = if compressed { zstd::decode_all(&*bytes).unwrap() } else { bytes.to_vec() };
            assert!(plain.len() == length && plain == opened(&attachment.at(7)));
            assert!(plain.starts_with(br#"["411111******1111","#));
        }
    }

    #[test]
    fn what_is_sealed_is_kept_sealed_and_goes_down_as_it_is() {
        let keys = PayloadKeys::new([vec![7; 32]]).unwrap();
        let mut packed = packed(&Masker::default(), 200, Some(keys));
        let attachment = packed.take_attachment().unwrap();
        let (bytes, compressed) = packed.into_bytes();
        assert!(compressed && attachment.at(7).sealed_by.is_some() && *attachment.at(7).stored != *bytes);
        assert!(zstd::decode_all(&*bytes).unwrap().starts_with(br#"["411111******1111","#));
    }

    #[test]
    fn what_shows_card_numbers_or_is_not_to_be_kept_only_goes_down() {
        let shown = packed(&Masker::default().revealing(), 200, Some(PayloadKeys::default()));
        assert!(shown.attachment.is_none());
        assert!(zstd::decode_all(&*shown.into_bytes().0).unwrap().starts_with(br#"["4111111111111111","#));
        let hidden = packed(&Masker::default(), 200, None);
        assert!(hidden.attachment.is_none());
        assert!(zstd::decode_all(&*hidden.into_bytes().0).unwrap().starts_with(br#"["411111******1111","#));
    }

    #[test]
    fn what_is_void_is_in_neither() {
        let mut packing = Packing::new(Some(Arc::default())).unwrap();
        let mut chunk = Masker::default().revealing().rowset_chunk(&[Column::new("A", ColumnKind::Text)]);
        chunk.write(br#"["4111111111111111"]"#, &mut packing).unwrap();
        chunk.finish(&mut packing, &mut Findings::default()).unwrap();
        packing.void();
        let packed = packing.finish().unwrap();
        assert_eq!((packed.length(), packed.attachment.unwrap().facts.length), (0, 0));
        assert!(packed.bytes.is_empty());
    }
}
