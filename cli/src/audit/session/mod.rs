//! One session as `hoopctl sessions export` writes it, for somebody who has neither the gateway nor its log.
//!
//! ```text
//! records.ndjson          its records, as they are stored, one a line
//! payloads/N              what record N commits to, as it was delivered
//! payloads/N.salt         the salt of that commitment
//! session.tlog-proof      that its last record is in the log under a signed head
//! key                     the key that signed it
//! README.md               how to check it with other programs
//! ```

mod verify;
mod words;
mod write;

use std::path::Path;

pub(crate) use verify::Verified;
pub(super) use verify::verify;
pub(super) use words::print;
pub(crate) use write::Writing;

const RECORDS: &str = "records.ndjson";
const PAYLOADS: &str = "payloads";
const PROOF: &str = "session.tlog-proof";
const KEY: &str = "key";

/// Whether a folder holds such an export.
pub(super) fn is_one(dir: &Path) -> bool {
    dir.join(PROOF).exists() || dir.join(RECORDS).exists()
}

/// The file names of a record's payload and salt.
fn payload(seq: u64) -> [String; 2] {
    [format!("{PAYLOADS}/{seq}"), format!("{PAYLOADS}/{seq}.salt")]
}
