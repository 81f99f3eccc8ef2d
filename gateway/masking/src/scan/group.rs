//! A chain with separators: which runs of its groups look like a card number.

use super::{
    Judged, Scanner,
    chain::{Gap, LONGEST, SHORTEST},
    is_stub,
};

/// Where a number may begin or end within a chain: a group, or a part of one.
#[derive(Debug, Clone, Copy)]
struct Start {
    /// The group.
    group: usize,
    /// Digits of it that are left out in front.
    skip: usize,
}

impl Scanner {
    /// Judges the numbers that begin in the first `groups` groups of the chain. `alone`: nothing of a chain stands
    /// before it.
    pub(super) fn judge_chain(&mut self, bytes: &[u8], groups: usize, alone: bool) {
        let mut starts: Vec<Start> = Vec::new();
        for group in 0..groups {
            self.judge_from(bytes, Start { group, skip: 0 }, alone, &mut starts);
            if let Some(skip) = self.front(bytes, group) {
                self.judge_from(bytes, Start { group, skip }, alone, &mut starts);
            }
        }
        // What stays of a number in front of others reads like a group of its own once the rest is hidden.
        let mut next = 0;
        while let Some(start) = starts.get(next).copied() {
            next += 1;
            self.judge_from(bytes, start, alone, &mut starts);
        }
    }

    /// Whether all groups of the chain together look like one card number.
    pub(super) fn is_one_number(&self) -> bool {
        let mut shape = Shape::default();
        let mut first = true;
        let pushed = self.chain.groups.iter().all(|group| {
            let gap = if std::mem::take(&mut first) { Gap::None } else { group.gap };
            shape.push(group.digits.len(), gap)
        });
        pushed && shape.is_card(|| true)
    }

    /// Digits in front of a group that belong to what stands before it.
    fn front(&self, bytes: &[u8], group: usize) -> Option<usize> {
        let digits = &self.chain.groups.get(group)?.digits;
        let at = self.chain.bytes(digits)?;
        super::front(bytes, &at, self.chain.values.get(digits.clone())?)
    }

    fn judge_from(&mut self, bytes: &[u8], start: Start, alone: bool, starts: &mut Vec<Start>) {
        let mut shape = Shape::default();
        let mut index = start.group;
        let (mut found, mut half) = (false, None);
        let Some(first) = self.chain.groups.get(index).map(|group| group.digits.start + start.skip) else { return };
        while let Some(group) = self.chain.groups.get(index) {
            let end = group.digits.end;
            let gap = if index == start.group { Gap::None } else { group.gap };
            let skip = if index == start.group { start.skip } else { 0 };
            if !shape.push(group.digits.len().saturating_sub(skip), gap) {
                break;
            }
            let last = group.digits.len();
            index += 1;
            if shape.digits < SHORTEST || !shape.is_card(|| self.is_whole(start, index, alone, shape.broken)) {
                continue;
            }
            let stub = shape.groups > 1
                && self.chain.places.get(end - 1).is_some_and(|place| is_stub(bytes, place.end, last.min(end - first)));
            if stub {
                continue;
            }
            match self.judge(bytes, first..end, shape.groups == 1, false) {
                Judged::Card => {
                    found = true;
                    if last > 4 {
                        starts.push(Start { group: index - 1, skip: last - 4 });
                    }
                }
                Judged::Half => half = Some((end, shape.groups == 1, index - 1, last)),
                Judged::No => {}
            }
        }
        // A word in front makes up for a check digit or a brand, where no number is whole.
        if let (false, Some((end, single, group, last))) = (found, half)
            && self.judge(bytes, first..end, single, true) == Judged::Card
            && last > 4
        {
            starts.push(Start { group, skip: last - 4 });
        }
    }

    /// Whether nothing else of a chain stands before group `start` and from group `end` on; for one without breaks, a
    /// break on either side is as good as an end.
    fn is_whole(&self, start: Start, end: usize, alone: bool, broken: bool) -> bool {
        let parts = |group: usize| !broken && self.chain.groups.get(group).is_some_and(|group| group.gap == Gap::Break);
        let before = start.skip == 0 && (start.group == 0 && alone || parts(start.group));
        let after = end == self.chain.groups.len() && !self.chain.more || parts(end);
        before && after
    }
}

/// The lengths of the groups of a window.
#[derive(Default)]
pub(super) struct Shape {
    lengths: [u8; LONGEST],
    groups: usize,
    pub digits: usize,
    /// A break stands among them.
    broken: bool,
}

impl Shape {
    /// `false` if the window would be longer than any card number.
    pub(super) fn push(&mut self, length: usize, gap: Gap) -> bool {
        self.digits += length;
        self.broken |= gap == Gap::Break;
        let Some(slot) = self.lengths.get_mut(self.groups) else { return false };
        *slot = u8::try_from(length).unwrap_or(u8::MAX);
        self.groups += 1;
        length > 0 && self.digits <= LONGEST
    }

    /// Whether a card number is ever written so. Digits one by one, and numbers over a break, count only if nothing
    /// stands before or after them (`whole`): lists are common.
    pub(super) fn is_card(&self, whole: impl Fn() -> bool) -> bool {
        match self.lengths.get(..self.groups).unwrap_or_default() {
            [_] => true,
            [6, 13] | [8, 8] | [4, 6, 5] | [4, 6, 4] | [6, 4, 6] | [4, 4, 5] | [4, 3, 3, 3] => !self.broken || whole(),
            [fours @ .., last] if *last <= 4 && fours.iter().all(|length| *length == 4) => !self.broken || whole(),
            // Wrapped between groups of four.
            [fours @ .., _] if self.broken && fours.iter().all(|length| *length % 4 == 0) => whole(),
            ones => ones.iter().all(|length| *length == 1) && whole(),
        }
    }
}
