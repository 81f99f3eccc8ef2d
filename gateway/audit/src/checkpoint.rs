//! Checkpoints (C2SP tlog-checkpoint): "this log had so many records, and this was the root over them", signed.

use base64::{Engine, prelude::BASE64_STANDARD};
use serde::{Deserialize, Serialize};

use crate::{
    digest::Hash,
    note::{Note, NoteError, SigningKey, sign},
    tree::Tree,
};

/// What a checkpoint says.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Checkpoint {
    /// Name of the log, and of the keys that sign it.
    pub origin: String,
    pub size: u64,
    pub root: Hash,
}

impl Checkpoint {
    pub fn of(origin: &str, tree: &Tree) -> Self {
        Self { origin: origin.to_owned(), size: tree.size(), root: tree.root() }
    }

    /// As a note, signed by each of the keys.
    pub fn sign<'a>(&self, keys: impl IntoIterator<Item = &'a SigningKey>) -> String {
        let root = BASE64_STANDARD.encode(self.root.as_bytes());
        sign(&format!("{}\n{}\n{root}\n", self.origin, self.size), keys)
    }

    /// What a note says, whoever signed it. Further lines may follow the first three.
    pub fn read(note: &Note<'_>) -> Result<Self, NoteError> {
        let mut lines = note.text().split('\n');
        let (Some(origin), Some(size), Some(root)) = (lines.next(), lines.next(), lines.next()) else {
            return Err(NoteError::Note("a checkpoint has three lines"));
        };
        let number: u64 = size.parse().map_err(|_| NoteError::Note("a checkpoint's second line is a number"))?;
        if number.to_string() != size {
            return Err(NoteError::Note("a checkpoint's number is written in one way"));
        }
        let root = BASE64_STANDARD.decode(root).ok().and_then(|root| root.try_into().ok());
        let root = root.map(Hash::from_bytes).ok_or(NoteError::Note("a checkpoint's third line is a hash"))?;
        Ok(Self { origin: origin.to_owned(), size: number, root })
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[test]
    fn what_was_signed_is_read_back() {
        let key = SigningKey::from_seed("hoop/1", &[7; 32]).unwrap();
        let mut tree = Tree::default();
        tree.push(Hash::leaf(b"one"));
        let checkpoint = Checkpoint::of("hoop/1", &tree);
        let note = checkpoint.sign([&key]);
        let note = Note::parse(&note).unwrap();
        assert!(note.is_signed_by(key.verifying()));
        assert_eq!(Checkpoint::read(&note).unwrap(), checkpoint);
    }

    #[test]
    fn what_is_no_checkpoint_is_refused() {
        for text in ["a\n", "a\n1\n", "a\n01\nAAAA\n", "a\n-1\nAAAA\n", "a\n1\nAAAA\n"] {
            let note = format!("{text}\n— n AAAAAAAA\n");
            assert!(Checkpoint::read(&Note::parse(&note).unwrap()).is_err(), "{text:?}");
        }
    }
}
