//! More rows or bytes in a day than a subject usually reads on a connection.

use hoop_audit::{Record, RecordType};
use serde::{Deserialize, Serialize};

use super::SUBJECTS;
use crate::{
    Day, Finding, Rule, Zone,
    finding::{joined, person, subject},
    memory::Memory,
    settings::Volume,
};

/// Earlier days that are remembered, of those on which something was read.
pub const PAST: usize = 28;

#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Volumes(Memory<Read, SUBJECTS>);

/// What one subject read on one connection.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
struct Read {
    day: Option<Day>,
    /// The first record of the day.
    first: u64,
    today: Amount,
    told: bool,
    /// Oldest first.
    past: Vec<Amount>,
}

#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
struct Amount {
    rows: u64,
    bytes: u64,
}

impl Volumes {
    pub(crate) fn take(&mut self, settings: &Volume, zone: Zone, record: &Record) -> Option<Finding> {
        let draft = &record.draft;
        if !settings.enabled || draft.kind != RecordType::ResponseChunk {
            return None;
        }
        let (counts, connection) = (draft.counts.as_ref()?, draft.connection.as_ref()?);
        let key = joined(&[&person(subject(draft)?), connection.as_str()]);
        let read = self.0.touch(key, record.seq);
        let day = zone.day(record.ts);
        if read.day.is_none_or(|newest| newest < day) {
            read.begin(day, record.seq);
        }
        read.today.rows = read.today.rows.saturating_add(counts.rows);
        read.today.bytes = read.today.bytes.saturating_add(counts.bytes);
        if read.told || read.past.len() < settings.history_days as usize {
            return None;
        }
        let factor = u64::from(settings.factor);
        let over = |what: &str, today: u64, floor: u64, of: fn(&Amount) -> u64| {
            let usual = median(read.past.iter().map(of).collect());
            let unusual = today > floor.max(usual.saturating_mul(factor));
            unusual.then(|| format!("{today} {what} on {day} so far, usually {usual} a day"))
        };
        let rows = over("rows", read.today.rows, settings.floor_rows, |amount| amount.rows);
        let what = rows.or_else(|| over("bytes", read.today.bytes, settings.floor_bytes, |amount| amount.bytes))?;
        read.told = true;
        let mut finding = Finding::of(Rule::UnusualVolume, record, &what);
        (finding.first, finding.count) = (read.first, read.today.rows);
        finding.key_by(&day.to_string());
        Some(finding)
    }
}

impl Read {
    fn begin(&mut self, day: Day, first: u64) {
        if self.today != Amount::default() {
            if self.past.len() >= PAST {
                self.past.remove(0);
            }
            self.past.push(self.today);
        }
        *self = Self { day: Some(day), first, past: std::mem::take(&mut self.past), ..Self::default() };
    }
}

/// Of an even number, the larger of the two in the middle.
fn median(mut of: Vec<u64>) -> u64 {
    of.sort_unstable();
    of.get(of.len() / 2).copied().unwrap_or_default()
}
