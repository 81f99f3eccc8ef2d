//! The trail as an auditor has it: fetched, exported, verified here and by a program that is not ours.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]

mod archive;
mod clock;
mod core_files;
mod disk_full;
mod evidence;
mod export;
mod failing_disk;
mod failpoints;
mod keys;
mod page;
mod payloads;
mod read;
mod receipts;
mod reconcile;
mod replay;
mod retention;
mod review;
mod search;
mod session_export;
mod sessions;
mod siem;
mod sigkill;
mod timestamp;
mod witness;
