use hoop_model::{Fault, Retry, Side};

/// Why a transition was refused. The state is as it was, except that a lapsed request is now `Expired`.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum ApprovalError {
    #[error("you asked for this, so somebody else must decide; to take it back, withdraw it")]
    RequesterCannotApprove,
    #[error("you are not in a group that may decide this; ask a member of {}", list(.groups))]
    NotInApproversGroup { groups: Vec<String> },
    #[error("a workload cannot decide a request; ask a person in the approvers' group")]
    WorkloadCannotApprove,
    #[error("you have already approved this; it waits for {missing} more approver(s)")]
    DuplicateApprover { missing: usize },
    #[error("this request is already {state}")]
    AlreadyDecided { state: &'static str },
    #[error("this request has expired; run the command again to ask anew")]
    Expired,
    #[error("this request has not been approved yet")]
    NotApproved,
    #[error("what would run is not what was approved; run the command again to ask anew")]
    BindingMismatch,
    #[error("only the person who asked can withdraw a request")]
    NotTheRequester,
}

impl ApprovalError {
    /// Stable, for scripts.
    pub fn code(&self) -> &'static str {
        match self {
            Self::RequesterCannotApprove => "requester_cannot_approve",
            Self::NotInApproversGroup { .. } => "not_in_approvers_group",
            Self::WorkloadCannotApprove => "workload_cannot_approve",
            Self::DuplicateApprover { .. } => "duplicate_approver",
            Self::AlreadyDecided { .. } => "already_decided",
            Self::Expired => "approval_expired",
            Self::NotApproved => "not_approved",
            Self::BindingMismatch => "approval_binding_mismatch",
            Self::NotTheRequester => "not_the_requester",
        }
    }
}

impl From<ApprovalError> for Fault {
    fn from(error: ApprovalError) -> Self {
        Fault::new(Side::Policy, error.code(), Retry::Useless, error.to_string())
    }
}

fn list(groups: &[String]) -> String {
    if groups.is_empty() { "no group: the policy names none".to_owned() } else { groups.join(" or ") }
}
