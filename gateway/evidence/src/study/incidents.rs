//! Which controls failed, when, why, and whose they are (PCI DSS 10.7).

use std::collections::BTreeMap;

use hoop_audit::Record;
use hoop_model::Timestamp;

use super::{Out, text};
use crate::{Table, check::Id, facts::event};

#[derive(Default)]
pub(super) struct Incidents {
    open: BTreeMap<String, Incident>,
    over: Vec<(Timestamp, Timestamp)>,
}

struct Incident {
    seq: u64,
    start: Timestamp,
    said: BTreeMap<String, String>,
}

impl Incidents {
    /// Whether it has begun as far as is known.
    pub(super) fn are_of(&self, record: &Record) -> bool {
        record.draft.detail.get("incident").is_some_and(|id| self.open.contains_key(id))
    }

    pub(super) fn take(&mut self, record: &Record, out: &mut Out) {
        let said = &record.draft.detail;
        let id = said.get("incident").cloned().unwrap_or_default();
        let start = said.get("since").and_then(|since| since.parse().ok()).unwrap_or(record.ts);
        let known = self.open.remove(&id);
        let mut incident = known.unwrap_or(Incident { seq: record.seq, start, said: BTreeMap::new() });
        incident.said.extend(said.clone());
        if event(&record.draft) == "ended" {
            let end = said.get("until").and_then(|until| until.parse().ok()).unwrap_or(record.ts);
            self.over.push((incident.start, end));
            incident.row(&id, Some((record.seq, end)), out);
        } else {
            self.open.insert(id, incident);
        }
    }

    /// When controls failed; what has not ended failed to the last.
    pub(super) fn finish(&mut self, out: &mut Out) -> Vec<(Timestamp, Timestamp)> {
        for (id, incident) in std::mem::take(&mut self.open) {
            self.over.push((incident.start, Timestamp::MAX));
            incident.row(&id, None, out);
        }
        std::mem::take(&mut self.over)
    }
}

impl Incident {
    fn row(&self, id: &str, end: Option<(u64, Timestamp)>, out: &mut Out) {
        let said = |name: &str| self.said.get(name).cloned().unwrap_or_default();
        let cells = [
            text(self.seq),
            end.map(|(seq, _)| text(seq)).unwrap_or_default(),
            id.to_owned(),
            said("control"),
            text(self.start),
            end.map(|(_, end)| text(end)).unwrap_or_default(),
            end.map(|(_, end)| text(end.duration_since(self.start).as_secs())).unwrap_or_default(),
            said("cause"),
            said("security_impact"),
            said("remediation"),
            said("owner"),
        ];
        out.summary.failed(&cells);
        let row = out.row(Table::ControlFailures, &cells);
        out.checks.look(Id::Failures);
        let facts = [("end", end.is_none()), ("cause", said("cause").is_empty()), ("owner", said("owner").is_empty())];
        let missing: Vec<_> = facts.into_iter().filter(|(_, missing)| *missing).map(|(name, _)| name).collect();
        if !missing.is_empty() {
            let text = format!("incident {id} of {} has no {}", said("control"), missing.join(", no "));
            out.find_in(Id::Failures, Table::ControlFailures, row, text);
        }
    }
}
