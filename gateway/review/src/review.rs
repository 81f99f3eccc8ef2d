//! The review: every rule over every record.

use std::collections::BTreeMap;

use hoop_audit::Record;
use hoop_model::Timestamp;
use serde::{Deserialize, Serialize};

use crate::{
    Day, Finding, Interruption, Reviewed, Rule, Settings,
    continuity::Continuity,
    rules::{
        break_glass::BrokenGlass, control, denied::DeniedBursts, new_resource::NewResources, off_hours::OffHoursUse,
        unexpected_pan::UnexpectedPans, volume::Volumes,
    },
    tally::Tallies,
};

/// Findings of one rule in a day; those beyond are counted only. Failures of controls are never only counted.
const MOST: u32 = 100;

/// Reads the trail's records, in order.
#[derive(Debug, Clone)]
pub struct Review {
    settings: Settings,
    state: State,
}

/// All that a review remembers: what to go on with after a restart.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct State {
    next: u64,
    denied: DeniedBursts,
    new_resources: NewResources,
    volumes: Volumes,
    pans: UnexpectedPans,
    glass: BrokenGlass,
    off_hours: OffHoursUse,
    continuity: Continuity,
    tallies: Tallies,
    /// Findings of each rule, on the newest day that had any.
    told: BTreeMap<Rule, (Day, u32)>,
}

/// What a record brought to light.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Seen {
    pub findings: Vec<Finding>,
    pub interruption: Option<Interruption>,
}

impl Review {
    /// Goes on with `state`; the settings may be others than before.
    pub fn new(settings: Settings, state: State) -> Self {
        Self { settings, state }
    }

    /// The number of the record that is wanted next.
    pub fn next(&self) -> u64 {
        self.state.next
    }

    pub fn state(&self) -> &State {
        &self.state
    }

    /// Takes the next record; one that was taken already brings nothing.
    pub fn take(&mut self, record: &Record) -> Seen {
        if record.seq < self.state.next {
            return Seen::default();
        }
        let (settings, state, zone) = (&self.settings, &mut self.state, self.settings.zone);
        state.next = record.seq.saturating_add(1);
        state.tallies.take(zone, record);
        let off_hours = settings.off_hours.as_ref().and_then(|hours| state.off_hours.take(hours, zone, record));
        let found = [
            state.denied.take(&settings.denied, record),
            state.new_resources.take(&settings.new_resource, zone, record),
            state.volumes.take(&settings.volume, zone, record),
            state.pans.take(&settings.unexpected_pan, record),
            state.glass.take(&settings.break_glass, zone, record),
            off_hours,
            control::take(record),
        ];
        let interruption = state.continuity.take(record);
        let day = zone.day(record.ts);
        let findings = found.into_iter().flatten().filter_map(|finding| state.within_cap(day, finding)).collect();
        Seen { findings, interruption }
    }

    /// The days that are over at `now` and of which nothing was said yet. Only where all records are taken.
    pub fn due(&self, now: Timestamp) -> Option<Reviewed> {
        self.state.tallies.due(self.settings.zone.day(now))
    }

    /// Names of the rules that are on.
    pub fn rules(&self) -> Vec<&'static str> {
        let settings = &self.settings;
        let on = |rule: &Rule| match rule {
            Rule::DeniedBurst => settings.denied.enabled,
            Rule::NewResource => settings.new_resource.enabled,
            Rule::UnusualVolume => settings.volume.enabled,
            Rule::UnexpectedPan => settings.unexpected_pan.enabled,
            Rule::BreakGlass => settings.break_glass.enabled,
            Rule::OffHours => settings.off_hours.is_some(),
            Rule::ControlFailure => true,
        };
        Rule::ALL.into_iter().filter(on).map(Rule::as_str).collect()
    }
}

impl State {
    /// The finding, if it is to be told of; the last one of a day says that there is no more.
    fn within_cap(&mut self, day: Day, mut finding: Finding) -> Option<Finding> {
        if finding.rule == Rule::ControlFailure {
            return Some(finding);
        }
        let (newest, count) = self.told.entry(finding.rule).or_insert((day, 0));
        if *newest < day {
            (*newest, *count) = (day, 0);
        }
        *count = count.saturating_add(1);
        match *count {
            ..MOST => Some(finding),
            MOST => {
                finding.what = format!("{}; further findings of this rule on {newest} are only counted", finding.what);
                Some(finding)
            }
            _ => {
                self.tallies.only_counted(day);
                None
            }
        }
    }
}
