//! The MCP codec: JSON-RPC messages without loss, SSE and stdio framing, and what a message asks for. Pure.
//!
//! A message is parsed once; what is forwarded is written from that parse, so that what was judged is what is sent.

mod classify;
pub mod era;
pub mod header;
mod json;
mod message;
pub mod mirror;
pub mod modern;
pub mod pin;
pub mod session;
pub mod sse;
pub mod stdio;
pub mod surface;

pub use classify::{Classified, Unclassified, classify, sql_argument};
pub use era::Era;
pub use message::{Id, LIMIT, Message, MessageError};
