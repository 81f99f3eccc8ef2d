//! One held request, from the pause to its single use: who may agree, how long it stands, and that what was agreed to
//! is what runs, once.
//!
//! Pure: time is an argument, storing and telling people are the gateway's. A standing permission given together with
//! an approval (`approve --for 30m`) is another object beside [`Approval`], never another way through it.

mod approval;
mod binding;
mod error;
mod request;
mod transition;

pub use approval::{Approval, State, Vote};
pub use binding::{Binding, BindingKey, Exact};
pub use error::ApprovalError;
pub use request::{DEFAULT_WINDOW, Request};
