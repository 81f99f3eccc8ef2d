use std::{collections::BTreeSet, fmt};

use serde::{Deserialize, Serialize};

use crate::Timestamp;

/// The stable name of a person or workload: the issuer that vouches, and its name for them.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Subject {
    pub issuer: String,
    pub sub: String,
}

impl fmt::Display for Subject {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} ({})", self.sub, self.issuer)
    }
}

/// A group as the configured claim spells it.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Group(pub String);

impl fmt::Display for Group {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum PrincipalKind {
    Person,
    /// A CI job or service: can never approve, never refreshes.
    Workload,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum LoginMethod {
    Browser,
    Device,
    Workload,
}

/// How sure the issuer was of who logged in (OpenID Connect Core §2). Its own words.
#[derive(Debug, Clone, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Assurance {
    /// By what they logged in, such as `pwd`, `otp`, `mfa` (RFC 8176).
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub amr: Vec<String>,
    /// The level that this came to.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub acr: Option<String>,
}

impl Assurance {
    /// Whether the issuer said nothing of it.
    pub fn is_unknown(&self) -> bool {
        self.amr.is_empty() && self.acr.is_none()
    }
}

/// Who asks, as verified at login.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Principal {
    pub subject: Subject,
    pub kind: PrincipalKind,
    pub groups: BTreeSet<Group>,
    /// For display only; never a key.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub email: Option<String>,
    #[serde(default, skip_serializing_if = "Assurance::is_unknown")]
    pub assurance: Assurance,
    pub login_method: LoginMethod,
    /// When the issuer saw the person log in, or the token was issued.
    pub authenticated_at: Timestamp,
}

impl Principal {
    /// The name to show people: the e-mail where the issuer gave one, else `sub`.
    pub fn display_name(&self) -> &str {
        self.email.as_deref().unwrap_or(&self.subject.sub)
    }

    pub fn is_in(&self, group: &Group) -> bool {
        self.groups.contains(group)
    }
}
