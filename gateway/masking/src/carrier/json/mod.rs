//! JSON: as bytes, and as a tree that has been read already.

mod escape;
pub(in crate::carrier) mod glance;
mod keys;
mod token;
pub(crate) mod tree;
mod value;
pub(crate) mod walk;
