//! How the records of a pack lie in the log: `chain_proof/path.jsonl`, a line for each stretch from the log's first record
//! to its head. What is in the pack is counted; what is not is the root over it. Walked from end to end it gives the root
//! that the head is signed for, which proves each record in it to be at its place: one proof for all rows.

use std::{
    io::{self, BufRead, Write},
    ops::Range,
};

use hoop_audit::{Hash, Record, Subtree, Tree};
use serde::{Deserialize, Serialize};

pub(crate) const PATH: &str = "chain_proof/path.jsonl";

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "snake_case")]
enum Stretch {
    /// So many of the pack's records, one behind the other.
    Records(u64),
    Subtree(Subtree),
}

/// Writes the path of a log of these records. `held`: which of them are in the pack, in order. `at`: sizes at which
/// somebody will want to know the root.
pub(crate) fn write(out: &mut impl Write, log: &[Hash], held: &[Range<u64>], at: &[u64]) -> io::Result<()> {
    let mut line = |stretch: &Stretch| {
        serde_json::to_writer(&mut *out, stretch)?;
        out.write_all(b"\n")
    };
    let rest = |from: u64, to: u64, line: &mut dyn FnMut(&Stretch) -> io::Result<()>| {
        let mut from = from;
        let cuts = at.iter().copied().filter(|cut| from < *cut && *cut < to).collect::<Vec<_>>();
        for to in cuts.into_iter().chain([to]) {
            let leaves = usize::try_from(from).ok().zip(usize::try_from(to).ok());
            let leaves = leaves.and_then(|(from, to)| log.get(from..to)).unwrap_or_default();
            Subtree::over(from, leaves).into_iter().try_for_each(|subtree| line(&Stretch::Subtree(subtree)))?;
            from = to;
        }
        Ok::<_, io::Error>(())
    };
    let mut done = 0;
    for stretch in held {
        rest(done, stretch.start, &mut line)?;
        line(&Stretch::Records(stretch.end - stretch.start))?;
        done = stretch.end;
    }
    rest(done, log.len() as u64, &mut line)
}

/// What is wrong with a path or the records on it, and in which line of which of both.
#[derive(Debug, thiserror::Error)]
pub(crate) enum Lost {
    #[error(transparent)]
    Io(#[from] io::Error),
    #[error("{text}")]
    Path { line: u64, text: String },
    #[error("{text}")]
    Records { line: u64, text: String },
}

/// A record on the way, and the head of the log behind it.
pub(crate) struct Step<'a> {
    pub record: &'a Record,
    pub hash: Hash,
}

/// Walks the path through the pack's records: each is given to `see`, and the tree after each step to `at`.
pub(crate) fn walk(
    path: impl BufRead,
    records: impl BufRead,
    mut see: impl FnMut(&Step<'_>),
    mut at: impl FnMut(&Tree),
) -> Result<Tree, Lost> {
    let mut tree = Tree::default();
    let mut records = records.split(b'\n');
    let (mut number, mut before) = (0, None);
    for (line, stretch) in (1..).zip(path.lines()) {
        let wrong = |text: String| Lost::Path { line, text };
        let stretch = serde_json::from_str(&stretch?).map_err(|error| wrong(error.to_string()))?;
        match stretch {
            Stretch::Subtree(subtree) => {
                before = None;
                if !tree.graft(subtree.level, subtree.hash) {
                    return Err(wrong(format!("no stretch of its size begins at record {}", tree.size())));
                }
                at(&tree);
            }
            Stretch::Records(count) => {
                for _ in 0..count {
                    number += 1;
                    let wrong = |text: String| Lost::Records { line: number, text };
                    let bytes = records.next().transpose()?.ok_or_else(|| wrong("a record is missing".to_owned()))?;
                    let record: Record = serde_json::from_slice(&bytes).map_err(|error| wrong(error.to_string()))?;
                    if record.seq != tree.size() {
                        let text = format!("record {} where {} belongs", record.seq, tree.size());
                        return Err(wrong(text));
                    }
                    if before.is_some_and(|before| record.prev != before) {
                        return Err(wrong(format!("record {} does not follow the one before it", record.seq)));
                    }
                    let hash = Hash::leaf(&bytes);
                    tree.push(hash);
                    before = Some(hash);
                    see(&Step { record: &record, hash });
                    at(&tree);
                }
            }
        }
    }
    match records.next().transpose()? {
        None => Ok(tree),
        Some(_) => Err(Lost::Records { line: number + 1, text: "a record that the path does not count".to_owned() }),
    }
}
