use std::borrow::Cow;

use serde::{Deserialize, Serialize};

/// Who is to blame, and so who can mend it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Side {
    Client,
    Policy,
    Agent,
    Upstream,
    Internal,
}

/// Whether sending the same request again is safe.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Retry {
    /// Nothing ran; the same request may be sent again.
    Safe,
    /// It may have run.
    Unsafe,
    /// It will fail again until something changes.
    Useless,
}

/// A failure on the data path. `text` is for the user and never holds data from the exchange;
/// `detail` is for the log.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, thiserror::Error)]
#[error("{text}")]
pub struct Fault {
    pub side: Side,
    /// Stable, `snake_case`; documented in `gateway/docs/errors.md`.
    pub code: Cow<'static, str>,
    pub retry: Retry,
    /// What happened, why, and what to do next.
    pub text: String,
    #[serde(skip)]
    pub detail: String,
}

impl Fault {
    pub fn new(side: Side, code: &'static str, retry: Retry, text: impl Into<String>) -> Self {
        Self { side, code: Cow::Borrowed(code), retry, text: text.into(), detail: String::new() }
    }

    /// Adds what only the log may say.
    #[must_use]
    pub fn detail(mut self, detail: impl std::fmt::Display) -> Self {
        self.detail = detail.to_string();
        self
    }
}
