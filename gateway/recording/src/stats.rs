use std::{
    sync::atomic::{AtomicU64, Ordering},
    time::Duration,
};

/// What making records durable has cost so far.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct SyncStats {
    /// Calls of `fdatasync`.
    pub syncs: u64,
    pub records: u64,
    /// Time spent in `fdatasync`, all together.
    pub total: Duration,
}

#[derive(Default)]
pub(crate) struct SyncCounter {
    syncs: AtomicU64,
    records: AtomicU64,
    nanos: AtomicU64,
}

impl SyncCounter {
    pub(crate) fn add(&self, records: usize, took: Duration) {
        self.syncs.fetch_add(1, Ordering::Relaxed);
        self.records.fetch_add(records as u64, Ordering::Relaxed);
        self.nanos.fetch_add(u64::try_from(took.as_nanos()).unwrap_or(u64::MAX), Ordering::Relaxed);
    }

    pub(crate) fn read(&self) -> SyncStats {
        SyncStats {
            syncs: self.syncs.load(Ordering::Relaxed),
            records: self.records.load(Ordering::Relaxed),
            total: Duration::from_nanos(self.nanos.load(Ordering::Relaxed)),
        }
    }
}
