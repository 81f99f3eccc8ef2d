//! What our three programs say to each other over the tunnel, before a stream turns into HTTP or raw bytes.
//!
//! Every stream begins with one [`frame`]: a big-endian `u32` length and that many bytes of JSON. After the opening
//! (and, where it has one, its answer) the stream carries what [`open`] says. Versions live in the [`alpn`] names: a
//! peer of another version is refused by TLS before a byte of ours is read.

pub mod alpn;
pub mod enrol;
pub mod frame;
pub mod headers;
pub mod link;
pub mod login;
pub mod open;
