//! Time stamps (RFC 3161): an authority that is not the gateway's says when it was shown a digest. Of a signed head, that
//! is when the log had these records.

mod authority;
mod der;
mod message;
mod token;

pub use authority::Authority;
pub use message::{Nonce, Reply, request};
pub use token::{Stamp, check};

/// Why a time stamp says nothing.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum StampError {
    #[error("it is not the DER of one: {0}")]
    Der(&'static str),
    #[error("the authority refused it with status {0}")]
    Refused(String),
    #[error("it is of something else")]
    OtherImprint,
    #[error("it does not answer the request that was sent")]
    OtherNonce,
    #[error("{0}, which this program does not read")]
    Unsupported(String),
    #[error("the certificate that signed it is not in it")]
    NoCertificate,
    #[error("it says that another certificate signed it")]
    OtherCertificate,
    #[error("its signature does not hold")]
    Signature,
    #[error("its certificate is not for time stamps alone (critical extended key usage timeStamping)")]
    Usage,
    #[error("its certificate does not lead to the given authority at {at}: {why}")]
    Chain { at: hoop_model::Timestamp, why: String },
    #[error("no certificate in PEM form")]
    NoAuthority,
    #[error("an authority's certificate cannot be used: {0}")]
    BadAuthority(String),
}
