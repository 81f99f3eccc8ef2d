//! Alerts as the trail tells them, and as they are read from it again.

use hoop_audit::{Draft, Origin, Record, RecordType};
use hoop_model::{AlertId, IncidentId};
use hoop_review::{Finding, Interruption};
use hoop_store::{Alert, AlertState, Answer, Incident, IncidentEnd, OpenAlerts, Reviewed, Reviewer};

use crate::{api::Caller, incidents::Control};

/// Who cannot be named: the reader of an answer that has no origin.
const NOBODY: &str = "unknown";

pub(super) fn opened(alert: &Alert) -> Draft {
    let mut draft = about(alert, "opened").detail("key", &alert.key).detail("count", alert.count.to_string());
    if let Some(subject) = &alert.subject {
        draft = draft.detail("subject", &subject.sub).detail("issuer", &subject.issuer);
    }
    draft
}

/// What somebody said of it; `reason` is masked.
pub(super) fn answered(alert: &Alert, by: &Caller, to: AlertState, reason: Option<&str>) -> Draft {
    let mut draft = about(alert, to.as_str());
    draft.origin = Some(Origin::of(by.principal(), by.ip));
    draft.outcome = Some("success".to_owned());
    match reason {
        Some(reason) => draft.detail("reason", reason),
        None => draft,
    }
}

fn about(alert: &Alert, event: &str) -> Draft {
    let mut draft = Draft::new(RecordType::Alert)
        .detail("event", event)
        .detail("alert", alert.id.to_string())
        .detail("rule", &alert.rule)
        .detail("what", &alert.what)
        .detail("records", format!("{}-{}", alert.first_seq, alert.last_seq));
    draft.connection = alert.connection.clone();
    draft
}

/// The review of a day, or of several that nobody looked at meanwhile, also where nothing was found.
pub(super) fn reviewed(of: &hoop_review::Reviewed, rules: &[&str], waiting: OpenAlerts) -> Draft {
    Draft::new(RecordType::Alert)
        .detail("event", "reviewed")
        .detail("since", of.since.to_string())
        .detail("day", of.day.to_string())
        .detail("rules", rules.join(", "))
        .detail("records", of.tally.records.to_string())
        .detail("opened", of.tally.opened.to_string())
        .detail("only_counted", of.tally.only_counted.to_string())
        .detail("still_open", waiting.open.to_string())
        .detail("still_acknowledged", waiting.acknowledged.to_string())
}

/// The alert on a finding.
pub(super) fn found(finding: Finding) -> Reviewed {
    Reviewed::Found(Box::new(Alert {
        id: AlertId::new(),
        key: finding.key,
        rule: finding.rule.as_str().to_owned(),
        subject: finding.subject,
        connection: finding.connection,
        what: finding.what,
        first_seq: finding.first,
        last_seq: finding.last,
        count: finding.count,
        opened_at: finding.at,
        acknowledged: None,
        closed: None,
    }))
}

/// That nothing was recorded for a while. It is over: the gateway records again.
pub(super) fn shown(interruption: Interruption, owner: &str) -> Reviewed {
    let Interruption { seq, since, until, found } = interruption;
    let seconds = u64::try_from(until.duration_since(since).as_secs()).unwrap_or_default();
    Reviewed::Shown(Incident {
        id: IncidentId::new(),
        control: Control::Audit.as_str().to_owned(),
        key: format!("start {seq}"),
        cause: format!("the gateway stopped without closing its trail; at its start {found}"),
        owner: owner.to_owned(),
        since,
        ended: Some(IncidentEnd { until, seconds, remediation: "the gateway was started anew".to_owned() }),
    })
}

/// What a record says of an alert.
pub(super) fn read(record: &Record) -> Option<Reviewed> {
    if record.draft.kind != RecordType::Alert {
        return None;
    }
    let text = |name: &str| record.draft.detail.get(name).cloned();
    let id = text("alert")?.parse().ok()?;
    let to = match text("event")?.as_str() {
        "opened" => return Some(Reviewed::Opened { id, key: text("key")? }),
        "acknowledged" => AlertState::Acknowledged,
        "closed" => AlertState::Closed,
        _ => return None,
    };
    let origin = record.draft.origin.as_ref();
    let nobody = || hoop_model::Subject { issuer: NOBODY.to_owned(), sub: NOBODY.to_owned() };
    let subject = origin.map_or_else(nobody, |origin| origin.subject.clone());
    let name = origin.and_then(|origin| origin.email.clone()).unwrap_or_else(|| subject.sub.clone());
    let answer = Answer { by: Reviewer { subject, name }, at: record.ts, reason: text("reason") };
    Some(Reviewed::Answered { id, to, answer })
}
