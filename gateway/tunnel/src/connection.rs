use std::{fmt, net::SocketAddr, sync::Arc};

use quinn::crypto::rustls::HandshakeData;
use rustls_pki_types::CertificateDer;

use crate::{
    close::{CloseCode, Closed},
    ending::Endings,
    last_word::LastWord,
    quic,
    stream::Stream,
};

/// An authenticated tunnel; clones share it. When the last clone and the last stream are gone it closes by itself.
#[derive(Clone)]
pub struct Connection {
    quic: quinn::Connection,
    alpn: Arc<[u8]>,
    endings: Arc<Endings>,
    /// A dialled connection has a socket of its own.
    endpoint: Option<quinn::Endpoint>,
}

impl Connection {
    pub(crate) fn new(quic: quinn::Connection, endpoint: Option<quinn::Endpoint>) -> Self {
        let handshake = quic.handshake_data().and_then(|data| data.downcast::<HandshakeData>().ok());
        let alpn = handshake.and_then(|data| data.protocol).unwrap_or_default();
        Self { quic, alpn: alpn.into(), endings: Arc::default(), endpoint }
    }

    /// A new stream; waits while the peer allows no more (1024 at once). The peer learns of it with the first bytes
    /// sent. Cancel-safe.
    pub async fn open(&self) -> Result<Stream, Closed> {
        let (send, receive) = self.quic.open_bi().await.map_err(quic::closed)?;
        Ok(Stream::new(send, receive, self.endings.clone()))
    }

    /// The peer's next stream; `None` once the tunnel is closed. Cancel-safe.
    pub async fn accept(&self) -> Option<Stream> {
        let (send, receive) = self.quic.accept_bi().await.ok()?;
        Some(Stream::new(send, receive, self.endings.clone()))
    }

    /// Where the peer's packets come from; changes when it moves between networks.
    pub fn remote_addr(&self) -> SocketAddr {
        self.quic.remote_address()
    }

    /// The peer's verified chain, leaf first.
    pub fn peer_certificates(&self) -> Option<Vec<CertificateDer<'static>>> {
        let identity = self.quic.peer_identity()?;
        identity.downcast::<Vec<CertificateDer<'static>>>().ok().map(|chain| *chain)
    }

    /// The role and version agreed on: one of [`hoop_wire::alpn`].
    pub fn alpn(&self) -> &[u8] {
        &self.alpn
    }

    /// Ends the tunnel and all its streams at once; what is still unsent is lost. Only the first close counts.
    pub fn close(&self, code: CloseCode, reason: &str) {
        LastWord::of(&self.quic);
        self.quic.close(quinn::VarInt::from_u32(code.number()), reason.as_bytes());
    }

    /// [`Self::close`], then waits until a dialled tunnel's peer has had the chance to hear of it: before a process
    /// ends. Takes at most a few round trips.
    pub async fn close_and_wait(&self, code: CloseCode, reason: &str) {
        self.close(code, reason);
        if let Some(endpoint) = &self.endpoint {
            endpoint.wait_idle().await;
        }
    }

    /// Waits for the end of the tunnel and says why. Cancel-safe.
    pub async fn closed(&self) -> Closed {
        quic::closed(self.quic.closed().await)
    }

    /// Why the tunnel ended, if it has.
    pub fn close_reason(&self) -> Option<Closed> {
        self.quic.close_reason().map(quic::closed)
    }

    /// Datagrams sent so far, of whatever kind: what an exchange costs shows in them.
    pub fn datagrams_sent(&self) -> u64 {
        self.quic.stats().udp_tx.datagrams
    }

    #[cfg(feature = "listen")]
    pub(crate) fn widen(&self) {
        self.quic.set_receive_window(quinn::VarInt::from_u32(quic::AGENT_WINDOW));
    }
}

impl fmt::Debug for Connection {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Connection({}, {})", String::from_utf8_lossy(&self.alpn), self.remote_addr())
    }
}
