//! The key behind tokens, encrypted numbers and digests. Each use has a key of its own, made from the operator's.

use std::sync::Arc;

use aes::Aes256;
use aws_lc_rs::hmac;
use fpe::ff1::FF1;
use zeroize::Zeroizing;

/// Fewest bytes of a secret (128 bits, NIST SP 800-131A).
const SHORTEST_SECRET: usize = 16;
const LONGEST_ID: usize = 16;
/// More digits could read as a part of a card number.
const MOST_DIGITS: usize = 8;

/// A masking key: an id, which every token shows, and a secret, which nothing shows. Cheap to clone.
#[derive(Clone)]
pub struct Key(Arc<Parts>);

struct Parts {
    id: String,
    hmac: hmac::Key,
    ff1: Option<FF1<Aes256>>,
}

/// Why a key cannot be used. No text here holds the secret, nor the id, which might be the secret put in its place.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum KeyError {
    #[error(
        "a masking key's id must be 1 to 16 of a-z and 0-9, with a letter among them and at most 8 digits; change the id"
    )]
    Id,
    #[error("a masking key's secret has {bytes} bytes and needs at least 16; make one of 32 random bytes")]
    Short { bytes: usize },
}

impl Key {
    /// The secret is wiped here; only keys made from it stay in memory.
    ///
    /// # Errors
    /// [`KeyError`] for an id that a token cannot show, or a secret under 16 bytes.
    pub fn new(id: impl Into<String>, secret: Vec<u8>) -> Result<Self, KeyError> {
        let (id, secret) = (id.into(), Zeroizing::new(secret));
        if !is_id(&id) {
            return Err(KeyError::Id);
        }
        if secret.len() < SHORTEST_SECRET {
            return Err(KeyError::Short { bytes: secret.len() });
        }
        let hmac = hmac::Key::new(hmac::HMAC_SHA256, &secret);
        let ff1 = FF1::new(Zeroizing::new(sign(&hmac, "ff1", &[])).as_slice(), 10).ok();
        Ok(Self(Arc::new(Parts { id, hmac, ff1 })))
    }

    pub fn id(&self) -> &str {
        &self.0.id
    }

    /// HMAC-SHA-256 of `bytes`. What is signed for one `domain` tells nothing of what is signed for another.
    pub(crate) fn hmac(&self, domain: &str, bytes: &[u8]) -> [u8; 32] {
        sign(&self.0.hmac, domain, bytes)
    }

    /// FF1 over decimal digits.
    pub(crate) fn ff1(&self) -> Option<&FF1<Aes256>> {
        self.0.ff1.as_ref()
    }
}

/// Whether `text` can be a key's id.
pub(crate) fn is_id(text: &str) -> bool {
    let digits = text.bytes().filter(u8::is_ascii_digit).count();
    (1..=LONGEST_ID).contains(&text.len())
        && text.bytes().all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit())
        && digits < text.len()
        && digits <= MOST_DIGITS
}

fn sign(key: &hmac::Key, domain: &str, bytes: &[u8]) -> [u8; 32] {
    let mut context = hmac::Context::with_key(key);
    // The length in front keeps "a" + "bc" and "ab" + "c" apart.
    context.update(&(domain.len() as u64).to_be_bytes());
    context.update(domain.as_bytes());
    context.update(bytes);
    let mut out = [0; 32];
    for (to, from) in out.iter_mut().zip(context.sign().as_ref()) {
        *to = *from;
    }
    out
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    #[test]
    fn ids_and_secrets_are_checked() {
        let key = |id: &str, bytes| Key::new(id, vec![7; bytes]).err();
        assert_eq!(key("k1", 16), None);
        assert_eq!(key("2026a", 64), None);
        for id in ["", "1", "12345678", "K1", "k-1", "k_1", "ключ", "a1234567890123456", "a123456789012", "a41234567"]
        {
            let expected = (id != "a41234567").then_some(KeyError::Id);
            assert_eq!(key(id, 16), expected, "{id}");
        }
        assert_eq!(key("k1", 15), Some(KeyError::Short { bytes: 15 }));
    }

    #[test]
    fn domains_ids_and_secrets() {
        let key = Key::new("k1", vec![7; 16]).unwrap();
        assert_eq!(key.hmac("a", b"bc"), Key::new("k2", vec![7; 16]).unwrap().hmac("a", b"bc"));
        assert_ne!(key.hmac("a", b"bc"), key.hmac("ab", b"c"));
        assert_ne!(key.hmac("a", b"bc"), key.hmac("b", b"bc"));
        assert_ne!(key.hmac("a", b"bc"), Key::new("k1", vec![8; 16]).unwrap().hmac("a", b"bc"));
        assert_eq!(key.id(), "k1");
    }
}
