//! That a record is in a log under a signed head (C2SP tlog-proof): the record's number, the hashes beside its way up to the
//! root (RFC 6962 §2.1.1), and the head. Any program that reads the format can check it.

use std::{fmt, str::FromStr};

use base64::{Engine, prelude::BASE64_STANDARD};

use crate::{
    checkpoint::Checkpoint,
    digest::Hash,
    note::{Note, NoteError, VerifyingKey},
    tree::Tree,
};

const FIRST_LINE: &str = "c2sp.org/tlog-proof@v1";
/// Hashes on the longest way: of a log whose size has 64 bits.
const LONGEST: usize = 64;

/// As a text, a `.tlog-proof` file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Proof {
    /// The record's number.
    pub index: u64,
    /// From the leaf's sibling to the root's child.
    pub path: Vec<Hash>,
    /// A C2SP checkpoint, as it was signed.
    pub checkpoint: String,
}

/// Why a record is not known to be in the log.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum ProofError {
    #[error("it is no proof: {0}")]
    Format(&'static str),
    #[error(transparent)]
    Note(#[from] NoteError),
    #[error("its head is not signed by {0}")]
    Signature(String),
    #[error("its head is that of another log")]
    OtherLog,
    #[error("it does not lead from that record to its head")]
    Path,
}

impl Proof {
    /// Holds it against a record's leaf hash, and its head against the key that should have signed it.
    pub fn check(&self, leaf: Hash, key: &VerifyingKey) -> Result<Checkpoint, ProofError> {
        let note = Note::parse(&self.checkpoint)?;
        let checkpoint = Checkpoint::read(&note)?;
        if !note.is_signed_by(key) {
            return Err(ProofError::Signature(key.to_string()));
        }
        if checkpoint.origin != key.name() {
            return Err(ProofError::OtherLog);
        }
        if root(self.index, checkpoint.size, leaf, &self.path) != Some(checkpoint.root) {
            return Err(ProofError::Path);
        }
        Ok(checkpoint)
    }
}

/// The root that a leaf's way leads to in a tree of this size (RFC 9162 §2.1.3.2); `None`: the way has another length.
fn root(index: u64, size: u64, leaf: Hash, path: &[Hash]) -> Option<Hash> {
    let (mut node, mut last) = (index, size.checked_sub(1).filter(|last| index <= *last)?);
    let mut hash = leaf;
    for beside in path {
        if last == 0 {
            return None;
        }
        if node & 1 == 1 || node == last {
            hash = Hash::node(beside, &hash);
            while node & 1 == 0 && node != 0 {
                (node, last) = (node >> 1, last >> 1);
            }
        } else {
            hash = Hash::node(&hash, beside);
        }
        (node, last) = (node >> 1, last >> 1);
    }
    (last == 0).then_some(hash)
}

impl fmt::Display for Proof {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{FIRST_LINE}\nindex {}\n", self.index)?;
        for hash in &self.path {
            writeln!(f, "{}", BASE64_STANDARD.encode(hash.as_bytes()))?;
        }
        write!(f, "\n{}", self.checkpoint)
    }
}

impl FromStr for Proof {
    type Err = ProofError;

    fn from_str(text: &str) -> Result<Self, ProofError> {
        let rest = text.strip_prefix(FIRST_LINE).and_then(|rest| rest.strip_prefix('\n'));
        let mut rest = rest.ok_or(ProofError::Format("its first line is another"))?;
        if let Some(extra) = rest.strip_prefix("extra ") {
            // Nobody vouches for it.
            (_, rest) = extra.split_once('\n').ok_or(ProofError::Format("it is cut off"))?;
        }
        let (head, checkpoint) = rest.split_once("\n\n").ok_or(ProofError::Format("it has no head"))?;
        let mut lines = head.split('\n');
        let number = lines.next().and_then(|line| line.strip_prefix("index "));
        let number = number.ok_or(ProofError::Format("it names no index"))?;
        let index: u64 = number.parse().map_err(|_| ProofError::Format("its index is no number"))?;
        if index.to_string() != number {
            return Err(ProofError::Format("its index is written in another way"));
        }
        let hash = |line: &str| -> Option<Hash> {
            let bytes = BASE64_STANDARD.decode(line).ok()?;
            Some(Hash::from_bytes(bytes.try_into().ok()?))
        };
        let path = lines.map(hash).collect::<Option<Vec<_>>>();
        let path = path.filter(|path| path.len() <= LONGEST).ok_or(ProofError::Format("a line that is no hash"))?;
        Ok(Self { index, path, checkpoint: checkpoint.to_owned() })
    }
}

