use std::{
    io,
    pin::Pin,
    task::{Context, Poll},
};

use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};

use crate::quic::ABANDONED;

/// Both directions of one exchange.
///
/// `shutdown` ends our direction cleanly; dropping a stream before that resets it, so the peer cannot take a cut answer
/// for a whole one. Dropping before the peer's end was read tells the peer to stop sending.
pub struct Stream {
    send: SendHalf,
    receive: ReceiveHalf,
}

/// Our direction of a [`Stream`].
pub struct SendHalf {
    quic: quinn::SendStream,
    ended: bool,
}

/// The peer's direction of a [`Stream`].
pub struct ReceiveHalf {
    pub(crate) quic: quinn::RecvStream,
    /// What has arrived of the frame being read.
    pub(crate) held: Vec<u8>,
}

impl Stream {
    pub(crate) fn new(send: quinn::SendStream, receive: quinn::RecvStream) -> Self {
        Self { send: SendHalf { quic: send, ended: false }, receive: ReceiveHalf { quic: receive, held: Vec::new() } }
    }

    /// The two directions, for two tasks.
    pub fn split(self) -> (SendHalf, ReceiveHalf) {
        (self.send, self.receive)
    }

    pub(crate) fn halves(&mut self) -> (&mut SendHalf, &mut ReceiveHalf) {
        (&mut self.send, &mut self.receive)
    }

    /// Ends our direction and waits until the peer has received all of it (or wants no more): before closing the
    /// tunnel. Cancel-safe.
    pub async fn finish(&mut self) -> io::Result<()> {
        self.send.finish().await
    }
}

impl SendHalf {
    /// As [`Stream::finish`].
    pub async fn finish(&mut self) -> io::Result<()> {
        self.end();
        self.stopped().await
    }

    /// Waits until the peer wants no more of this direction or, after `shutdown`, has received all of it. Errors when
    /// the tunnel is lost. Cancel-safe.
    pub async fn stopped(&mut self) -> io::Result<()> {
        match self.quic.stopped().await {
            Ok(_) => Ok(()),
            Err(lost) => Err(io::Error::new(io::ErrorKind::ConnectionAborted, lost)),
        }
    }

    fn end(&mut self) {
        if !self.ended {
            self.ended = true;
            // Fails only if the peer has stopped it: then there is nothing left to end.
            let _ = self.quic.finish();
        }
    }
}

impl Drop for SendHalf {
    fn drop(&mut self) {
        if !self.ended {
            let _ = self.quic.reset(ABANDONED);
        }
    }
}

impl AsyncWrite for SendHalf {
    fn poll_write(mut self: Pin<&mut Self>, context: &mut Context<'_>, bytes: &[u8]) -> Poll<io::Result<usize>> {
        AsyncWrite::poll_write(Pin::new(&mut self.quic), context, bytes)
    }

    fn poll_flush(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        AsyncWrite::poll_flush(Pin::new(&mut self.quic), context)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<io::Result<()>> {
        self.end();
        Poll::Ready(Ok(()))
    }
}

impl AsyncRead for ReceiveHalf {
    fn poll_read(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        AsyncRead::poll_read(Pin::new(&mut self.quic), context, buffer)
    }
}

impl AsyncRead for Stream {
    fn poll_read(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        Pin::new(&mut self.receive).poll_read(context, buffer)
    }
}

impl AsyncWrite for Stream {
    fn poll_write(mut self: Pin<&mut Self>, context: &mut Context<'_>, bytes: &[u8]) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.send).poll_write(context, bytes)
    }

    fn poll_flush(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.send).poll_flush(context)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.send).poll_shutdown(context)
    }
}
