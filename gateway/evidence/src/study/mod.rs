//! What the records of a period say, taken in order: rows as they come, checks as they go. A pack is made by it and
//! verified by it, so that a row is what its records say or is found.

mod approvals;
mod exchanges;
mod incidents;
mod lifecycle;
mod others;
mod people;
mod retention;
mod reviews;

use std::{collections::BTreeMap, io, path::Path};

use approvals::Approvals;
use exchanges::Exchanges;
use hoop_audit::{Origin, Record, RecordType};
use incidents::Incidents;
use lifecycle::Lifecycle;
use people::People;
use retention::Retention;
use reviews::Reviews;

use crate::{
    Scope, Table,
    check::{Checks, Id},
    facts::Facts,
    summary::Summary,
    tables::Tables,
};

/// Of all records in a pack, one a line.
pub(crate) const RECORDS: &str = "chain_proof/records.jsonl";

/// What a part of the study adds to.
pub(crate) struct Out {
    tables: Tables,
    pub checks: Checks,
    pub summary: Summary,
    /// The line of the record at hand.
    line: u64,
}

impl Out {
    fn row(&mut self, table: Table, cells: &[String]) -> u64 {
        self.tables.row(&mut self.checks, table, cells)
    }

    fn find_in(&mut self, id: Id, table: Table, row: u64, text: impl Into<String>) {
        self.checks.find(id, table.file(), Some(row), text);
    }

    /// Something about the record at hand.
    fn find(&mut self, id: Id, text: impl Into<String>) {
        self.checks.find(id, RECORDS, Some(self.line), text);
    }
}

pub(crate) struct Study {
    scope: Scope,
    out: Out,
    exchanges: Exchanges,
    approvals: Approvals,
    lifecycle: Lifecycle,
    incidents: Incidents,
    retention: Retention,
    reviews: Reviews,
    people: People,
}

/// What a study came to.
pub(crate) struct Studied {
    pub checks: Checks,
    pub summary: Summary,
    /// Rows by file.
    pub rows: BTreeMap<String, u64>,
}

impl Study {
    /// That makes the tables.
    pub(crate) fn making(dir: &Path, scope: &Scope) -> io::Result<Self> {
        Ok(Self::with(Tables::create(dir)?, scope))
    }

    /// That holds them against what they should be.
    pub(crate) fn comparing(dir: &Path, scope: &Scope) -> io::Result<Self> {
        Ok(Self::with(Tables::compare(dir)?, scope))
    }

    fn with(tables: Tables, scope: &Scope) -> Self {
        Self {
            scope: scope.clone(),
            out: Out { tables, checks: Checks::default(), summary: Summary::default(), line: 0 },
            exchanges: Exchanges::default(),
            approvals: Approvals::default(),
            lifecycle: Lifecycle::of(scope),
            incidents: Incidents::default(),
            retention: Retention::default(),
            reviews: Reviews::default(),
            people: People::default(),
        }
    }

    /// The next record of the pack: one of the period, or one beside it that a row of the period needs.
    pub(crate) fn take(&mut self, record: &Record) {
        let Self { scope, out, .. } = self;
        out.line += 1;
        let within = scope.is_at(record);
        self.lifecycle.timed(record, out);
        if within {
            out.summary.record(record);
            out.checks.look(Id::Facts);
            let missing = Facts::of(record).missing();
            if !missing.is_empty() {
                out.find(Id::Facts, format!("record {} does not say: {}", record.seq, missing.join(", ")));
            }
        }
        if record.ts >= scope.to {
            // Whether there was silence up to the period's end, and the ends of failures that began in it.
            if record.draft.kind == RecordType::Incident && self.incidents.are_of(record) {
                self.incidents.take(record, out);
            }
            return;
        }
        match record.draft.kind {
            RecordType::Request => {
                self.approvals.ran(record, within, out);
                self.exchanges.asked(record, within);
                self.people.asked(record, within);
            }
            RecordType::ResponseChunk if within => {
                self.exchanges.answered(record, out);
                self.people.answered(record);
            }
            RecordType::End => self.exchanges.ended(record, within, out),
            RecordType::ApprovalRequested => self.approvals.asked(record, within),
            RecordType::ApprovalDecided => self.approvals.decided(record, within, out),
            RecordType::Incident => self.incidents.take(record, out),
            RecordType::Alert => self.reviews.take(record, out),
            RecordType::Hold | RecordType::Purge => self.retention.take(record, within, out),
            RecordType::WriterStart => self.exchanges.restarted(within, out),
            _ => {}
        }
        if within {
            if record.draft.kind == RecordType::Denied {
                self.people.denied(record);
            }
            self.lifecycle.take(record, out);
            others::take(record, out);
        }
    }

    /// After the last record.
    pub(crate) fn finish(mut self) -> io::Result<Studied> {
        let out = &mut self.out;
        self.exchanges.finish(out);
        self.approvals.finish(out);
        let covered = self.incidents.finish(out);
        self.lifecycle.finish(&covered, out);
        self.reviews.finish(out);
        self.people.finish(out);
        let Out { tables, mut checks, mut summary, .. } = self.out;
        summary.fill();
        let rows = tables.finish(&mut checks)?;
        Ok(Studied { checks, summary, rows })
    }
}

/// Cells that many tables have.
fn text(value: impl ToString) -> String {
    value.to_string()
}

fn or_none(value: Option<impl ToString>) -> String {
    value.map(|value| value.to_string()).unwrap_or_default()
}

/// Issuer, name, e-mail.
fn who(origin: Option<&Origin>) -> [String; 3] {
    origin.map_or_else(Default::default, |origin| {
        [origin.subject.issuer.clone(), origin.subject.sub.clone(), origin.email.clone().unwrap_or_default()]
    })
}

/// By what they logged in, and the level that it came to, in the issuer's words.
fn assurance(origin: Option<&Origin>) -> [String; 2] {
    origin.map_or_else(Default::default, |origin| {
        [origin.assurance.amr.join(" "), origin.assurance.acr.clone().unwrap_or_default()]
    })
}

fn ip(record: &Record) -> String {
    let draft = &record.draft;
    let ip = draft.origin.as_ref().map(|origin| origin.client_ip.to_string());
    ip.or_else(|| draft.detail.get("client_ip").cloned()).unwrap_or_default()
}

fn kind(origin: Option<&Origin>) -> String {
    let kind = origin.map(|origin| match origin.kind {
        hoop_model::PrincipalKind::Person => "person",
        hoop_model::PrincipalKind::Workload => "workload",
    });
    kind.unwrap_or_default().to_owned()
}

fn groups(origin: Option<&Origin>) -> String {
    let groups = origin.map(|origin| origin.groups.iter().map(ToString::to_string).collect::<Vec<_>>().join(" "));
    groups.unwrap_or_default()
}

fn detail(record: &Record, name: &str) -> String {
    record.draft.detail.get(name).cloned().unwrap_or_default()
}

/// Whatever details a record has beside those that have columns of their own.
fn details(record: &Record, beside: &[&str]) -> String {
    let details = record.draft.detail.iter().filter(|(name, _)| !beside.contains(&name.as_str()));
    details.map(|(name, value)| format!("{name}={value}")).collect::<Vec<_>>().join("; ")
}

fn masked(counts: &hoop_audit::Counts) -> u64 {
    counts.masked.values().fold(0, |sum, count| sum.saturating_add(*count))
}

fn revealed(counts: &hoop_audit::Counts) -> u64 {
    counts.revealed.iter().fold(0, |sum, place| sum.saturating_add(place.count))
}
