//! Receipts: what an agent says it did for its gateway, stream by stream. They are the leaves of a log of the agent's own,
//! whose heads it signs, and the gateway has to keep them in its trail: one that hides an exchange has to hide its receipt,
//! which the agent's next head tells.

use hoop_model::{ConnectionName, ExchangeId, SessionId, Timestamp};
use serde::{Deserialize, Serialize};

use crate::{
    checkpoint::Checkpoint,
    digest::Hash,
    note::{Note, NoteError, SigningKey, VerifyingKey},
    tree::Tree,
};

/// What an agent passed between its gateway and an upstream on one stream. The bytes as written are the leaf.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Receipt {
    pub connection: ConnectionName,
    /// Whose stream it was; absent where one carries all of a session.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub exchange: Option<ExchangeId>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub session: Option<SessionId>,
    pub began: Timestamp,
    pub ended: Timestamp,
    pub sent: Passed,
    pub received: Passed,
    /// The answer was passed on to its end.
    pub whole: bool,
}

/// Bytes to an upstream, or from it, without the heads of HTTP.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Passed {
    pub bytes: u64,
    /// Hex HMAC-SHA-256 by a key that never leaves the agent: they hold card data, so a plain digest could be guessed.
    pub digest: String,
}

/// Receipts that follow one another, and the agent's head over them and all before.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ReceiptFacts {
    pub key: VerifyingKey,
    /// The first one's number in the agent's log, from 0.
    pub first: u64,
    /// As the agent wrote them.
    pub receipts: Vec<String>,
    /// A C2SP checkpoint.
    pub checkpoint: String,
}

/// Why receipts are not taken.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum ReceiptError {
    #[error(transparent)]
    Note(#[from] NoteError),
    #[error("the head over them is not signed by {0}")]
    Signature(String),
    #[error("the head over them is over other receipts")]
    OtherHead,
}

impl ReceiptFacts {
    /// Writes receipts down at the end of the agent's log.
    pub fn sign(receipts: Vec<String>, tree: &mut Tree, key: &SigningKey) -> Self {
        let first = tree.size();
        receipts.iter().for_each(|receipt| tree.push(Hash::leaf(receipt.as_bytes())));
        let verifying = key.verifying().clone();
        let checkpoint = Checkpoint::of(verifying.name(), tree).sign([key]);
        Self { key: verifying, first, receipts, checkpoint }
    }

    /// The number behind the last one's.
    pub fn end(&self) -> u64 {
        self.first.saturating_add(self.receipts.len() as u64)
    }

    /// The head, as far as it can be checked without the receipts before: signed, and over as many as it should be.
    ///
    /// # Errors
    /// When it is not.
    pub fn head(&self) -> Result<Checkpoint, ReceiptError> {
        let note = Note::parse(&self.checkpoint)?;
        if !note.is_signed_by(&self.key) {
            return Err(ReceiptError::Signature(self.key.to_string()));
        }
        let head = Checkpoint::read(&note)?;
        if head.origin == self.key.name() && head.size == self.end() { Ok(head) } else { Err(ReceiptError::OtherHead) }
    }
}

/// The head of an agent's log, as its own machine has it: outside of the gateway.
#[derive(Debug, Clone)]
pub struct AgentHead {
    /// What reports call it by.
    pub name: String,
    pub key: VerifyingKey,
    pub checkpoint: Checkpoint,
}

impl AgentHead {
    /// Reads what `hoop-agent receipts` prints: the agent's verifier key in a line of its own, and a checkpoint; none
    /// where there were no receipts yet.
    ///
    /// # Errors
    /// When it is something else, or the checkpoint is not signed by the key.
    pub fn read(name: &str, text: &str) -> Result<Self, ReceiptError> {
        let (key, note) = text.split_once('\n').ok_or(NoteError::Note("it has no second line"))?;
        let key: VerifyingKey = key.parse()?;
        if note.is_empty() {
            let checkpoint = Checkpoint::of(key.name(), &Tree::default());
            return Ok(Self { name: name.to_owned(), key, checkpoint });
        }
        let note = Note::parse(note)?;
        if !note.is_signed_by(&key) {
            return Err(ReceiptError::Signature(key.to_string()));
        }
        Ok(Self { name: name.to_owned(), checkpoint: Checkpoint::read(&note)?, key })
    }
}
