//! The all-in-one behind `hoopctl dev`, and the doubles that the tests use: a development issuer, a Snowflake stand-in
//! and an MCP server over invented payments, and small clients of our own.

pub mod client;
pub mod issuer;
pub mod mcp;
pub mod payments;
pub mod snowflake;
pub mod stack;

pub use hoop_gateway::runtime;
