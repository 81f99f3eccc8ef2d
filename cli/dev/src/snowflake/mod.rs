//! A Snowflake stand-in over SQLite: the driver protocol as the Python, Go and Node drivers speak it.
//! It is the demo's upstream and the tests' double; what a test needs beyond SQL it asks for in a `/*hoop: … */`
//! comment (see [`switches`]). Sessions share one database: BEGIN, COMMIT and ROLLBACK are answered, not carried out.

mod answer;
mod arrow;
mod cell;
mod chunks;
mod credential;
mod execute;
mod failure;
mod journal;
mod json;
mod login;
mod made;
mod managed;
mod query;
mod running;
mod server;
mod session;
mod show;
mod stage;
pub mod switches;
mod table;
mod tokens;
mod translate;

pub use credential::Credential;
pub use journal::Executed;
pub use managed::PATH as MANAGED_MCP;
pub use server::{Handle, Options, serve};
