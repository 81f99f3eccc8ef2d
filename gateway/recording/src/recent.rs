//! The newest records, for whoever reads the trail on: what was written this moment need not be read back and decoded.

use std::{
    collections::VecDeque,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use hoop_audit::{Hash, Record};

/// Records that are kept at the most: those of a quarter of a second under full load, which readers look for in less.
const RECORDS: usize = 2048;
/// The same in bytes, as they are stored.
const BYTES: usize = 4 * 1024 * 1024;

/// A durable record with its leaf hash.
#[derive(Debug, Clone)]
pub struct Recorded {
    pub record: Arc<Record>,
    pub hash: Hash,
}

/// Without gaps, each with its length as it is stored.
#[derive(Default)]
pub(crate) struct Recent {
    kept: Mutex<Kept>,
}

#[derive(Default)]
struct Kept {
    records: VecDeque<(Recorded, usize)>,
    bytes: usize,
}

impl Recent {
    /// Takes what has just become durable, in order.
    pub(crate) fn add(&self, records: Vec<(Recorded, usize)>) {
        let mut kept = self.kept();
        for (recorded, length) in records {
            kept.bytes += length;
            kept.records.push_back((recorded, length));
        }
        while kept.records.len() > RECORDS || kept.bytes > BYTES {
            let Some((_, length)) = kept.records.pop_front() else { return };
            kept.bytes = kept.bytes.saturating_sub(length);
        }
    }

    /// The records from `from` on, at most so many; none where that one is not here.
    pub(crate) fn from(&self, from: u64, most: usize) -> Vec<Recorded> {
        let kept = self.kept();
        let first = kept.records.front().map(|(recorded, _)| recorded.record.seq);
        let skip = first.and_then(|first| usize::try_from(from.checked_sub(first)?).ok());
        let Some(skip) = skip else { return Vec::new() };
        kept.records.iter().skip(skip).take(most).map(|(recorded, _)| recorded.clone()).collect()
    }

    fn kept(&self) -> MutexGuard<'_, Kept> {
        self.kept.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use hoop_audit::{Draft, RecordType};
    use hoop_model::ClockState;

    use super::*;

    fn recorded(seq: u64) -> Recorded {
        let record = Record {
            v: 2,
            seq,
            prev: Hash::of(b""),
            session_seq: None,
            prev_session: None,
            ts: "2026-03-01T12:00:00Z".parse().unwrap(),
            mono_ns: None,
            clock: ClockState::Unmeasured,
            draft: Draft::new(RecordType::Heartbeat),
        };
        Recorded { record: Arc::new(record), hash: Hash::of(&seq.to_le_bytes()) }
    }

    fn numbers(recent: &Recent, from: u64, most: usize) -> Vec<u64> {
        recent.from(from, most).iter().map(|recorded| recorded.record.seq).collect()
    }

    #[test]
    fn the_newest_are_here_and_older_ones_are_not() {
        let recent = Recent::default();
        assert!(numbers(&recent, 0, 9).is_empty());
        let count = RECORDS as u64 + 7;
        recent.add((3..3 + count).map(|seq| (recorded(seq), 100)).collect());
        assert!(numbers(&recent, 9, 9).is_empty(), "it went");
        assert_eq!(numbers(&recent, 10, 3), [10, 11, 12]);
        assert_eq!(numbers(&recent, 1 + count, 9), [1 + count, 2 + count]);
        assert!(numbers(&recent, 3 + count, 9).is_empty(), "it has yet to come");
    }

    #[test]
    fn long_ones_are_fewer() {
        let recent = Recent::default();
        recent.add((0..100).map(|seq| (recorded(seq), BYTES / 10)).collect());
        assert_eq!(numbers(&recent, 90, 99).len(), 10);
        assert!(numbers(&recent, 89, 99).is_empty());
        recent.add(vec![(recorded(100), BYTES + 1)]);
        assert!(numbers(&recent, 100, 99).is_empty());
    }
}
