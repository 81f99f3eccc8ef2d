//! Which requirement of PCI DSS v4.0.1 a pack answers, by which checks and files. What no check of a program can answer
//! says so; nothing passes that no check looked at.

use std::collections::BTreeMap;

use serde::Serialize;

use crate::{
    Status, Table,
    check::{Checks, Id},
};

pub(crate) const COVERAGE: &str = "coverage.json";

#[derive(Debug, Clone, Serialize)]
pub struct Coverage {
    kind: &'static str,
    version: u32,
    standard: &'static str,
    pub requirements: Vec<Requirement>,
}

#[derive(Debug, Clone, Serialize)]
pub struct Requirement {
    pub req: &'static str,
    /// In our words.
    pub meaning: &'static str,
    pub status: Status,
    /// Why, where it did not pass.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub why: Option<String>,
    pub checks: Vec<Ran>,
    /// `file#rows`.
    pub artefacts: Vec<String>,
}

#[derive(Debug, Clone, Serialize)]
pub struct Ran {
    pub id: &'static str,
    pub query: &'static str,
    pub expected: String,
    pub actual: String,
    pub status: Status,
}

/// A requirement, and what answers it.
struct Asked {
    req: &'static str,
    meaning: &'static str,
    /// The first has to have looked at something, and none may have failed.
    checks: &'static [Id],
    tables: &'static [Table],
    /// Why no program can tell, where none can.
    not_automatable: Option<&'static str>,
}

const fn asked(req: &'static str, meaning: &'static str, checks: &'static [Id], tables: &'static [Table]) -> Asked {
    Asked { req, meaning, checks, tables, not_automatable: None }
}

const fn unasked(req: &'static str, meaning: &'static str, tables: &'static [Table], why: &'static str) -> Asked {
    Asked { req, meaning, checks: &[], tables, not_automatable: Some(why) }
}

const ASKED: [Asked; 37] = [
    asked("3.2.1", "Account data is kept no longer than needed", &[Id::Retention], &[Table::Retention]),
    asked(
        "3.3.1",
        "Authentication data is not kept (tracks; codes and PINs have no shape to look for)",
        &[Id::Cards, Id::Totals],
        &[Table::DataProtection],
    ),
    asked(
        "3.4.1",
        "Card numbers are masked, but for those with a documented need",
        &[Id::Totals, Id::Reveals],
        &[Table::DataProtection, Table::RevealGrants],
    ),
    asked(
        "3.4.2",
        "Copying card data over remote access is prevented unless authorised",
        &[Id::Approvals],
        &[Table::PrivilegedActions, Table::Denied],
    ),
    asked("3.5.1", "Card numbers are unreadable wherever they are stored, logs included", &[Id::Cards], &[]),
    unasked(
        "3.5.1.1",
        "Hashes of card numbers are keyed",
        &[],
        "the trail holds keyed digests; how their key is kept is not in it",
    ),
    unasked(
        "3.5.1.2",
        "Disk encryption alone does not count",
        &[],
        "how the gateway's disks are encrypted is not in the trail",
    ),
    unasked(
        "3.6, 3.7",
        "Keys are managed",
        &[Table::IdentityChanges],
        "custodians and cryptoperiods are set down elsewhere",
    ),
    unasked(
        "4.2.1",
        "Strong cryptography in transit",
        &[],
        "the gateway speaks TLS 1.3 only; the trail does not hold connections' parameters",
    ),
    unasked(
        "6.4.2",
        "Public-facing web applications are protected",
        &[],
        "the gateway protects its own connections only",
    ),
    unasked(
        "7.2.1",
        "Access is granted by job function and least privilege",
        &[Table::AccessReview],
        "who needs what is the organisation's to say; the policies' digests are in the manifest",
    ),
    asked(
        "7.2.3",
        "Privileged commands are approved by authorised people",
        &[Id::Approvals],
        &[Table::PrivilegedActions],
    ),
    unasked(
        "7.2.4",
        "Access is reviewed every six months",
        &[Table::AccessReview],
        "that somebody looked at the list, and what came of it, is not in the trail",
    ),
    unasked(
        "7.2.5",
        "Application and system accounts have least privilege",
        &[Table::SystemAccounts],
        "what each needs is the organisation's to say",
    ),
    asked("7.2.6", "Card data is queried through applications, by role", &[Id::Facts, Id::Rows], &[Table::AccessLog]),
    asked("8.2.1", "Everybody has an id of their own", &[Id::Facts], &[Table::AccessLog, Table::AuthEvents]),
    unasked(
        "8.2.5",
        "Leavers lose their access at once",
        &[Table::AuthEvents],
        "who left, and when, the identity provider knows",
    ),
    unasked(
        "8.4.2",
        "Multi-factor authentication for all access",
        &[Table::AuthEvents],
        "factors are the identity provider's, and not in the trail",
    ),
    unasked(
        "8.6.1",
        "System accounts are used by people only by exception",
        &[Table::SystemAccounts],
        "who holds a workload's token is not in the trail; what each did is",
    ),
    unasked(
        "8.6.3",
        "Passwords of system accounts are changed and protected",
        &[],
        "upstream credentials stay with the agent; their age is not in the trail",
    ),
    asked(
        "10.2.1.1",
        "Each access to cardholder data is logged",
        &[Id::Facts, Id::Rows, Id::Chain],
        &[Table::AccessLog],
    ),
    asked("10.2.1.2", "Each administrative action is logged", &[Id::Rows], &[Table::PrivilegedActions]),
    asked("10.2.1.3", "Each access to audit logs is logged", &[Id::Reads], &[Table::AuditAccess]),
    asked("10.2.1.4", "Each invalid access attempt is logged", &[Id::Rows], &[Table::Denied, Table::AuthEvents]),
    asked("10.2.1.5", "Changes of credentials and privileges are logged", &[Id::Rows], &[Table::IdentityChanges]),
    asked("10.2.1.6", "Start, stop and pause of logging are logged", &[Id::Silence], &[Table::AuditLifecycle]),
    asked(
        "10.2.1.7",
        "Creation and deletion of system objects is logged",
        &[Id::Rows],
        &[Table::PrivilegedActions, Table::IdentityChanges],
    ),
    asked("10.2.2", "Each entry has the six facts", &[Id::Facts], &[Table::AccessLog]),
    unasked(
        "10.3.1",
        "Logs are read only by those who need to",
        &[Table::AuditAccess],
        "who needs to is the organisation's to say; each reading is a row",
    ),
    asked("10.3.2", "Logs are protected from modification", &[Id::Chain, Id::Rows, Id::Previous], &[]),
    unasked(
        "10.3.3",
        "Logs are promptly backed up elsewhere",
        &[],
        "what a SIEM or a store has received is shown there; hold it against the trail with `hoopctl audit verify --siem`",
    ),
    unasked(
        "10.4.1",
        "Logs are reviewed daily, automatically",
        &[Table::Reviews],
        "findings and their closure are rows; that the review runs each day is the SIEM's or the gateway's setting",
    ),
    asked(
        "10.5.1",
        "Logs are kept for a year, three months of them at hand",
        &[Id::Retention, Id::Silence],
        &[Table::Retention],
    ),
    asked("10.6", "Clocks are synchronised", &[Id::Clock], &[Table::Clock]),
    asked(
        "10.7",
        "Failures of critical controls are detected and answered",
        &[Id::Failures, Id::Silence],
        &[Table::ControlFailures],
    ),
    unasked("12.5.2", "Scope is confirmed yearly", &[Table::AccessReview], "an interview and a yearly review"),
    unasked(
        "12.10.7",
        "Card numbers found where they are not expected are followed up",
        &[Table::UnexpectedPan],
        "the places are rows; what was done about them is not in the trail",
    ),
];

