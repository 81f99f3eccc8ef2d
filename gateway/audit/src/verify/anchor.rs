use std::collections::BTreeMap;

use super::{FindingKind, Report};
use crate::{chain::Chain, checkpoint::Checkpoint, digest::Hash};

/// What is remembered of a log outside of it: only so can one be found that was cut back or made anew. Each has the name
/// that the report calls it by.
#[derive(Debug, Clone)]
pub enum Anchor {
    /// The log had these records.
    Checkpoint { name: String, checkpoint: Checkpoint },
    /// The log had this record.
    Record { name: String, seq: u64, hash: Hash },
}

/// Anchors by the number of the record that decides them.
#[derive(Default, Clone)]
pub(super) struct Anchors(BTreeMap<u64, Vec<Anchor>>);

impl Anchors {
    pub fn new(anchors: impl IntoIterator<Item = Anchor>) -> Self {
        let mut by_seq = BTreeMap::<u64, Vec<Anchor>>::new();
        for anchor in anchors {
            let seq = match &anchor {
                Anchor::Checkpoint { checkpoint, .. } => checkpoint.size.checked_sub(1),
                Anchor::Record { seq, .. } => Some(*seq),
            };
            // An empty log vouches for nothing.
            if let Some(seq) = seq {
                by_seq.entry(seq).or_default().push(anchor);
            }
        }
        Self(by_seq)
    }

    /// Holds the newest record, and the log up to it, against what is remembered of it.
    pub fn check(&mut self, chain: &Chain, report: &mut Report, place: &dyn std::fmt::Display) {
        let Some(head) = chain.head() else { return };
        for anchor in self.0.remove(&head.seq).unwrap_or_default() {
            let (name, same) = match anchor {
                Anchor::Checkpoint { name, checkpoint } => {
                    (name, checkpoint.size == chain.tree().size() && checkpoint.root == chain.tree().root())
                }
                Anchor::Record { name, hash, .. } => (name, hash == head.hash),
            };
            if !same {
                let text = format!("the log up to here is not the one that {name} remembers");
                report.find(FindingKind::OtherHead, head.seq, place, text);
            } else if !report.anchors.contains(&name) {
                report.anchors.push(name);
            }
        }
    }

    /// Whatever is left was never reached.
    pub fn finish(&mut self, report: &mut Report) {
        if let Some((seq, anchors)) = self.0.pop_last()
            && let Some(Anchor::Checkpoint { name, .. } | Anchor::Record { name, .. }) = anchors.first()
        {
            let text = format!("the log ends before record {seq}, which {name} remembers");
            report.find(FindingKind::RolledBack, seq, &"end of the log", text);
            report.anchors.clear();
        }
    }
}
