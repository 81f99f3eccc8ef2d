//! What rules say of one place, for one person.

use std::ops::Range;

use super::{
    PlaceName,
    check::{Checked, Own},
    place::Fit,
};
use crate::{Entity, Mode};

/// What rules say of one place, for one person.
#[derive(Clone)]
pub struct Effective {
    /// What stays of card numbers.
    pub pan_mode: Mode,
    pub declared: Declared,
    /// What else is hidden, in the order of the rules.
    pub entities: Vec<Applied>,
}

/// Whether a place is declared as one of card data.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Declared {
    /// Hidden without a look at it.
    Card,
    /// Left where a sample bears it out.
    NotCard,
    #[default]
    No,
}

/// An entity to hide, and how.
#[derive(Clone)]
pub struct Applied {
    pub entity: Entity,
    pub mode: Mode,
    /// The rule, counted from one.
    pub rule: usize,
    /// The rule names this very column or key.
    named: bool,
    own: Own,
}

/// What the rules for one entity have come to so far.
#[derive(Default)]
pub(super) struct Chosen {
    /// Of the first rule that fits, or what holds without one.
    mode: Option<Mode>,
    /// The strictest of the rules before it that may fit.
    perhaps: Option<Mode>,
    decided: bool,
    named: bool,
    rule: usize,
}

impl Chosen {
    /// `mode` holds unless a rule fits.
    pub(super) fn unless(mode: Option<Mode>) -> Self {
        Self { mode, ..Self::default() }
    }

    pub(super) fn hear(&mut self, rule: &Checked, place: &PlaceName<'_>) {
        let fit = rule.fit(place);
        self.named |= fit == Fit::Named;
        match fit {
            _ if self.decided => return,
            Fit::No => return,
            Fit::Maybe => self.perhaps = Some(self.perhaps.map_or(rule.mode, |mode| mode.stricter(rule.mode))),
            Fit::Within | Fit::Named => (self.mode, self.decided) = (Some(rule.mode), true),
        }
        // The rule whose mode comes out.
        if self.mode() == Some(rule.mode) {
            self.rule = rule.number;
        }
    }

    pub(super) fn mode(&self) -> Option<Mode> {
        match (self.mode, self.perhaps) {
            (Some(mode), Some(perhaps)) => Some(mode.stricter(perhaps)),
            (mode, perhaps) => mode.or(perhaps),
        }
    }

    pub(super) fn applied(self, entity: &Entity, own: &Own) -> Option<Applied> {
        let (mode, rule, named) = (self.mode()?, self.rule, self.named);
        Some(Applied { entity: entity.clone(), mode, rule, named, own: own.clone() })
    }
}

impl Applied {
    /// Adds where the entity stands in `text`: ascending, apart from each other, never empty.
    pub(crate) fn find(&self, text: &str, found: &mut Vec<Range<usize>>) {
        match self.entity.kind() {
            Some(kind) if self.named && (kind.whole)(text) => found.push(0..text.len()),
            Some(kind) => (kind.find)(text, found),
            None => self.own.find(&self.entity, text, found),
        }
    }
}
