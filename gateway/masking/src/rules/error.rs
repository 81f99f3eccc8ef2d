use std::fmt;

use super::PlaceError;
use crate::{
    Mode,
    entity::{pattern::PatternError, words::WordsError},
};

/// Why rules cannot be used. Rules count from one, in the order they are written.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum RuleError {
    #[error(
        "rule {rule}: nothing is called {entity:?}; use one of {known}, or add a [[pattern]] or [[words]] of that name"
    )]
    UnknownEntity { rule: usize, entity: String, known: String },
    #[error("rule {rule}: sensitive authentication data is always removed, for everyone; take the rule out")]
    AlwaysRemoved { rule: usize },
    #[error("{at}: the mode {mode} needs a masking key; set one, or choose another mode")]
    NeedsKey { at: Listed, mode: Mode },
    #[error("rule {rule}: the mode {mode} is for card numbers and not for {entity}; use last4, full or tokenize")]
    OnlyCards { rule: usize, mode: Mode, entity: String },
    #[error("rule {rule}: groups is empty, so the rule is for nobody; name a group, or leave groups out for everyone")]
    NoGroups { rule: usize },
    #[error("rule {rule}: at is empty, so the rule holds nowhere; name a place, or leave at out for everywhere")]
    NoPlaces { rule: usize },
    #[error("rule {rule}: {entity} hides whole values, which may not be all there are; say where with at")]
    NeedsPlace { rule: usize, entity: String },
    #[error(
        "rule {rule}: rule {by} holds everywhere and for everyone, so this one is never asked; put it before rule {by}"
    )]
    Unreached { rule: usize, by: usize },
    #[error("{at}: {place:?} is no place: {reason}")]
    Place { at: Listed, place: String, reason: PlaceError },
    #[error("not_card: {place:?} is declared as card data too; take it out of one of the two")]
    BothDeclared { place: String },
    #[error("{name:?} cannot name a pattern or word list; use 1 to 32 of a-z, 0-9 and _, a letter first")]
    Name { name: String },
    #[error("{name:?} is the name of a built-in entity; give the pattern or word list another name")]
    Reserved { name: String },
    #[error("{name:?} names two patterns or word lists; rename one")]
    Duplicate { name: String },
    #[error("{name:?} is in no rule, so it hides nothing; add a [[rule]] with entity = {name:?}, or take it out")]
    Unused { name: String },
    #[error("the pattern {name:?} cannot be used: {reason}")]
    Pattern { name: String, reason: PatternError },
    #[error("the word list {name:?} cannot be used: {reason}")]
    Words { name: String, reason: WordsError },
}

/// Where in the rules something stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum Listed {
    /// The mode of card numbers.
    Mode,
    Card,
    NotCard,
    Rule(usize),
}

impl fmt::Display for Listed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Mode => f.write_str("mode"),
            Self::Card => f.write_str("card"),
            Self::NotCard => f.write_str("not_card"),
            Self::Rule(rule) => write!(f, "rule {rule}"),
        }
    }
}
