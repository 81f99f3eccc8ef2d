//! Rules checked for use, and what they say of a place.

use std::{fmt, sync::Arc};

use super::{
    Declared, Effective, Listed, Numbers, PlaceName, RuleError, Rules,
    check::{self, Checked, Own},
    effective::Chosen,
    place::{Fit, Place},
};
use crate::{Entity, Key, Mode};

/// Rules that can be used. Cheap to clone.
#[derive(Clone, Default)]
pub struct Compiled(Arc<Parts>);

#[derive(Default)]
struct Parts {
    mode: Mode,
    numbers: Numbers,
    key: Option<Key>,
    card: Vec<Place>,
    not_card: Vec<Place>,
    rules: Vec<Checked>,
    own: Own,
}

impl Compiled {
    /// Checks `rules`; `key` is what tokens and encrypted numbers are made with.
    ///
    /// # Errors
    /// The first thing that is wrong with them.
    pub fn new(rules: &Rules, key: Option<Key>) -> Result<Self, RuleError> {
        let own = Own::new(rules)?;
        let keyed = |at, mode: Mode| match mode.needs_key() && key.is_none() {
            true => Err(RuleError::NeedsKey { at, mode }),
            false => Ok(mode),
        };
        let mode = keyed(Listed::Mode, rules.mode)?;
        let (card, not_card) =
            (check::places(Listed::Card, &rules.card)?, check::places(Listed::NotCard, &rules.not_card)?);
        if let Some((_, place)) = not_card.iter().zip(&rules.not_card).find(|(place, _)| card.contains(place)) {
            return Err(RuleError::BothDeclared { place: place.clone() });
        }
        let mut checked: Vec<Checked> = Vec::with_capacity(rules.rules.len());
        for (number, rule) in (1..).zip(&rules.rules) {
            keyed(Listed::Rule(number), rule.mode)?;
            let rule = check::rule(number, rule, &own)?;
            if let Some(before) = checked.iter().find(|before| before.is_for_all() && before.entity == rule.entity) {
                return Err(RuleError::Unreached { rule: number, by: before.number });
            }
            checked.push(rule);
        }
        if let Some(name) = own.names().find(|name| !checked.iter().any(|rule| rule.entity.as_str() == *name)) {
            return Err(RuleError::Unused { name: name.to_owned() });
        }
        Ok(Self(Arc::new(Parts { mode, numbers: rules.numbers, key, card, not_card, rules: checked, own })))
    }

    pub fn numbers(&self) -> Numbers {
        self.0.numbers
    }

    pub fn key(&self) -> Option<&Key> {
        self.0.key.as_ref()
    }

    /// Whether places matter at all. If not, [`Self::at`] says the same of every place.
    pub fn by_place(&self) -> bool {
        let parts = &self.0;
        !parts.card.is_empty() || !parts.not_card.is_empty() || parts.rules.iter().any(Checked::is_somewhere)
    }

    /// Whether it matters who asks.
    pub fn by_group(&self) -> bool {
        self.0.rules.iter().any(Checked::is_for_some)
    }

    /// What holds at `place` for a member of `groups`: once per column or key, not per value.
    ///
    /// Of one entity's rules the first that fits decides. Where the protocol does not say enough to tell whether a rule
    /// fits, it can only hide more.
    pub fn at(&self, place: &PlaceName<'_>, groups: &[impl AsRef<str>]) -> Effective {
        let mut pan = Chosen::unless(Some(self.0.mode));
        let mut others: Vec<(&Entity, Chosen)> = Vec::new();
        for rule in self.0.rules.iter().filter(|rule| rule.is_for(groups)) {
            if rule.entity == Entity::Pan {
                pan.hear(rule, place);
            } else if let Some((_, chosen)) = others.iter_mut().find(|(entity, _)| **entity == rule.entity) {
                chosen.hear(rule, place);
            } else {
                let mut chosen = Chosen::unless(None);
                chosen.hear(rule, place);
                others.push((&rule.entity, chosen));
            }
        }
        Effective {
            pan_mode: pan.mode().unwrap_or_default(),
            declared: self.declared(place),
            entities: others.into_iter().filter_map(|(entity, chosen)| chosen.applied(entity, &self.0.own)).collect(),
        }
    }

    fn declared(&self, place: &PlaceName<'_>) -> Declared {
        let best = |list: &[Place]| list.iter().map(|one| one.fit(place)).max().unwrap_or(Fit::No);
        match place {
            PlaceName::Unknown => Declared::No,
            _ if best(&self.0.card) >= Fit::Maybe => Declared::Card,
            _ if best(&self.0.not_card) >= Fit::Within => Declared::NotCard,
            _ => Declared::No,
        }
    }
}

/// No key, no words of the operator's.
impl fmt::Debug for Compiled {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let parts = &self.0;
        f.debug_struct("Compiled").field("mode", &parts.mode).field("rules", &parts.rules.len()).finish_non_exhaustive()
    }
}
