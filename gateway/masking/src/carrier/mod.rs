//! What card data travels in. Each carrier reads its form, hands the values to the scanner, and stays valid.

pub(crate) mod arrow;
pub(crate) mod command;
pub(crate) mod encoded;
mod entities;
pub(crate) mod json;
pub(crate) mod lines;
pub(crate) mod quick;
pub(crate) mod rowset;
pub(crate) mod seen;
pub(crate) mod string;
mod table;

use std::{collections::HashMap, sync::Arc};

use self::seen::Seen;

use crate::{
    Declared, Entity, Findings, MaskError, Mode, Rule,
    hiding::Hiding,
    mode::digest,
    name::Name,
    scan::{Evidence, Scanner, edit::Edit},
    view::{Held, Ruling, View},
};

/// Most levels of nesting, JSON inside strings counted.
pub(crate) const DEEPEST: usize = 128;
/// Longest place kept in findings, in bytes.
const LONGEST_PLACE: usize = 256;
/// Characters kept of one key.
const LONGEST_STEP: usize = 64;

/// A place in the data, what holds there, and where to count what is found.
pub(crate) struct Place<'a> {
    view: &'a View,
    findings: &'a mut Findings,
    path: String,
    /// Of the column that all of this is in.
    column: Option<&'a Arc<Ruling>>,
    /// What has stood under the keys of a document so far.
    keys: HashMap<Box<str>, Seen>,
    /// Used again and again.
    scanner: Option<Box<Scanner>>,
    edits: Vec<Edit>,
    /// What was found at one place and is not counted yet: mostly more follows.
    pending: Pending,
}

#[derive(Default)]
struct Pending {
    path: String,
    rule: Option<Rule>,
    count: u64,
}

impl<'a> Place<'a> {
    /// `path` holds no card data.
    pub(crate) fn new(view: &'a View, findings: &'a mut Findings, path: impl Into<String>) -> Self {
        Self {
            view,
            findings,
            path: path.into(),
            column: None,
            keys: HashMap::new(),
            scanner: None,
            edits: Vec::new(),
            pending: Pending::default(),
        }
    }

    /// A column of a table.
    pub(crate) fn column(view: &'a View, findings: &'a mut Findings, path: String, ruling: &'a Arc<Ruling>) -> Self {
        let mut place = Self::new(view, findings, path);
        place.column = Some(ruling);
        place
    }

    /// What a key and the values under it so far say together.
    pub(crate) fn heard(&self, key: &str, name: Name) -> Name {
        self.keys.get(key).map_or(name, |seen| seen.name(name, &self.ruling()))
    }

    /// Takes a value under a key into account.
    pub(crate) fn hear(&mut self, key: &str, value: &str) {
        /// Keys kept track of.
        const KEYS: usize = 256;
        if let Some(seen) = self.keys.get_mut(key) {
            seen.hear_text(value);
        } else if self.keys.len() < KEYS {
            self.keys.entry(key.into()).or_default().hear_text(value);
        }
    }

    /// What holds here.
    pub(crate) fn ruling(&self) -> Held<'a> {
        match self.column {
            Some(ruling) => Held::Here(ruling),
            None => self.view.at_path(&self.path),
        }
    }

    /// Whether nothing but card data is looked for.
    pub(crate) fn is_plain(&self) -> bool {
        match &self.column {
            Some(ruling) => ruling.entities.is_empty() && ruling.declared == Declared::No,
            None => self.view.is_plain(),
        }
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
        if pans > 0 {
            self.add(if name == Name::Harmless { Rule::UnexpectedPan } else { Rule::Pan }, pans);
        }
        if sad > 0 {
            self.add(Rule::Sad, sad);
        }
    }

    fn add(&mut self, rule: Rule, count: u64) {
        if self.pending.rule.as_ref() != Some(&rule) || self.pending.path != self.path {
            self.settle();
            self.pending.path.clone_from(&self.path);
            self.pending.rule = Some(rule);
        }
        self.pending.count = self.pending.count.saturating_add(count);
    }

    fn settle(&mut self) {
        if let Some(rule) = self.pending.rule.take() {
            self.findings.add(&self.pending.path, rule, std::mem::take(&mut self.pending.count));
        }
    }

    /// A scanner for values here.
    pub(crate) fn scanner(&mut self, evidence: Evidence, ruling: &Ruling) -> Box<Scanner> {
        match self.scanner.take() {
            Some(mut scanner) => {
                scanner.restart(evidence, &ruling.hiding);
                scanner
            }
            None => Box::new(Scanner::new(evidence, ruling.hiding.clone())),
        }
    }

    /// Gives it back.
    pub(crate) fn keep(&mut self, scanner: Box<Scanner>) {
        self.scanner = Some(scanner);
    }

    /// A list of edits, empty, for a value here.
    pub(crate) fn edits(&mut self) -> Vec<Edit> {
        std::mem::take(&mut self.edits)
    }

    /// Gives it back.
    pub(crate) fn keep_edits(&mut self, mut edits: Vec<Edit>) {
        edits.clear();
        self.edits = edits;
    }

    pub(crate) fn count_entity(&mut self, entity: &Entity, count: u64) {
        self.add(Rule::Entity(entity.clone()), count);
    }

    /// Counts what a scanner has found since it was asked last.
    ///
    /// # Errors
    /// [`MaskError::Blocked`] if a number stands where none may pass.
    pub(crate) fn take(&mut self, scanner: &mut Scanner, name: Name) -> Result<(), MaskError> {
        self.count(name, std::mem::take(&mut scanner.pans), std::mem::take(&mut scanner.sad));
        if scanner.shown > 0 {
            self.add(Rule::Revealed, std::mem::take(&mut scanner.shown));
        }
        if !scanner.digests.is_empty() {
            self.findings.add_digests(&mut scanner.digests);
        }
        if scanner.blocked { Err(self.blocked()) } else { Ok(()) }
    }

    pub(crate) fn blocked(&self) -> MaskError {
        MaskError::Blocked { at: self.path.clone() }
    }

    /// Counts a card number that is one by its type.
    pub(crate) fn take_number(&mut self, digits: &[u8], name: Name, hiding: &Hiding) -> Result<(), MaskError> {
        let shown = hiding.shows(digits.len());
        if shown {
            self.add(Rule::Revealed, 1)
        } else {
            self.count(name, 1, 0)
        }
        if let Some(key) = &hiding.key {
            self.findings.add_digests(&mut [digest(key, digits)].into());
        }
        if hiding.mode == Mode::Block && !shown { Err(self.blocked()) } else { Ok(()) }
    }
}

impl Drop for Place<'_> {
    fn drop(&mut self) {
        self.settle();
    }
}

/// What a name and the rules say of the values together.
pub(crate) fn evidence(name: Name, ruling: &Ruling) -> Evidence {
    if name == Name::Card || ruling.declared == Declared::Card { Evidence::Card } else { Evidence::Value }
}
