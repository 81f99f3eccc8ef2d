use std::time::Duration;

use hoop_model::{Action, ApprovalId, ConnectionName, ExchangeId, Obligations, SessionId, Subject, Timestamp, later};
use serde::{Deserialize, Serialize};

use crate::Binding;

/// How long a request waits, and an approval may be used, where no policy says.
pub const DEFAULT_WINDOW: Duration = Duration::from_secs(30 * 60);

/// What an approver is asked. Holds no clear card data: the command is masked, the exact one is behind the binding.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Request {
    pub id: ApprovalId,
    pub session: SessionId,
    pub exchange: ExchangeId,
    pub requester: Subject,
    /// For display only.
    pub requester_name: String,
    pub connection: ConnectionName,
    pub action: Action,
    /// Masked.
    pub command: String,
    pub binding: Binding,
    /// Approvers' groups, quorum and window.
    pub obligations: Obligations,
    /// Ids of the policies that ask for approval.
    pub rules: Vec<String>,
    /// Why it is held, in words.
    pub why: Vec<String>,
    /// The requester's own reason (`--reason`), masked.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reason: Option<String>,
    pub created_at: Timestamp,
}

impl Request {
    /// Undecided at this instant, it has expired.
    pub fn expires_at(&self) -> Timestamp {
        later(self.created_at, self.window())
    }

    /// Different approvers needed; never none.
    pub fn quorum(&self) -> usize {
        usize::try_from(self.obligations.quorum).unwrap_or(usize::MAX).max(1)
    }

    pub(crate) fn window(&self) -> Duration {
        self.obligations.expiry.unwrap_or(DEFAULT_WINDOW)
    }
}
