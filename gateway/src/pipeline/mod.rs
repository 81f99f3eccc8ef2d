//! The life of an exchange, one file per phase:
//!
//! ```text
//! admit (connection) → decode (mcp | snowflake) → decide → [hold → decide again] → record request (durable)
//!   → agent link → upstream ⇒ mask → record chunk (durable) → encode ⇒ record end
//! ```
//!
//! [`authorized::Authorized`] is made only by [`decide`] and [`hold`], after the request's record is durable, and only it
//! can be handed to the agent link. Only [`hoop_masking::Released`] bytes can be delivered, and of those only what is
//! [`hoop_masking::Masked`] can be recorded.

mod admit;
mod authorized;
mod decide;
mod hold;
pub mod mcp;
mod offload;
mod record;
pub mod snowflake;

use std::sync::Arc;

use hoop_model::ConnectionKind;

use crate::{Gateway, session::Session};

pub(crate) use admit::admit;
pub use authorized::Authorized;
use decide::decide;
pub use decide::{Command, Judgement, judge, permitted};
pub use hold::{Held, Holds};
use offload::offload;
pub use record::{Exchange, Outcome};

/// The session has ended: what it has open upstream is closed, what it remembers goes.
pub(crate) async fn ended(gateway: &Arc<Gateway>, session: &Arc<Session>) {
    match &session.protocol {
        Protocol::Mcp(memory) => mcp::end_all(gateway, session, memory).await,
        Protocol::Snowflake(memory) => snowflake::end_all(gateway, session, memory).await,
    }
}

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
