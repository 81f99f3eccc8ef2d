//! The trail's copy in S3, under Object Lock: what lies there nobody can change or remove before its time, whoever has
//! the gateway.
//!
//! A sealed segment becomes two objects ([`segment`]): its records, and what was delivered, so that the one can go when
//! its time is over and the other stays. [`Uploader`] brings them there once a [`probe`] has shown that the lock holds;
//! [`fetch`] brings them back and says what was put over them or before them.

mod archive;
mod client;
pub mod cursor;
mod error;
pub mod fetch;
mod finding;
mod layout;
mod lock;
mod object;
pub mod probe;
pub mod segment;
mod source;
mod state;
mod upload;
mod versions;
mod xml;

pub use archive::{Archive, ArchiveError, Purged, Terms};
pub use client::{Bucket, Client, ClientError, Keys};
pub use cursor::Cursor;
pub use error::S3Error;
pub use fetch::{FetchError, Fetched, fetch};
pub use finding::Finding;
pub use layout::{Layout, LayoutError, Part};
pub use lock::Mode;
pub use object::{Facts, Put};
pub use probe::{ProbeError, prove};
pub use source::{Sealed, Segments, Source};
pub use state::{Condition, State, Status};
pub use upload::{Pace, Uploader};
pub use versions::{History, Version};
