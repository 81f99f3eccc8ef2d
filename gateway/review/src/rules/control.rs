//! A control that failed: somebody acknowledges that they know (PCI DSS 10.7).

use hoop_audit::{Record, RecordType};

use crate::{Finding, Rule};

pub(crate) fn take(record: &Record) -> Option<Finding> {
    let detail = |name: &str| record.draft.detail.get(name).map(String::as_str);
    if record.draft.kind != RecordType::Incident || detail("event") != Some("began") {
        return None;
    }
    let incident = detail("incident")?;
    let (control, cause) = (detail("control").unwrap_or_default(), detail("cause").unwrap_or_default());
    let mut finding = Finding::of(Rule::ControlFailure, record, &format!("{control}: {cause} ({incident})"));
    finding.key_by(incident);
    Some(finding)
}
