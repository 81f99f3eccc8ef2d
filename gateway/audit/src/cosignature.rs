//! Cosignatures (C2SP tlog-cosignature): "at this time, this was the largest head that I have seen of this log, and it
//! continues all that I saw before", by a witness that is not the gateway's.

use std::{fmt, str::FromStr};

use aws_lc_rs::signature::{ED25519, Ed25519KeyPair, KeyPair, UnparsedPublicKey};
use base64::{Engine, prelude::BASE64_STANDARD};
use hoop_model::Timestamp;

use crate::note::{Note, NoteError, PUBLIC, decoded, encoded, key_id};

/// Signature type of a timestamped Ed25519 cosignature.
const COSIGNATURE: u8 = 4;

/// Who may cosign: `<name>+<id>+<key>`, as a witness's operator publishes it.
#[derive(Clone, PartialEq, Eq)]
pub struct WitnessKey {
    name: String,
    public: [u8; PUBLIC],
    id: [u8; 4],
}

impl WitnessKey {
    pub fn name(&self) -> &str {
        &self.name
    }

    /// What a file is called in which heads are kept that it cosigned.
    pub fn file_name(&self) -> String {
        let plain = |c: char| if c.is_ascii_alphanumeric() || matches!(c, '.' | '-') { c } else { '_' };
        let name: String = self.name.chars().map(plain).take(64).collect();
        format!("{}-{:08x}.note", name.trim_start_matches('.'), u32::from_be_bytes(self.id))
    }

    /// Whether it is one and the same witness, whatever it is called.
    pub fn is_of(&self, other: &Self) -> bool {
        self.public == other.public
    }

    /// When it cosigned this head, last; `None`: it has not. A cosignature that does not verify is none.
    pub fn cosigned(&self, note: &Note<'_>) -> Option<Timestamp> {
        let times = note.signed_as(&self.name, self.id).filter_map(|stamped| {
            let (seconds, signature) = stamped.split_first_chunk::<8>()?;
            let seconds = u64::from_be_bytes(*seconds);
            let key = UnparsedPublicKey::new(&ED25519, &self.public);
            key.verify(message(seconds, note.text()).as_bytes(), signature).ok()?;
            Timestamp::from_second(i64::try_from(seconds).ok().filter(|seconds| *seconds > 0)?).ok()
        });
        times.max()
    }
}

fn message(seconds: u64, text: &str) -> String {
    format!("cosignature/v1\ntime {seconds}\n{text}")
}

impl fmt::Display for WitnessKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&encoded(&self.name, COSIGNATURE, self.id, &self.public))
    }
}

impl fmt::Debug for WitnessKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl FromStr for WitnessKey {
    type Err = NoteError;

    fn from_str(text: &str) -> Result<Self, NoteError> {
        let (name, public, id) = decoded(text, COSIGNATURE)?;
        Ok(Self { name: name.to_owned(), public, id })
    }
}

/// The key of a witness. Holds a secret: neither shown nor copied. The product has none; its tests do.
pub struct Cosigner {
    pair: Ed25519KeyPair,
    key: WitnessKey,
}

impl Cosigner {
    pub fn from_seed(name: &str, seed: &[u8; 32]) -> Result<Self, NoteError> {
        let pair = Ed25519KeyPair::from_seed_unchecked(seed).map_err(|_| NoteError::Unusable)?;
        let public = pair.public_key().as_ref().try_into().map_err(|_| NoteError::Unusable)?;
        let key = WitnessKey { name: name.to_owned(), public, id: key_id(name, COSIGNATURE, &public)? };
        Ok(Self { pair, key })
    }

    pub fn key(&self) -> &WitnessKey {
        &self.key
    }

    /// The line that goes under a head whose text this is, its newline included.
    pub fn cosign(&self, text: &str, seconds: u64) -> String {
        let signature = self.pair.sign(message(seconds, text).as_bytes());
        let stamped = [self.key.id.as_slice(), &seconds.to_be_bytes(), signature.as_ref()].concat();
        format!("— {} {}\n", self.key.name, BASE64_STANDARD.encode(stamped))
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;
    use crate::{SigningKey, sign};

    const TEXT: &str = "log.example/1\n7\nCsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I=\n";

    #[test]
    fn a_head_is_cosigned_at_a_time_by_its_witness_and_nobody_else() {
        let log = SigningKey::from_seed("log.example/1", &[1; 32]).unwrap();
        let [witness, other] = [2, 3].map(|seed| Cosigner::from_seed("witness.example/w1", &[seed; 32]).unwrap());
        let signed = sign(TEXT, [&log]);
        let cosigned =
            format!("{signed}{}{}", witness.cosign(TEXT, 1_679_315_147), witness.cosign(TEXT, 1_679_315_100));
        let note = Note::parse(&cosigned).unwrap();
        assert!(note.is_signed_by(log.verifying()), "the log's own signature stays one");
        assert_eq!(witness.key().cosigned(&note), Some("2023-03-20T12:25:47Z".parse().unwrap()));
        assert_eq!(other.key().cosigned(&note), None);
        assert_eq!(witness.key().cosigned(&Note::parse(&signed).unwrap()), None);
        // Of another text, or another time than it says.
        let edited = cosigned.replacen("\n7\n", "\n8\n", 1);
        assert_eq!(witness.key().cosigned(&Note::parse(&edited).unwrap()), None);
        let line = witness.cosign(TEXT, 5);
        let bytes = BASE64_STANDARD.decode(line.trim_end().rsplit(' ').next().unwrap()).unwrap();
        for (at, _) in bytes.iter().enumerate() {
            let mut forged = bytes.clone();
            if let Some(byte) = forged.get_mut(at) {
                *byte ^= 1;
            }
            let forged = format!("{signed}— witness.example/w1 {}\n", BASE64_STANDARD.encode(forged));
            assert_eq!(witness.key().cosigned(&Note::parse(&forged).unwrap()), None, "byte {at}");
        }
        let never = format!("{signed}{}", witness.cosign(TEXT, 0));
        assert_eq!(witness.key().cosigned(&Note::parse(&never).unwrap()), None, "without a time it says nothing");
    }

    #[test]
    fn a_key_is_read_back_and_is_not_one_that_signs() {
        let witness = Cosigner::from_seed("witness.example/w1", &[2; 32]).unwrap();
        let written = witness.key().to_string();
        assert_eq!(&written.parse::<WitnessKey>().unwrap(), witness.key());
        let log = SigningKey::from_seed("witness.example/w1", &[2; 32]).unwrap();
        let why = log.verifying().to_string().parse::<WitnessKey>().unwrap_err().to_string();
        assert!(why.contains("not a witness's"), "{why}");
        assert!(written.parse::<crate::VerifyingKey>().unwrap_err().to_string().contains("a witness's key"));
        assert!(written.replacen("w1", "w2", 1).parse::<WitnessKey>().is_err());
    }

    /// The example of `tlog-witness`: its witness's key is not given, so only that its lines are read.
    #[test]
    fn the_specifications_lines_are_read() {
        let note = format!(
            "{TEXT}\n— witness.example/w1 CMp+6LWBU0anHGH5aNDTJkH/gj79sG+T6+iP2ThYN5krrDJbR1HDnucjL39QsZTSvVjyQLrdk3DXDqI5G2HgLatVs0pWh6Up69HVOw==\n"
        );
        assert_eq!(Note::parse(&note).unwrap().signatures(), 1);
    }
}
