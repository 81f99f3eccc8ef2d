//! Incidents as the trail tells them, and as they are read from it again.

use hoop_audit::{Draft, Record, RecordType};
use hoop_store::{Incident, IncidentEnd, Reviewed};

use super::{Control, book::Due};

const BEGAN: &str = "began";
const ENDED: &str = "ended";

/// The records of what is due: a beginning, an end, or both.
pub(super) fn drafts(due: &Due) -> Vec<Draft> {
    let incident = &due.incident;
    let began = due.begins.then(|| draft(incident, BEGAN));
    let ended = incident.ended.as_ref().map(|end| {
        draft(incident, ENDED)
            .detail("until", end.until.to_string())
            .detail("seconds", end.seconds.to_string())
            .detail("remediation", &end.remediation)
    });
    began.into_iter().chain(ended).collect()
}

fn draft(incident: &Incident, event: &str) -> Draft {
    let impact = Control::of(&incident.control).map_or("", Control::impact);
    Draft::new(RecordType::Incident)
        .detail("event", event)
        .detail("incident", incident.id.to_string())
        .detail("control", &incident.control)
        .detail("of", &incident.key)
        .detail("cause", &incident.cause)
        .detail("impact", impact)
        .detail("since", incident.since.to_string())
        .detail("owner", &incident.owner)
}

/// What a record says of an incident.
pub(crate) fn read(record: &Record) -> Option<Reviewed> {
    if record.draft.kind != RecordType::Incident {
        return None;
    }
    let text = |name: &str| record.draft.detail.get(name).cloned();
    let id = text("incident")?.parse().ok()?;
    match text("event")?.as_str() {
        BEGAN => Some(Reviewed::Began(Incident {
            id,
            control: text("control")?,
            key: text("of").unwrap_or_default(),
            cause: text("cause").unwrap_or_default(),
            owner: text("owner").unwrap_or_default(),
            since: text("since")?.parse().ok()?,
            ended: None,
        })),
        ENDED => Some(Reviewed::Ended {
            id,
            end: IncidentEnd {
                until: text("until")?.parse().ok()?,
                seconds: text("seconds")?.parse().ok()?,
                remediation: text("remediation").unwrap_or_default(),
            },
        }),
        _ => None,
    }
}
