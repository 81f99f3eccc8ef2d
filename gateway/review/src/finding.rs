//! What somebody should look at.

use std::fmt;

use hoop_audit::{Draft, Hash, Record};
use hoop_model::{ConnectionName, Subject, Timestamp};
use serde::{Deserialize, Serialize};

/// Characters of a finding's text.
const LONGEST: usize = 400;

#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Rule {
    DeniedBurst,
    NewResource,
    UnusualVolume,
    UnexpectedPan,
    BreakGlass,
    OffHours,
    ControlFailure,
}

impl Rule {
    pub const ALL: [Rule; 7] = [
        Self::DeniedBurst,
        Self::NewResource,
        Self::UnusualVolume,
        Self::UnexpectedPan,
        Self::BreakGlass,
        Self::OffHours,
        Self::ControlFailure,
    ];

    pub fn as_str(self) -> &'static str {
        match self {
            Self::DeniedBurst => "denied_burst",
            Self::NewResource => "new_resource",
            Self::UnusualVolume => "unusual_volume",
            Self::UnexpectedPan => "unexpected_pan",
            Self::BreakGlass => "break_glass",
            Self::OffHours => "off_hours",
            Self::ControlFailure => "control_failure",
        }
    }
}

impl fmt::Display for Rule {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// One finding, over the records from `first` to `last`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Finding {
    /// The same for the same finding, however often the records are read.
    pub key: String,
    pub rule: Rule,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub subject: Option<Subject>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub connection: Option<ConnectionName>,
    /// For people; inert.
    pub what: String,
    pub first: u64,
    pub last: u64,
    /// How many of what the rule counts.
    pub count: u64,
    /// When the record that completed it was made.
    pub at: Timestamp,
}

impl Finding {
    /// What `record` completed, alone so far.
    pub(crate) fn of(rule: Rule, record: &Record, what: &str) -> Self {
        let mut finding = Self {
            key: String::new(),
            rule,
            subject: subject(&record.draft).cloned(),
            connection: record.draft.connection.clone(),
            what: inert(what),
            first: record.seq,
            last: record.seq,
            count: 1,
            at: record.ts,
        };
        finding.key_by(&record.seq.to_string());
        finding
    }

    /// Names the finding by something else than the record that completed it.
    pub(crate) fn key_by(&mut self, by: &str) {
        let subject = self.subject.as_ref().map(person).unwrap_or_default();
        let connection = self.connection.as_ref().map_or("", ConnectionName::as_str);
        self.key = Hash::of(joined(&[self.rule.as_str(), &subject, connection, by]).as_bytes()).to_string();
    }
}

pub(crate) fn subject(draft: &Draft) -> Option<&Subject> {
    draft.origin.as_ref().map(|origin| &origin.subject)
}

/// One text for issuer and name, which cannot run together.
pub(crate) fn person(subject: &Subject) -> String {
    joined(&[&subject.issuer, &subject.sub])
}

/// Parts as one key: each with its length, so that no two lists give the same.
pub(crate) fn joined(parts: &[&str]) -> String {
    parts.iter().map(|part| format!("{}:{part}", part.len())).collect()
}

/// Text that others wrote, so that it does nothing on a terminal or a page and looks like what it is.
pub(crate) fn inert(text: &str) -> String {
    let mut inert = String::new();
    for (count, c) in text.chars().enumerate() {
        if count == LONGEST {
            inert.push('…');
            break;
        }
        match c {
            '…' => inert.push(c),
            c if c.is_ascii_graphic() || c == ' ' || c.is_alphanumeric() => inert.push(c),
            c => inert.extend(c.escape_unicode()),
        }
    }
    inert
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_of_others_is_inert_and_short() {
        assert_eq!(inert("a\u{1b}[2J\u{202e}b\nü"), "a\\u{1b}[2J\\u{202e}b\\u{a}ü");
        assert_eq!(inert(&"x".repeat(500)).chars().count(), LONGEST + 1);
    }

    #[test]
    fn no_two_lists_have_one_key() {
        assert_ne!(joined(&["ab", "c"]), joined(&["a", "bc"]));
    }
}
