use serde::Serialize;

use crate::{chain::Head, checkpoint::Checkpoint, note::VerifyingKey};

/// Findings kept in a report; the rest is counted.
const FINDINGS: usize = 1000;

#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum FindingKind {
    /// A frame or record that cannot be read.
    Unreadable,
    /// The record does not follow the one before it: changed, removed, added or moved.
    BrokenChain,
    /// A number is missing or twice.
    Sequence,
    /// The chain within a session does not hold.
    BrokenSession,
    /// Time goes backwards.
    Time,
    /// An answer or end whose request is not in the log.
    NoRequest,
    /// What a segment says of the log before it is not what lies there.
    Opening,
    /// A checkpoint over other records than those that lie before it.
    Checkpoint,
    /// A checkpoint that no key signed which may.
    Signature,
    /// More records without a checkpoint than a gateway leaves.
    Unsigned,
    /// A payload that is missing, was changed, or belongs to no record.
    Payload,
    /// A purge before its time, or of more than it says.
    Purge,
    /// An agent did something that the log has no request of.
    Unrecorded,
    /// An agent's receipts are not all there, or not as it signed them.
    Receipts,
    /// The log ends before what an anchor remembers.
    RolledBack,
    /// The log is another one than an anchor remembers.
    OtherHead,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Finding {
    pub kind: FindingKind,
    /// The record's number, or the one expected at this place.
    pub seq: u64,
    /// File and byte, or whatever the caller named the place.
    pub place: String,
    pub text: String,
}

/// What an agent signed for.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct AgentReport {
    /// As the log names it; compare it with what `hoop-agent receipts` prints.
    pub key: VerifyingKey,
    pub receipts: u64,
}

/// What the clocks say that records hold. None of it is a sign of tampering.
#[derive(Debug, Clone, Default, PartialEq, Serialize)]
pub struct ClockReport {
    /// How often the wall clock was set while a gateway ran.
    pub moves: u64,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub first_move: Option<ClockMove>,
    /// Records of a gateway whose clock was known to be off, or was held against nothing any more.
    pub unsure: u64,
}

/// A wall clock that was set.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct ClockMove {
    /// The first record after it.
    pub seq: u64,
    pub seconds: f64,
}

/// What verification found. Without findings the log is consistent; with an anchor it was also not rolled back.
#[derive(Debug, Clone, Default, Serialize)]
pub struct Report {
    pub records: u64,
    pub sessions: u64,
    pub exchanges: u64,
    /// Exchanges without an end: still running, or the gateway was killed. No sign of tampering.
    pub open_exchanges: u64,
    /// Records that say that the writer found a torn end after a crash and cut it off.
    pub gaps: u64,
    pub payloads: u64,
    /// Of all payloads, as delivered.
    pub payload_bytes: u64,
    /// Payloads that are gone, and purges that are recorded say so.
    pub purged_payloads: u64,
    /// Payloads that are sealed by a key that the caller has not given: of what they say nothing is known.
    pub sealed_payloads: u64,
    /// Bytes after the last whole frame of the newest segment: a write under way, or one that a crash tore.
    pub torn_bytes: u64,
    pub checkpoints: u64,
    /// The newest checkpoint that holds.
    pub checkpoint: Option<Checkpoint>,
    /// Records behind it: nobody has signed them yet.
    pub unsigned_records: u64,
    pub head: Option<Head>,
    /// The keys that signed, the newest last.
    pub keys: Vec<VerifyingKey>,
    /// Whether one of them was vouched for by the caller. Otherwise the log itself named its first.
    pub key_known: bool,
    pub agents: Vec<AgentReport>,
    pub clocks: ClockReport,
    /// Which anchors were found in the log.
    pub anchors: Vec<String>,
    /// Why something outside the log does not count as an anchor.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub notes: Vec<String>,
    /// Logs in whose place this one began, as it says itself: their key was lost or stolen.
    pub continues: Vec<String>,
    /// The first thousand.
    pub findings: Vec<Finding>,
    pub further_findings: u64,
}

impl Report {
    pub fn is_consistent(&self) -> bool {
        self.findings.is_empty()
    }

    /// Whether something outside the log vouches for it.
    pub fn is_anchored(&self) -> bool {
        !self.anchors.is_empty()
    }

    pub(super) fn find(&mut self, kind: FindingKind, seq: u64, place: &dyn std::fmt::Display, text: String) {
        if self.findings.len() < FINDINGS {
            self.findings.push(Finding { kind, seq, place: place.to_string(), text });
        } else {
            self.further_findings += 1;
        }
    }
}
