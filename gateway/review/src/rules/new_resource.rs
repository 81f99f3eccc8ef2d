//! A table or tool that somebody used for the first time, once they have a history: a stolen login looks around.

use hoop_audit::{Record, RecordType};
use serde::{Deserialize, Serialize};

use super::{PLACES, SUBJECTS, resources, some_of};
use crate::{
    Day, Finding, Rule, Zone,
    finding::{joined, person, subject},
    memory::Memory,
    settings::NewResource,
};

#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct NewResources {
    subjects: Memory<History, SUBJECTS>,
    /// When each was used last, by subject and name.
    used: Memory<Option<Day>, PLACES>,
}

#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
struct History {
    requests: u64,
    days: u32,
    newest: Option<Day>,
}

impl NewResources {
    pub(crate) fn take(&mut self, settings: &NewResource, zone: Zone, record: &Record) -> Option<Finding> {
        let draft = &record.draft;
        if !settings.enabled || draft.kind != RecordType::Request {
            return None;
        }
        let (who, day) = (person(subject(draft)?), zone.day(record.ts));
        let history = self.subjects.touch(who.clone(), record.seq);
        let known = history.requests >= settings.history_requests.into() && history.days >= settings.history_days;
        history.requests = history.requests.saturating_add(1);
        if history.newest.is_none_or(|newest| newest < day) {
            (history.newest, history.days) = (Some(day), history.days.saturating_add(1));
        }
        let mut new = Vec::new();
        for name in resources(draft) {
            let used = self.used.touch(joined(&[&who, name]), record.seq);
            if used.is_none_or(|used| day.since(used) > settings.forget_days) {
                new.push(name);
            }
            *used = Some(day);
        }
        if !known || new.is_empty() {
            return None;
        }
        let mut finding = Finding::of(Rule::NewResource, record, &format!("first use of {}", some_of(&new)));
        finding.count = new.len() as u64;
        Some(finding)
    }
}
