//! What goes beside the ordinary way: card numbers shown, a workload that does what people do (PCI DSS 8.6.1), and what
//! admins do without a second person.

use hoop_audit::{Record, RecordType};
use hoop_model::PrincipalKind;
use serde::{Deserialize, Serialize};

use super::SUBJECTS;
use crate::{
    Day, Finding, Rule, Zone,
    finding::{joined, person, subject},
    memory::Memory,
    settings::BreakGlass,
};

#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct BrokenGlass(Memory<Option<Day>, SUBJECTS>);

impl BrokenGlass {
    pub(crate) fn take(&mut self, settings: &BreakGlass, zone: Zone, record: &Record) -> Option<Finding> {
        if !settings.enabled {
            return None;
        }
        let draft = &record.draft;
        match draft.kind {
            RecordType::ResponseChunk => {
                let shown = draft.counts.as_ref().filter(|counts| !counts.revealed.is_empty())?;
                let count = shown.revealed.iter().fold(0_u64, |sum, place| sum.saturating_add(place.count));
                let rules = draft.reveal.as_ref().map(|reveal| reveal.rules.join(", ")).unwrap_or_default();
                let mut finding =
                    self.once_a_day(zone, record, "reveal", &format!("card numbers were shown in clear ({rules})"))?;
                finding.count = count;
                Some(finding)
            }
            RecordType::Admin if by_workload(record) => {
                self.once_a_day(zone, record, "admin", "a workload did what admins do")
            }
            RecordType::AuditRead if by_workload(record) => {
                self.once_a_day(zone, record, "read", "a workload read the trail")
            }
            RecordType::ApprovalDecided if by_workload(record) => {
                self.once_a_day(zone, record, "approval", "a workload tried to decide a request for approval")
            }
            RecordType::Admin => {
                let event = draft.detail.get("event").filter(|event| settings.admin_events.contains(event))?;
                let on = draft.resources.first().or_else(|| draft.detail.get("session"));
                let what = on.map_or_else(|| event.clone(), |on| format!("{event}: {on}"));
                Some(Finding::of(Rule::BreakGlass, record, &what))
            }
            _ => None,
        }
    }

    fn once_a_day(&mut self, zone: Zone, record: &Record, sort: &str, what: &str) -> Option<Finding> {
        let day = zone.day(record.ts);
        let who = subject(&record.draft).map(person).unwrap_or_default();
        let connection = record.draft.connection.as_ref().map_or("", |connection| connection.as_str());
        let told = self.0.touch(joined(&[sort, &who, connection]), record.seq);
        if told.is_some_and(|told| told >= day) {
            return None;
        }
        *told = Some(day);
        let mut finding = Finding::of(Rule::BreakGlass, record, what);
        finding.key_by(&format!("{sort} {day}"));
        Some(finding)
    }
}

fn by_workload(record: &Record) -> bool {
    record.draft.origin.as_ref().is_some_and(|origin| origin.kind == PrincipalKind::Workload)
}