impl Coverage {
    pub(crate) fn of(checks: &Checks, rows: &BTreeMap<String, u64>) -> Self {
        let requirements = ASKED.iter().map(|asked| asked.answer(checks, rows)).collect();
        Self { kind: "hoop_evidence_coverage", version: 1, standard: "PCI DSS v4.0.1", requirements }
    }
}

impl Asked {
    fn answer(&self, checks: &Checks, rows: &BTreeMap<String, u64>) -> Requirement {
        let count = |table: &Table| rows.get(table.file()).copied().unwrap_or_default();
        let ran: Vec<Ran> = self.checks.iter().map(|id| Ran::of(checks, *id)).collect();
        let has = |status| ran.iter().any(|check| check.status == status);
        let failing = || ran.iter().filter(|check| check.status == Status::Fail).map(|check| check.id);
        let empty = !self.tables.is_empty() && self.tables.iter().all(|table| count(table) == 0);
        let (status, why) = if let Some(why) = self.not_automatable {
            (Status::NotAutomatable, Some(why.to_owned()))
        } else if has(Status::Fail) {
            (Status::Fail, Some(format!("failed: {}", failing().collect::<Vec<_>>().join(", "))))
        } else if ran.first().is_none_or(|check| check.status != Status::Pass) {
            let why = self.checks.first().and_then(|id| checks.outcome(*id).why);
            (Status::NotApplicable, why.map(str::to_owned))
        } else if empty && self.is_of_rows() {
            (Status::NotApplicable, Some("the period has no such event".to_owned()))
        } else {
            (Status::Pass, None)
        };
        let artefacts = self.tables.iter().map(|table| format!("{}#{}", table.file(), count(table))).collect();
        Requirement { req: self.req, meaning: self.meaning, status, why, checks: ran, artefacts }
    }

    /// Whether its checks look at all rows, of which there may be none of these.
    fn is_of_rows(&self) -> bool {
        self.checks.iter().any(|id| matches!(id, Id::Rows | Id::Facts | Id::Cards))
    }
}

impl Ran {
    fn of(checks: &Checks, id: Id) -> Self {
        let outcome = checks.outcome(id);
        let found = outcome.findings.len() as u64 + outcome.further_findings;
        let actual = match outcome.status {
            Status::Pass | Status::Fail => format!("{found} findings in {} {}", outcome.looked_at, outcome.of),
            _ => outcome.why.unwrap_or_default().to_owned(),
        };
        Self {
            id: outcome.id,
            query: outcome.question,
            expected: format!("0 findings in at least 1 of the {}", outcome.of),
            actual,
            status: outcome.status,
        }
    }
}
