//! When recording began, stopped and was silent.

use hoop_audit::{Record, RecordType};
use hoop_model::{Timestamp, earlier, later};
use std::time::Duration;

use super::{Out, RECORDS, details, text};
use crate::{Scope, Table, check::Id, facts};

/// The writer looks each second whether a minute has passed, and on a busy machine somewhat later.
const SILENCE: Duration = Duration::from_secs(65);
/// By how much the two ends of a control failure may miss those of the silence that it explains.
const SLACK: Duration = Duration::from_secs(65);
/// Silences that are told.
const MOST: usize = 1000;

pub(super) struct Lifecycle {
    /// All records of the period are in the pack.
    whole: bool,
    from: Timestamp,
    newest: Option<(Timestamp, RecordType, u64)>,
    silences: Vec<Silence>,
    day: Option<Day>,
}

struct Silence {
    from: Timestamp,
    to: Timestamp,
    line: u64,
    seq: u64,
}

/// Heartbeats of one day: a row together.
struct Day {
    date: String,
    seq: u64,
    ts: Timestamp,
    beats: u64,
}

impl Lifecycle {
    pub(super) fn of(scope: &Scope) -> Self {
        Self { whole: scope.connection.is_none(), from: scope.from, newest: None, silences: Vec::new(), day: None }
    }

    /// Each record of the pack, also those beside the period: whether the one before it lies too far back.
    pub(super) fn timed(&mut self, record: &Record, out: &mut Out) {
        let before = self.newest.replace((record.ts, record.draft.kind, record.seq));
        let Some((ts, kind, seq)) = before.filter(|_| self.whole) else { return };
        // What lies before the period and after it is not all in the pack; its nearest record is.
        if record.ts < self.from || seq + 1 != record.seq {
            return;
        }
        out.checks.look(Id::Silence);
        let stopped = kind == RecordType::WriterStop && record.draft.kind == RecordType::WriterStart;
        let silent = record.ts.duration_since(ts) > SILENCE.try_into().unwrap_or_default();
        if silent && !stopped && self.silences.len() < MOST {
            let from = ts.max(self.from);
            self.silences.push(Silence { from, to: record.ts, line: out.line, seq: record.seq });
        }
    }

    pub(super) fn take(&mut self, record: &Record, out: &mut Out) {
        use RecordType::{Config, Gap, Heartbeat, KeyRotation, WriterStart, WriterStop};
        match record.draft.kind {
            Heartbeat => self.beat(record, out),
            WriterStart | WriterStop | Gap | KeyRotation | Config => {
                let cells =
                    [text(record.seq), text(record.ts), facts::kind(&record.draft), details(record, &["event"])];
                out.row(Table::AuditLifecycle, &cells);
            }
            _ => {}
        }
    }

    fn beat(&mut self, record: &Record, out: &mut Out) {
        let date: String = record.ts.to_string().chars().take(10).collect();
        if self.day.as_ref().is_some_and(|day| day.date != date) {
            self.day_over(out);
        }
        let day = self.day.get_or_insert(Day { date, seq: record.seq, ts: record.ts, beats: 0 });
        day.beats += 1;
        (day.seq, day.ts) = (record.seq, record.ts);
    }

    fn day_over(&mut self, out: &mut Out) {
        if let Some(day) = self.day.take() {
            let what = format!("{} heartbeats on {}", day.beats, day.date);
            out.row(Table::AuditLifecycle, &[text(day.seq), text(day.ts), "heartbeats".to_owned(), what]);
        }
    }

    /// `covered`: when a control is known to have failed.
    pub(super) fn finish(&mut self, covered: &[(Timestamp, Timestamp)], out: &mut Out) {
        self.day_over(out);
        for Silence { from, to, line, seq } in std::mem::take(&mut self.silences) {
            let explained =
                covered.iter().any(|(since, until)| *since <= later(from, SLACK) && earlier(to, SLACK) <= *until);
            if !explained {
                let text = format!("nothing was recorded between {from} and {to} (record {seq}), and nothing says why");
                out.checks.find(Id::Silence, RECORDS, Some(line), text);
            }
        }
    }
}
