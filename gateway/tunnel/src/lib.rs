//! The tunnel between our programs: one mutually authenticated connection, many bidirectional streams.
//!
//! QUIC, TLS 1.3 only, no 0-RTT and no session resumption: every connection proves its certificates anew, so a revoked
//! or expired one opens nothing. The carrier stays behind [`Connection`] and [`Stream`].

mod certificate;
mod close;
mod connection;
#[cfg(feature = "dial")]
mod dial;
mod ending;
mod frames;
mod last_word;
#[cfg(feature = "listen")]
mod listen;
#[cfg(feature = "dial")]
mod pin;
mod quic;
mod stream;
#[cfg(feature = "dial")]
mod trust;

pub use certificate::{Identity, PemError, certificates, private_key, spki_sha256};
pub use close::{CloseCode, Closed};
pub use connection::Connection;
#[cfg(feature = "dial")]
pub use dial::{Dial, DialError, dial};
pub use frames::StreamError;
#[cfg(feature = "listen")]
pub use listen::{BindError, Listener};
pub use rustls_pki_types::{CertificateDer, PrivateKeyDer};
pub use stream::{ReceiveHalf, SendHalf, Stream};
#[cfg(feature = "dial")]
pub use trust::Trust;
