//! A record: one line of JSON. The bytes as stored are what is hashed; they are never written anew.
//!
//! Every record answers the six questions of PCI DSS 10.2.2: who, what kind, when, with what outcome, from where, on
//! what.

use std::{collections::BTreeMap, net::IpAddr};

use hoop_model::{
    Action, Assurance, ClockState, ConnectionKind, ConnectionName, ExchangeId, Group, Principal, SessionId, Subject,
    Timestamp,
};
use serde::{Deserialize, Serialize};

use crate::{digest::Hash, receipt::ReceiptFacts};

/// Version of the record's shape.
pub(crate) const VERSION: u32 = 2;

/// The detail of a [`RecordType::KeyRotation`] that holds the new key, as a C2SP verifier key.
pub const KEY: &str = "key";
/// The detail of a log's first [`RecordType::WriterStart`] that names the log in whose place it begins; `continues_size` and
/// `continues_root` are that one's newest head.
pub const CONTINUES: &str = "continues";
/// The detail of a [`RecordType::WriterStart`] that says how many records the writer before left without a checkpoint.
pub const UNSIGNED_RECORDS: &str = "unsigned_records";

#[derive(Debug, Clone, Copy, PartialEq, Eq, std::hash::Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum RecordType {
    /// Recording began, after a start or a crash.
    WriterStart,
    WriterStop,
    /// Nothing happened for a while: so that silence differs from deletion.
    Heartbeat,
    /// How far the gateway's clock was from one that it is held against.
    Clock,
    /// From here on another key signs the log too, then alone; this record is covered by the key before it.
    KeyRotation,
    /// Bytes at the end of the log were unreadable and are gone; says how many.
    Gap,
    /// A configuration was loaded.
    Config,
    /// A login, granted or refused; a logout.
    Auth,
    SessionStart,
    SessionEnd,
    /// Durable before the command goes upstream.
    Request,
    Denied,
    ApprovalRequested,
    ApprovalDecided,
    /// Durable before the chunk goes to the client.
    ResponseChunk,
    /// The exchange's outcome and totals.
    End,
    /// What an agent says it did: it signs for every stream.
    Receipts,
    /// Agents, keys, somebody else's session.
    Admin,
    /// Somebody read the trail.
    AuditRead,
    /// What was kept beside earlier records is gone, because its time was over: which, and under what rule.
    Purge,
    /// Recordings are kept whatever their age, or are so no longer.
    Hold,
    /// A finding of the automatic review was opened, acknowledged or closed.
    Alert,
    /// A control failed, or works again: which, since when, why, and whose it is (PCI DSS 10.7).
    Incident,
}

/// Who and from where.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Origin {
    pub subject: Subject,
    pub kind: hoop_model::PrincipalKind,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub email: Option<String>,
    pub groups: Vec<Group>,
    #[serde(default, skip_serializing_if = "Assurance::is_unknown")]
    pub assurance: Assurance,
    pub client_ip: IpAddr,
}

impl Origin {
    pub fn of(principal: &Principal, client_ip: IpAddr) -> Self {
        Self {
            subject: principal.subject.clone(),
            kind: principal.kind,
            email: principal.email.clone(),
            groups: principal.groups.iter().cloned().collect(),
            assurance: principal.assurance.clone(),
            client_ip,
        }
    }
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct DecisionFacts {
    pub effect: hoop_model::Effect,
    pub rules: Vec<String>,
    pub policy_digest: String,
    pub reasons: Vec<String>,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ApprovalFacts {
    pub id: hoop_model::ApprovalId,
    pub state: String,
    pub binding: String,
    pub votes: Vec<VoteFacts>,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct VoteFacts {
    pub approver: Subject,
    pub at: Timestamp,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reason: Option<String>,
}

#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Counts {
    pub rows: u64,
    pub bytes: u64,
    /// Values masked, by rule.
    pub masked: BTreeMap<String, u64>,
    /// The same by place: a carrier, a column or a path, its name masked.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub places: Vec<MaskedAt>,
    /// Keyed digests of the distinct card numbers hidden or shown, `<key id>_<letters>`: who has the key can tell
    /// whether a card was among them, and nobody can tell the cards (PCI DSS 3.5.1.1).
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub cards: Vec<String>,
    /// Card numbers shown, by place: not among those masked.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub revealed: Vec<RevealedAt>,
}

/// Values masked at one place by one rule.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct MaskedAt {
    pub at: String,
    pub rule: String,
    pub count: u64,
}

/// Card numbers shown at one place.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct RevealedAt {
    pub at: String,
    pub count: u64,
}

