use std::{fmt, str::FromStr};

use serde::{Deserialize, Serialize};

/// The protocol a connection speaks.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum ConnectionKind {
    Mcp,
    Snowflake,
}

impl fmt::Display for ConnectionKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Mcp => "mcp",
            Self::Snowflake => "snowflake",
        })
    }
}

/// An admin's name for one upstream: 1–63 of `a–z 0–9 - _`, first a letter or digit.
#[derive(Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct ConnectionName(String);

#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("a connection name is 1 to 63 of a-z, 0-9, '-' and '_', and begins with a letter or digit")]
pub struct InvalidConnectionName;

impl ConnectionName {
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl TryFrom<String> for ConnectionName {
    type Error = InvalidConnectionName;

    fn try_from(name: String) -> Result<Self, InvalidConnectionName> {
        let plain = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit();
        let fits = (1..=63).contains(&name.len())
            && name.starts_with(plain)
            && name.chars().all(|c| plain(c) || c == '-' || c == '_');
        if fits { Ok(Self(name)) } else { Err(InvalidConnectionName) }
    }
}

impl FromStr for ConnectionName {
    type Err = InvalidConnectionName;

    fn from_str(name: &str) -> Result<Self, InvalidConnectionName> {
        Self::try_from(name.to_owned())
    }
}

impl From<ConnectionName> for String {
    fn from(name: ConnectionName) -> String {
        name.0
    }
}

impl fmt::Display for ConnectionName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl fmt::Debug for ConnectionName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Debug::fmt(&self.0, f)
    }
}
