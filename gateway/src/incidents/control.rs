use std::fmt;

use serde::Serialize;

/// What is watched (PCI DSS 10.7.2).
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "lowercase")]
pub(crate) enum Control {
    /// The trail.
    Audit,
    /// Reading answers in order to mask them.
    Masking,
    Policy,
    Clock,
    Siem,
    /// The trail's copy in S3.
    Archive,
    /// Who else signs the trail's heads.
    Witness,
    /// Who says when there were which.
    Timestamp,
    Store,
    /// The automatic review of the trail.
    Review,
}

impl Control {
    const ALL: [Control; 10] = [
        Self::Audit,
        Self::Masking,
        Self::Policy,
        Self::Clock,
        Self::Siem,
        Self::Archive,
        Self::Witness,
        Self::Timestamp,
        Self::Store,
        Self::Review,
    ];

    pub(crate) fn as_str(self) -> &'static str {
        match self {
            Self::Audit => "audit",
            Self::Masking => "masking",
            Self::Policy => "policy",
            Self::Clock => "clock",
            Self::Siem => "siem",
            Self::Archive => "archive",
            Self::Witness => "witness",
            Self::Timestamp => "timestamp",
            Self::Store => "store",
            Self::Review => "review",
        }
    }

    /// What a failure of it meant for what it guards: nothing passes unguarded (design, promise 9).
    pub(super) fn impact(self) -> &'static str {
        match self {
            Self::Audit => "nothing was recorded, and nothing new passed",
            Self::Masking => "the answer was blocked",
            Self::Policy => "the request was denied",
            Self::Clock => "times in the trail may be off; its order is not",
            Self::Siem | Self::Archive => "no new session began",
            Self::Witness => "nobody else vouched for the newest records; no new session began where it is required",
            Self::Timestamp => "nobody else vouched for when the newest records were there",
            Self::Store => "no new work was let in",
            Self::Review => "alerts came late",
        }
    }

    pub(super) fn of(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|control| control.as_str() == name)
    }

    /// Whether nobody can say that it works again: it does once it has not failed for long.
    pub(super) fn ends_by_silence(self) -> bool {
        matches!(self, Self::Masking | Self::Policy)
    }

    /// Whether an incident of it can be recorded only once it is over.
    pub(super) fn is_told_at_its_end(self) -> bool {
        self == Self::Audit
    }
}

impl fmt::Display for Control {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}
