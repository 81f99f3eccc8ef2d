use std::{
    array,
    sync::atomic::{AtomicU64, Ordering},
    time::Duration,
};

/// Powers of two of a microsecond, up to about a minute.
const BUCKETS: usize = 27;

/// What making records durable has cost so far.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct SyncStats {
    /// Batches written, each with one `fdatasync`.
    pub syncs: u64,
    pub records: u64,
    /// Time spent in writing and `fdatasync`, all together.
    pub total: Duration,
    counts: [u64; BUCKETS],
}

impl SyncStats {
    /// The time that `share` (0 to 1) of the batches stayed within, to a factor of two; zero before the first.
    pub fn quantile(&self, share: f64) -> Duration {
        let wanted = (self.syncs as f64 * share.clamp(0.0, 1.0)).ceil().max(1.0) as u64;
        let mut seen = 0;
        for (bucket, count) in self.counts.iter().enumerate() {
            seen += count;
            if seen >= wanted {
                return Duration::from_micros(1 << bucket);
            }
        }
        Duration::ZERO
    }

    /// What was added since `earlier`: the cost of one benchmark run.
    pub fn since(&self, earlier: &SyncStats) -> SyncStats {
        let mut counts = self.counts;
        for (count, before) in counts.iter_mut().zip(earlier.counts) {
            *count = count.saturating_sub(before);
        }
        SyncStats {
            syncs: self.syncs.saturating_sub(earlier.syncs),
            records: self.records.saturating_sub(earlier.records),
            total: self.total.saturating_sub(earlier.total),
            counts,
        }
    }
}

#[derive(Default)]
pub(crate) struct SyncCounter {
    records: AtomicU64,
    nanos: AtomicU64,
    counts: [AtomicU64; BUCKETS],
}

impl SyncCounter {
    pub(crate) fn add(&self, records: usize, took: Duration) {
        self.records.fetch_add(records as u64, Ordering::Relaxed);
        self.nanos.fetch_add(u64::try_from(took.as_nanos()).unwrap_or(u64::MAX), Ordering::Relaxed);
        let bits = u128::BITS - took.as_micros().leading_zeros();
        if let Some(count) = self.counts.get(bits as usize).or(self.counts.last()) {
            count.fetch_add(1, Ordering::Relaxed);
        }
    }

    pub(crate) fn read(&self) -> SyncStats {
        let counts = array::from_fn(|bucket| self.counts.get(bucket).map_or(0, |count| count.load(Ordering::Relaxed)));
        SyncStats {
            syncs: counts.iter().sum(),
            records: self.records.load(Ordering::Relaxed),
            total: Duration::from_nanos(self.nanos.load(Ordering::Relaxed)),
            counts,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn quantiles_are_right_to_a_factor_of_two() {
        let counter = SyncCounter::default();
        assert_eq!(counter.read().quantile(0.5), Duration::ZERO);
        for micros in 1..=1000 {
            counter.add(2, Duration::from_micros(micros));
        }
        let stats = counter.read();
        assert_eq!((stats.syncs, stats.records), (1000, 2000));
        assert_eq!(stats.quantile(0.5), Duration::from_micros(512));
        assert_eq!(stats.quantile(1.0), Duration::from_micros(1024));
        counter.add(1, Duration::from_secs(3600));
        assert_eq!(counter.read().since(&stats).syncs, 1);
        assert!(counter.read().since(&stats).quantile(0.5) > Duration::from_secs(60));
    }
}
