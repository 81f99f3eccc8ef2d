//! What of a period the report shows: sums, and the first of what is listed row by row in the tables.

use std::{
    collections::{BTreeMap, BTreeSet},
    time::Duration,
};

use hoop_audit::{Record, RecordType};
use hoop_model::{Timestamp, later};

/// Rows that a report lists; the tables have all.
const LISTED: usize = 200;

/// Days that are drawn at the most.
const DAYS: usize = 4000;

fn date(ts: Timestamp) -> String {
    ts.to_string().chars().take(10).collect()
}

#[derive(Debug, Clone, Default)]
pub(crate) struct Summary {
    pub records: u64,
    pub reads: u64,
    pub alerts: u64,
    pub alerts_closed: u64,
    /// Digests of the policies that decided and of the settings that were loaded, and versions that ran.
    pub policies: BTreeSet<String>,
    pub settings: BTreeSet<String>,
    pub versions: BTreeSet<String>,
    /// Every day from the first record to the last, by its date.
    pub days: BTreeMap<String, Day>,
    at: Option<(Timestamp, Timestamp)>,
    pub connections: BTreeMap<String, Protected>,
    pub people: Listed,
    pub privileged: Listed,
    pub failures: Listed,
    pub denied: BTreeMap<String, u64>,
}

#[derive(Debug, Clone, Default)]
pub(crate) struct Day {
    pub outcomes: BTreeMap<String, u64>,
    pub held: u64,
    pub denied: u64,
}

#[derive(Debug, Clone, Default)]
pub(crate) struct Protected {
    pub exchanges: u64,
    pub rows: u64,
    /// By what was found.
    pub masked: BTreeMap<String, u64>,
    pub revealed: u64,
}

/// The first rows of a table, and how many there are.
#[derive(Debug, Clone, Default)]
pub(crate) struct Listed {
    pub rows: Vec<Vec<String>>,
    pub all: u64,
}

impl Listed {
    fn add(&mut self, cells: &[String]) {
        self.all += 1;
        if self.rows.len() < LISTED {
            self.rows.push(cells.to_vec());
        }
    }
}

impl Summary {
    /// Every record of the period.
    pub(crate) fn record(&mut self, record: &Record) {
        self.records += 1;
        self.at = Some((self.at.map_or(record.ts, |(first, _)| first), record.ts));
        let draft = &record.draft;
        self.policies.extend(draft.decision.as_ref().map(|decision| decision.policy_digest.clone()));
        match draft.kind {
            RecordType::Config => self.settings.extend(draft.detail.get("settings_digest").cloned()),
            RecordType::WriterStart => self.versions.extend(draft.detail.get("version").cloned()),
            RecordType::ApprovalRequested => self.day(record).held += 1,
            _ => {}
        }
    }

    /// After the last record: days on which nothing happened are days too.
    pub(crate) fn fill(&mut self) {
        let Some((mut day, last)) = self.at else { return };
        for _ in 0..DAYS {
            self.days.entry(date(day)).or_default();
            day = later(day, Duration::from_secs(24 * 60 * 60));
            if last < day {
                break;
            }
        }
        self.days.entry(date(last)).or_default();
    }

    fn day(&mut self, record: &Record) -> &mut Day {
        self.days.entry(date(record.ts)).or_default()
    }

    fn connection(&mut self, record: &Record) -> &mut Protected {
        let name = record.draft.connection.as_ref().map(ToString::to_string);
        self.connections.entry(name.unwrap_or_default()).or_default()
    }

    /// An exchange, by the record that asked for it.
    pub(crate) fn ended(&mut self, request: &Record, outcome: &str, rows: u64) {
        *self.day(request).outcomes.entry(outcome.to_owned()).or_default() += 1;
        let connection = self.connection(request);
        connection.exchanges += 1;
        connection.rows = connection.rows.saturating_add(rows);
    }

    pub(crate) fn masked(&mut self, connection: &str, rule: &str, masked: u64, revealed: u64) {
        let connection = self.connections.entry(connection.to_owned()).or_default();
        connection.revealed = connection.revealed.saturating_add(revealed);
        if masked > 0 {
            *connection.masked.entry(rule.to_owned()).or_default() += masked;
        }
    }

    pub(crate) fn denied(&mut self, record: &Record) {
        self.day(record).denied += 1;
        let draft = &record.draft;
        let why = draft.detail.get("code").cloned().or_else(|| draft.decision.as_ref().map(|_| "policy".to_owned()));
        *self.denied.entry(why.unwrap_or_else(|| "refused".to_owned())).or_default() += 1;
    }

    pub(crate) fn privileged(&mut self, cells: &[String]) {
        self.privileged.add(cells);
    }

    pub(crate) fn failed(&mut self, cells: &[String]) {
        self.failures.add(cells);
    }

    pub(crate) fn used(&mut self, cells: &[String]) {
        self.people.add(cells);
    }

    pub(crate) fn read(&mut self) {
        self.reads += 1;
    }

    pub(crate) fn reviewed(&mut self, closed: bool) {
        self.alerts += 1;
        self.alerts_closed += u64::from(closed);
    }
}
