//! The trail as `hoopctl audit export` writes it: the records as a C2SP tlog-tiles log, and beside it what they commit to.
//!
//! ```text
//! checkpoint              the newest signed head, over all records
//! keys                    the keys that signed, oldest first
//! rotations/SIZE          the head that an old key and a new one signed together
//! tile/entries/N          256 records, each behind its length
//! tile/LEVEL/N            256 hashes
//! payload/N               what those records commit to
//! witness/NAME.note       the newest head that a witness cosigned
//! timestamp/SIZE.note     a head, and in SIZE.tst its time stamp
//! README.md               how to check it with other programs
//! ```

mod read;
mod write;

pub(super) use read::{read, verify};
pub(super) use write::write;

pub(super) const CHECKPOINT: &str = "checkpoint";
const KEYS: &str = "keys";
const ROTATIONS: &str = "rotations";

/// Where the payloads of a bundle of records lie.
fn payloads(n: u64) -> String {
    hoop_audit::tiles::path("payload", n, hoop_audit::tiles::WIDTH)
}
