//! MCP on the data path: each JSON-RPC message is read, judged, masked and recorded whole, whatever carries it.
//!
//! ```text
//! http/, stdio.rs (downstream) → command.rs → judge → [held.rs] → call.rs → upstream/{http,stdio}.rs
//! ```

mod answer;
mod asked;
mod call;
mod command;
mod end;
mod held;
mod http;
mod instead;
mod item;
mod pins;
mod posted;
mod resume;
mod schema;
mod session;
mod stdio;
mod supported;
mod upstream;

pub(in crate::pipeline) use command::{readable, statement};
pub(crate) use end::end_all;
pub(crate) use http::{http, identified};
pub use session::Memory;
pub(crate) use stdio::stdio;
