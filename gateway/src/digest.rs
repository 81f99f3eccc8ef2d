//! SHA-256 in the spellings the gateway uses.

use aws_lc_rs::digest::{Context, SHA256};
use data_encoding::HEXLOWER;

/// SHA-256 over the parts, each preceded by its length so that two splits of the same bytes differ.
pub(crate) fn sha256(parts: &[&[u8]]) -> [u8; 32] {
    let mut context = Context::new(&SHA256);
    for part in parts {
        context.update(&(part.len() as u64).to_be_bytes());
        context.update(part);
    }
    let mut out = [0; 32];
    for (slot, byte) in out.iter_mut().zip(context.finish().as_ref()) {
        *slot = *byte;
    }
    out
}

pub(crate) fn sha256_hex(parts: &[&[u8]]) -> String {
    hex(&sha256(parts))
}

/// Plain SHA-256 of one value, for what others compute too: listener secrets, join tokens, keys.
pub(crate) fn plain_hex(bytes: &[u8]) -> String {
    hex(aws_lc_rs::digest::digest(&SHA256, bytes).as_ref())
}

pub(crate) fn hex(bytes: &[u8]) -> String {
    HEXLOWER.encode(bytes)
}
