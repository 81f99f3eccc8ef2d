//! Which controls fail now. One incident for each control and key, from its first failure until it has worked for a while
//! without another: a control that flaps has one incident, not many.

use std::{
    collections::{BTreeMap, btree_map::Entry},
    time::Duration,
};

use hoop_model::{IncidentId, Timestamp};
use hoop_store::{Incident, IncidentEnd};

use super::Control;

/// Incidents at a time; a failure beyond them is logged alone.
const MOST: usize = 256;
/// Of a control of which nobody says that it works again: without a failure for so long, it does.
const SILENCE: Duration = Duration::from_secs(15 * 60);

/// A moment on both clocks.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Moment {
    pub wall: Timestamp,
    /// Since some beginning; never goes back.
    pub steady: Duration,
}

#[derive(Debug)]
pub(crate) struct Book {
    owner: String,
    /// How long a control must work before its incident is over.
    calm: Duration,
    cases: BTreeMap<(Control, String), Case>,
}

#[derive(Debug, Clone)]
struct Case {
    incident: Incident,
    recorded: bool,
    /// Kept by the store although the trail could not take it.
    kept: bool,
    /// Absent for one from before the start.
    began: Option<Duration>,
    failed: Moment,
    works: Option<(Moment, &'static str)>,
}

/// What is to be recorded of an incident.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Due {
    pub control: Control,
    pub incident: Incident,
    pub begins: bool,
    pub kept: bool,
}

impl Book {
    pub(crate) fn new(owner: String, calm: Duration) -> Self {
        Self { owner, calm, cases: BTreeMap::new() }
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.cases.is_empty()
    }

    /// How many have failed and not worked since.
    pub(crate) fn failing(&self) -> usize {
        self.cases.values().filter(|case| case.works.is_none() && case.incident.ended.is_none()).count()
    }

    /// A failure. True: it is the first of an incident.
    pub(crate) fn fails(&mut self, control: Control, key: &str, cause: &str, now: Moment) -> bool {
        let full = self.cases.len() >= MOST;
        match self.cases.entry((control, key.to_owned())) {
            Entry::Occupied(mut case) => {
                let case = case.get_mut();
                (case.failed, case.works) = (now, None);
                false
            }
            Entry::Vacant(_) if full => {
                tracing::error!(%control, key, cause, "a control failed, and there are too many incidents to tell of it");
                false
            }
            Entry::Vacant(place) => {
                tracing::error!(%control, key, cause, "a control failed");
                let incident = Incident {
                    id: IncidentId::new(),
                    control: control.as_str().to_owned(),
                    key: key.to_owned(),
                    cause: cause.to_owned(),
                    owner: self.owner.clone(),
                    since: now.wall,
                    ended: None,
                };
                let began = Some(now.steady);
                place.insert(Case { incident, recorded: false, kept: false, began, failed: now, works: None });
                true
            }
        }
    }

    /// It works, which ends its incident unless it soon fails again.
    pub(crate) fn works(&mut self, control: Control, key: &str, why: &'static str, now: Moment) {
        if let Some(case) = self.cases.get_mut(&(control, key.to_owned())) {
            case.works.get_or_insert((now, why));
        }
    }

    /// Takes over an incident of the gateway before this one. What has failed since then goes on with it.
    pub(crate) fn resume(&mut self, incident: Incident, recorded: bool, now: Moment) {
        let Some(control) = Control::of(&incident.control) else { return };
        match self.cases.entry((control, incident.key.clone())) {
            Entry::Occupied(case) if case.get().recorded => {}
            Entry::Occupied(mut case) => {
                let case = case.get_mut();
                (case.incident, case.recorded, case.kept, case.began) = (incident, recorded, true, None);
            }
            Entry::Vacant(place) => {
                let works = Some((now, "the gateway was started anew, and it works"));
                place.insert(Case { incident, recorded, kept: true, began: None, failed: now, works });
            }
        }
    }

    /// What is to be recorded now.
    pub(crate) fn due(&self, now: Moment) -> Vec<Due> {
        let due = self.cases.iter().filter_map(|((control, _), case)| {
            let ended = case.incident.ended.clone().or_else(|| case.end(*control, self.calm, now));
            let begins = !case.recorded;
            let incident = Incident { ended, ..case.incident.clone() };
            (begins || incident.ended.is_some()).then_some(Due { control: *control, incident, begins, kept: case.kept })
        });
        due.collect()
    }

    /// It is recorded.
    pub(crate) fn recorded(&mut self, due: &Due) {
        let key = (due.control, due.incident.key.clone());
        if due.incident.ended.is_some() {
            self.cases.remove(&key);
        } else if let Some(case) = self.cases.get_mut(&key) {
            case.recorded = true;
        }
    }

    /// It could not be recorded, and the store remembers it.
    pub(crate) fn kept(&mut self, due: &Due) {
        if let Some(case) = self.cases.get_mut(&(due.control, due.incident.key.clone())) {
            case.kept = true;
        }
    }
}

impl Case {
    fn end(&self, control: Control, calm: Duration, now: Moment) -> Option<IncidentEnd> {
        if control.is_told_at_its_end() && !self.recorded {
            return Some(self.until(now, "it can be written again"));
        }
        if let Some((works, why)) = self.works {
            return (now.steady.saturating_sub(works.steady) >= calm).then(|| self.until(works, why));
        }
        let silent = control.ends_by_silence() && now.steady.saturating_sub(self.failed.steady) >= SILENCE;
        silent.then(|| self.until(now, "it has not failed again for a quarter of an hour"))
    }

    fn until(&self, end: Moment, remediation: &str) -> IncidentEnd {
        // By the clock that cannot be set, where it has seen the beginning.
        let wall = || end.wall.duration_since(self.incident.since).as_secs();
        let seconds = self.began.map_or_else(
            || u64::try_from(wall()).unwrap_or_default(),
            |began| end.steady.saturating_sub(began).as_secs(),
        );
        IncidentEnd { until: end.wall, seconds, remediation: remediation.to_owned() }
    }
}

#[cfg(test)]
#[path = "book_tests.rs"]
mod tests;
