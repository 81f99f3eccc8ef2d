//! Consistency proofs (RFC 6962 §2.1.2): that a log continues what it was, for whoever has only its old head.

use crate::{digest::Hash, tree::Tree};

/// Makes the proof from the tree as it was and the leaves since then: all that it needs of older leaves are the roots of
/// whole subtrees, which the old tree has.
pub struct Consistency {
    next: u64,
    size: u64,
    parts: Vec<Part>,
}

/// A hash of the proof.
enum Part {
    Known(Hash),
    /// Of new leaves, from `first` on and before `end`.
    Growing {
        first: u64,
        end: u64,
        tree: Tree,
    },
}

impl Consistency {
    /// From `old` to the log's first `size` leaves; `None`: it was longer than that already.
    pub fn new(old: &Tree, size: u64) -> Option<Self> {
        let mut parts = Vec::new();
        // The empty tree is part of any other, and every tree of itself.
        if old.size() > 0 && old.size() < size {
            prove(old, old.size(), 0..size, true, &mut parts);
        }
        (old.size() <= size).then_some(Self { next: old.size(), size, parts })
    }

    /// The next leaf behind the old tree.
    pub fn push(&mut self, leaf: Hash) {
        for part in &mut self.parts {
            if let Part::Growing { first, end, tree } = part
                && (*first..*end).contains(&self.next)
            {
                tree.push(leaf);
            }
        }
        self.next += 1;
    }

    /// Hashes in the order of the RFC; `None`: not all leaves were given.
    pub fn finish(self) -> Option<Vec<Hash>> {
        let all = self.next >= self.size || self.parts.is_empty();
        let hash = |part| match part {
            Part::Known(hash) => hash,
            Part::Growing { tree, .. } => tree.root(),
        };
        all.then(|| self.parts.into_iter().map(hash).collect())
    }
}

/// SUBPROOF: of the `m` leaves in front of `range`, within it. `whole`: whoever checks knows their root.
fn prove(old: &Tree, m: u64, range: std::ops::Range<u64>, whole: bool, parts: &mut Vec<Part>) {
    let n = range.end - range.start;
    if m == n {
        if !whole {
            parts.extend(old.subtree(range.start).map(Part::Known));
        }
        return;
    }
    // The largest power of two that is smaller than n.
    let k = n.next_power_of_two() / 2;
    let middle = range.start + k;
    if m <= k {
        prove(old, m, range.start..middle, whole, parts);
        parts.push(Part::Growing { first: middle, end: range.end, tree: Tree::default() });
    } else {
        prove(old, m - k, middle..range.end, false, parts);
        parts.extend(old.subtree(range.start).map(Part::Known));
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::indexing_slicing)]
    use super::*;

    fn leaves(count: u32) -> Vec<Hash> {
        (0..count).map(|n| Hash::leaf(&n.to_be_bytes())).collect()
    }

    fn tree(leaves: &[Hash]) -> Tree {
        let mut tree = Tree::default();
        leaves.iter().for_each(|leaf| tree.push(*leaf));
        tree
    }

    fn proof(leaves: &[Hash], old: usize) -> Vec<Hash> {
        let mut made = Consistency::new(&tree(&leaves[..old]), leaves.len() as u64).unwrap();
        leaves[old..].iter().for_each(|leaf| made.push(*leaf));
        made.finish().unwrap()
    }

    /// The definition, word by word, over all leaves.
    fn defined(m: usize, leaves: &[Hash], whole: bool) -> Vec<Hash> {
        let n = leaves.len();
        if m == n {
            return if whole { Vec::new() } else { vec![tree(leaves).root()] };
        }
        let k = n.next_power_of_two() / 2;
        if m <= k {
            let mut proof = defined(m, &leaves[..k], whole);
            proof.push(tree(&leaves[k..]).root());
            proof
        } else {
            let mut proof = defined(m - k, &leaves[k..], false);
            proof.push(tree(&leaves[..k]).root());
            proof
        }
    }

    #[test]
    fn the_proof_is_as_defined_between_any_two_sizes() {
        let leaves = leaves(130);
        for size in 1..=leaves.len() {
            assert!(proof(&leaves[..size], 0).is_empty());
            for old in 1..=size {
                let proof = proof(&leaves[..size], old);
                assert_eq!(proof, defined(old, &leaves[..size], true), "{old} of {size}");
                assert!(proof.len() <= 63);
            }
        }
    }

    #[test]
    fn without_all_leaves_or_backwards_there_is_none() {
        let leaves = leaves(20);
        assert!(Consistency::new(&tree(&leaves), 19).is_none());
        let mut short = Consistency::new(&tree(&leaves[..5]), 20).unwrap();
        leaves[5..19].iter().for_each(|leaf| short.push(*leaf));
        assert!(short.finish().is_none());
    }
}
