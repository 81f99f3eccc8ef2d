//! What is sent to an authority, and what comes back (RFC 3161 §2.4).

use x509_parser::asn1_rs::Tag;

use super::{
    StampError,
    der::{Element, Reader, element},
};
use crate::digest::Hash;

/// The AlgorithmIdentifier of SHA-256.
const SHA256: &[u8] = &[0x30, 0x0b, 0x06, 0x09, 0x60, 0x86, 0x48, 0x01, 0x65, 0x03, 0x04, 0x02, 0x01];

/// What ties an answer to its request: 64 random bits.
#[derive(Clone, Copy)]
pub struct Nonce([u8; 8]);

impl Nonce {
    pub fn of(mut random: [u8; 8]) -> Self {
        // A positive integer of eight bytes, whatever comes: so it is written in one way.
        if let Some(first) = random.first_mut() {
            *first = (*first & 0x7f) | 0x40;
        }
        Self(random)
    }

    pub(super) fn is(&self, integer: &[u8]) -> bool {
        self.0 == integer
    }
}

/// The body of `application/timestamp-query` for a SHA-256 digest; asks for the authority's certificate too.
pub fn request(digest: &Hash, nonce: Nonce) -> Vec<u8> {
    let imprint = element(0x30, &[SHA256, &element(0x04, digest.as_bytes())].concat());
    let version = element(0x02, &[1]);
    let certificate = element(0x01, &[0xff]);
    element(0x30, &[version, imprint, element(0x02, &nonce.0), certificate].concat())
}

/// The body of `application/timestamp-reply`.
pub struct Reply<'a> {
    /// As it is kept.
    pub token: &'a [u8],
}

impl<'a> Reply<'a> {
    /// Verifies nothing: [`super::check`] does.
    pub fn read(bytes: &'a [u8]) -> Result<Self, StampError> {
        let mut outer = Reader(bytes);
        let mut reply = outer.sequence()?;
        outer.end()?;
        let mut status = reply.sequence()?;
        let code = status.of(Tag::Integer)?;
        // Granted, or granted with changes.
        if !matches!(code, [0 | 1]) {
            return Err(StampError::Refused(words(code, status)));
        }
        let token: Element<'_> = reply.next()?;
        reply.end()?;
        Ok(Self { token: token.raw })
    }
}

/// The status, and what text the authority gave for it.
fn words(code: &[u8], mut rest: Reader<'_>) -> String {
    let code = code.iter().fold(0_u64, |code, byte| code << 8 | u64::from(*byte));
    let said = rest.sequence().and_then(|mut texts| texts.of(Tag::Utf8String)).unwrap_or_default();
    let said: String = String::from_utf8_lossy(said).chars().filter(|c| !c.is_control()).take(200).collect();
    if said.is_empty() { code.to_string() } else { format!("{code} ({said})") }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[test]
    fn a_request_is_one_sequence_of_four() {
        let bytes = request(&Hash::of(b"x"), Nonce::of([0xff; 8]));
        let mut outer = Reader(&bytes);
        let mut inner = outer.sequence().unwrap();
        outer.end().unwrap();
        assert_eq!(inner.of(Tag::Integer).unwrap(), [1]);
        let mut imprint = inner.sequence().unwrap();
        assert_eq!(imprint.sequence().unwrap().oid().unwrap(), "2.16.840.1.101.3.4.2.1");
        assert_eq!(imprint.of(Tag::OctetString).unwrap(), Hash::of(b"x").as_bytes());
        assert!(Nonce::of([0xff; 8]).is(inner.of(Tag::Integer).unwrap()));
        assert_eq!(inner.of(Tag::Boolean).unwrap(), [0xff]);
        inner.end().unwrap();
    }

    #[test]
    fn a_refusal_says_why_and_garbage_is_none() {
        let text = element(0x30, &element(0x0c, b"bad \x07hash"));
        let refused = element(0x30, &element(0x30, &[element(0x02, &[2]), text].concat()));
        let Err(StampError::Refused(why)) = Reply::read(&refused) else { unreachable!() };
        assert_eq!(why, "2 (bad hash)");
        for bytes in [&b""[..], b"\x30", b"\x30\x00", b"<html>", &[0x30, 0x80, 0, 0]] {
            assert!(matches!(Reply::read(bytes), Err(StampError::Der(_))), "{bytes:?}");
        }
    }
}
