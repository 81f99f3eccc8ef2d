//! Small clients of our own for the demo and the benchmarks: they speak the real protocols to a local listener, and no
//! more of them than a story needs.

mod http;
pub mod mcp;
pub mod snowflake;

pub use http::{Answer, ClientError, Connection};
