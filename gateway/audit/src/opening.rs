use serde::{Deserialize, Serialize};

use crate::{chain::Chain, note::VerifyingKey};

/// What a segment begins with: which log it belongs to, who signs it, and where it stood. A crashed gateway goes on from
/// the newest segment alone; a verifier holds each against what it saw itself.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Opening {
    /// The key that signs the log as the segment begins; its name is the log's origin.
    pub key: VerifyingKey,
    pub chain: Chain,
}
