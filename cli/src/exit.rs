//! How a command ends: one place maps failures to exit codes and to what the person reads.

use std::process::ExitCode;

use hoop_model::{Fault, Side};

/// Exit codes of `hoopctl` (design, "Command tree").
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[repr(u8)]
pub enum Exit {
    Ok = 0,
    Failed = 1,
    Usage = 2,
    Refused = 3,
    NotLoggedIn = 4,
    ApprovalPending = 5,
    ApprovalDenied = 6,
    Unreachable = 7,
    Upstream = 8,
    Tampered = 9,
    NoAnchor = 10,
    Interrupted = 130,
}

impl From<Exit> for ExitCode {
    fn from(exit: Exit) -> Self {
        ExitCode::from(exit as u8)
    }
}

/// A failed command: what happened, why and what to do next.
#[derive(Debug, thiserror::Error)]
#[error("{text}")]
pub struct Failure {
    pub exit: Exit,
    /// Stable, for scripts.
    pub code: String,
    pub text: String,
}

impl Failure {
    pub fn new(exit: Exit, code: &str, text: impl Into<String>) -> Self {
        Self { exit, code: code.to_owned(), text: text.into() }
    }

    pub fn not_logged_in(text: impl Into<String>) -> Self {
        Self::new(Exit::NotLoggedIn, "not_logged_in", text)
    }

    pub fn unreachable(text: impl Into<String>) -> Self {
        Self::new(Exit::Unreachable, "gateway_unreachable", text)
    }
}

impl From<Fault> for Failure {
    fn from(fault: Fault) -> Self {
        let exit = match (fault.side, fault.code.as_ref()) {
            (_, "approval_denied") => Exit::ApprovalDenied,
            (_, "approval_pending" | "approval_expired" | "approval_withdrawn" | "approval_used" | "not_approved") => {
                Exit::ApprovalPending
            }
            // What was shown to log in with is not good, or no longer.
            (_, "login_ended" | "other_key" | "other_subject") => Exit::NotLoggedIn,
            (_, code) if code.starts_with("token_") => Exit::NotLoggedIn,
            // It is good, and the gateway's rules let nobody in with it.
            (_, "people_not_admitted" | "workload_not_trusted" | "workload_rules_overlap") => Exit::Refused,
            (Side::Policy, _) => Exit::Refused,
            (Side::Agent, _) => Exit::Unreachable,
            (Side::Upstream, _) => Exit::Upstream,
            (Side::Client | Side::Internal, _) => Exit::Failed,
        };
        Self { exit, code: fault.code.into_owned(), text: fault.text }
    }
}

impl From<std::io::Error> for Failure {
    fn from(error: std::io::Error) -> Self {
        Self::new(Exit::Failed, "io", error.to_string())
    }
}

#[cfg(test)]
mod tests {
    use hoop_model::Retry;

    use super::*;

    #[test]
    fn faults_exit_as_the_table_says() {
        use Exit::{ApprovalDenied, ApprovalPending, Failed, NotLoggedIn, Refused, Unreachable, Upstream};
        for (side, code, exit) in [
            (Side::Client, "token_expired", NotLoggedIn),
            (Side::Client, "token_audience", NotLoggedIn),
            (Side::Client, "token_signature", NotLoggedIn),
            (Side::Client, "token_not_bound", NotLoggedIn),
            (Side::Client, "token_already_used", NotLoggedIn),
            (Side::Client, "other_subject", NotLoggedIn),
            (Side::Client, "login_ended", NotLoggedIn),
            (Side::Client, "workload_not_trusted", Refused),
            (Side::Client, "workload_rules_overlap", Refused),
            (Side::Client, "people_not_admitted", Refused),
            (Side::Policy, "unknown_connection", Refused),
            (Side::Policy, "already_decided", Refused),
            (Side::Policy, "approval_denied", ApprovalDenied),
            (Side::Policy, "approval_expired", ApprovalPending),
            (Side::Policy, "not_approved", ApprovalPending),
            (Side::Client, "approval_withdrawn", ApprovalPending),
            (Side::Client, "approval_used", ApprovalPending),
            (Side::Agent, "agent_down", Unreachable),
            (Side::Upstream, "upstream_refused", Upstream),
            // The provider's or the gateway's trouble, not the credential's.
            (Side::Internal, "issuer_unreachable", Failed),
            (Side::Internal, "store_down", Failed),
            (Side::Client, "groups_unknown", Failed),
            (Side::Client, "unknown_request", Failed),
        ] {
            assert_eq!(Failure::from(Fault::new(side, code, Retry::Useless, "")).exit, exit, "{code}");
        }
    }
}
