//! Findings of the automatic review: opened, acknowledged, closed, by whom (PCI DSS 10.4).

use std::collections::BTreeMap;

use hoop_audit::Record;

use super::{Out, detail, text};
use crate::{Table, facts::event};

#[derive(Default)]
pub(super) struct Reviews(BTreeMap<String, Alert>);

#[derive(Default)]
struct Alert {
    seq: u64,
    rule: String,
    what: String,
    opened_at: String,
    acknowledged: [String; 2],
    closed: [String; 2],
    note: String,
}

impl Reviews {
    pub(super) fn take(&mut self, record: &Record, out: &mut Out) {
        let id = detail(record, "alert");
        let alert = self.0.entry(id.clone()).or_insert_with(|| Alert { seq: record.seq, ..Alert::default() });
        let by = record.draft.origin.as_ref().map(|origin| origin.subject.sub.clone()).unwrap_or_default();
        for (place, name) in [(&mut alert.rule, "rule"), (&mut alert.what, "what"), (&mut alert.note, "note")] {
            let said = detail(record, name);
            if !said.is_empty() {
                *place = said;
            }
        }
        match event(&record.draft) {
            "opened" => alert.opened_at = text(record.ts),
            "acknowledged" => alert.acknowledged = [text(record.ts), by],
            "closed" => {
                alert.closed = [text(record.ts), by];
                if let Some(alert) = self.0.remove(&id) {
                    alert.row(&id, out);
                }
            }
            _ => {}
        }
    }

    pub(super) fn finish(&mut self, out: &mut Out) {
        for (id, alert) in std::mem::take(&mut self.0) {
            alert.row(&id, out);
        }
    }
}

impl Alert {
    fn row(self, id: &str, out: &mut Out) {
        let Self { seq, rule, what, opened_at, acknowledged, closed, note } = self;
        out.summary.reviewed(closed.iter().all(|cell| !cell.is_empty()));
        let cells = [&[text(seq), id.to_owned(), rule, what, opened_at][..], &acknowledged, &closed, &[note]].concat();
        out.row(Table::Reviews, &cells);
    }
}
