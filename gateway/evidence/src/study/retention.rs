//! What was purged, and what is kept whatever its age (PCI DSS 3.2.1, 10.5.1).

use std::collections::BTreeSet;

use hoop_audit::{PurgeFacts, Record, RecordType, retention::SHORTEST};

use super::{Out, detail, details, text, who};
use crate::{Table, check::Id, facts::event};

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
        let purge = record.draft.purge.as_ref();
        let of = match purge {
            Some(purge) => format!("{}-{}", purge.first, purge.last),
            None => detail(record, "of"),
        };
        let cells = [
            text(record.seq),
            text(record.ts),
            if hold { format!("hold {}", event(&record.draft)) } else { "purge".to_owned() },
            sub,
            purge.map(class).unwrap_or_default(),
            purge.map(|purge| text(purge.days)).unwrap_or_default(),
            of,
            match purge {
                Some(purge) => format!("{} payloads of {} bytes", purge.payloads, purge.bytes),
                None => details(record, &["event", "of"]),
            },
        ];
        let row = out.row(Table::Retention, &cells);
        if hold {
            return;
        }
        out.checks.look(Id::Retention);
        let Some(purge) = purge else {
            let text = format!("record {}: a purge that does not say what it took", record.seq);
            return out.find_in(Id::Retention, Table::Retention, row, text);
        };
        if purge.days < SHORTEST {
            let text = format!("record {}: purged after {} days; {SHORTEST} are the least", record.seq, purge.days);
            out.find_in(Id::Retention, Table::Retention, row, text);
        }
        let held = |(_, of): &&(String, String)| purge.connections.iter().any(|name| name.as_str() == of);
        if let Some((id, of)) = self.held.iter().find(held) {
            let text = format!("record {}: purged while hold {id} was on {of}", record.seq);
            out.find_in(Id::Retention, Table::Retention, row, text);
        }
    }
}

/// Whose recordings went.
fn class(purge: &PurgeFacts) -> String {
    let names = purge.connections.iter().map(|name| name.as_str());
    names.chain(purge.unconnected.then_some("(no connection)")).collect::<Vec<_>>().join(" ")
}
