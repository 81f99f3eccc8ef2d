use std::{io, path::PathBuf};

use hoop_audit::{NoteError, VerifyingKey};

use crate::read::ReadError;

#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum RecordError {
    #[error("{path}: {source}")]
    Io {
        path: PathBuf,
        #[source]
        source: io::Error,
    },
    #[error(transparent)]
    Read(#[from] ReadError),
    /// Not a torn end: somebody changed it, or the disk did. Never repaired.
    #[error("{path} is damaged: {text}; look at it with `hoopctl audit verify`")]
    Damaged { path: PathBuf, text: String },
    #[error("another gateway is writing the trail in {path}; stop it, or give this one its own data directory")]
    InUse { path: PathBuf },
    /// Another key would make another log of it.
    #[error(
        "the trail is signed by {expected}, and that key is not here; put it back, or, if it is lost for good, begin another \
         trail with `hoop-gateway trail begin-anew`"
    )]
    Key { expected: VerifyingKey },
    #[error("the trail's signing key: {0}")]
    Sign(#[from] NoteError),
    /// An earlier write or sync failed; the gateway must be restarted.
    #[error("the trail's writer has stopped after a failed write: {0}")]
    Poisoned(String),
    /// Nothing is lost, and it goes on once there is room.
    #[error("the disk of the trail is full")]
    Full,
    #[error("the trail was closed")]
    Closed,
    #[error("a record of {length} bytes is over the limit")]
    TooLong { length: usize },
    #[error("the system gave no random bytes for a payload's salt")]
    NoRandom,
    #[error("a payload cannot be compressed: {0}")]
    Compress(#[source] io::Error),
    #[error("a payload: {0}")]
    Seal(#[from] hoop_audit::payload::SealError),
    #[error("a record cannot be encoded: {0}")]
    Encode(String),
}
