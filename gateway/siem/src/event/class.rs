//! What kind of event a record is, in OCSF's words.

use hoop_audit::{Draft, RecordType};
use hoop_model::{Action, ConnectionKind};

use super::Severity;

/// The classes in use; the number is OCSF's `class_uid`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum ClassUid {
    DetectionFinding = 2004,
    Authentication = 3002,
    EntityManagement = 3004,
    ApplicationLifecycle = 6002,
    ApiActivity = 6003,
    DatastoreActivity = 6005,
}

impl ClassUid {
    pub(super) fn name(self) -> &'static str {
        match self {
            Self::DetectionFinding => "Detection Finding",
            Self::Authentication => "Authentication",
            Self::EntityManagement => "Entity Management",
            Self::ApplicationLifecycle => "Application Lifecycle",
            Self::ApiActivity => "API Activity",
            Self::DatastoreActivity => "Datastore Activity",
        }
    }

    /// Number and name of the class's category.
    pub(super) fn category(self) -> (u32, &'static str) {
        match self {
            Self::DetectionFinding => (2, "Findings"),
            Self::Authentication | Self::EntityManagement => (3, "Identity & Access Management"),
            Self::ApplicationLifecycle | Self::ApiActivity | Self::DatastoreActivity => (6, "Application Activity"),
        }
    }
}

/// An activity's number within its class, and its name.
type Activity = (u32, &'static str);

/// The life of a finding.
const CREATE: Activity = (1, "Create");
const UPDATE: Activity = (2, "Update");
const CLOSE: Activity = (3, "Close");

/// `activity_id` of what the class has no number for; its name says what it was.
const OTHER: u32 = 99;

#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Class {
    pub uid: ClassUid,
    pub activity: Activity,
    pub severity: Severity,
    /// What happened, in a few words.
    pub title: &'static str,
    /// Of what is managed, for Entity Management.
    pub entity: &'static str,
}

pub(super) fn of(draft: &Draft) -> Class {
    use ClassUid::{ApiActivity, ApplicationLifecycle, DetectionFinding, EntityManagement};
    let class = |uid, activity, severity, title| Class { uid, activity, severity, title, entity: "" };
    let managed =
        |entity, activity, severity, title| Class { uid: EntityManagement, activity, severity, title, entity };
    match draft.kind {
        RecordType::WriterStart => {
            class(ApplicationLifecycle, (3, "Start"), Severity::Informational, "The gateway started")
        }
        RecordType::WriterStop => {
            class(ApplicationLifecycle, (4, "Stop"), Severity::Informational, "The gateway stopped")
        }
        RecordType::Heartbeat => {
            class(ApplicationLifecycle, (OTHER, "Heartbeat"), Severity::Informational, "Nothing happened for a while")
        }
        RecordType::Clock if draft.outcome.as_deref() == Some("within") => {
            class(ApplicationLifecycle, (OTHER, "Clock"), Severity::Informational, "The gateway's clock is right")
        }
        RecordType::Clock => class(
            ApplicationLifecycle,
            (OTHER, "Clock"),
            Severity::Medium,
            "The gateway's clock is off, or held against nothing",
        ),
        RecordType::KeyRotation => managed("trail key", (3, "Update"), Severity::Medium, "Another key signs the trail"),
        RecordType::Gap => {
            class(DetectionFinding, (1, "Create"), Severity::High, "Bytes at the trail's end were unreadable")
        }
        RecordType::Config => {
            managed("configuration", (3, "Update"), Severity::Informational, "A configuration was loaded")
        }
        RecordType::Auth => authentication(draft),
        RecordType::SessionStart => activity(draft, Some(Action::Connect), "A session began"),
        RecordType::SessionEnd => Class { activity: (OTHER, "Disconnect"), ..activity(draft, None, "A session ended") },
        RecordType::Request => activity(draft, draft.action, "A command was let through"),
        RecordType::Denied => class(DetectionFinding, (1, "Create"), Severity::Medium, "The gateway refused something"),
        RecordType::ApprovalRequested => {
            managed("approval", (1, "Create"), Severity::Low, "A command waits for approval")
        }
        RecordType::ApprovalDecided => managed("approval", (3, "Update"), Severity::Low, "An approval was decided"),
        RecordType::ResponseChunk => chunk(draft),
        RecordType::End => Class { activity: (OTHER, "End"), ..activity(draft, None, "A command ended") },
        RecordType::Receipts => {
            class(ApplicationLifecycle, (OTHER, "Receipts"), Severity::Informational, "An agent signed for what it did")
        }
        RecordType::Admin => admin(draft),
        RecordType::AuditRead => class(ApiActivity, (2, "Read"), Severity::Low, "Somebody read the trail"),
        RecordType::Purge => managed("recording", (4, "Delete"), Severity::Low, "Recordings were purged"),
        RecordType::Hold => managed("legal hold", (3, "Update"), Severity::Low, "A legal hold was set or released"),
        RecordType::Alert => {
            let (activity, severity, title) = alert(draft);
            class(DetectionFinding, activity, severity, title)
        }
        RecordType::Incident => match event(draft) {
            "ended" => class(DetectionFinding, CLOSE, Severity::Low, "A control works again"),
            _ => class(DetectionFinding, CREATE, Severity::High, "A control failed"),
        },
    }
}