/// Under what card numbers are shown (PCI DSS 3.4.1): with a request, that they may be; with an answer or an exchange's
/// end, that they were.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct RevealFacts {
    /// Ids of the policies.
    pub rules: Vec<String>,
    /// The needs they document.
    pub needs: Vec<String>,
    pub until: Timestamp,
    /// The person's own, masked.
    pub reason: String,
}

/// A salted commitment to bytes that lie beside the log ([`crate::payload`]). There is none to bytes in which card numbers
/// are shown: they are not kept.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PayloadFacts {
    pub of: PayloadOf,
    pub digest: Hash,
    /// In bytes, not compressed.
    pub length: u64,
}

/// What a payload is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum PayloadOf {
    /// What was delivered, byte by byte.
    Delivered,
    /// The draft of this record whole, as JSON: the record itself had to be cut to fit.
    Draft,
}

/// What a purge takes away: payloads of records from `first` to `last`. The records stay.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PurgeFacts {
    pub first: u64,
    pub last: u64,
    /// Of records that name one of these connections.
    pub connections: Vec<ConnectionName>,
    /// Also of records that name none.
    pub unconnected: bool,
    /// They had to be kept for so many days.
    pub days: u16,
    pub payloads: u64,
    /// As they were stored.
    pub bytes: u64,
}

impl PurgeFacts {
    /// Whether it is about records of this connection.
    pub fn is_of(&self, connection: Option<&ConnectionName>) -> bool {
        connection.map_or(self.unconnected, |connection| self.connections.contains(connection))
    }
}

/// A record before it has its place in the log.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Draft {
    #[serde(rename = "type")]
    pub kind: RecordType,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub session_id: Option<SessionId>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub exchange_id: Option<ExchangeId>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub origin: Option<Origin>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub connection: Option<ConnectionName>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub protocol: Option<ConnectionKind>,
    /// Masked.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub command: Option<String>,
    /// Keyed, so that equal commands can be found and none can be guessed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub command_digest: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub action: Option<Action>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub resources: Vec<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub decision: Option<DecisionFacts>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reveal: Option<RevealFacts>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub approval: Option<ApprovalFacts>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub counts: Option<Counts>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub payload: Option<PayloadFacts>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub purge: Option<PurgeFacts>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub receipts: Option<ReceiptFacts>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub outcome: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub upstream_id: Option<String>,
    /// What this type of record says beside the common fields.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub detail: BTreeMap<String, String>,
}

impl Draft {
    pub fn new(kind: RecordType) -> Self {
        Self {
            kind,
            session_id: None,
            exchange_id: None,
            origin: None,
            connection: None,
            protocol: None,
            command: None,
            command_digest: None,
            action: None,
            resources: Vec::new(),
            decision: None,
            reveal: None,
            approval: None,
            counts: None,
            payload: None,
            purge: None,
            receipts: None,
            outcome: None,
            upstream_id: None,
            detail: BTreeMap::new(),
        }
    }

    #[must_use]
    pub fn detail(mut self, name: &str, value: impl Into<String>) -> Self {
        self.detail.insert(name.to_owned(), value.into());
        self
    }
}

/// A record in its place.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Record {
    pub v: u32,
    /// From 0, without gaps.
    pub seq: u64,
    /// Leaf hash of the record before; the hash of nothing for the first.
    pub prev: Hash,
    /// The place within the session, from 0, without gaps; and the record before in it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub session_seq: Option<u64>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub prev_session: Option<Hash>,
    pub ts: Timestamp,
    /// Nanoseconds since its writer began, by a clock that nobody sets; absent before that.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub mono_ns: Option<u64>,
    #[serde(default, skip_serializing_if = "ClockState::is_unmeasured")]
    pub clock: ClockState,
    #[serde(flatten)]
    pub draft: Draft,
}
