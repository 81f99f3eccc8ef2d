//! Who is asking: an ID token or a CI job's token goes in once, an access token with each request; a
//! [`hoop_model::Principal`] comes out.
//!
//! [`jwt::verify`] is the only place where a token is checked; [`jwks`] keeps the issuers' keys. Facts and reasons:
//! OpenID Connect Core 1.0, RFC 7519, RFC 8725.

pub mod access;
mod discovery;
mod error;
pub mod fetch;
mod groups;
mod json;
pub mod jwks;
pub mod jwt;
pub mod key;
mod nonce;
pub mod person;
pub mod workload;

pub use access::Access;
pub use error::IdentityError;
pub use nonce::nonce;
pub use person::PersonVerifier;
pub use workload::{Accepted, WorkloadVerifier};
