use std::fmt;

/// Why one side ended a tunnel; sent to the other as a number.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum CloseCode {
    /// Nothing more to do.
    Done,
    /// The sender is shutting down or restarting; dial again.
    Draining,
    /// This door needs a certificate that was not shown.
    Unauthenticated,
    /// The identity was revoked.
    Revoked,
    /// The certificate's time is over; renew it and dial again.
    Expired,
    /// The peer said something this side does not understand.
    Protocol,
    /// Too many tunnels; dial again later.
    Overloaded,
    /// A newer tunnel of the same peer took over.
    Replaced,
    /// A code of a newer version.
    Other(u32),
}

impl CloseCode {
    pub(crate) fn number(self) -> u32 {
        match self {
            Self::Done => 0,
            Self::Draining => 1,
            Self::Unauthenticated => 2,
            Self::Revoked => 3,
            Self::Expired => 4,
            Self::Protocol => 5,
            Self::Overloaded => 6,
            Self::Replaced => 7,
            Self::Other(number) => number,
        }
    }

    pub(crate) fn from_number(number: u64) -> Self {
        match number {
            0 => Self::Done,
            1 => Self::Draining,
            2 => Self::Unauthenticated,
            3 => Self::Revoked,
            4 => Self::Expired,
            5 => Self::Protocol,
            6 => Self::Overloaded,
            7 => Self::Replaced,
            other => Self::Other(u32::try_from(other).unwrap_or(u32::MAX)),
        }
    }
}

impl fmt::Display for CloseCode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Done => "done",
            Self::Draining => "shutting down",
            Self::Unauthenticated => "certificate required",
            Self::Revoked => "revoked",
            Self::Expired => "certificate expired",
            Self::Protocol => "protocol error",
            Self::Overloaded => "overloaded",
            Self::Replaced => "replaced by a newer tunnel",
            Self::Other(number) => return write!(f, "code {number}"),
        })
    }
}

/// How a tunnel ended.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum Closed {
    #[error("the tunnel was closed by this side")]
    Here,
    /// `reason` is the peer's text, cut and cleaned for a terminal.
    #[error("the tunnel was closed by the peer ({code}): {reason}")]
    Peer { code: CloseCode, reason: String },
    #[error("the peer has not been heard of for {} s; check the network between", crate::quic::IDLE_TIMEOUT.as_secs())]
    Silent,
    #[error("the peer no longer knows this tunnel; it was probably restarted")]
    Reset,
    /// The peer's TLS refused us: no common protocol version.
    #[error(
        "the peer does not speak this version or role of the protocol; check that both sides are of the same release"
    )]
    NoProtocol,
    /// The peer's TLS refused our certificate.
    #[error("the peer does not accept this side's certificate ({detail}); it may be expired or from another gateway")]
    CertificateRefused { detail: String },
    #[error("the tunnel broke: {detail}")]
    Broken { detail: String },
}

/// Text from a peer, fit for a log line or a terminal: no control characters, at most 300 characters.
pub(crate) fn clean(bytes: &[u8]) -> String {
    const LONGEST: usize = 300;
    String::from_utf8_lossy(bytes).chars().filter(|c| !c.is_control()).take(LONGEST).collect()
}