fn event(draft: &Draft) -> &str {
    draft.detail.get("event").map(String::as_str).unwrap_or_default()
}

fn alert(draft: &Draft) -> (Activity, Severity, &'static str) {
    match event(draft) {
        "acknowledged" => (UPDATE, Severity::Low, "An alert was acknowledged"),
        "closed" => (CLOSE, Severity::Low, "An alert was closed"),
        "reviewed" => ((OTHER, "Review"), Severity::Informational, "The trail of a day was reviewed"),
        _ => (CREATE, Severity::Medium, "An alert was opened"),
    }
}

fn authentication(draft: &Draft) -> Class {
    let activity = match draft.detail.get("event").map(String::as_str) {
        Some("logout") => (2, "Logoff"),
        Some("renewal") => (OTHER, "Renewal"),
        _ => (1, "Logon"),
    };
    let (severity, title) = match draft.outcome.as_deref() {
        Some("success") => (Severity::Informational, "An identity was verified"),
        _ => (Severity::Medium, "An identity was refused"),
    };
    Class { uid: ClassUid::Authentication, activity, severity, title, entity: "" }
}

/// Something done to an upstream, in the class of what the upstream is.
fn activity(draft: &Draft, action: Option<Action>, title: &'static str) -> Class {
    let (uid, activity) = match draft.protocol {
        Some(ConnectionKind::Snowflake) => (ClassUid::DatastoreActivity, action.map(on_data)),
        Some(ConnectionKind::Mcp) | None => (ClassUid::ApiActivity, action.map(on_api)),
    };
    let severity = match action {
        Some(Action::Export | Action::Admin | Action::Unknown) => Severity::Medium,
        Some(Action::Write | Action::Ddl) => Severity::Low,
        _ => Severity::Informational,
    };
    let severity = if draft.reveal.is_some() { severity.max(Severity::Medium) } else { severity };
    Class { uid, activity: activity.unwrap_or((OTHER, "Other")), severity, title, entity: "" }
}

fn on_data(action: Action) -> Activity {
    match action {
        Action::Connect => (3, "Connect"),
        Action::Discover => (8, "List"),
        Action::Read => (4, "Query"),
        Action::Write => (5, "Write"),
        Action::Ddl => (6, "Create"),
        Action::Export => (1, "Read"),
        Action::Session | Action::CallTool | Action::Admin | Action::Unknown => (OTHER, action.as_str()),
    }
}

fn on_api(action: Action) -> Activity {
    match action {
        Action::Discover | Action::Read | Action::Export => (2, "Read"),
        Action::Write | Action::Ddl => (3, "Update"),
        Action::Connect | Action::Session | Action::CallTool | Action::Admin | Action::Unknown => {
            (OTHER, action.as_str())
        }
    }
}

/// A piece of an answer is a finding where there was something to hide, or card numbers were shown.
fn chunk(draft: &Draft) -> Class {
    let found = |title, severity| Class {
        uid: ClassUid::DetectionFinding,
        activity: (1, "Create"),
        severity,
        title,
        entity: "",
    };
    match &draft.counts {
        Some(counts) if !counts.revealed.is_empty() => found("Card numbers were shown", Severity::Medium),
        Some(counts) if !counts.masked.is_empty() => found("Cardholder data was masked", Severity::Low),
        _ => Class { activity: (OTHER, "Answer"), ..activity(draft, None, "A piece of an answer was delivered") },
    }
}

fn admin(draft: &Draft) -> Class {
    let event = event(draft);
    let (entity, activity, title) = match event {
        "agent_enrolled" => ("agent", (6, "Enroll"), "An agent was enrolled"),
        "agent_removed" => ("agent", (7, "Unenroll"), "An agent was removed"),
        "join_token_made" => ("join token", (1, "Create"), "A join token was made"),
        "session_killed" => ("session", (4, "Delete"), "A session was ended by an admin"),
        "tools_hidden" | "tools_suspicious" => {
            return Class {
                uid: ClassUid::DetectionFinding,
                activity: (1, "Create"),
                severity: Severity::Medium,
                title: "Tools of an MCP server changed or are suspicious",
                entity: "",
            };
        }
        _ if event.starts_with("tool") => ("tool", (3, "Update"), "Tools of an MCP server were reviewed"),
        _ => ("gateway", (3, "Update"), "An admin changed something"),
    };
    let severity = if draft.outcome.as_deref() == Some("success") { Severity::Low } else { Severity::Medium };
    Class { uid: ClassUid::EntityManagement, activity, severity, title, entity }
}
