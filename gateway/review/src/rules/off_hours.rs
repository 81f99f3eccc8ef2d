//! Somebody at work when nobody is expected. Once a day for each subject and connection.

use hoop_audit::{Record, RecordType};
use hoop_model::PrincipalKind;
use serde::{Deserialize, Serialize};

use super::SUBJECTS;
use crate::{
    Day, Finding, Rule, Zone,
    finding::{joined, person},
    memory::Memory,
    settings::{OffHours, WorkDay},
};

#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct OffHoursUse(Memory<Option<Day>, SUBJECTS>);

impl OffHoursUse {
    pub(crate) fn take(&mut self, settings: &OffHours, zone: Zone, record: &Record) -> Option<Finding> {
        let draft = &record.draft;
        let at_work = matches!(
            draft.kind,
            RecordType::SessionStart | RecordType::Request | RecordType::ApprovalDecided | RecordType::Admin
        );
        let origin =
            draft.origin.as_ref().filter(|origin| settings.workloads || origin.kind == PrincipalKind::Person)?;
        let (day, time) = (zone.day(record.ts), zone.time(record.ts));
        if !at_work || settings.expects(WorkDay::of(time.weekday()), time.hour().unsigned_abs()) {
            return None;
        }
        let connection = draft.connection.as_ref().map_or("", |connection| connection.as_str());
        let told = self.0.touch(joined(&[&person(&origin.subject), connection]), record.seq);
        if told.is_some_and(|told| told >= day) {
            return None;
        }
        *told = Some(day);
        let what = format!("at work on {day} at {:02}:{:02}", time.hour(), time.minute());
        let mut finding = Finding::of(Rule::OffHours, record, &what);
        finding.key_by(&day.to_string());
        Some(finding)
    }
}

impl OffHours {
    fn expects(&self, day: WorkDay, hour: u8) -> bool {
        let (from, to) = (self.from_hour, self.to_hour);
        let hours = if from < to { (from..to).contains(&hour) } else { hour >= from || hour < to };
        hours && self.days.contains(&day)
    }
}
