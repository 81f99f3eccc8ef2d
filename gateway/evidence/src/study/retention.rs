//! What was purged, and what is kept whatever its age (PCI DSS 3.2.1, 10.5.1).

use std::collections::BTreeSet;

use hoop_audit::{Record, RecordType};

use super::{Out, detail, details, text, who};
use crate::{Table, check::Id, facts::event};

/// Days that recordings have to be kept at least.
const YEAR: u64 = 365;

#[derive(Default)]
pub(super) struct Retention {
    /// Holds, by id, and what they are of.
    held: BTreeSet<(String, String)>,
}

impl Retention {
    pub(super) fn take(&mut self, record: &Record, within: bool, out: &mut Out) {
        let hold = record.draft.kind == RecordType::Hold;
        if hold {
            let key = (detail(record, "hold"), detail(record, "of"));
            match event(&record.draft) {
                "released" => self.held.retain(|(id, _)| *id != key.0),
                _ => drop(self.held.insert(key)),
            }
        }
        if !within {
            return;
        }
        let [_, sub, _] = who(record.draft.origin.as_ref());
        let of = if hold { detail(record, "of") } else { detail(record, "records") };
        let cells = [
            text(record.seq),
            text(record.ts),
            if hold { format!("hold {}", event(&record.draft)) } else { "purge".to_owned() },
            sub,
            detail(record, "class"),
            detail(record, "days"),
            of.clone(),
            details(record, &["event", "class", "days", "of", "records"]),
        ];
        let row = out.row(Table::Retention, &cells);
        if hold {
            return;
        }
        out.checks.look(Id::Retention);
        if !detail(record, "days").parse::<u64>().is_ok_and(|days| days >= YEAR) {
            let text =
                format!("record {}: purged after {:?} days; {YEAR} are the least", record.seq, detail(record, "days"));
            out.find_in(Id::Retention, Table::Retention, row, text);
        }
        if let Some((id, of)) = self.held.iter().find(|(_, held)| covers(held, &of, record)) {
            let text = format!("record {}: purged while hold {id} was on {of}", record.seq);
            out.find_in(Id::Retention, Table::Retention, row, text);
        }
    }
}

/// Whether a hold forbids a purge: it is of everything, or of what the purge names.
fn covers(held: &str, purged: &str, record: &Record) -> bool {
    let names = |name: &str| detail(record, name) == held;
    matches!(held, "all" | "*") || held == purged || names("session") || names("connection") || names("of")
}
