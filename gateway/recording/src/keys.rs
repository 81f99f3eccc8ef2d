use hoop_audit::{SigningKey, VerifyingKey};

use crate::RecordError;

/// Seeds of the keys that may sign the trail, as the gateway keeps them. A secret: neither shown nor copied.
pub struct Seeds(Vec<[u8; 32]>);

impl Seeds {
    /// The first signs a log that begins now; a log that is there says itself which of them signs it.
    pub fn new(seeds: Vec<[u8; 32]>) -> Self {
        Self(seeds)
    }

    pub(crate) fn first(&self, origin: &str) -> Result<SigningKey, RecordError> {
        let seed = self.0.first().ok_or(hoop_audit::NoteError::Unusable)?;
        Ok(SigningKey::from_seed(origin, seed)?)
    }

    pub(crate) fn find(&self, wanted: &VerifyingKey) -> Result<SigningKey, RecordError> {
        for seed in &self.0 {
            let key = SigningKey::from_seed(wanted.name(), seed)?;
            if key.verifying() == wanted {
                return Ok(key);
            }
        }
        Err(RecordError::Key { expected: wanted.clone() })
    }
}
