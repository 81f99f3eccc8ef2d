//! A stream to the agent of which the "ready" in front of the answer is left out.

use std::{
    io,
    pin::Pin,
    task::{Context, Poll, ready},
};

use hoop_tunnel::Stream;
use hoop_wire::{frame, open::UpstreamAnswer};
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};

pub(super) struct Ready {
    stream: Stream,
    /// What is to come of it.
    rest: Vec<u8>,
}

impl Ready {
    pub(super) fn on(stream: Stream) -> Self {
        Self { stream, rest: frame::encode(&UpstreamAnswer::Ready).unwrap() }
    }
}

impl AsyncRead for Ready {
    fn poll_read(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        while !self.rest.is_empty() {
            let mut bytes = [0; 64];
            let mut some = ReadBuf::new(&mut bytes[..self.rest.len()]);
            ready!(Pin::new(&mut self.stream).poll_read(context, &mut some))?;
            let read = some.filled();
            if read.is_empty() || !self.rest.starts_with(read) {
                return Poll::Ready(Err(io::Error::other("the agent was not ready")));
            }
            let read = read.len();
            self.rest.drain(..read);
        }
        Pin::new(&mut self.stream).poll_read(context, buffer)
    }
}

impl AsyncWrite for Ready {
    fn poll_write(mut self: Pin<&mut Self>, context: &mut Context<'_>, bytes: &[u8]) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.stream).poll_write(context, bytes)
    }

    fn poll_flush(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_flush(context)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_shutdown(context)
    }
}
