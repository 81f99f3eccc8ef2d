use aws_lc_rs::{digest, rand};
use hoop_audit::PayloadFacts;
use hoop_masking::Masked;

/// Longest command kept in a record, in bytes; the digest covers the whole.
const COMMAND: usize = 64 * 1024;

/// A salted commitment to what is delivered. Salted, because a digest of few possible payloads could be guessed
/// (`audit-and-recording.md` §1.1).
pub fn commit(payload: &Masked<Vec<u8>>) -> PayloadFacts {
    let mut salt = [0; 32];
    // Without random bytes the commitment is unsalted, which is still a commitment; the bytes are masked.
    let _ = rand::fill(&mut salt);
    let mut context = digest::Context::new(&digest::SHA256);
    context.update(b"hoop payload v1\0");
    context.update(&salt);
    context.update(payload.as_ref());
    PayloadFacts {
        digest: hex(context.finish().as_ref()),
        salt: hex(&salt),
        length: payload.as_ref().len() as u64,
    }
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

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}
