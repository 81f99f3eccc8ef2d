//! What can be hidden beside card numbers: off until a rule names it.
//!
//! To add one: a file with its `KIND`, and a line in the table below.

use std::{fmt, ops::Range, sync::Arc};

use serde::{Deserialize, Serialize};

use crate::fold::{Glyph, glyph};

mod email;
pub(crate) mod iban;
pub(crate) mod pattern;
mod phone;
mod ssn;
mod value;
pub(crate) mod words;

optional! {
    /// An e-mail address.
    Email = "email" in email,
    /// A phone number: international, North American, or national with its leading zero.
    Phone = "phone" in phone,
    /// An international bank account number (ISO 13616).
    Iban = "iban" in iban,
    /// A social security number of the United States.
    UsSsn = "us_ssn" in ssn,
    /// The whole value, whatever it is: for columns of names and addresses. Its rule must say where.
    Value = "value" in value,
}

/// How an entity is told.
pub(crate) struct Kind {
    /// Adds where it stands in a text: ascending, apart from each other, never empty. In linear time.
    pub find: fn(&str, &mut Vec<Range<usize>>),
    /// Whether a whole value is one that `find` would leave, if a rule names its column: nine bare digits.
    pub whole: fn(&str) -> bool,
    /// The one spelling of it that tokens are made of.
    pub canonical: fn(&str) -> Vec<u8>,
}

impl Entity {
    /// The one spelling of `text`, a value of this entity: digits of a card number as values 0 to 9.
    pub(crate) fn canonical(&self, text: &str) -> Vec<u8> {
        match (self, self.kind()) {
            (Self::Pan, _) => digits(text),
            (_, Some(kind)) => (kind.canonical)(text),
            (_, None) => text.to_lowercase().into_bytes(),
        }
    }
}

/// The values of the digits of `text`, in any script.
fn digits(text: &str) -> Vec<u8> {
    let value = |c| if let Glyph::Digit(value) = glyph(c) { Some(value) } else { None };
    text.chars().filter_map(value).collect()
}

/// The same as ASCII.
fn ascii_digits(text: &str) -> Vec<u8> {
    digits(text).into_iter().map(|value| value + b'0').collect()
}

macro_rules! optional {
    ($($(#[$doc:meta])* $entity:ident = $name:literal in $file:ident,)*) => {
        /// A kind of value that is hidden.
        #[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        #[serde(from = "String", into = "String")]
        #[non_exhaustive]
        pub enum Entity {
            /// A card number. Always hidden.
            Pan,
            /// Sensitive authentication data: track data, verification codes, PINs. Always removed.
            Sad,
            $($(#[$doc])* $entity,)*
            /// A pattern or a word list of the operator's, by its name.
            Custom(Arc<str>),
        }

        impl Entity {
            /// The names that patterns and word lists cannot have.
            pub const BUILT_IN: &[&str] = &["pan", "sad", $($name),*];
            /// How findings spell what is no entity: names that patterns and word lists cannot have either.
            pub(crate) const SPOKEN_FOR: &[&str] = &["unexpected_pan", "revealed"];

            /// As rules spell it.
            pub fn as_str(&self) -> &str {
                match self {
                    Self::Pan => "pan",
                    Self::Sad => "sad",
                    $(Self::$entity => $name,)*
                    Self::Custom(name) => name,
                }
            }

            /// `None` for what is always hidden, and for the operator's own.
            pub(crate) fn kind(&self) -> Option<&'static Kind> {
                match self {
                    $(Self::$entity => Some(&$file::KIND),)*
                    Self::Pan | Self::Sad | Self::Custom(_) => None,
                }
            }
        }

        impl From<&str> for Entity {
            fn from(name: &str) -> Self {
                match name {
                    "pan" => Self::Pan,
                    "sad" => Self::Sad,
                    $($name => Self::$entity,)*
                    _ => Self::Custom(name.into()),
                }
            }
        }
    };
}
use optional;

impl From<String> for Entity {
    fn from(name: String) -> Self {
        name.as_str().into()
    }
}

impl From<Entity> for String {
    fn from(entity: Entity) -> Self {
        entity.as_str().to_owned()
    }
}

impl fmt::Display for Entity {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

#[cfg(test)]
mod tests;
