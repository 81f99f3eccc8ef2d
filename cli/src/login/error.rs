use std::fmt::Display;

use crate::exit::{Exit, Failure};

/// Why a login did not come about. The texts hold no token, code or claim.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum LoginError {
    #[error("the identity provider {issuer} cannot be used: {why}; check the network, then tell the gateway's admin")]
    Provider { issuer: String, why: String },
    #[error(
        "no loopback port could be opened for the browser's answer ({0}); the gateway's admin can name other ports"
    )]
    NoPort(std::io::Error),
    #[error(
        "there is no terminal here, so no browser is opened; in a job use `hoopctl login --workload`, or give \
         --no-browser to have the address printed and wait for whoever opens it"
    )]
    NoTerminal,
    #[error("nobody logged in within 5 minutes; run `hoopctl login` again")]
    Timeout,
    #[error("the identity provider ended the login: {0}; run `hoopctl login` to try again")]
    Denied(String),
    #[error(
        "the answer came from another identity provider than was asked, so it was not used; run `hoopctl login` again, \
         and tell your security team if it repeats"
    )]
    MixedUp,
    #[error("this gateway lets only workloads in; use `hoopctl login --workload`")]
    PeopleNotAdmitted,
    #[error("this gateway has no trust rule for workloads; its admin adds one under [[identity.workload]]")]
    WorkloadsNotAdmitted,
    /// What a logout left as it was.
    #[error("{issuer}: {why}")]
    NotEnded { issuer: String, why: &'static str },
    #[error("\"{0}\" is no source of workload tokens; use --workload=github, =file:PATH or =env:NAME")]
    Source(String),
    #[error("{0}")]
    Workload(String),
    #[error("the session's key could not be made or read ({0}); run `hoopctl login`")]
    Key(String),
    #[error("{path}: {why}; run `hoopctl login` to make it anew", path = path.display())]
    State { path: std::path::PathBuf, why: String },
}

impl LoginError {
    pub(super) fn provider(issuer: &str, why: impl Display) -> Self {
        Self::Provider { issuer: issuer.to_owned(), why: why.to_string() }
    }
}

impl From<LoginError> for Failure {
    fn from(error: LoginError) -> Self {
        let (exit, code) = match &error {
            LoginError::Provider { .. } | LoginError::NotEnded { .. } => (Exit::Failed, "identity_provider"),
            LoginError::NoPort(_) => (Exit::Failed, "no_port"),
            LoginError::NoTerminal => (Exit::Usage, "no_terminal"),
            LoginError::Timeout => (Exit::NotLoggedIn, "login_timeout"),
            LoginError::Denied(_) => (Exit::NotLoggedIn, "login_denied"),
            LoginError::MixedUp => (Exit::Failed, "login_mixed_up"),
            LoginError::PeopleNotAdmitted => (Exit::Refused, "people_not_admitted"),
            LoginError::WorkloadsNotAdmitted => (Exit::Refused, "workloads_not_admitted"),
            LoginError::Source(_) => (Exit::Usage, "workload_source"),
            LoginError::Workload(_) => (Exit::Failed, "workload_token"),
            LoginError::Key(_) | LoginError::State { .. } => (Exit::NotLoggedIn, "login_unusable"),
        };
        Failure::new(exit, code, error.to_string())
    }
}
