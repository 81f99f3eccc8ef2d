//! What a Snowflake statement does and which tables it touches, decided from its text alone.
//!
//! Fail closed: only what is plainly a read is a read. Text that is refused, not parsed, not listed or not resolved
//! is [`Action::Unknown`](hoop_model::Action::Unknown). Pure: no I/O, no clock; bad text never panics and deep text
//! never overflows the caller's stack.

mod change;
mod classification;
mod classify;
mod definition;
mod dialect;
mod expression;
mod functions;
mod lexer;
mod names;
mod query;
mod relation;
mod session;
mod show;
mod statement;
mod survey;
mod text;
mod transfer;

pub use classification::{Classification, Judged};
pub use classify::{MAX_BYTES, MAX_TOKENS, classify};
pub use dialect::depends_on_dialect;
pub use session::{SessionEffect, SessionState, is_modelled_parameter, unmodelled_parameter};
pub use text::refused;
