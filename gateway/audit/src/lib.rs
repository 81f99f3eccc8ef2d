//! The trail's core: what a record says, how records are chained and made a tree, how checkpoints over it are signed, how
//! stored bytes are framed, and how all of it is verified. Pure: bytes in, records and findings out; `hoopctl audit
//! verify` runs it offline.

mod chain;
mod checkpoint;
mod consistency;
mod cosignature;
mod digest;
mod later;
mod note;
mod opening;
pub mod payload;
mod proof;
mod receipt;
mod record;
mod replay;
pub mod retention;
mod seal;
pub mod segment;
pub mod tiles;
pub mod timestamp;
mod tree;
mod verify;

pub use chain::{Chain, Head, Moment, Stored};
pub use checkpoint::Checkpoint;
pub use consistency::Consistency;
pub use cosignature::{Cosigner, WitnessKey};
pub use digest::{Hash, Hashing};
pub use later::{EVIDENCE, Later, LaterError, MANIFEST, Subtree, signed_head};
pub use note::{Note, NoteError, SigningKey, VerifyingKey, sign};
pub use opening::Opening;
pub use proof::{Proof, ProofError, Proving};
pub use receipt::{AgentHead, Passed, Receipt, ReceiptError, ReceiptFacts};
pub use record::{
    ApprovalFacts, CONTINUES, Counts, DecisionFacts, Draft, KEY, MaskedAt, Origin, PayloadFacts, PayloadOf, PurgeFacts,
    Record, RecordType, RevealFacts, RevealedAt, UNSIGNED_RECORDS, VoteFacts,
};
pub use replay::{Replay, ReplayError, Replayed, is_before};
pub use tree::Tree;
pub use verify::{AgentReport, Anchor, ClockMove, ClockReport, Finding, FindingKind, Report, UNSIGNED, Verifier};
