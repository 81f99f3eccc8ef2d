//! The trail's core: what a record says, how records are chained, how stored bytes are framed, and how all of it is
//! verified. Pure: bytes in, records and findings out; `hoopctl audit verify` runs it offline.

mod chain;
mod digest;
mod record;
pub mod segment;
mod verify;

pub use chain::{Chain, Head, Stored};
pub use record::{
    ApprovalFacts, Counts, DecisionFacts, Draft, MaskedAt, Origin, PayloadFacts, Record, RecordType, RevealFacts,
    RevealedAt, VoteFacts,
};
pub use verify::{Finding, FindingKind, Report, Verifier};
