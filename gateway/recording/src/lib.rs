//! Recording: the trail on disk. One writer thread per gateway puts records, and the bytes they commit to, into segment
//! files and answers each caller once its record is durable; many callers share one `fdatasync`. The same thread signs
//! checkpoints over all of it.
//!
//! Nothing reaches a record that the masker has not seen: commands and payloads come in as [`Masked`].

mod anew;
mod compressed;
mod consistency;
mod durable;
mod entry;
mod error;
mod failpoint;
mod index;
mod keys;
mod packing;
mod proof;
mod purge;
mod read;
mod recent;
mod recorder;
mod recover;
mod scan;
mod sealed;
mod stats;
mod tail;
mod unsealed;
mod writer;

pub use anew::Before;
pub use consistency::consistency;
pub use entry::{Attachment, Entry, text};
pub use error::RecordError;
pub use failpoint::{Failpoint, Failpoints};
pub use hoop_masking::Masked;
pub use index::{Beside, Index, IndexedEntry, Page, SessionFacts, Wanted};
pub use keys::Seeds;
pub use packing::{Packed, Packing};
pub use proof::proof;
pub use purge::{Due, Old, Purge, Retention};
pub use read::{ReadError, containing, entries_from, later, records, records_from};
pub use recent::Recorded;
pub use recorder::{Receipt, Recorder};
pub use sealed::{SegmentFile, newest_checkpoint, segment_files};
pub use stats::SyncStats;
pub use tail::Tail;
pub use unsealed::unsealed;
