use std::{borrow::Cow, num::NonZero, thread};

use hoop_model::{ClockState, ConnectionName, ExchangeId, SessionId, Timestamp};
use serde::Deserialize;

use crate::{
    chain::Place,
    digest::Hash,
    note::VerifyingKey,
    payload::{Payload, PayloadError, PayloadKeys, SealError},
    receipt::ReceiptFacts,
    record::{PayloadFacts, PurgeFacts, RecordType},
};

/// What verification looks at in a record.
#[derive(Deserialize)]
struct Linked<'a> {
    v: u32,
    seq: u64,
    prev: Hash,
    session_seq: Option<u64>,
    prev_session: Option<Hash>,
    ts: Timestamp,
    mono_ns: Option<u64>,
    #[serde(default)]
    clock: ClockState,
    #[serde(rename = "type")]
    kind: RecordType,
    session_id: Option<SessionId>,
    exchange_id: Option<ExchangeId>,
    #[serde(borrow)]
    connection: Option<Cow<'a, str>>,
    payload: Option<PayloadFacts>,
}

#[derive(Deserialize)]
struct Detailed {
    #[serde(default)]
    detail: Detail,
    purge: Option<PurgeFacts>,
    receipts: Option<ReceiptFacts>,
}

/// [`crate::KEY`], [`crate::UNSIGNED_RECORDS`] and [`crate::CONTINUES`].
#[derive(Default, Deserialize)]
struct Detail {
    key: Option<VerifyingKey>,
    unsigned_records: Option<String>,
    continues: Option<String>,
}

/// A record as read by itself, before it is held against its neighbours.
pub(super) struct Leaf {
    pub hash: Hash,
    pub v: u32,
    pub prev: Hash,
    pub prev_session: Option<Hash>,
    pub place: Place,
    pub mono_ns: Option<u64>,
    pub clock: ClockState,
    pub payload: Option<Committed>,
    pub purge: Option<PurgeFacts>,
    pub receipts: Option<ReceiptFacts>,
    /// The key that a rotation brings in.
    pub key: Option<VerifyingKey>,
    /// The log in whose place this one begins.
    pub continues: Option<String>,
    /// A writer's start that says that a crash left records unsigned.
    pub admits_unsigned: bool,
}

/// What a record commits to, and whether that is there.
pub(super) struct Committed {
    pub connection: Option<ConnectionName>,
    /// Of the payload, as delivered.
    pub length: u64,
    pub found: Found,
}

pub(super) enum Found {
    Missing,
    Good,
    Bad(PayloadError),
    /// By a key that the verifier was not given.
    Sealed,
}

/// Records, and bytes of payload, from which on threads are worth their start.
const WORTH_IT: usize = 512;
const WORTH_IT_BYTES: usize = 1024 * 1024;

impl Leaf {
    pub fn read(bytes: &[u8], payload: Option<Payload<'_>>, keys: &PayloadKeys) -> Result<Self, serde_json::Error> {
        let linked: Linked<'_> = serde_json::from_slice(bytes)?;
        let Detailed { detail, purge, receipts } = match linked.kind {
            RecordType::KeyRotation | RecordType::WriterStart | RecordType::Purge | RecordType::Receipts => {
                serde_json::from_slice(bytes)?
            }
            _ => Detailed { detail: Detail::default(), purge: None, receipts: None },
        };
        let own = payload.filter(|payload| payload.seq == linked.seq);
        let payload = linked.payload.map(|facts| Committed {
            connection: linked.connection.and_then(|name| name.parse().ok()),
            length: facts.length,
            found: own.map_or(Found::Missing, |payload| found(&payload, &facts, keys)),
        });
        Ok(Self {
            hash: Hash::leaf(bytes),
            v: linked.v,
            prev: linked.prev,
            prev_session: linked.prev_session,
            place: Place {
                seq: linked.seq,
                ts: linked.ts,
                kind: linked.kind,
                session: linked.session_id.map(|id| (id, linked.session_seq.unwrap_or(u64::MAX))),
                exchange: linked.exchange_id,
            },
            mono_ns: linked.mono_ns,
            clock: linked.clock,
            payload,
            purge,
            receipts,
            key: detail.key.filter(|_| linked.kind == RecordType::KeyRotation),
            continues: detail.continues.filter(|_| linked.kind == RecordType::WriterStart),
            admits_unsigned: detail.unsigned_records.is_some(),
        })
    }

    /// Reads many, on all cores: hashing and parsing is nearly all of the work, and needs no neighbours.
    pub fn read_all(
        records: &[(&[u8], Option<Payload<'_>>)],
        keys: &PayloadKeys,
    ) -> Vec<Result<Self, serde_json::Error>> {
        let read = |records: &[(&[u8], Option<Payload<'_>>)]| -> Vec<_> {
            records.iter().map(|(bytes, payload)| Self::read(bytes, *payload, keys)).collect()
        };
        let cores = thread::available_parallelism().map_or(1, NonZero::get);
        let bytes: usize = records.iter().map(|(_, payload)| payload.map_or(0, |payload| payload.stored.len())).sum();
        if cores == 1 || (records.len() < WORTH_IT && bytes < WORTH_IT_BYTES) {
            return read(records);
        }
        thread::scope(|scope| {
            let parts: Vec<_> =
                records.chunks(records.len().div_ceil(cores)).map(|part| scope.spawn(move || read(part))).collect();
            parts.into_iter().flat_map(|part| part.join().unwrap_or_default()).collect()
        })
    }
}

fn found(payload: &Payload<'_>, facts: &PayloadFacts, keys: &PayloadKeys) -> Found {
    let checked = match payload.unseal(keys) {
        Err(SealError::NoKey(_)) if keys.is_empty() => return Found::Sealed,
        Err(error) => Err(error.into()),
        Ok(Some(stored)) => payload.unsealed(&stored).check(facts),
        Ok(None) => payload.check(facts),
    };
    checked.map_or_else(Found::Bad, |()| Found::Good)
}
