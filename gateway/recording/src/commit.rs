use aws_lc_rs::{digest, rand};
use hoop_audit::PayloadFacts;
use hoop_masking::Masked;

use crate::RecordError;

/// Longest command kept in a record, in bytes; the digest covers the whole.
const COMMAND: usize = 64 * 1024;

/// A salted commitment to what is delivered. Takes only what holds no clear card number: the salt is recorded beside it,
/// so of a payload that is known but for one number, that number could be found. Salted, because a digest of few
/// possible payloads could be guessed (`audit-and-recording.md` §1.1).
///
/// # Errors
/// When the system gives no random bytes: an unsalted commitment is none.
pub fn commit(payload: &Masked<impl AsRef<[u8]>>) -> Result<PayloadFacts, RecordError> {
    let bytes: &[u8] = payload.as_ref().as_ref();
    let mut salt = [0; 32];
    rand::fill(&mut salt).map_err(|_| RecordError::NoRandom)?;
    let mut context = digest::Context::new(&digest::SHA256);
    context.update(b"hoop payload v1\0");
    context.update(&salt);
    context.update(bytes);
    Ok(PayloadFacts { digest: hex(context.finish().as_ref()), salt: hex(&salt), length: bytes.len() as u64 })
}

/// A masked command as a record holds it: cut where it is long, and the cut said.
pub fn text(command: &Masked<String>) -> String {
    let text: &String = command.as_ref();
    if text.len() <= COMMAND {
        return text.clone();
    }
    let end = (0..=COMMAND).rev().find(|end| text.is_char_boundary(*end)).unwrap_or(0);
    format!("{}… [{} bytes in all]", text.get(..end).unwrap_or_default(), text.len())
}

pub(crate) fn sha256_hex(bytes: &[u8]) -> String {
    hex(digest::digest(&digest::SHA256, bytes).as_ref())
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[test]
    fn a_commitment_can_be_checked_and_does_not_repeat() {
        let payload = || Masked::constant("rows").to_text().into_bytes();
        let (facts, again) = (commit(&payload()).unwrap(), commit(&payload()).unwrap());
        assert_eq!((facts.length, facts.salt.len()), (4, 64));
        assert_ne!(facts.digest, again.digest);
        let salt: Vec<u8> = (0..64)
            .step_by(2)
            .filter_map(|at| facts.salt.get(at..at + 2).and_then(|pair| u8::from_str_radix(pair, 16).ok()))
            .collect();
        let opened = [b"hoop payload v1\0".as_slice(), &salt, b"rows"].concat();
        assert_eq!(sha256_hex(&opened), facts.digest);
    }

    #[test]
    fn a_long_command_is_cut_at_a_character_and_the_cut_is_said() {
        let short = Masked::constant("SELECT 1").to_text();
        assert_eq!(text(&short), "SELECT 1");
        let long = Masked::join((0..COMMAND).map(|_| Masked::constant("é").to_text()));
        let kept = text(&long);
        assert!(kept.len() < COMMAND + 100);
        assert!(kept.ends_with(&format!("é… [{} bytes in all]", 2 * COMMAND)), "the cut is said");
    }
}
