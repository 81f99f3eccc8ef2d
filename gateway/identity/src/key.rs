//! The keys of an issuer: a JSON Web Key Set (RFC 7517), reduced to what may verify a signature. The algorithm belongs
//! to the key (RFC 8725 §3.1); a token's header never chooses one.

use std::fmt;

use aws_lc_rs::signature::{
    ECDSA_P256_SHA256_FIXED, ECDSA_P384_SHA384_FIXED, ED25519, ParsedPublicKey, RSA_PKCS1_2048_8192_SHA256,
    RSA_PSS_2048_8192_SHA256, RsaPublicKeyComponents,
};
use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use serde_json::{Map, Value};

use crate::{json, jwt::TokenError};

/// Most keys a set may hold.
const MOST_KEYS: usize = 64;
/// Longest key id in bytes: the negative cache holds them.
pub(crate) const LONGEST_KEY_ID: usize = 256;

/// The closed list of signature algorithms (RFC 7518 §3.1, RFC 8037).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Algorithm {
    Rs256,
    Ps256,
    Es256,
    Es384,
    EdDsa,
}

impl Algorithm {
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Rs256 => "RS256",
            Self::Ps256 => "PS256",
            Self::Es256 => "ES256",
            Self::Es384 => "ES384",
            Self::EdDsa => "EdDSA",
        }
    }
}

/// A public key with its one algorithm.
pub struct Key {
    id: Option<String>,
    algorithm: Algorithm,
    material: Material,
}

enum Material {
    Parsed(ParsedPublicKey),
    Rsa(RsaPublicKeyComponents<Vec<u8>>),
}

impl Key {
    pub fn algorithm(&self) -> Algorithm {
        self.algorithm
    }

    pub(crate) fn verify(&self, message: &[u8], signature: &[u8]) -> Result<(), TokenError> {
        let outcome = match (&self.material, self.algorithm) {
            (Material::Parsed(key), _) => key.verify_sig(message, signature),
            (Material::Rsa(key), Algorithm::Rs256) => key.verify(&RSA_PKCS1_2048_8192_SHA256, message, signature),
            (Material::Rsa(key), Algorithm::Ps256) => key.verify(&RSA_PSS_2048_8192_SHA256, message, signature),
            (Material::Rsa(_), _) => return Err(TokenError::Signature),
        };
        outcome.map_err(|_| TokenError::Signature)
    }

    /// A key of the set, or why it cannot verify tokens.
    fn read(jwk: &Map<String, Value>) -> Result<Self, &'static str> {
        let text = |name: &str| jwk.get(name).and_then(Value::as_str);
        if jwk.get("use").is_some_and(|purpose| purpose == "enc") {
            return Err("it is for encryption");
        }
        let id = match jwk.get("kid") {
            None => None,
            Some(Value::String(id)) if id.len() <= LONGEST_KEY_ID => Some(id.clone()),
            Some(_) => return Err("its kid is no short string"),
        };
        let alg = match jwk.get("alg") {
            None => None,
            Some(Value::String(alg)) => Some(alg.as_str()),
            Some(_) => return Err("its alg is no string"),
        };
        let bytes = |name: &str| {
            text(name).and_then(|text| URL_SAFE_NO_PAD.decode(text).ok()).ok_or("a part of the key is no base64url")
        };
        let (algorithm, material) = match (text("kty"), text("crv"), alg) {
            (Some("RSA"), _, None | Some("RS256")) => (Algorithm::Rs256, rsa(bytes("n")?, bytes("e")?)?),
            (Some("RSA"), _, Some("PS256")) => (Algorithm::Ps256, rsa(bytes("n")?, bytes("e")?)?),
            (Some("EC"), Some("P-256"), None | Some("ES256")) => {
                let point = point(&bytes("x")?, &bytes("y")?, 32)?;
                (Algorithm::Es256, parsed(&ECDSA_P256_SHA256_FIXED, &point)?)
            }
            (Some("EC"), Some("P-384"), None | Some("ES384")) => {
                let point = point(&bytes("x")?, &bytes("y")?, 48)?;
                (Algorithm::Es384, parsed(&ECDSA_P384_SHA384_FIXED, &point)?)
            }
            (Some("OKP"), Some("Ed25519"), None | Some("EdDSA" | "Ed25519")) => {
                let x = bytes("x")?;
                if is_small_order(&x) {
                    return Err("its point has small order");
                }
                (Algorithm::EdDsa, parsed(&ED25519, &x)?)
            }
            _ => return Err("its kind is not accepted"),
        };
        Ok(Self { id, algorithm, material })
    }
}

