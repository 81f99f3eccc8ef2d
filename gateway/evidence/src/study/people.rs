//! Who used what, and when last (PCI DSS 7.2.4), and which of them are programs (7.2.5).

use std::collections::BTreeMap;

use hoop_audit::{Origin, Record};
use hoop_model::{PrincipalKind, Subject, Timestamp};

use super::{Out, groups, kind, masked, or_none, revealed, text, who};
use crate::Table;

#[derive(Default)]
pub(super) struct People(BTreeMap<(Subject, String), Use>);

struct Use {
    origin: Origin,
    exchanges: u64,
    denied: u64,
    rows: u64,
    masked: u64,
    revealed: u64,
    first: Timestamp,
    last: Timestamp,
}

impl People {
    fn of(&mut self, record: &Record) -> Option<&mut Use> {
        let origin = record.draft.origin.as_ref()?;
        let key = (origin.subject.clone(), or_none(record.draft.connection.as_ref()));
        let used = self.0.entry(key).or_insert_with(|| Use {
            origin: origin.clone(),
            exchanges: 0,
            denied: 0,
            rows: 0,
            masked: 0,
            revealed: 0,
            first: record.ts,
            last: record.ts,
        });
        used.origin = origin.clone();
        used.last = record.ts;
        Some(used)
    }

    pub(super) fn asked(&mut self, record: &Record, within: bool) {
        if within && let Some(used) = self.of(record) {
            used.exchanges += 1;
        }
    }

    pub(super) fn denied(&mut self, record: &Record) {
        if let Some(used) = self.of(record) {
            used.denied += 1;
        }
    }

    pub(super) fn answered(&mut self, record: &Record) {
        let Some(counts) = record.draft.counts.clone() else { return };
        if let Some(used) = self.of(record) {
            used.rows = used.rows.saturating_add(counts.rows);
            used.masked = used.masked.saturating_add(masked(&counts));
            used.revealed = used.revealed.saturating_add(revealed(&counts));
        }
    }

    pub(super) fn finish(&mut self, out: &mut Out) {
        for ((_, connection), used) in std::mem::take(&mut self.0) {
            let [issuer, sub, email] = who(Some(&used.origin));
            let program = used.origin.kind == PrincipalKind::Workload;
            let cells = [
                issuer,
                sub,
                email,
                kind(Some(&used.origin)),
                groups(Some(&used.origin)),
                connection,
                text(used.exchanges),
                text(used.denied),
                text(used.rows),
                text(used.masked),
                text(used.revealed),
                text(used.first),
                text(used.last),
            ];
            out.summary.used(&cells);
            out.row(Table::AccessReview, &cells);
            if program {
                out.row(Table::SystemAccounts, &cells);
            }
        }
    }
}
