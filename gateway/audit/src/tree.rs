//! The Merkle tree over all records (RFC 6962 §2.1), grown leaf by leaf: only the roots of its whole subtrees are kept.

use serde::{Deserialize, Serialize};

use crate::digest::Hash;

/// A tree of `size` leaves: the roots of its perfect subtrees, the largest first.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "Written")]
pub struct Tree {
    size: u64,
    roots: Vec<Hash>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Written {
    size: u64,
    roots: Vec<Hash>,
}

/// As many roots as the size has ones in binary, or it is no tree.
#[derive(Debug, thiserror::Error)]
#[error("a tree of {size} leaves does not have {roots} whole subtrees")]
struct NoTree {
    size: u64,
    roots: usize,
}

impl TryFrom<Written> for Tree {
    type Error = NoTree;

    fn try_from(Written { size, roots }: Written) -> Result<Self, NoTree> {
        if roots.len() == size.count_ones() as usize {
            Ok(Self { size, roots })
        } else {
            Err(NoTree { size, roots: roots.len() })
        }
    }
}

impl Tree {
    pub fn size(&self) -> u64 {
        self.size
    }

    /// Its whole subtrees, the largest first: each of `1 << level` leaves.
    pub(crate) fn subtrees(&self) -> impl Iterator<Item = (u32, Hash)> {
        let levels = (0..u64::BITS).rev().filter(|level| self.size >> level & 1 == 1);
        levels.zip(self.roots.iter().copied())
    }

    /// The root of the largest whole subtree that begins with this leaf, if one does.
    pub(crate) fn subtree(&self, leaf: u64) -> Option<Hash> {
        let mut next = 0;
        self.subtrees().find_map(|(level, root)| {
            let begin = next;
            next += 1 << level;
            (begin == leaf).then_some(root)
        })
    }

    pub fn push(&mut self, leaf: Hash) {
        let mut hash = leaf;
        let mut below = self.size;
        while below & 1 == 1
            && let Some(left) = self.roots.pop()
        {
            hash = Hash::node(&left, &hash);
            below >>= 1;
        }
        self.roots.push(hash);
        self.size += 1;
    }

    /// Adds a whole subtree of `1 << level` leaves by its root; `false`, and nothing added, where none of that size begins.
    pub fn graft(&mut self, level: u32, root: Hash) -> bool {
        let leaves = 1_u64.checked_shl(level).filter(|leaves| self.size.is_multiple_of(*leaves));
        let Some(size) = leaves.and_then(|leaves| self.size.checked_add(leaves)) else { return false };
        let mut hash = root;
        let mut below = self.size >> level;
        while below & 1 == 1
            && let Some(left) = self.roots.pop()
        {
            hash = Hash::node(&left, &hash);
            below >>= 1;
        }
        self.roots.push(hash);
        self.size = size;
        true
    }

    /// The root; of an empty tree, the hash of nothing.
    pub fn root(&self) -> Hash {
        let mut roots = self.roots.iter().rev();
        let Some(smallest) = roots.next() else { return Hash::of(b"") };
        roots.fold(*smallest, |right, left| Hash::node(left, &right))
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    /// The definition, word by word.
    fn defined(leaves: &[Hash]) -> Hash {
        match leaves {
            [] => Hash::of(b""),
            [leaf] => *leaf,
            _ => {
                let split = leaves.len().next_power_of_two() / 2;
                let (left, right) = leaves.split_at(split);
                Hash::node(&defined(left), &defined(right))
            }
        }
    }

    #[test]
    fn the_root_is_as_defined_at_every_size() {
        let leaves: Vec<_> = (0..300_u32).map(|n| Hash::leaf(&n.to_be_bytes())).collect();
        let mut tree = Tree::default();
        assert_eq!(tree.root(), defined(&[]));
        for (at, leaf) in leaves.iter().enumerate() {
            tree.push(*leaf);
            assert_eq!(tree.root(), defined(leaves.get(..=at).unwrap()));
        }
    }

    /// Vectors of Certificate Transparency's reference implementation.
    #[test]
    fn known_roots() {
        let mut tree = Tree::default();
        tree.push(Hash::leaf(b""));
        assert_eq!(tree.root().to_string(), "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d");
        tree.push(Hash::leaf(&[0]));
        assert_eq!(tree.root().to_string(), "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125");
    }

    #[test]
    fn a_tree_is_read_back_and_an_impossible_one_is_not() {
        let mut tree = Tree::default();
        (0..5_u8).for_each(|n| tree.push(Hash::leaf(&[n])));
        let text = serde_json::to_string(&tree).unwrap();
        assert_eq!(serde_json::from_str::<Tree>(&text).unwrap(), tree);
        assert!(serde_json::from_str::<Tree>(&text.replace("\"size\":5", "\"size\":7")).is_err());
    }
}
