use std::{num::NonZero, thread};

use hoop_model::{ExchangeId, SessionId, Timestamp};
use serde::Deserialize;

use crate::{
    chain::Place,
    digest::Hash,
    note::VerifyingKey,
    payload::{Payload, PayloadError},
    record::{PayloadFacts, RecordType},
};

/// What verification looks at in a record.
#[derive(Deserialize)]
struct Linked {
    v: u32,
    seq: u64,
    prev: Hash,
    session_seq: Option<u64>,
    prev_session: Option<Hash>,
    ts: Timestamp,
    #[serde(rename = "type")]
    kind: RecordType,
    session_id: Option<SessionId>,
    exchange_id: Option<ExchangeId>,
    payload: Option<PayloadFacts>,
}

#[derive(Deserialize)]
struct Detailed {
    #[serde(default)]
    detail: Detail,
}

/// [`crate::KEY`] and [`crate::UNSIGNED_RECORDS`].
#[derive(Default, Deserialize)]
struct Detail {
    key: Option<VerifyingKey>,
    unsigned_records: Option<String>,
}

/// A record as read by itself, before it is held against its neighbours.
pub(super) struct Leaf {
    pub hash: Hash,
    pub v: u32,
    pub prev: Hash,
    pub prev_session: Option<Hash>,
    pub place: Place,
    pub payload: Option<PayloadFacts>,
    /// Whether its payload is what it commits to; of one without, `None`.
    pub checked: Option<Result<(), PayloadError>>,
    /// The key that a rotation brings in.
    pub key: Option<VerifyingKey>,
    /// A writer's start that says that a crash left records unsigned.
    pub admits_unsigned: bool,
}

/// Records, and bytes of payload, from which on threads are worth their start.
const WORTH_IT: usize = 512;
const WORTH_IT_BYTES: usize = 1024 * 1024;

impl Leaf {
    pub fn read(bytes: &[u8], payload: Option<Payload<'_>>) -> Result<Self, serde_json::Error> {
        let linked: Linked = serde_json::from_slice(bytes)?;
        let detail = match linked.kind {
            RecordType::KeyRotation | RecordType::WriterStart => serde_json::from_slice::<Detailed>(bytes)?.detail,
            _ => Detail::default(),
        };
        let own = payload.filter(|payload| payload.seq == linked.seq);
        let checked = linked.payload.as_ref().zip(own).map(|(facts, payload)| payload.check(facts));
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
            payload: linked.payload,
            checked,
            key: detail.key.filter(|_| linked.kind == RecordType::KeyRotation),
            admits_unsigned: detail.unsigned_records.is_some(),
        })
    }

    /// Reads many, on all cores: hashing and parsing is nearly all of the work, and needs no neighbours.
    pub fn read_all(records: &[(&[u8], Option<Payload<'_>>)]) -> Vec<Result<Self, serde_json::Error>> {
        let read = |records: &[(&[u8], Option<Payload<'_>>)]| -> Vec<_> {
            records.iter().map(|(bytes, payload)| Self::read(bytes, *payload)).collect()
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
