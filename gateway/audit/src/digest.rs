use aws_lc_rs::digest::{SHA256, digest};

/// Hex SHA-256 of a record's stored bytes.
pub(crate) fn sha256_hex(bytes: &[u8]) -> String {
    let nibble = |value: u8| char::from_digit(u32::from(value), 16).unwrap_or_default();
    digest(&SHA256, bytes).as_ref().iter().flat_map(|byte| [nibble(byte >> 4), nibble(byte & 15)]).collect()
}