fn rsa(n: Vec<u8>, e: Vec<u8>) -> Result<Material, &'static str> {
    let significant = n.iter().skip_while(|byte| **byte == 0).count();
    let full = n.iter().find(|byte| **byte != 0).is_some_and(|first| *first >= 0x80);
    if significant < 256 || (significant == 256 && !full) {
        return Err("it is shorter than 2048 bits");
    }
    let trim = |bytes: Vec<u8>| bytes.into_iter().skip_while(|byte| *byte == 0).collect();
    Ok(Material::Rsa(RsaPublicKeyComponents { n: trim(n), e: trim(e) }))
}

fn point(x: &[u8], y: &[u8], size: usize) -> Result<Vec<u8>, &'static str> {
    if x.len() != size || y.len() != size {
        return Err("its coordinates have the wrong size");
    }
    Ok([&[4], x, y].concat())
}

fn parsed(
    algorithm: &'static dyn aws_lc_rs::signature::VerificationAlgorithm,
    bytes: &[u8],
) -> Result<Material, &'static str> {
    ParsedPublicKey::new(algorithm, bytes).map(Material::Parsed).map_err(|_| "it is no point of its curve")
}

/// Points of small order on edwards25519, in every encoding, sign bit cleared: with such a key, signatures can be made
/// by anybody.
fn is_small_order(point: &[u8]) -> bool {
    const ORDER_8: [[u8; 32]; 2] = [
        [
            0x26, 0xe8, 0x95, 0x8f, 0xc2, 0xb2, 0x27, 0xb0, 0x45, 0xc3, 0xf4, 0x89, 0xf2, 0xef, 0x98, 0xf0, 0xd5, 0xdf,
            0xac, 0x05, 0xd3, 0xc6, 0x33, 0x39, 0xb1, 0x38, 0x02, 0x88, 0x6d, 0x53, 0xfc, 0x05,
        ],
        [
            0xc7, 0x17, 0x6a, 0x70, 0x3d, 0x4d, 0xd8, 0x4f, 0xba, 0x3c, 0x0b, 0x76, 0x0d, 0x10, 0x67, 0x0f, 0x2a, 0x20,
            0x53, 0xfa, 0x2c, 0x39, 0xcc, 0xc6, 0x4e, 0xc7, 0xfd, 0x77, 0x92, 0xac, 0x03, 0x7a,
        ],
    ];
    let Some((last, rest)) = point.split_last() else { return true };
    let last = last & 0x7f;
    if ORDER_8.iter().any(|small| small.split_last().is_some_and(|(l, r)| *l == last && r == rest)) {
        return true;
    }
    let Some((first, middle)) = rest.split_first() else { return true };
    // y = 0 and 1; then p − 1, p and p + 1, where p = 2^255 − 19.
    let low = last == 0 && middle.iter().all(|byte| *byte == 0) && *first <= 1;
    let high = last == 0x7f && middle.iter().all(|byte| *byte == 0xff) && (0xec..=0xee).contains(first);
    low || high
}

/// The keys an issuer publishes now.
pub struct KeySet(Vec<Key>);

/// A key set that cannot be used; the text is for the log.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum KeySetError {
    #[error("it is no JSON object with an array of keys")]
    Malformed,
    #[error("it holds more than {MOST_KEYS} keys")]
    TooMany,
    #[error("none of its keys can verify a token")]
    NoneUsable,
}

