use hoop_model::{Fault, Retry, Side};

use crate::jwt::TokenError;

/// Why somebody is not let in, or why identity cannot be set up. The text is for the user and holds nothing of the
/// token; [`IdentityError::detail`] is for the log and holds no claim's value either.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum IdentityError {
    #[error("{0}")]
    Settings(String),
    #[error("{0}; log in again, and tell the gateway's admin if it goes on")]
    Token(#[from] TokenError),
    #[error(
        "the identity provider {issuer} cannot be reached from the gateway, so nobody can log in through it now. Try \
         again shortly; if it lasts, tell the gateway's admin. Sessions that are open go on."
    )]
    IssuerUnreachable { issuer: String },
    /// The ID token belongs to another key, or to another login.
    #[error("the ID token was not issued for this login; run `hoopctl login` again")]
    Nonce,
    #[error("the renewed login belongs to somebody else; run `hoopctl login`")]
    OtherSubject,
    #[error(
        "the identity provider does not say which groups you are in ({0}), and without that nothing is allowed. Tell \
         the gateway's admin: the provider must put the claim \"{1}\" into its tokens."
    )]
    Groups(&'static str, String),
    #[error("no workload may log in with a token of this issuer; ask the gateway's admin for a trust rule")]
    NoRuleForIssuer,
    #[error(
        "no trust rule of the gateway matches this token (tried: {}). Ask the gateway's admin to compare the rule with \
         the job.", rules.join(", ")
    )]
    NoRuleMatches {
        rules: Vec<String>,
        /// Rule and claim that did not match.
        failed: Vec<String>,
    },
    #[error("several trust rules match this token ({}), so none is taken; ask the gateway's admin to narrow them", .0.join(", "))]
    SeveralRulesMatch(Vec<String>),
    #[error("this is a person's token, not a workload's; use `hoopctl login` without --workload")]
    PersonsToken,
}

impl IdentityError {
    /// Stable, `snake_case`.
    pub fn code(&self) -> &'static str {
        match self {
            Self::Settings(_) => "identity_settings",
            Self::Token(error) => error.code(),
            Self::IssuerUnreachable { .. } => "issuer_unreachable",
            Self::Nonce => "token_not_bound",
            Self::OtherSubject => "other_subject",
            Self::Groups(..) => "groups_unknown",
            Self::NoRuleForIssuer | Self::NoRuleMatches { .. } => "workload_not_trusted",
            Self::SeveralRulesMatch(_) => "workload_rules_overlap",
            Self::PersonsToken => "token_type",
        }
    }

    /// What the log may say beyond the text.
    pub fn detail(&self) -> String {
        match self {
            Self::Token(error) => format!("{error:?}"),
            Self::NoRuleMatches { failed, .. } => failed.join("; "),
            other => format!("{other:?}"),
        }
    }

    pub fn into_fault(self) -> Fault {
        let (side, retry) = match &self {
            Self::IssuerUnreachable { .. } => (Side::Internal, Retry::Safe),
            Self::Settings(_) => (Side::Internal, Retry::Useless),
            _ => (Side::Client, Retry::Useless),
        };
        let detail = self.detail();
        Fault::new(side, self.code(), retry, self.to_string()).detail(detail)
    }
}
