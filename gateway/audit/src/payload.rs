//! What lies beside the log: delivered bytes, and what a record could not hold. The record commits to them with a salt
//! that lies with them, so what is left once they are purged tells nothing of them.

use std::io::{self, Read};

use aws_lc_rs::digest::{Context, SHA256};

pub use crate::seal::{KeyId, PayloadKeys, SealError};
use crate::{digest::Hash, record::PayloadFacts, seal};

/// Longest payload in bytes, not compressed: the largest piece of an answer that is delivered at once.
pub const LIMIT: u64 = 256 * 1024 * 1024;
/// Bytes before the stored ones, at the most: record number, codec, cipher, salt, key.
const PREFIX: usize = 8 + 1 + 1 + SALT + seal::ID;
/// Bytes of a salt.
pub const SALT: usize = 32;

/// How the bytes are stored.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Codec {
    Plain,
    Zstd,
}

/// The commitment: `SHA-256("hoop payload v1\0" ‖ salt ‖ bytes)` over the bytes as delivered.
pub struct Commitment(Context);

impl Commitment {
    pub fn new(salt: &[u8; SALT]) -> Self {
        let mut context = Context::new(&SHA256);
        context.update(b"hoop payload v1\0");
        context.update(salt);
        Self(context)
    }

    pub fn update(&mut self, bytes: &[u8]) {
        self.0.update(bytes);
    }

    pub fn finish(self) -> Hash {
        Hash::from_digest(&self.0.finish())
    }
}

/// A payload as it is stored.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct Payload<'a> {
    /// The record that commits to it: the next one in the log.
    pub seq: u64,
    pub codec: Codec,
    /// The key that the stored bytes are sealed by.
    pub sealed_by: Option<KeyId>,
    pub salt: &'a [u8; SALT],
    pub stored: &'a [u8],
}

/// Why a payload is not what its record commits to.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum PayloadError {
    #[error("it is {found} bytes long, its record says {expected}")]
    Length { expected: u64, found: u64 },
    #[error("its bytes are not those its record commits to")]
    Changed,
    #[error("it cannot be decompressed: {0}")]
    Unreadable(#[from] io::Error),
    #[error(transparent)]
    Sealed(#[from] SealError),
}

impl<'a> Payload<'a> {
    /// From a frame's body.
    pub(crate) fn read(body: &'a [u8]) -> Option<Self> {
        let (seq, rest) = body.split_first_chunk::<8>()?;
        let ([codec, cipher], rest) = rest.split_first_chunk::<2>()?;
        let (salt, stored) = rest.split_first_chunk::<SALT>()?;
        let codec = match codec {
            0 => Codec::Plain,
            1 => Codec::Zstd,
            _ => return None,
        };
        let (sealed_by, stored) = match cipher {
            0 => (None, stored),
            1 => {
                let (id, stored) = stored.split_first_chunk()?;
                (Some(KeyId(*id)), stored)
            }
            _ => return None,
        };
        Some(Self { seq: u64::from_le_bytes(*seq), codec, sealed_by, salt, stored })
    }

    /// Appends a frame's body.
    pub(crate) fn write(&self, out: &mut Vec<u8>) {
        let codec = match self.codec {
            Codec::Plain => 0,
            Codec::Zstd => 1,
        };
        out.reserve(PREFIX + self.stored.len());
        out.extend_from_slice(&self.seq.to_le_bytes());
        out.extend_from_slice(&[codec, u8::from(self.sealed_by.is_some())]);
        out.extend_from_slice(self.salt);
        if let Some(KeyId(id)) = &self.sealed_by {
            out.extend_from_slice(id);
        }
        out.extend_from_slice(self.stored);
    }

    /// The stored bytes without their seal, for a payload that has one.
    pub fn unseal(&self, keys: &PayloadKeys) -> Result<Option<Vec<u8>>, SealError> {
        self.sealed_by.map(|id| keys.open(id, self.salt, self.stored)).transpose()
    }

    /// The same payload with the bytes that [`Self::unseal`] gave.
    pub fn unsealed<'b>(&self, stored: &'b [u8]) -> Payload<'b>
    where
        'a: 'b,
    {
        Payload { sealed_by: None, stored, ..*self }
    }

    /// The bytes as they were delivered. Not bounded by what the record says: [`Self::check`] is.
    ///
    /// # Errors
    /// Also when it is sealed: [`Self::unseal`] it first.
    pub fn open(&self) -> Result<Box<dyn Read + 'a>, PayloadError> {
        if let Some(id) = self.sealed_by {
            return Err(SealError::NoKey(id).into());
        }
        Ok(match self.codec {
            Codec::Plain => Box::new(self.stored),
            Codec::Zstd => Box::new(zstd::stream::read::Decoder::with_buffer(self.stored)?),
        })
    }

    /// Whether it is what its record commits to. Reads it in pieces, and no further than the record says it goes.
    pub fn check(&self, facts: &PayloadFacts) -> Result<(), PayloadError> {
        let mut commitment = Commitment::new(self.salt);
        let mut bytes = self.open()?.take(facts.length.saturating_add(1));
        let mut piece = vec![0; PIECE];
        let mut found = 0;
        loop {
            let length = bytes.read(&mut piece)?;
            if length == 0 {
                break;
            }
            found += length as u64;
            commitment.update(piece.get(..length).unwrap_or_default());
        }
        if found != facts.length {
            return Err(PayloadError::Length { expected: facts.length, found });
        }
        if commitment.finish() == facts.digest { Ok(()) } else { Err(PayloadError::Changed) }
    }
}

/// Bytes hashed at a time.
const PIECE: usize = 128 * 1024;
