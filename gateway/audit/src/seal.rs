//! Payloads under a key: AES-256-GCM, with a key of its own for each, made by HKDF-SHA-256 (RFC 5869) from one that the
//! gateway is given and the payload's salt. So a nonce never repeats under a key, and once the salt is purged with the
//! payload nothing is left to open.

use std::fmt;

use aws_lc_rs::{
    aead::{AES_256_GCM, Aad, LessSafeKey, NONCE_LEN, Nonce, UnboundKey},
    digest::{Context, SHA256},
    hkdf,
};

use crate::payload::SALT;

/// Shortest secret that is taken for a key, in bytes.
const SHORTEST: usize = 32;
/// Bytes of a key's id.
pub(crate) const ID: usize = 8;
const INFO: &[u8] = b"hoop payload seal v1";

/// Which key sealed a payload: the beginning of a digest of it, from which the key cannot be told.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct KeyId(pub(crate) [u8; ID]);

impl fmt::Display for KeyId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.iter().try_for_each(|byte| write!(f, "{byte:02x}"))
    }
}

impl fmt::Debug for KeyId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

/// Keys of payloads: the first seals, all open. Secrets: neither shown nor copied.
#[derive(Default)]
pub struct PayloadKeys(Vec<PayloadKey>);

struct PayloadKey {
    id: KeyId,
    secret: Vec<u8>,
}

#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum SealError {
    #[error("a payload's key has {found} bytes; make one of at least {SHORTEST}, e.g. with `openssl rand -hex 32`")]
    Short { found: usize },
    /// The key is known, and the bytes are not what it sealed.
    #[error("it was not sealed by the key that it names")]
    Changed,
    #[error("it is sealed by key {0}, which is not here")]
    NoKey(KeyId),
    #[error("it could not be sealed")]
    Failed,
}

impl PayloadKeys {
    pub fn new(secrets: impl IntoIterator<Item = Vec<u8>>) -> Result<Self, SealError> {
        let key = |secret: Vec<u8>| {
            if secret.len() < SHORTEST {
                return Err(SealError::Short { found: secret.len() });
            }
            let mut digest = Context::new(&SHA256);
            digest.update(b"hoop payload key v1\0");
            digest.update(&secret);
            let digest = digest.finish();
            let id = digest.as_ref().first_chunk().ok_or(SealError::Failed)?;
            Ok(PayloadKey { id: KeyId(*id), secret })
        };
        Ok(Self(secrets.into_iter().map(key).collect::<Result<_, _>>()?))
    }

    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Seals `bytes` where they are, by the first key. `None`: there is none, and they stay as they are.
    pub fn seal(&self, salt: &[u8; SALT], bytes: &mut Vec<u8>) -> Result<Option<KeyId>, SealError> {
        let Some(key) = self.0.first() else { return Ok(None) };
        let sealed = key.of(salt)?.seal_in_place_append_tag(nonce(), Aad::from(INFO), bytes);
        sealed.map_err(|_| SealError::Failed)?;
        Ok(Some(key.id))
    }

    /// What was sealed.
    pub fn open(&self, id: KeyId, salt: &[u8; SALT], sealed: &[u8]) -> Result<Vec<u8>, SealError> {
        let key = self.0.iter().find(|key| key.id == id).ok_or(SealError::NoKey(id))?;
        let mut bytes = sealed.to_vec();
        let opened = key.of(salt)?.open_in_place(nonce(), Aad::from(INFO), &mut bytes);
        let length = opened.map_err(|_| SealError::Changed)?.len();
        bytes.truncate(length);
        Ok(bytes)
    }
}

impl PayloadKey {
    /// The key of the one payload that has this salt.
    fn of(&self, salt: &[u8; SALT]) -> Result<LessSafeKey, SealError> {
        let extracted = hkdf::Salt::new(hkdf::HKDF_SHA256, salt).extract(&self.secret);
        let expanded = extracted.expand(&[INFO], &AES_256_GCM).map_err(|_| SealError::Failed)?;
        Ok(LessSafeKey::new(UnboundKey::from(expanded)))
    }
}

/// The only one under its key.
fn nonce() -> Nonce {
    Nonce::assume_unique_for_key([0; NONCE_LEN])
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    fn keys(secrets: &[&str]) -> PayloadKeys {
        PayloadKeys::new(secrets.iter().map(|secret| secret.repeat(16).into_bytes())).unwrap()
    }

    #[test]
    fn what_is_sealed_opens_by_its_key_alone_and_unchanged() {
        let (old, new) = (keys(&["old"]), keys(&["new", "old"]));
        let salt = [7; SALT];
        let mut sealed = b"rows".to_vec();
        let id = old.seal(&salt, &mut sealed).unwrap().unwrap();
        assert_eq!(new.open(id, &salt, &sealed).unwrap(), b"rows", "an old key still opens");
        assert!(matches!(keys(&["new"]).open(id, &salt, &sealed), Err(SealError::NoKey(_))));
        assert!(matches!(old.open(id, &[8; SALT], &sealed), Err(SealError::Changed)));
        for at in 0..sealed.len() {
            let mut changed = sealed.clone();
            *changed.get_mut(at).unwrap() ^= 1;
            assert!(matches!(old.open(id, &salt, &changed), Err(SealError::Changed)), "byte {at}");
        }
    }

    #[test]
    fn without_a_key_bytes_stay_and_a_short_secret_is_none() {
        let mut bytes = b"rows".to_vec();
        assert_eq!(PayloadKeys::default().seal(&[0; SALT], &mut bytes).unwrap(), None);
        assert_eq!(bytes, b"rows");
        assert!(matches!(PayloadKeys::new([vec![1; SHORTEST - 1]]), Err(SealError::Short { .. })));
    }
}
