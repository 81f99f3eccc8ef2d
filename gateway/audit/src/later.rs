//! Parts of a log that stand for all of it: roots of whole subtrees in place of records that somebody does not have.

use serde::{Deserialize, Serialize};

use crate::{
    checkpoint::Checkpoint,
    digest::Hash,
    note::{Note, NoteError, VerifyingKey},
    tree::Tree,
};

/// What an `audit_read` record says was read, where that is a period's evidence; the pack's digest is its detail
/// [`MANIFEST`].
pub const EVIDENCE: &str = "evidence pack";
pub const MANIFEST: &str = "manifest";

/// `1 << level` records, as the root over them.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Subtree {
    pub level: u32,
    pub hash: Hash,
}

impl Subtree {
    /// The fewest that stand for these leaves, the first of which is number `first` of its log.
    pub fn over(first: u64, leaves: &[Hash]) -> Vec<Self> {
        let (mut first, mut rest) = (first, leaves);
        let mut subtrees = Vec::new();
        while !rest.is_empty() {
            let level = rest.len().ilog2().min(first.trailing_zeros());
            let (these, further) = rest.split_at(1 << level);
            let mut tree = Tree::default();
            these.iter().for_each(|leaf| tree.push(*leaf));
            subtrees.push(Self { level, hash: tree.root() });
            first += 1 << level;
            rest = further;
        }
        subtrees
    }
}

/// A record behind a known part of a log, and a signed head over both.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Later {
    /// From the known part to the record.
    pub before: Vec<Subtree>,
    /// As stored.
    pub record: String,
    /// From the record to the head.
    pub after: Vec<Subtree>,
    /// A C2SP checkpoint.
    pub checkpoint: String,
}

/// Why a later record is not known to be in the log.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum LaterError {
    #[error("its subtrees do not fit behind one another")]
    Misplaced,
    #[error(transparent)]
    Note(#[from] NoteError),
    #[error("its head is not signed by {0}")]
    Signature(String),
    #[error("its head is signed by others too")]
    Signatures,
    #[error("its head is over other records")]
    OtherLog,
}

impl Later {
    /// Holds it against a log that began as `tree`, whose head each of `signers` has signed, and nobody else: the record's
    /// number, and the head.
    pub fn check(&self, mut tree: Tree, signers: &[&VerifyingKey]) -> Result<(u64, Checkpoint), LaterError> {
        graft_all(&mut tree, &self.before)?;
        let seq = tree.size();
        tree.push(Hash::leaf(self.record.as_bytes()));
        graft_all(&mut tree, &self.after)?;
        Ok((seq, signed_head(&self.checkpoint, &tree, signers)?))
    }
}

fn graft_all(tree: &mut Tree, subtrees: &[Subtree]) -> Result<(), LaterError> {
    if subtrees.iter().all(|subtree| tree.graft(subtree.level, subtree.hash)) {
        Ok(())
    } else {
        Err(LaterError::Misplaced)
    }
}

/// A note as the head of the log that is `tree`, signed by each of `signers` and nobody else.
pub fn signed_head(note: &str, tree: &Tree, signers: &[&VerifyingKey]) -> Result<Checkpoint, LaterError> {
    let note = Note::parse(note)?;
    let read = Checkpoint::read(&note)?;
    if let Some(missing) = signers.iter().find(|key| !note.is_signed_by(key)) {
        return Err(LaterError::Signature(missing.to_string()));
    }
    if note.signatures() != signers.len() {
        return Err(LaterError::Signatures);
    }
    let origin = signers.first().map_or("", |key| key.name());
    if read == Checkpoint::of(origin, tree) { Ok(read) } else { Err(LaterError::OtherLog) }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::indexing_slicing)]
    use super::*;
    use crate::SigningKey;

    fn leaf(n: usize) -> Hash {
        Hash::leaf(n.to_string().as_bytes())
    }

    fn tree(leaves: &[Hash]) -> Tree {
        let mut tree = Tree::default();
        leaves.iter().for_each(|leaf| tree.push(*leaf));
        tree
    }

    #[test]
    fn subtrees_stand_for_any_stretch_of_any_log() {
        let leaves: Vec<_> = (0..70).map(leaf).collect();
        for size in 0..leaves.len() {
            for begin in 0..=size {
                let subtrees = Subtree::over(begin as u64, &leaves[begin..size]);
                let mut grown = tree(&leaves[..begin]);
                assert!(subtrees.iter().all(|subtree| grown.graft(subtree.level, subtree.hash)), "{begin}..{size}");
                assert_eq!(grown, tree(&leaves[..size]), "{begin}..{size}");
                assert!(subtrees.len() <= 14);
            }
        }
    }

    #[test]
    fn a_subtree_fits_only_where_one_of_its_size_begins() {
        let mut one = tree(&[leaf(0)]);
        assert!(!one.graft(1, leaf(1)) && !one.graft(64, leaf(1)) && !one.graft(u32::MAX, leaf(1)));
        assert_eq!(one, tree(&[leaf(0)]));
    }

    #[test]
    fn a_later_record_is_known_by_the_signed_head_alone() {
        let key = SigningKey::from_seed("log", &[1; 32]).unwrap();
        let other = SigningKey::from_seed("log", &[2; 32]).unwrap();
        let leaves: Vec<_> = (0..40).map(leaf).collect();
        let checkpoint = Checkpoint::of("log", &tree(&leaves)).sign([&key]);
        let later = Later {
            before: Subtree::over(5, &leaves[5..23]),
            record: "23".to_owned(),
            after: Subtree::over(24, &leaves[24..]),
            checkpoint,
        };
        let known = tree(&leaves[..5]);
        assert_eq!(later.check(known.clone(), &[key.verifying()]).unwrap().0, 23);
        assert!(later.check(known.clone(), &[other.verifying()]).is_err());
        assert!(later.check(tree(&leaves[..4]), &[key.verifying()]).is_err());
        assert!(later.check(tree(&leaves[1..6]), &[key.verifying()]).is_err());
        for wrong in [
            Later { record: "24".to_owned(), ..later.clone() },
            Later { before: Subtree::over(5, &leaves[5..22]), ..later.clone() },
            Later { after: Vec::new(), ..later.clone() },
            Later { checkpoint: Checkpoint::of("log", &tree(&leaves)).sign([&key, &other]), ..later.clone() },
        ] {
            assert!(wrong.check(known.clone(), &[key.verifying()]).is_err());
        }
    }
}
