//! Payloads that are missing. A purge that is recorded accounts for them, if their time was over; nothing else does.

use std::collections::HashMap;

use hoop_model::{ConnectionName, Timestamp};

use super::{FindingKind, Report};
use crate::{
    record::PurgeFacts,
    retention::{self, SHORTEST},
};

/// Records of one connection and one day whose payloads are missing, with none between them that is there.
#[derive(Clone)]
struct Missing {
    connection: Option<ConnectionName>,
    newest: Timestamp,
    first: u64,
    last: u64,
    count: u64,
    /// Where the first of them is.
    place: String,
    /// What no purge accounts for yet, as first and last record; in order.
    open: Vec<(u64, u64)>,
}

#[derive(Default, Clone)]
pub(super) struct Kept {
    missing: Vec<Missing>,
    /// Of each connection, the stretch that another missing payload would lengthen.
    growing: HashMap<Option<ConnectionName>, usize>,
    /// Payloads that purges say they took, and where the newest of them is said.
    claimed: u64,
    purge: Option<(u64, String)>,
}

impl Kept {
    /// This one is there.
    pub fn found(&mut self, connection: Option<&ConnectionName>) {
        if !self.growing.is_empty() {
            self.growing.remove(&connection.cloned());
        }
    }

    /// This one is not.
    pub fn missing(
        &mut self,
        connection: Option<ConnectionName>,
        seq: u64,
        at: Timestamp,
        place: &dyn std::fmt::Display,
    ) {
        let longer = self.growing.get(&connection).and_then(|index| self.missing.get_mut(*index));
        if let Some(longer) = longer.filter(|run| retention::day(run.newest) == retention::day(at)) {
            longer.last = seq;
            longer.newest = longer.newest.max(at);
            longer.count += 1;
            longer.open = vec![(longer.first, seq)];
            return;
        }
        self.growing.insert(connection.clone(), self.missing.len());
        self.missing.push(Missing {
            connection,
            newest: at,
            first: seq,
            last: seq,
            count: 1,
            place: place.to_string(),
            open: vec![(seq, seq)],
        });
    }

    /// A record that payloads before it were purged.
    pub fn purged(
        &mut self,
        purge: &PurgeFacts,
        seq: u64,
        at: Timestamp,
        place: &dyn std::fmt::Display,
        report: &mut Report,
    ) {
        if purge.days < SHORTEST || purge.last >= seq {
            let text = format!("a purge after {} days of records up to {}", purge.days, purge.last);
            report.find(FindingKind::Purge, seq, place, text);
        }
        self.claimed += purge.payloads;
        self.purge = Some((seq, place.to_string()));
        // Runs move, so none of them grows on.
        self.growing.clear();
        self.missing.retain_mut(|run| {
            if !purge.is_of(run.connection.as_ref()) || run.last < purge.first || purge.last < run.first {
                return true;
            }
            if !retention::is_over(run.newest, purge.days, at) {
                let text =
                    format!("purged by record {seq} before it was kept for the {} days that one names", purge.days);
                report.find(FindingKind::Purge, run.first, &run.place, text);
            }
            run.open = run.open.iter().flat_map(|open| without(*open, (purge.first, purge.last))).collect();
            if run.open.is_empty() {
                report.purged_payloads += run.count;
            }
            !run.open.is_empty()
        });
    }

    pub fn finish(self, report: &mut Report) {
        for run in &self.missing {
            let text = match run.count {
                1 => "its payload is missing".to_owned(),
                more => format!("its payload is missing, and those of {} more up to record {}", more - 1, run.last),
            };
            report.find(FindingKind::Payload, run.first, &run.place, text);
        }
        if let Some((seq, place)) = self.purge.filter(|_| report.purged_payloads > self.claimed) {
            let text = format!("{} payloads are gone, purges took {}", report.purged_payloads, self.claimed);
            report.find(FindingKind::Purge, seq, &place, text);
        }
    }
}

/// What is left of one stretch without another.
fn without((first, last): (u64, u64), (from, to): (u64, u64)) -> impl Iterator<Item = (u64, u64)> {
    let before = from.checked_sub(1).map(|end| (first, last.min(end)));
    let behind = to.checked_add(1).map(|begin| (first.max(begin), last));
    before.into_iter().chain(behind).filter(|(first, last)| first <= last)
}
