//! Whether a rule, and what it names, can be used.

use std::{collections::BTreeMap, ops::Range, str::FromStr, sync::Arc};

use super::{
    EntityRule, Listed, PlaceName, RuleError, Rules,
    place::{Fit, Place},
};
use crate::{
    Entity, Mode,
    entity::{pattern::Pattern, words::Words},
};

/// A rule that can be used.
pub(super) struct Checked {
    pub number: usize,
    pub entity: Entity,
    at: Option<Vec<Place>>,
    pub mode: Mode,
    groups: Option<Vec<String>>,
}

impl Checked {
    pub(super) fn is_for(&self, groups: &[impl AsRef<str>]) -> bool {
        let member = |wanted: &String| groups.iter().any(|group| group.as_ref() == wanted);
        self.groups.as_ref().is_none_or(|wanted| wanted.iter().any(member))
    }

    pub(super) fn fit(&self, place: &PlaceName<'_>) -> Fit {
        match &self.at {
            // A text that quotes a value is not that value.
            Some(_) if self.entity == Entity::Value && *place == PlaceName::Unknown => Fit::No,
            None => Fit::Within,
            Some(places) => places.iter().map(|one| one.fit(place)).max().unwrap_or(Fit::No),
        }
    }

    pub(super) fn is_somewhere(&self) -> bool {
        self.at.is_some()
    }

    pub(super) fn is_for_some(&self) -> bool {
        self.groups.is_some()
    }

    /// Whether no later rule for its entity is ever asked.
    pub(super) fn is_for_all(&self) -> bool {
        self.at.is_none() && self.groups.is_none()
    }
}

/// The operator's own entities. Cheap to clone.
#[derive(Clone, Default)]
pub(super) struct Own(Arc<BTreeMap<String, Finder>>);

enum Finder {
    Pattern(Pattern),
    Words(Words),
}

impl Own {
    pub(super) fn new(rules: &Rules) -> Result<Self, RuleError> {
        let mut own = BTreeMap::new();
        let mut add = |name: &str, finder| match own.insert(name.to_owned(), finder) {
            Some(_) => Err(RuleError::Duplicate { name: name.to_owned() }),
            None => Ok(()),
        };
        for one in &rules.patterns {
            let name = name(&one.name)?;
            let pattern = Pattern::new(&one.regex);
            add(
                name,
                Finder::Pattern(pattern.map_err(|reason| RuleError::Pattern { name: name.to_owned(), reason })?),
            )?;
        }
        for one in &rules.words {
            let name = name(&one.name)?;
            let words = Words::new(&one.list);
            add(name, Finder::Words(words.map_err(|reason| RuleError::Words { name: name.to_owned(), reason })?))?;
        }
        Ok(Self(Arc::new(own)))
    }

    pub(super) fn names(&self) -> impl Iterator<Item = &str> {
        self.0.keys().map(String::as_str)
    }

    pub(super) fn find(&self, entity: &Entity, text: &str, found: &mut Vec<Range<usize>>) {
        match self.0.get(entity.as_str()) {
            Some(Finder::Pattern(pattern)) => pattern.find(text, found),
            Some(Finder::Words(words)) => words.find(text, found),
            None => {}
        }
    }
}

fn name(name: &str) -> Result<&str, RuleError> {
    let fits = (1..=32).contains(&name.len())
        && name.starts_with(|c: char| c.is_ascii_lowercase())
        && name.bytes().all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'_');
    match fits {
        false => Err(RuleError::Name { name: name.to_owned() }),
        true if Entity::BUILT_IN.contains(&name) || Entity::SPOKEN_FOR.contains(&name) => {
            Err(RuleError::Reserved { name: name.to_owned() })
        }
        true => Ok(name),
    }
}

pub(super) fn places(at: Listed, list: &[String]) -> Result<Vec<Place>, RuleError> {
    let place =
        |text: &String| Place::from_str(text).map_err(|reason| RuleError::Place { at, place: text.clone(), reason });
    list.iter().map(place).collect()
}

pub(super) fn rule(number: usize, rule: &EntityRule, own: &Own) -> Result<Checked, RuleError> {
    let entity = Entity::from(rule.entity.as_str());
    match &entity {
        Entity::Sad => return Err(RuleError::AlwaysRemoved { rule: number }),
        Entity::Custom(_) if !own.names().any(|name| name == rule.entity) => {
            let built_in = Entity::BUILT_IN.iter().copied().filter(|name| *name != "sad");
            let known = built_in.chain(own.names()).collect::<Vec<_>>().join(", ");
            return Err(RuleError::UnknownEntity { rule: number, entity: rule.entity.clone(), known });
        }
        _ => {}
    }
    if entity != Entity::Pan && rule.mode.only_pan() {
        return Err(RuleError::OnlyCards { rule: number, mode: rule.mode, entity: rule.entity.clone() });
    }
    if rule.groups.as_ref().is_some_and(Vec::is_empty) {
        return Err(RuleError::NoGroups { rule: number });
    }
    let at = match &rule.at {
        Some(list) if list.is_empty() => return Err(RuleError::NoPlaces { rule: number }),
        None if entity == Entity::Value => {
            return Err(RuleError::NeedsPlace { rule: number, entity: rule.entity.clone() });
        }
        at => at.as_ref().map(|list| places(Listed::Rule(number), list)).transpose()?,
    };
    Ok(Checked { number, entity, at, mode: rule.mode, groups: rule.groups.clone() })
}
