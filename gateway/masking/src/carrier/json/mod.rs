//! JSON: as bytes, and as a tree that has been read already.

mod escape;
mod glance;
mod keys;
mod token;
pub(crate) mod tree;
mod value;
pub(crate) mod walk;
