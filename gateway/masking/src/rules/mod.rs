//! The operator's rules: as written, and checked for use.

mod check;
mod compiled;
mod effective;
mod error;
mod glob;
mod place;
#[cfg(test)]
mod tests;

use serde::{Deserialize, Serialize};

pub use compiled::Compiled;
pub use effective::{Applied, Declared, Effective};
pub use error::{Listed, RuleError};
pub use place::{PlaceError, PlaceName};

use crate::Mode;

/// Rules as written. The default hides card numbers and authentication data, and nothing else.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Rules {
    /// What stays of card numbers, where no rule says otherwise.
    pub mode: Mode,
    pub numbers: Numbers,
    /// Places of card data: hidden without a look at it.
    pub card: Vec<String>,
    /// Places that hold no card data, though some of it looks like it. Left as it is where a sample bears that out.
    pub not_card: Vec<String>,
    #[serde(rename = "rule")]
    pub rules: Vec<EntityRule>,
    #[serde(rename = "pattern")]
    pub patterns: Vec<NamedPattern>,
    pub words: Vec<WordList>,
}

/// What a number column, or a JSON number, with a card number in it becomes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Numbers {
    /// A number still: the hidden digits are zeros. Drivers that go by the column's type keep working.
    #[default]
    Zeros,
    /// Text, in the rows and in the column's type.
    Text,
}

/// How one entity is hidden. Of the rules for one entity the first that fits decides.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct EntityRule {
    /// `pan`, another built-in entity, or the name of a pattern or word list.
    pub entity: String,
    /// Places; everywhere, if left out.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub at: Option<Vec<String>>,
    pub mode: Mode,
    /// Whom it is hidden from: members of any of these groups; everyone, if left out.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub groups: Option<Vec<String>>,
}

/// A regular expression under a name.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct NamedPattern {
    pub name: String,
    pub regex: String,
}

/// Words under a name.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct WordList {
    pub name: String,
    pub list: Vec<String>,
}
