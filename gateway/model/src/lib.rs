//! The words every crate shares: who asks ([`Principal`]), for what ([`Action`], [`Resource`]), what was decided
//! ([`Decision`]), and who is to blame when it fails ([`Fault`]).
//!
//! Nothing here does I/O. Time comes from a [`Clock`], secrets are wrapped in [`Secret`].

mod action;
mod clock;
mod connection;
mod decision;
mod fault;
mod id;
mod principal;
mod secret;

pub use action::{Action, Resource, TableName};
pub use clock::{Clock, ClockState, ManualClock, SystemClock, Timestamp, earlier, later};
pub use connection::{ConnectionKind, ConnectionName, InvalidConnectionName};
pub use decision::{Decision, Effect, Obligations, Reveal};
pub use fault::{Fault, Retry, Side};
pub use id::{AgentId, AlertId, ApprovalId, ExchangeId, HoldId, IncidentId, InvalidId, LoginId, SearchId, SessionId};
pub use principal::{Assurance, Group, LoginMethod, Principal, PrincipalKind, Subject};
pub use secret::Secret;
