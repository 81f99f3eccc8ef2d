use std::{
    io::{self, IoSlice},
    pin::Pin,
    sync::Arc,
    task::{Context, Poll, ready},
};

use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};

use crate::{
    ending::Endings,
    quic::{ABANDONED, DONE},
};

/// Bytes that quinn is given at a time. It copies them into memory of its own, which it would ask for in whatever length the
/// window has left: an allocator holds on to more where lengths differ.
const PIECE: usize = 64 * 1024;

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
    /// `None` once its end waits for company.
    quic: Option<quinn::SendStream>,
    ended: bool,
    /// A first message that has not left yet.
    first: First,
    endings: Arc<Endings>,
    ends_late: bool,
}

#[derive(Default)]
struct First {
    bytes: Vec<u8>,
    /// How many of them have left.
    left: usize,
}

/// The peer's direction of a [`Stream`].
pub struct ReceiveHalf {
    pub(crate) quic: quinn::RecvStream,
    /// What has arrived of the frame being read.
    pub(crate) held: Vec<u8>,
}

impl Stream {
    pub(crate) fn new(send: quinn::SendStream, receive: quinn::RecvStream, endings: Arc<Endings>) -> Self {
        let send = SendHalf { quic: Some(send), ended: false, first: First::default(), endings, ends_late: false };
        Self { send, receive: ReceiveHalf { quic: receive, held: Vec::new() } }
    }

    /// The two directions, for two tasks.
    pub fn split(self) -> (SendHalf, ReceiveHalf) {
        (self.send, self.receive)
    }

    pub(crate) fn halves(&mut self) -> (&mut SendHalf, &mut ReceiveHalf) {
        (&mut self.send, &mut self.receive)
    }

    /// Lets our end, once `shutdown` has made it, leave with the connection's next stream, or a little later: for a
    /// direction whose end says nothing that the peer does not know, as that of a request of HTTP.
    pub fn end_late(&mut self) {
        self.send.ends_late = true;
    }

    /// Ends our direction and waits until the peer has received all of it (or wants no more): before closing the
    /// tunnel. Cancel-safe.
    pub async fn finish(&mut self) -> io::Result<()> {
        self.send.finish().await
    }

    /// As [`Self::finish`], where nothing more of the peer's is wanted, which it hears at the same time. Cancel-safe.
    pub async fn conclude(&mut self) -> io::Result<()> {
        // It fails where the peer's end has come.
        let _ = self.receive.quic.stop(DONE);
        self.finish().await
    }
}

impl SendHalf {
    /// As [`Stream::finish`].
    pub async fn finish(&mut self) -> io::Result<()> {
        std::future::poll_fn(|context| self.poll_first(context)).await?;
        self.ends_late = false;
        self.end();
        self.stopped().await
    }

    /// Waits until the peer wants no more of this direction or, after `shutdown`, has received all of it. Errors when
    /// the tunnel is lost. Cancel-safe.
    pub async fn stopped(&mut self) -> io::Result<()> {
        let Some(quic) = &mut self.quic else { return Ok(()) };
        match quic.stopped().await {
            Ok(_) => Ok(()),
            Err(lost) => Err(io::Error::new(io::ErrorKind::ConnectionAborted, lost)),
        }
    }

    /// Lets `bytes` leave with what is written next.
    pub(crate) fn begin_with(&mut self, bytes: Vec<u8>) {
        self.first = First { bytes, left: 0 };
    }

    fn poll_first(&mut self, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        if self.first.bytes.is_empty() {
            return Poll::Ready(Ok(()));
        }
        let quic = self.quic.as_mut().ok_or(io::ErrorKind::BrokenPipe)?;
        while let Some(rest) = self.first.bytes.get(self.first.left..).filter(|rest| !rest.is_empty()) {
            self.first.left += ready!(AsyncWrite::poll_write(Pin::new(&mut *quic), context, rest))?;
        }
        self.first = First::default();
        Poll::Ready(Ok(()))
    }

    /// The direction, once all that comes before other bytes has left, and what waited for them with it.
    fn poll_ready(&mut self, context: &mut Context<'_>) -> Poll<io::Result<&mut quinn::SendStream>> {
        if !self.first.bytes.is_empty() {
            ready!(self.poll_first(context))?;
            self.endings.let_go();
        }
        Poll::Ready(self.quic.as_mut().ok_or(io::ErrorKind::BrokenPipe.into()))
    }

    fn end(&mut self) {
        if self.ended {
            return;
        }
        self.ended = true;
        if self.ends_late {
            self.quic.take().into_iter().for_each(|quic| self.endings.put(quic));
        } else if let Some(quic) = &mut self.quic {
            // Fails only if the peer has stopped it: then there is nothing left to end.
            let _ = quic.finish();
        }
    }
}

impl Drop for SendHalf {
    fn drop(&mut self) {
        if let Some(quic) = self.quic.as_mut().filter(|_| !self.ended) {
            let _ = quic.reset(ABANDONED);
        }
    }
}

impl AsyncWrite for SendHalf {
    fn poll_write(mut self: Pin<&mut Self>, context: &mut Context<'_>, bytes: &[u8]) -> Poll<io::Result<usize>> {
        let quic = ready!(self.poll_ready(context))?;
        AsyncWrite::poll_write(Pin::new(quic), context, piece(bytes))
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        slices: &[IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        let quic = ready!(self.poll_ready(context))?;
        let mut written = 0;
        for slice in slices.iter().filter(|slice| !slice.is_empty()) {
            let some = match AsyncWrite::poll_write(Pin::new(&mut *quic), context, piece(slice)) {
                Poll::Ready(Ok(some)) => some,
                // What failed or waits does so again at the next call.
                other if written == 0 => return other,
                _ => break,
            };
            written += some;
            if some < slice.len() {
                break;
            }
        }
        Poll::Ready(Ok(written))
    }

    /// Whoever writes much keeps it where it is instead of copying it into one piece.
    fn is_write_vectored(&self) -> bool {
        true
    }

    /// quinn sends what it has; a first message still waits for more, since HTTP flushes before it has anything to say.
    fn poll_flush(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<io::Result<()>> {
        Poll::Ready(Ok(()))
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        ready!(self.poll_first(context))?;
        self.end();
        Poll::Ready(Ok(()))
    }
}

fn piece(bytes: &[u8]) -> &[u8] {
    bytes.get(..PIECE).unwrap_or(bytes)
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

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        slices: &[IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.send).poll_write_vectored(context, slices)
    }

    fn is_write_vectored(&self) -> bool {
        self.send.is_write_vectored()
    }

    fn poll_flush(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.send).poll_flush(context)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.send).poll_shutdown(context)
    }
}
