use std::{collections::BTreeSet, time::Duration};

use serde::{Deserialize, Serialize};

use crate::Group;

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
}

impl Obligations {
    pub fn needs_approval(&self) -> bool {
        !self.approvers.is_empty()
    }

    /// The stricter of both: all groups, the larger quorum, the shorter time, the lower limit.
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
