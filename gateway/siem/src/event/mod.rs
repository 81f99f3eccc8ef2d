//! What a record becomes for a SIEM: pure, and of masked records only, so no event holds a clear card number.

mod cef;
mod class;
mod limit;
mod ocsf;
mod parts;

use hoop_audit::Hash;
use hoop_model::Timestamp;
use serde::Deserialize;

use crate::source::Entry;

/// Longest event in bytes: with a syslog header before it, within the 8 096 that rsyslog takes without cutting.
pub const LONGEST: usize = 7680;
/// No event is cut further than this: what every event must say needs it.
pub const SHORTEST: usize = 2048;

/// How an event is written.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Format {
    /// OCSF 1.5, one JSON object.
    #[default]
    Ocsf,
    /// ArcSight's Common Event Format, one line.
    Cef,
}

/// How grave, as OCSF counts.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Severity {
    Informational = 1,
    Low = 2,
    Medium = 3,
    High = 4,
}

impl Severity {
    pub(crate) fn as_str(self) -> &'static str {
        match self {
            Self::Informational => "Informational",
            Self::Low => "Low",
            Self::Medium => "Medium",
            Self::High => "High",
        }
    }
}

/// One event, ready to be sent. It has no line break in it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Event {
    pub seq: u64,
    /// Leaf hash of the record.
    pub hash: Hash,
    /// `origin:seq`: by this a receiver drops repetitions.
    pub uid: String,
    pub at: Timestamp,
    pub severity: Severity,
    /// The record's type, such as `response_chunk`.
    pub kind: String,
    pub format: Format,
    pub text: String,
}

#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum EventError {
    #[error("record {seq} cannot be written as an event: {source}")]
    Encode {
        seq: u64,
        #[source]
        source: serde_json::Error,
    },
}

/// Makes events of one gateway's records.
#[derive(Debug, Clone)]
pub struct Mapper {
    /// Of this trail alone, for good: the first half of every event's `uid`.
    pub origin: String,
    /// The gateway's name.
    pub host: String,
    pub version: String,
    pub format: Format,
    /// In bytes; at least [`SHORTEST`].
    pub longest: usize,
}

impl Mapper {
    pub fn event(&self, entry: &Entry) -> Result<Event, EventError> {
        let seq = entry.record.seq;
        let wrong = |source| EventError::Encode { seq, source };
        let parts = parts::Parts::of(&entry.record).map_err(wrong)?;
        let class = class::of(&entry.record.draft);
        let uid = format!("{}:{seq}", self.origin);
        let longest = self.longest.max(SHORTEST);
        let kind = parts.kind.clone();
        let text = match self.format {
            Format::Ocsf => {
                let event = ocsf::event(self, entry, &class, parts, &uid);
                limit::fitted(event, longest, serde_json::to_string).map_err(wrong)?
            }
            Format::Cef => cef::line(self, entry, &class, parts, &uid, longest).map_err(wrong)?,
        };
        let at = entry.record.ts;
        Ok(Event { seq, hash: entry.hash, uid, at, severity: class.severity, kind, format: self.format, text })
    }
}

#[cfg(test)]
mod tests;
