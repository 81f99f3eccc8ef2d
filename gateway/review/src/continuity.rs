//! Whether recording went on: a start without the stop before it.

use hoop_audit::{Record, RecordType, UNSIGNED_RECORDS};
use hoop_model::Timestamp;
use serde::{Deserialize, Serialize};

/// A gateway that did not end as it should: nothing was recorded from its last record to the next start.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Interruption {
    /// The number of the start's record.
    pub seq: u64,
    pub since: Timestamp,
    pub until: Timestamp,
    /// What recovery found, in words.
    pub found: String,
}

#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Continuity {
    /// The newest record that was made before a stop, clean or not.
    newest: Option<Timestamp>,
    stopped: bool,
    /// Of the recovery under way.
    gaps: u64,
    unended: u64,
}

impl Continuity {
    pub(crate) fn take(&mut self, record: &Record) -> Option<Interruption> {
        let draft = &record.draft;
        match draft.kind {
            RecordType::WriterStart => {
                let (since, clean) = (self.newest, self.stopped);
                let found = self.found(draft.detail.get(UNSIGNED_RECORDS).map(String::as_str));
                *self = Self { newest: Some(record.ts), ..Self::default() };
                let interruption = Interruption { seq: record.seq, since: since?, until: record.ts, found };
                return (!clean).then_some(interruption);
            }
            // Written by recovery, before the start.
            RecordType::Gap => self.gaps = self.gaps.saturating_add(1),
            RecordType::End | RecordType::SessionEnd if draft.outcome.as_deref() == Some("unknown") => {
                self.unended = self.unended.saturating_add(1);
            }
            kind => {
                self.newest = Some(record.ts);
                self.stopped = kind == RecordType::WriterStop;
            }
        }
        None
    }

    fn found(&self, unsigned: Option<&str>) -> String {
        let mut found = Vec::new();
        if self.gaps > 0 {
            found.push("bytes at the trail's end were unreadable".to_owned());
        }
        if self.unended > 0 {
            found.push(format!("{} exchanges or sessions had no end", self.unended));
        }
        if let Some(unsigned) = unsigned {
            found.push(format!("{unsigned} records were unsigned"));
        }
        if found.is_empty() { "nothing was lost".to_owned() } else { found.join(", ") }
    }
}
