//! The end-to-end harness: our real programs between real or stand-in peers, each test with its own stack, folders and
//! ports.

pub mod cards;
pub mod conformance;
pub mod folder;
pub mod line;
pub mod listener;
pub mod mcp;
pub mod ntp;
pub mod parity;
pub mod peers;
pub mod program;
pub mod raw;
pub mod s3;
pub mod site;
pub mod stack;
pub mod upstream;
pub mod witness;

pub use folder::Folder;
pub use listener::Listener;
pub use program::{Finished, Program, hoopctl};
pub use raw::Raw;
pub use s3::S3;
pub use site::Site;
pub use stack::Stack;
pub use upstream::Upstream;
pub use witness::Witness;
