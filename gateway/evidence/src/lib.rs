//! The evidence pack: what an assessor gets of a trail for a period, and how it is checked without a gateway.
//!
//! Pure: a verified trail's records in, a folder out; a folder in, findings out. No clock, no socket, no runtime.

mod check;
mod coverage;
mod facts;
mod inspect;
mod lead;
mod manifest;
mod pack;
mod path;
mod report;
mod scan;
mod scope;
mod study;
mod summary;
mod table;
mod tables;
mod verify;

pub use check::{Finding, Outcome, Status};
pub use coverage::{Coverage, Requirement};
pub use manifest::Made;
pub use pack::{PackError, Packing, Previous, SealError, Unsealed};
pub use scope::Scope;
pub use table::Table;
pub use verify::{Known, MANIFEST_DETAIL, SEALED, Verified, verify};
