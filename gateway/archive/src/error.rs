/// What S3 answered, or that it did not. No text here holds a secret.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum S3Error {
    /// What was asked for may have been done, or not.
    #[error("S3 gives no answer: {0}")]
    Unreachable(String),
    #[error("S3 answered {what} with {status} {code}{message}")]
    Refused {
        what: &'static str,
        status: u16,
        code: String,
        /// With its colon, or nothing.
        message: String,
    },
    #[error("S3's answer to {what} cannot be read: {problem}")]
    Unreadable { what: &'static str, problem: String },
    #[error("a request cannot be made or signed: {0}")]
    Unsendable(String),
}

impl S3Error {
    pub fn status(&self) -> Option<u16> {
        match self {
            Self::Refused { status, .. } => Some(*status),
            _ => None,
        }
    }

    /// Whether S3 said no to what was asked: not that it is busy, or that it failed itself.
    pub fn is_no(&self) -> bool {
        self.status().is_some_and(|status| (400..500).contains(&status) && !matches!(status, 408 | 409 | 429))
            || self.status() == Some(501)
    }

    pub fn is_absent(&self) -> bool {
        self.status() == Some(404)
    }
}
