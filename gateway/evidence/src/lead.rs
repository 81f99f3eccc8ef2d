//! What was open as the period began: a row of the period may need a record of before. Only that is kept of all that lies
//! before it.

use std::collections::BTreeMap;

use hoop_audit::{Record, RecordType};
use hoop_model::{ApprovalId, ExchangeId, Timestamp, earlier};

use crate::{Scope, facts::event};

/// An approval that nobody used for so long is not waited for any more.
const LONGEST: std::time::Duration = std::time::Duration::from_secs(31 * 24 * 60 * 60);

#[derive(PartialEq, Eq, PartialOrd, Ord)]
enum Key {
    /// The first record of all: since when there is a log.
    First,
    /// The newest: whether there was silence up to the period.
    Newest,
    Exchange(ExchangeId),
    Approval(ApprovalId),
    Incident(String),
    Alert(String),
    Hold(String),
}

struct Kept {
    seq: u64,
    ts: Timestamp,
    bytes: Vec<u8>,
}

#[derive(Default)]
pub(crate) struct Lead(BTreeMap<Key, Vec<Kept>>);

impl Lead {
    /// The next record before the period.
    pub(crate) fn take(&mut self, scope: &Scope, record: &Record, bytes: &[u8]) {
        let kept = || Kept { seq: record.seq, ts: record.ts, bytes: bytes.to_vec() };
        if record.seq == 0 {
            self.0.insert(Key::First, vec![kept()]);
        }
        self.0.remove(&Key::Newest);
        if !scope.concerns(record) {
            return;
        }
        self.0.insert(Key::Newest, vec![kept()]);
        let draft = &record.draft;
        let approval = draft.approval.as_ref().map(|approval| approval.id);
        match (draft.kind, draft.exchange_id, approval) {
            (RecordType::Request, Some(exchange), used) => {
                self.0.insert(Key::Exchange(exchange), vec![kept()]);
                drop(used.map(|used| self.0.remove(&Key::Approval(used))));
            }
            (RecordType::End, Some(exchange), _) => drop(self.0.remove(&Key::Exchange(exchange))),
            (RecordType::WriterStart, ..) => self.0.retain(|key, _| !matches!(key, Key::Exchange(_))),
            (RecordType::ApprovalRequested, _, Some(id)) => {
                let old = earlier(record.ts, LONGEST);
                self.0.retain(|key, kept| {
                    !matches!(key, Key::Approval(_)) || kept.first().is_some_and(|first| old <= first.ts)
                });
                self.0.insert(Key::Approval(id), vec![kept()]);
            }
            (RecordType::ApprovalDecided, ..) => self.decided(record, kept()),
            (RecordType::Incident, ..) => self.begun_or_over(record, Key::Incident, "incident", "ended", kept()),
            (RecordType::Alert, ..) => self.begun_or_over(record, Key::Alert, "alert", "closed", kept()),
            (RecordType::Hold, ..) => self.begun_or_over(record, Key::Hold, "hold", "released", kept()),
            _ => {}
        }
    }

    fn decided(&mut self, record: &Record, kept: Kept) {
        let id = record.draft.detail.get("request").and_then(|id| id.parse().ok());
        let Some(id) = id.map(Key::Approval) else { return };
        let over = record.draft.outcome.as_deref() == Some("success") && event(&record.draft) != "approve";
        if over {
            self.0.remove(&id);
        } else if let Some(open) = self.0.get_mut(&id) {
            open.push(kept);
        }
    }

    fn begun_or_over(&mut self, record: &Record, key: fn(String) -> Key, name: &str, over: &str, kept: Kept) {
        let key = key(record.draft.detail.get(name).cloned().unwrap_or_default());
        if event(&record.draft) == over {
            self.0.remove(&key);
        } else {
            self.0.entry(key).or_default().push(kept);
        }
    }

    /// What is open, in order of the log.
    pub(crate) fn open(self) -> BTreeMap<u64, Vec<u8>> {
        self.0.into_values().flatten().map(|kept| (kept.seq, kept.bytes)).collect()
    }
}
