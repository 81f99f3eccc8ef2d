//! Hides card numbers and sensitive authentication data in text, JSON, Snowflake rowsets and Arrow streams.
//!
//! [`Masker`] takes what came from an upstream and hands out [`Masked`], which nothing else can make, or [`Released`],
//! for the client who asked. What it cannot read is an error, never passed on. Masking twice changes nothing.

mod block;
mod brand;
mod carrier;
mod column;
mod entity;
mod error;
mod findings;
mod fold;
mod hiding;
mod key;
mod luhn;
mod masked;
mod masker;
mod mode;
mod name;
mod number;
mod prove;
mod redact;
mod reject;
mod released;
mod rules;
mod sad;
mod scan;
mod sink;
mod stream;
mod view;

pub use carrier::rowset::{Rowset, chunk::RowsetChunk};
pub use column::{Column, ColumnKind, Table};
pub use entity::{Entity, pattern::PatternError, words::WordsError};
pub use error::MaskError;
pub use findings::{Finding, Findings, Rule};
pub use key::{Key, KeyError};
pub use masked::Masked;
pub use masker::Masker;
pub use mode::{Mode, UnknownMode};
pub use prove::ProofFailure;
pub use released::Released;
pub use rules::{
    Applied, Compiled, Declared, Effective, EntityRule, Listed, NamedPattern, Numbers, PlaceError, PlaceName,
    RuleError, Rules, WordList,
};
pub use sink::Sink;
pub use stream::{Form, Stream};
