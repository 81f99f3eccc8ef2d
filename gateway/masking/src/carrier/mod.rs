//! What card data travels in. Each carrier reads its form, hands the values to the scanner, and stays valid.

pub(crate) mod arrow;
pub(crate) mod command;
mod encoded;
pub(crate) mod json;
pub(crate) mod lines;
pub(crate) mod rowset;
pub(crate) mod string;
mod table;

use crate::{Findings, Rule, name::Name, scan::Evidence};

/// Most levels of nesting, JSON inside strings counted.
pub(crate) const DEEPEST: usize = 128;
/// Longest place kept in findings, in bytes.
const LONGEST_PLACE: usize = 256;
/// Characters kept of one key.
const LONGEST_STEP: usize = 64;

/// A place in the data, and where to count what is found there.
pub(crate) struct Place<'a> {
    findings: &'a mut Findings,
    path: String,
}

impl<'a> Place<'a> {
    /// `path` holds no card data.
    pub(crate) fn new(findings: &'a mut Findings, path: String) -> Self {
        Self { findings, path }
    }

    /// Runs `inside` one level down.
    pub(crate) fn within<T>(&mut self, step: &[&str], inside: impl FnOnce(&mut Self) -> T) -> T {
        let mark = self.enter(step);
        let out = inside(self);
        self.leave(mark);
        out
    }

    /// Goes a level down. What it returns leads back with [`Self::leave`].
    pub(crate) fn enter(&mut self, step: &[&str]) -> usize {
        let mark = self.path.len();
        if mark < LONGEST_PLACE {
            for part in step {
                // Mostly short: counted in characters only where it could be too long.
                let end = match part.len() <= LONGEST_STEP {
                    true => part.len(),
                    false => part.char_indices().nth(LONGEST_STEP).map_or(part.len(), |(at, _)| at),
                };
                self.path.push_str(part.get(..end).unwrap_or_default());
            }
        }
        mark
    }

    pub(crate) fn leave(&mut self, mark: usize) {
        self.path.truncate(mark);
    }

    pub(crate) fn count(&mut self, name: Name, pans: u64, sad: u64) {
        let rule = if name == Name::Harmless { Rule::UnexpectedPan } else { Rule::Pan };
        self.findings.add(&self.path, rule, pans);
        self.findings.add(&self.path, Rule::Sad, sad);
    }
}

pub(crate) fn evidence(name: Name) -> Evidence {
    if name == Name::Card { Evidence::Card } else { Evidence::Value }
}
