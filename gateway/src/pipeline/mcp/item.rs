//! What goes down to a client, one after the other.

/// Masked, and its record durable.
pub(super) enum Item {
    Message {
        bytes: Vec<u8>,
        /// Where the client may go on from after it.
        mark: Option<String>,
    },
    Mark(Mark),
    /// Nothing to say, still there.
    LifeSign,
}

/// A place in an upstream's stream at which it may be taken up again (2025-11-25/basic/transports, resumability).
#[derive(Debug, Clone, Default)]
pub(super) struct Mark {
    pub id: Option<String>,
    /// How long the client should wait before it comes back, in milliseconds.
    pub retry: Option<u64>,
}

impl Item {
    pub(super) fn message(bytes: Vec<u8>) -> Self {
        Self::Message { bytes, mark: None }
    }
}
