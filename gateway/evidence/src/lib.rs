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
mod previous;
mod report;
mod scan;
mod scope;
mod seal;
mod study;
mod summary;
mod table;
mod tables;
mod verify;

pub use check::{Finding, Outcome, Status};
pub use coverage::{Coverage, Requirement};
pub use manifest::Made;
pub use pack::{PackError, Packing};
pub use previous::Previous;
pub use scope::Scope;
pub use seal::{SealError, Unsealed};
pub use table::Table;
pub use verify::{Known, Verified, verify};
