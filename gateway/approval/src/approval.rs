use hoop_model::{Principal, Subject, Timestamp};
use serde::{Deserialize, Serialize};

use crate::Request;

/// One person's word on a request.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Vote {
    pub by: Subject,
    /// For display only.
    pub name: String,
    pub at: Timestamp,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reason: Option<String>,
}

impl Vote {
    pub(crate) fn of(principal: &Principal, reason: Option<String>, at: Timestamp) -> Self {
        Self { by: principal.subject.clone(), name: principal.display_name().to_owned(), at, reason }
    }
}

/// Where a request stands. `Denied`, `Withdrawn`, `Expired` and `Consumed` are final.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "status", rename_all = "snake_case")]
pub enum State {
    /// Votes so far: fewer than the quorum.
    Pending {
        votes: Vec<Vote>,
    },
    /// The quorum agreed; usable once, before `use_before`.
    Approved {
        votes: Vec<Vote>,
        at: Timestamp,
        use_before: Timestamp,
    },
    Denied {
        vote: Vote,
    },
    Withdrawn {
        at: Timestamp,
    },
    Expired {
        at: Timestamp,
    },
    /// What was approved ran.
    Consumed {
        votes: Vec<Vote>,
        at: Timestamp,
    },
}

impl State {
    pub fn is_final(&self) -> bool {
        matches!(self, Self::Denied { .. } | Self::Withdrawn { .. } | Self::Expired { .. } | Self::Consumed { .. })
    }

    /// The word used in answers, in the store and on the screen.
    pub fn as_str(&self) -> &'static str {
        match self {
            Self::Pending { .. } => "pending",
            Self::Approved { .. } => "approved",
            Self::Denied { .. } => "denied",
            Self::Withdrawn { .. } => "withdrawn",
            Self::Expired { .. } => "expired",
            Self::Consumed { .. } => "consumed",
        }
    }
}

/// A held request and its state. Only the transitions change the state.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Approval {
    request: Request,
    pub(crate) state: State,
}

impl Approval {
    pub fn open(request: Request) -> Self {
        Self { request, state: State::Pending { votes: Vec::new() } }
    }

    pub fn request(&self) -> &Request {
        &self.request
    }

    pub fn state(&self) -> &State {
        &self.state
    }

    /// Those who agreed, so far or in the end.
    pub fn approvers(&self) -> &[Vote] {
        match &self.state {
            State::Pending { votes } | State::Approved { votes, .. } | State::Consumed { votes, .. } => votes,
            State::Denied { .. } | State::Withdrawn { .. } | State::Expired { .. } => &[],
        }
    }

    /// When it changes by itself if nobody does anything; `None` once final.
    pub fn next_deadline(&self) -> Option<Timestamp> {
        match &self.state {
            State::Pending { .. } => Some(self.request.expires_at()),
            State::Approved { use_before, .. } => Some(*use_before),
            _ => None,
        }
    }
}
