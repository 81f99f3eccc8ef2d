//! Cedar policies: who may do what, and under which obligations.
//!
//! [`Policies::compile`] checks a policy text as a whole; [`Policies::decide`] answers one request and fails closed:
//! default deny, a forbid wins, and a policy that cannot be evaluated denies. Pure: no I/O, no clock.

mod access;
mod annotation;
mod compile;
mod decide;
mod error;
mod memo;
mod pattern;
mod reveal;
mod vocabulary;

/// A policy to start from: engineers, approvers and CI, payment tables held. What `hoopctl dev` runs with.
pub const EXAMPLE: &str = include_str!("../examples/payments.cedar");

pub use access::{Access, Shown};
pub use compile::{Policies, TableGroup};
pub use decide::{Request, is_unevaluated};
pub use error::{PolicyError, Problem};
pub use pattern::{InvalidPattern, TablePattern};
