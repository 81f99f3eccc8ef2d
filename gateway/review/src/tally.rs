//! What the review of a day did, for its record.

use std::collections::BTreeMap;

use hoop_audit::{Record, RecordType};
use serde::{Deserialize, Serialize};

use crate::{Day, Zone};

/// Days of which it is still to be said that they were reviewed.
const MOST: usize = 400;

#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Tally {
    pub records: u64,
    pub opened: u64,
    /// Findings beyond a rule's cap for the day.
    pub only_counted: u64,
}

/// A stretch of days that is over and was read to its end.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Reviewed {
    pub since: Day,
    pub day: Day,
    pub tally: Tally,
}

#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Tallies {
    /// Up to this day it was said.
    through: Option<Day>,
    days: BTreeMap<Day, Tally>,
}

impl Tallies {
    pub(crate) fn take(&mut self, zone: Zone, record: &Record) {
        let day = zone.day(record.ts);
        let through = *self.through.get_or_insert(day.before());
        let detail = |name: &str| record.draft.detail.get(name).map(String::as_str);
        let event = if record.draft.kind == RecordType::Alert { detail("event") } else { None };
        if event == Some("reviewed")
            && let Some(reviewed) = detail("day").and_then(|day| day.parse::<Day>().ok())
        {
            self.through = Some(through.max(reviewed));
            self.days.retain(|day, _| *day > reviewed);
        }
        if let Some(tally) = self.of(day) {
            tally.records = tally.records.saturating_add(1);
            tally.opened = tally.opened.saturating_add(u64::from(event == Some("opened")));
        }
    }

    pub(crate) fn only_counted(&mut self, day: Day) {
        if let Some(tally) = self.of(day) {
            tally.only_counted = tally.only_counted.saturating_add(1);
        }
    }

    fn of(&mut self, day: Day) -> Option<&mut Tally> {
        // A clock that went back: the day is told of already, and counts for the next one.
        let day = self.through.map_or(day, |through| day.max(through.after()));
        let known = self.days.contains_key(&day);
        (known || self.days.len() < MOST).then(|| self.days.entry(day).or_default())
    }

    pub(crate) fn due(&self, today: Day) -> Option<Reviewed> {
        let (since, day) = (self.through?.after(), today.before());
        if since > day {
            return None;
        }
        let mut sum = Tally::default();
        for (_, tally) in self.days.range(since..=day) {
            sum.records = sum.records.saturating_add(tally.records);
            sum.opened = sum.opened.saturating_add(tally.opened);
            sum.only_counted = sum.only_counted.saturating_add(tally.only_counted);
        }
        Some(Reviewed { since, day, tally: sum })
    }
}
