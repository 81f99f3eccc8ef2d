use std::{collections::BTreeSet, fmt, time::Duration};

use serde::{Deserialize, Serialize};

use crate::{Group, Timestamp};

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Effect {
    Allow,
    /// Allowed once somebody else agrees.
    Hold,
    Deny,
}

/// What must happen for an allowed request to go on: the union over every policy that decided.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Obligations {
    /// Any member of any of these groups, other than the requester, may approve. Empty: nothing to approve.
    pub approvers: BTreeSet<Group>,
    /// How many different approvers; 1 where a policy names approvers and no number.
    pub quorum: u32,
    /// How long a request waits for its approvers, and an approval for its use.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub expiry: Option<Duration>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub row_limit: Option<u64>,
    /// Card numbers are shown in the answer. No obligation that one policy adds: every part of the request must be
    /// permitted by a policy that shows them.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reveal: Option<Reveal>,
}

/// Under what card numbers are shown (PCI DSS 3.4.1), authentication data never.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Reveal {
    /// Ids of the policies that show them.
    pub rules: BTreeSet<String>,
    /// The needs that those document.
    pub needs: BTreeSet<String>,
    /// From then on they are hidden again.
    pub until: Timestamp,
}

impl Reveal {
    pub fn holds_at(&self, now: Timestamp) -> bool {
        now < self.until
    }

    /// Of two parts of one request: under the policies of both, until the earlier end.
    #[must_use]
    pub fn and(mut self, other: Self) -> Self {
        self.rules.extend(other.rules);
        self.needs.extend(other.needs);
        self.until = self.until.min(other.until);
        self
    }
}

/// As approvers and the trail read it.
impl fmt::Display for Reveal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let join = |words: &BTreeSet<String>, gap: &str| words.iter().map(String::as_str).collect::<Vec<_>>().join(gap);
        let (needs, rules) = (join(&self.needs, "; "), join(&self.rules, ", "));
        write!(f, "card numbers are shown in clear until {}: {needs} ({rules})", self.until)
    }
}

impl Obligations {
    pub fn needs_approval(&self) -> bool {
        !self.approvers.is_empty()
    }

    /// The stricter of both: all groups, the larger quorum, the shorter time, the lower limit. Nothing is revealed by it.
    pub fn union(mut self, other: Obligations) -> Self {
        fn lower<T: Ord>(a: Option<T>, b: Option<T>) -> Option<T> {
            match (a, b) {
                (Some(a), Some(b)) => Some(a.min(b)),
                (a, b) => a.or(b),
            }
        }
        self.approvers.extend(other.approvers);
        self.quorum = self.quorum.max(other.quorum);
        self.expiry = lower(self.expiry, other.expiry);
        self.row_limit = lower(self.row_limit, other.row_limit);
        self.reveal = None;
        self
    }
}

/// What policy said of one request.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Decision {
    pub effect: Effect,
    /// Ids of the policies that decided; empty when nothing permitted (default deny).
    pub rules: Vec<String>,
    pub obligations: Obligations,
    /// Hex SHA-256 of the policy text that decided.
    pub policy_digest: String,
    /// Why, in words for the person: which part of the request asked for this.
    pub reasons: Vec<String>,
}