/// Makes a proof while the log's records go by, in as little memory as its tree takes.
pub struct Proving {
    index: u64,
    size: u64,
    /// Whole subtrees, the largest first.
    subtrees: Vec<Part>,
    path: Vec<Hash>,
}

/// A subtree of `1 << level` records.
struct Part {
    level: u32,
    hash: Hash,
    /// Whether the record is in it.
    own: bool,
}

impl Proving {
    /// Of the record numbered `index`, in a log that begins as `tree`. `None`: the record lies in that part of it.
    pub fn of(index: u64, tree: &Tree) -> Option<Self> {
        let subtrees = tree.subtrees().map(|(level, hash)| Part { level, hash, own: false });
        let (size, subtrees) = (tree.size(), subtrees.collect());
        (size <= index).then_some(Self { index, size, subtrees, path: Vec::new() })
    }

    /// How many records the log has so far.
    pub fn size(&self) -> u64 {
        self.size
    }

    /// The log's next record.
    pub fn push(&mut self, leaf: Hash) {
        let mut part = Part { level: 0, hash: leaf, own: self.size == self.index };
        while let Some(left) = self.subtrees.pop_if(|left| left.level == part.level) {
            let level = part.level + 1;
            part = Part { level, ..left.beside(&part, &mut self.path) };
        }
        self.subtrees.push(part);
        self.size += 1;
    }

    /// Under a head over the records so far. `None`: the record is not among them.
    pub fn under(&self, checkpoint: &str) -> Option<Proof> {
        let mut path = self.path.clone();
        let mut parts = self.subtrees.iter().rev();
        let Part { level, hash, own } = parts.next()?;
        let mut whole = Part { level: *level, hash: *hash, own: *own };
        for left in parts {
            whole = left.beside(&whole, &mut path);
        }
        whole.own.then(|| Proof { index: self.index, path, checkpoint: checkpoint.to_owned() })
    }
}

