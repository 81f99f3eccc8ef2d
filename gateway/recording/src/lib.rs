//! Recording: the trail on disk. One writer thread per gateway puts records into segment files and answers each caller
//! once its record is durable; many callers share one `fdatasync`.
//!
//! Nothing reaches a record that the masker has not seen: commands and payloads come in as [`Masked`].

mod commit;
mod durable;
mod read;
mod recover;
mod stats;
mod writer;

pub use commit::{commit, text};
pub use hoop_masking::Masked;
pub use read::{ReadError, records, records_from};
pub use stats::SyncStats;
pub use writer::{Receipt, RecordError, Recorder};
