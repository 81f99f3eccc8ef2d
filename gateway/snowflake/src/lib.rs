//! The Snowflake driver protocol as the gateway speaks it to drivers and reads it from an upstream. Pure: bytes in,
//! typed requests, masked answers and refusals out.
//!
//! Facts and section numbers in comments are those of the protocol notes the project keeps (`snowflake-protocol.md`).

mod answer;
mod body;
mod chunk;
mod json;
mod login;
mod query;
mod refusal;
mod result;
mod route;
mod statement;

pub use answer::{Answer, AnswerError};
pub use body::{BodyError, decode, to_read};
pub use chunk::{ChunkError, ChunkForm, expected_length, mask_chunk};
pub use login::{LoginError, LoginRequest, Tokens, logged_in, renewed, token};
pub use query::{QueryError, QueryRequest};
pub use refusal::{Refusal, done, in_progress, status, submitted, told};
pub use result::{Delivery, Place, ReleasedAnswer, UpstreamChunk};
pub use route::{Route, request_id, route};
pub use statement::{Partition, Reply, StatementPlace, StatementQuery, StatementRequest};