impl KeySet {
    /// Reads a JSON Web Key Set. Keys of other kinds are passed over.
    pub fn parse(bytes: &[u8]) -> Result<Self, KeySetError> {
        let mut set = json::object(bytes).map_err(|_| KeySetError::Malformed)?;
        let Some(Value::Array(jwks)) = set.remove("keys") else { return Err(KeySetError::Malformed) };
        if jwks.len() > MOST_KEYS {
            return Err(KeySetError::TooMany);
        }
        let mut keys = Vec::with_capacity(jwks.len());
        for jwk in &jwks {
            match jwk.as_object().ok_or("it is no object").and_then(Key::read) {
                Ok(key) => keys.push(key),
                Err(why) => tracing::debug!(why, "a published key is passed over"),
            }
        }
        if keys.is_empty() { Err(KeySetError::NoneUsable) } else { Ok(Self(keys)) }
    }

    pub(crate) fn knows(&self, id: &str) -> bool {
        self.0.iter().any(|key| key.id.as_deref() == Some(id))
    }

    /// The one key a token with this header can have been signed with. Without a key id there must be a single key of
    /// that algorithm; with one, keys of several kinds may share it.
    pub(crate) fn select(&self, id: Option<&str>, algorithm: &str) -> Result<&Key, TokenError> {
        let named = |key: &&Key| id.is_none() || key.id.as_deref() == id;
        if !self.0.iter().any(|key| named(&key)) {
            return Err(TokenError::UnknownKey);
        }
        let mut suitable = self.0.iter().filter(named).filter(|key| key.algorithm.as_str() == algorithm);
        match (suitable.next(), suitable.next()) {
            (Some(key), None) => Ok(key),
            (Some(_), Some(_)) => Err(TokenError::UnknownKey),
            (None, _) => Err(TokenError::Algorithm),
        }
    }
}

impl fmt::Debug for KeySet {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_list().entries(self.0.iter().map(|key| (&key.id, key.algorithm))).finish()
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::indexing_slicing)]
    use super::*;

    fn set(keys: serde_json::Value) -> Result<KeySet, KeySetError> {
        KeySet::parse(serde_json::json!({ "keys": keys }).to_string().as_bytes())
    }

    #[test]
    fn weak_or_foreign_keys_are_passed_over() {
        let short = URL_SAFE_NO_PAD.encode([0xff; 255]);
        let zero = URL_SAFE_NO_PAD.encode([0; 32]);
        let keys = serde_json::json!([
            { "kty": "RSA", "n": short, "e": "AQAB" },
            { "kty": "RSA", "n": URL_SAFE_NO_PAD.encode([0xff; 256]), "e": "AQAB", "use": "enc" },
            { "kty": "oct", "k": "c2VjcmV0", "alg": "HS256" },
            { "kty": "OKP", "crv": "Ed25519", "x": zero },
            { "kty": "EC", "crv": "P-256", "x": zero, "y": zero },
            "no object",
        ]);
        assert_eq!(set(keys).unwrap_err(), KeySetError::NoneUsable);
        assert!(
            set(serde_json::json!([{ "kty": "RSA", "n": URL_SAFE_NO_PAD.encode([0xff; 256]), "e": "AQAB" }])).is_ok()
        );
    }

    #[test]
    fn a_set_is_bounded_and_an_object() {
        let key = serde_json::json!({ "kty": "RSA", "n": URL_SAFE_NO_PAD.encode([0xff; 256]), "e": "AQAB" });
        assert_eq!(set(vec![key; 65].into()).unwrap_err(), KeySetError::TooMany);
        assert_eq!(KeySet::parse(b"<html>").unwrap_err(), KeySetError::Malformed);
        assert_eq!(KeySet::parse(b"{\"keys\":[]}").unwrap_err(), KeySetError::NoneUsable);
    }

    #[test]
    fn every_small_order_encoding_is_known() {
        let mut high = [0xff; 32];
        high[31] = 0x7f;
        for first in [0xec, 0xed, 0xee] {
            high[0] = first;
            assert!(is_small_order(&high));
        }
        high[0] = 0xeb;
        assert!(!is_small_order(&high));
        let mut one = [0; 32];
        one[0] = 1;
        one[31] = 0x80;
        assert!(is_small_order(&one));
    }
}
