use hoop_audit::Record;
use hoop_model::{ConnectionName, Timestamp};
use serde::{Deserialize, Serialize};

/// What a pack is of: a time, and where it is of one connection, that.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Scope {
    pub from: Timestamp,
    /// No longer in it.
    pub to: Timestamp,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub connection: Option<ConnectionName>,
}

impl Scope {
    /// Whether a record's time is within the period.
    pub(crate) fn is_at(&self, record: &Record) -> bool {
        self.from <= record.ts && record.ts < self.to
    }

    /// Whether it is of the connection, or of none: logins, the trail's own records.
    pub(crate) fn concerns(&self, record: &Record) -> bool {
        self.connection.is_none() || record.draft.connection.is_none() || record.draft.connection == self.connection
    }
}
