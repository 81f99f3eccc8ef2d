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
            (_, "approval_pending" | "approval_expired") => Exit::ApprovalPending,
            (_, "login_ended" | "other_key") => Exit::NotLoggedIn,
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
