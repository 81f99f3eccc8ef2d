//! Signed notes (C2SP signed-note): a text and under it a line for each Ed25519 signature. Any program that reads the
//! format can check what a gateway signed.

use std::{fmt, str::FromStr};

use aws_lc_rs::signature::{ED25519, Ed25519KeyPair, KeyPair, UnparsedPublicKey};
use base64::{Engine, prelude::BASE64_STANDARD};
use serde::{Deserialize, Serialize};

use crate::digest::Hash;

/// Signature type of a plain Ed25519 signature.
const ED25519_NOTE: u8 = 1;
/// Bytes of an Ed25519 public key.
pub(crate) const PUBLIC: usize = 32;
/// Longest note that is read, in bytes: a checkpoint has a few hundred.
const LIMIT: usize = 64 * 1024;

#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum NoteError {
    #[error("not a verifier key: {0}")]
    Key(&'static str),
    #[error("not a signed note: {0}")]
    Note(&'static str),
    #[error("the signing key cannot be used")]
    Unusable,
}

/// Who may have signed: `<name>+<id>+<key>`, as it is written in files and given to other programs.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct VerifyingKey {
    name: String,
    public: [u8; 32],
    id: [u8; 4],
}

impl VerifyingKey {
    fn new(name: &str, public: [u8; 32]) -> Result<Self, NoteError> {
        Ok(Self { name: name.to_owned(), public, id: key_id(name, ED25519_NOTE, &public)? })
    }

    pub fn name(&self) -> &str {
        &self.name
    }

    /// Hex SHA-256 of the public key: what people compare.
    pub fn fingerprint(&self) -> Hash {
        Hash::of(&self.public)
    }

    fn verifies(&self, text: &str, signature: &[u8]) -> bool {
        UnparsedPublicKey::new(&ED25519, &self.public).verify(text.as_bytes(), signature).is_ok()
    }
}

impl fmt::Display for VerifyingKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&encoded(&self.name, ED25519_NOTE, self.id, &self.public))
    }
}

impl fmt::Debug for VerifyingKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl FromStr for VerifyingKey {
    type Err = NoteError;

    fn from_str(text: &str) -> Result<Self, NoteError> {
        let (name, public, id) = decoded(text, ED25519_NOTE)?;
        Ok(Self { name: name.to_owned(), public, id })
    }
}

/// What a signature line names a key by.
pub(crate) fn key_id(name: &str, kind: u8, public: &[u8; PUBLIC]) -> Result<[u8; 4], NoteError> {
    if name.is_empty() || name.contains(|c: char| c.is_whitespace() || c.is_control() || c == '+') {
        return Err(NoteError::Key("its name is empty or has a space or + in it"));
    }
    let hashed = Hash::of(&[name.as_bytes(), b"\n", &[kind], public].concat());
    let [a, b, c, d, ..] = *hashed.as_bytes();
    Ok([a, b, c, d])
}

/// A key of this signature type as it is written in files: `<name>+<id>+<key>`.
pub(crate) fn encoded(name: &str, kind: u8, id: [u8; 4], public: &[u8; PUBLIC]) -> String {
    let key = [&[kind], public.as_slice()].concat();
    format!("{name}+{:08x}+{}", u32::from_be_bytes(id), BASE64_STANDARD.encode(key))
}

/// The name, public key and id of a key of this signature type.
pub(crate) fn decoded(text: &str, kind: u8) -> Result<(&str, [u8; PUBLIC], [u8; 4]), NoteError> {
    let mut parts = text.splitn(3, '+');
    let (Some(name), Some(id), Some(key)) = (parts.next(), parts.next(), parts.next()) else {
        return Err(NoteError::Key("it is not name+id+key"));
    };
    let key = BASE64_STANDARD.decode(key).map_err(|_| NoteError::Key("its key is not base64"))?;
    let public = match key.split_first() {
        Some((found, public)) if *found == kind => public,
        Some((4, _)) => return Err(NoteError::Key("it is a witness's key, not one that signs")),
        Some((1, _)) => return Err(NoteError::Key("it is a key that signs, not a witness's")),
        _ => return Err(NoteError::Key("it is not an Ed25519 key")),
    };
    let public = public.try_into().map_err(|_| NoteError::Key("it has not 32 bytes"))?;
    let made = key_id(name, kind, &public)?;
    if format!("{:08x}", u32::from_be_bytes(made)) == id {
        Ok((name, public, made))
    } else {
        Err(NoteError::Key("its id is not that of its name and key"))
    }
}

impl TryFrom<String> for VerifyingKey {
    type Error = NoteError;

    fn try_from(text: String) -> Result<Self, NoteError> {
        text.parse()
    }
}

impl From<VerifyingKey> for String {
    fn from(key: VerifyingKey) -> String {
        key.to_string()
    }
}

/// The key that signs. Holds a secret: neither shown nor copied.
pub struct SigningKey {
    pair: Ed25519KeyPair,
    verifying: VerifyingKey,
}

impl SigningKey {
    /// The key of this seed, under this name.
    pub fn from_seed(name: &str, seed: &[u8; 32]) -> Result<Self, NoteError> {
        let pair = Ed25519KeyPair::from_seed_unchecked(seed).map_err(|_| NoteError::Unusable)?;
        let public = pair.public_key().as_ref().try_into().map_err(|_| NoteError::Unusable)?;
        Ok(Self { pair, verifying: VerifyingKey::new(name, public)? })
    }

