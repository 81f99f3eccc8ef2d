//! Snowflake end to end: the driver protocol, the SQL API and the managed MCP server. The clients' matrix and the hostile
//! peers are programs of their own.

mod account;
mod bytes;
mod driver;
mod line;
mod managed;
mod sessions;
mod settings;
mod statements;
