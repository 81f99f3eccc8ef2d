//! The life of an exchange, one file per phase:
//!
//! ```text
//! admit (connection) → decode (mcp | snowflake) → decide → [hold → decide again] → record request (durable)
//!   → agent link → upstream ⇒ mask → record chunk (durable) → encode ⇒ record end
//! ```
//!
//! [`authorized::Authorized`] is made only by [`decide`] and [`hold`], after the request's record is durable, and only it
//! can be handed to the agent link. Only [`hoop_masking::Masked`] bytes can be recorded and delivered.

mod admit;
mod authorized;
mod decide;
mod hold;
pub mod mcp;
mod record;
pub mod snowflake;

use hoop_model::ConnectionKind;

pub(crate) use admit::admit;
pub use authorized::Authorized;
use decide::decide;
pub use decide::{Command, Judgement, judge};
pub use hold::{Held, Holds};
pub use record::{Exchange, Outcome};

/// What a protocol remembers of a session between exchanges.
pub enum Protocol {
    Mcp(mcp::Memory),
    Snowflake(snowflake::Memory),
}

impl Protocol {
    pub(crate) fn of(kind: ConnectionKind) -> Self {
        match kind {
            ConnectionKind::Mcp => Self::Mcp(mcp::Memory::default()),
            ConnectionKind::Snowflake => Self::Snowflake(snowflake::Memory::default()),
        }
    }
}