    pub fn verifying(&self) -> &VerifyingKey {
        &self.verifying
    }
}

/// A text that ends with a newline, signed by each of the keys.
pub fn sign<'a>(text: &str, keys: impl IntoIterator<Item = &'a SigningKey>) -> String {
    let mut note = format!("{text}\n");
    for key in keys {
        let signature = [key.verifying.id.as_slice(), key.pair.sign(text.as_bytes()).as_ref()].concat();
        note.push_str(&format!("— {} {}\n", key.verifying.name, BASE64_STANDARD.encode(signature)));
    }
    note
}

/// A note as it was read; nothing about it is verified yet.
#[derive(Debug)]
pub struct Note<'a> {
    text: &'a str,
    signatures: Vec<(&'a str, Vec<u8>)>,
}

impl<'a> Note<'a> {
    pub fn parse(note: &'a str) -> Result<Self, NoteError> {
        if note.len() > LIMIT {
            return Err(NoteError::Note("it is too long"));
        }
        if note.chars().any(|c| c.is_control() && c != '\n') {
            return Err(NoteError::Note("it has control characters"));
        }
        let at = note.rfind("\n\n").ok_or(NoteError::Note("no blank line before signatures"))?;
        let (text, lines) = note.split_at(at + 1);
        let lines = lines.strip_prefix('\n').and_then(|lines| lines.strip_suffix('\n'));
        let signatures = lines
            .ok_or(NoteError::Note("its last line does not end"))?
            .split('\n')
            .map(|line| {
                let (name, signature) = line.strip_prefix("— ")?.split_once(' ')?;
                let signature = BASE64_STANDARD.decode(signature).ok()?;
                (!name.is_empty() && signature.len() > 4).then_some((name, signature))
            })
            .collect::<Option<_>>();
        Ok(Self { text, signatures: signatures.ok_or(NoteError::Note("a line that is no signature"))? })
    }

    /// What was signed, its last newline included.
    pub fn text(&self) -> &'a str {
        self.text
    }

    /// How many signed it, or claim to.
    pub fn signatures(&self) -> usize {
        self.signatures.len()
    }

    /// Whether this key signed it. A signature under its name and id that does not verify is none.
    pub fn is_signed_by(&self, key: &VerifyingKey) -> bool {
        self.signed_as(&key.name, key.id).any(|signature| key.verifies(self.text, signature))
    }

    /// What stands under a name and key id; none of it is verified.
    pub(crate) fn signed_as(&self, name: &str, id: [u8; 4]) -> impl Iterator<Item = &[u8]> {
        self.signatures.iter().filter_map(move |(by, signature)| {
            let (of, signature) = signature.split_first_chunk::<4>()?;
            (*by == name && *of == id).then_some(signature)
        })
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    /// The example of the format's specification.
    const SPEC_KEY: &str = "PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW";
    const SPEC_NOTE: &str = "If you think cryptography is the answer to your problem,\nthen you don't know what your \
        problem is.\n\n— PeterNeumann x08go/ZJkuBS9UG/SffcvIAQxVBtiFupLLr8pAcElZInNIuGUgYN1FFYC2pZSNXgKvqfqdngotpRZb6KE6RyyBwJnAM=\n";

    #[test]
    fn the_specifications_example_verifies_and_an_edited_one_does_not() {
        let key: VerifyingKey = SPEC_KEY.parse().unwrap();
        assert_eq!(key.to_string(), SPEC_KEY);
        assert!(Note::parse(SPEC_NOTE).unwrap().is_signed_by(&key));
        let edited = SPEC_NOTE.replacen("answer", "Answer", 1);
        assert!(!Note::parse(&edited).unwrap().is_signed_by(&key));
    }

    #[test]
    fn what_is_signed_by_two_verifies_by_both_and_by_nobody_else() {
        let [old, new, other] = [1, 2, 3].map(|seed| SigningKey::from_seed("log.example/1", &[seed; 32]).unwrap());
        let note = sign("some text\n\nwith a blank line\n", [&old, &new]);
        let note = Note::parse(&note).unwrap();
        assert_eq!(note.text(), "some text\n\nwith a blank line\n");
        assert!(note.is_signed_by(old.verifying()) && note.is_signed_by(new.verifying()));
        assert!(!note.is_signed_by(other.verifying()));
    }

    #[test]
    fn what_is_no_note_is_refused() {
        for note in [
            "",
            "text\n",
            "text\n\n",
            "text\n\n— name\n",
            "text\n\n— name AAAA\n",
            "text\n\n— n AAAAAAAA",
            "a\tb\n\n— n AAAAAAAA\n",
        ] {
            assert!(Note::parse(note).is_err(), "{note:?}");
        }
        for key in
            ["", "a+b", "a b+00000000+AQ==", &SPEC_KEY.replacen("c74f", "c74e", 1), &SPEC_KEY.replacen("+AR", "+AB", 1)]
        {
            assert!(key.parse::<VerifyingKey>().is_err(), "{key}");
        }
    }
}
