//! The six facts of PCI DSS 10.2.2, for each type of record.

use hoop_audit::{Draft, Record, RecordType};
use hoop_model::Subject;

pub(crate) struct Facts {
    /// Who: the subject that was verified; where none was, who is known to have acted.
    pub(crate) user: String,
    kind: String,
    time: String,
    outcome: String,
    /// From where.
    origin: String,
    /// On what.
    resource: String,
}

/// What acts by itself, and where it does.
const GATEWAY: &str = "the gateway";
const UNVERIFIED: &str = "nobody verified";

impl Facts {
    pub(crate) fn of(record: &Record) -> Self {
        let draft = &record.draft;
        let own = is_own(draft.kind);
        let subject = draft.origin.as_ref().map(|origin| shown(&origin.subject));
        let client_ip = draft.origin.as_ref().map(|origin| origin.client_ip.to_string());
        let may_be_unverified = draft.kind == RecordType::Auth && draft.outcome.as_deref() == Some("refused");
        let user = subject.or_else(|| match draft.kind {
            RecordType::Receipts => draft.detail.get("agent").map(|agent| format!("agent {agent}")),
            _ if own => Some(GATEWAY.to_owned()),
            _ if may_be_unverified => Some(UNVERIFIED.to_owned()),
            RecordType::Admin => Some(by_event(draft)),
            _ => None,
        });
        let origin = client_ip
            .or_else(|| draft.detail.get("client_ip").cloned())
            .or_else(|| (own || event(draft) == "join_token_made").then(|| GATEWAY.to_owned()));
        Self {
            user: user.unwrap_or_default(),
            kind: kind(draft),
            time: record.ts.to_string(),
            outcome: outcome(draft).unwrap_or_default(),
            origin: origin.unwrap_or_default(),
            resource: resource(draft).unwrap_or_default(),
        }
    }

    /// Those that are not there.
    pub(crate) fn missing(&self) -> Vec<&'static str> {
        let facts = [
            ("user", &self.user),
            ("type", &self.kind),
            ("time", &self.time),
            ("outcome", &self.outcome),
            ("origin", &self.origin),
            ("affected resource", &self.resource),
        ];
        facts.into_iter().filter(|(_, fact)| fact.is_empty()).map(|(name, _)| name).collect()
    }
}

/// Who acts in an administrative record that no login stands behind.
fn by_event(draft: &Draft) -> String {
    match (event(draft), draft.detail.get("name")) {
        ("join_token_made", _) => "the operator of the gateway's host".to_owned(),
        ("agent_enrolled", Some(name)) => format!("whoever had the join token of {name}"),
        _ => UNVERIFIED.to_owned(),
    }
}

/// What the gateway records of itself.
fn is_own(kind: RecordType) -> bool {
    use RecordType::{
        Alert, Clock, Config, Gap, Heartbeat, Hold, Incident, KeyRotation, Purge, Receipts, WriterStart, WriterStop,
    };
    matches!(
        kind,
        WriterStart
            | WriterStop
            | Heartbeat
            | Clock
            | KeyRotation
            | Gap
            | Config
            | Purge
            | Alert
            | Incident
            | Hold
            | Receipts
    )
}

/// What happened went well, where a record of this type is only made of what did.
fn outcome(draft: &Draft) -> Option<String> {
    use RecordType::{ApprovalRequested, Denied, End, Request, ResponseChunk, SessionEnd, SessionStart};
    let implied = match draft.kind {
        Denied => Some("refused"),
        Request | ResponseChunk | ApprovalRequested | SessionStart | SessionEnd => Some("success"),
        End => None,
        kind if is_own(kind) => Some("success"),
        _ => None,
    };
    draft.outcome.clone().or_else(|| implied.map(str::to_owned))
}

fn resource(draft: &Draft) -> Option<String> {
    let detail = |name: &str| draft.detail.get(name).cloned();
    let resources = (!draft.resources.is_empty()).then(|| draft.resources.join(" "));
    let connection = || draft.connection.as_ref().map(ToString::to_string);
    let named = || match draft.kind {
        RecordType::Auth => Some("login".to_owned()),
        RecordType::ApprovalDecided => detail("request"),
        RecordType::Admin => ["agent", "session", "key", "name", "tool", "code"].into_iter().find_map(detail),
        RecordType::AuditRead => detail("what"),
        RecordType::Incident => detail("control"),
        RecordType::Alert => detail("what").or_else(|| detail("rule")),
        RecordType::Hold => detail("of"),
        RecordType::Purge => draft.purge.as_ref().map(|purge| format!("records {}-{}", purge.first, purge.last)),
        RecordType::Config => Some("configuration".to_owned()),
        RecordType::Clock => detail("clock_source").or_else(|| Some("clock".to_owned())),
        kind if is_own(kind) => Some("trail".to_owned()),
        _ => None,
    };
    resources.or_else(connection).or_else(named)
}

pub(crate) fn event(draft: &Draft) -> &str {
    draft.detail.get("event").map(String::as_str).unwrap_or_default()
}

/// A record's type as it is written, and what kind of it.
pub(crate) fn kind(draft: &Draft) -> String {
    let kind = serde_json::to_value(draft.kind).ok().and_then(|kind| kind.as_str().map(str::to_owned));
    let kind = kind.unwrap_or_default();
    let event = event(draft);
    if event.is_empty() { kind } else { format!("{kind} {event}") }
}

pub(crate) fn shown(subject: &Subject) -> String {
    format!("{} ({})", subject.sub, subject.issuer)
}
