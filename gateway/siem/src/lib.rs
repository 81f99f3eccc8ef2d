//! Forwarding of the trail to a SIEM: a reader of its own with a durable place per receiver, never in a request's way.
//!
//! A record becomes one event ([`event`]), a receiver takes events and says when it has them ([`sink`]), and
//! [`forward`] moves the one to the other: at least once, in order, each event with a key to drop a repetition by.

pub mod cursor;
pub mod event;
pub mod forward;
pub mod sink;
mod source;
mod state;

pub use cursor::{Cursor, CursorError, Place};
pub use event::{Event, Format, Mapper};
pub use forward::{Forwarder, Pace};
pub use source::{Entry, Reading, Source, SourceError, Waiting};
pub use state::{Condition, State, Status};
