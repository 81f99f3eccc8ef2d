use aws_lc_rs::digest::{SHA256, digest};

/// Hex SHA-256 of a record's stored bytes.
pub(crate) fn sha256_hex(bytes: &[u8]) -> String {
    digest(&SHA256, bytes).as_ref().iter().map(|byte| format!("{byte:02x}")).collect()
}