impl Part {
    /// What is above this one and its right neighbour. The one that the record is not in lies on its way.
    fn beside(&self, right: &Self, path: &mut Vec<Hash>) -> Self {
        if self.own {
            path.push(right.hash);
        } else if right.own {
            path.push(self.hash);
        }
        Self { level: self.level, hash: Hash::node(&self.hash, &right.hash), own: self.own || right.own }
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::indexing_slicing)]
    use super::*;
    use crate::SigningKey;

    fn leaf(n: usize) -> Hash {
        Hash::leaf(n.to_string().as_bytes())
    }

    fn tree(size: usize) -> Tree {
        let mut tree = Tree::default();
        (0..size).for_each(|n| tree.push(leaf(n)));
        tree
    }

    fn proof(index: usize, known: usize, size: usize, key: &SigningKey) -> Option<Proof> {
        let mut proving = Proving::of(index as u64, &tree(known))?;
        (known..size).for_each(|n| proving.push(leaf(n)));
        assert_eq!(proving.size(), size as u64);
        proving.under(&Checkpoint::of("log", &tree(size)).sign([key]))
    }

    /// The definition, word by word (RFC 6962 §2.1.1).
    fn defined(index: usize, begin: usize, end: usize) -> Vec<Hash> {
        if end - begin == 1 {
            return Vec::new();
        }
        let head = |begin: usize, end: usize| {
            let mut tree = Tree::default();
            (begin..end).for_each(|n| tree.push(leaf(n)));
            tree.root()
        };
        let split = begin + (end - begin).next_power_of_two() / 2;
        let (mut path, beside) = match index < split {
            true => (defined(index, begin, split), head(split, end)),
            false => (defined(index, split, end), head(begin, split)),
        };
        path.push(beside);
        path
    }

    #[test]
    fn a_proof_is_as_defined_however_much_of_the_log_was_known() {
        let key = SigningKey::from_seed("log", &[1; 32]).unwrap();
        for size in 1..40 {
            for index in 0..size {
                for known in 0..=index {
                    let proof = proof(index, known, size, &key).unwrap();
                    assert_eq!(proof.path, defined(index, 0, size), "{index} of {size}, {known} known");
                    assert_eq!(proof.check(leaf(index), key.verifying()).unwrap().size, size as u64);
                }
                assert_eq!(proof(index, index + 1, size, &key), None);
            }
            assert_eq!(proof(size, 0, size, &key), None);
        }
    }

    #[test]
    fn nothing_else_passes_for_it() {
        let key = SigningKey::from_seed("log", &[1; 32]).unwrap();
        let other = SigningKey::from_seed("log", &[2; 32]).unwrap();
        let elsewhere = SigningKey::from_seed("elsewhere", &[1; 32]).unwrap();
        for (index, size) in [(0, 1), (5, 23), (22, 23), (16, 17), (7, 8)] {
            let good = proof(index, 0, size, &key).unwrap();
            assert!(good.check(leaf(index + 1), key.verifying()).is_err());
            for signer in [&other, &elsewhere] {
                assert!(good.check(leaf(index), signer.verifying()).is_err());
            }
            for at in 0..good.path.len() {
                let mut path = good.path.clone();
                path[at] = leaf(99);
                assert!(Proof { path, ..good.clone() }.check(leaf(index), key.verifying()).is_err());
                let mut path = good.path.clone();
                path.remove(at);
                assert!(Proof { path, ..good.clone() }.check(leaf(index), key.verifying()).is_err());
            }
            let longer = [good.path.as_slice(), &[leaf(0)]].concat();
            assert!(Proof { path: longer, ..good.clone() }.check(leaf(index), key.verifying()).is_err());
            for index in (0..size as u64 + 2).filter(|one| *one != good.index) {
                let moved = Proof { index, ..good.clone() };
                assert!(moved.check(leaf(good.index as usize), key.verifying()).is_err(), "{index} of {size}");
            }
            let checkpoint = Checkpoint::of("log", &tree(size + 1)).sign([&key]);
            assert!(Proof { checkpoint, ..good }.check(leaf(index), key.verifying()).is_err());
        }
    }

    #[test]
    fn the_text_is_as_specified() {
        let key = SigningKey::from_seed("log", &[1; 32]).unwrap();
        for (index, size) in [(0, 1), (5, 23)] {
            let proof = proof(index, 0, size, &key).unwrap();
            let text = proof.to_string();
            assert_eq!(text.parse::<Proof>().unwrap(), proof);
            assert!(text.starts_with(&format!("c2sp.org/tlog-proof@v1\nindex {index}\n")), "{text}");
            assert!(text.ends_with(&format!("\n\n{}", proof.checkpoint)), "{text}");
            let extra = text.replacen("index", "extra YWJj\nindex", 1);
            assert_eq!(extra.parse::<Proof>().unwrap(), proof);
            for wrong in [
                text.replacen("@v1", "@v2", 1),
                text.replacen("index ", "index 0", 1),
                text.replacen("index ", "index -", 1),
                text.replacen("index", "Index", 1),
                text.replacen("\n\n", "\nAAAA\n\n", 1),
                text.replace("\n\n", "\n"),
                "extra".to_owned(),
            ] {
                assert!(wrong.parse::<Proof>().is_err(), "{wrong}");
            }
        }
    }
}
