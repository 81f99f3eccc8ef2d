//! The SQL API: a statement per request, its result in partitions (§7). The gateway runs it over the driver protocol, so
//! that the same rules, masks and records hold; here is what a client sends and gets.

mod reply;
mod request;

pub use reply::{Partition, Reply};
pub use request::{StatementPlace, StatementQuery, StatementRequest};
