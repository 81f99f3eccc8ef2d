//! A stream whose first incoming frame is the agent's answer. Reading past it lets the request go out without waiting
//! a round trip for the agent's "ready".

use std::{
    io::{self, IoSlice},
    pin::Pin,
    task::{Context, Poll, ready},
};

use hoop_model::Fault;
use hoop_wire::{frame, open::UpstreamAnswer};
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};

pub(super) struct Answered<S> {
    stream: S,
    state: State,
}

enum State {
    Prefix { bytes: [u8; frame::PREFIX], filled: usize },
    Body { bytes: Vec<u8>, filled: usize },
    Open,
}

/// The agent refused the stream; carried through `io::Error` and taken out again by [`refusal`].
#[derive(Debug, thiserror::Error)]
#[error("the agent refused: {0}")]
struct Refused(Fault);

impl<S> Answered<S> {
    pub(super) fn new(stream: S) -> Self {
        Self { stream, state: State::Prefix { bytes: [0; frame::PREFIX], filled: 0 } }
    }
}

/// The agent's refusal, when that is what an error is at its root.
pub(super) fn refusal(error: &(dyn std::error::Error + 'static)) -> Option<Fault> {
    let mut next = Some(error);
    while let Some(error) = next {
        if let Some(Refused(fault)) = error.downcast_ref::<Refused>() {
            return Some(fault.clone());
        }
        if let Some(inner) = error.downcast_ref::<io::Error>().and_then(io::Error::get_ref)
            && let Some(fault) = refusal(inner)
        {
            return Some(fault);
        }
        next = error.source();
    }
    None
}

impl<S: AsyncRead + Unpin> Answered<S> {
    fn poll_answer(&mut self, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        loop {
            let (bytes, filled): (&mut [u8], &mut usize) = match &mut self.state {
                State::Open => return Poll::Ready(Ok(())),
                State::Prefix { bytes, filled } => (bytes, filled),
                State::Body { bytes, filled } => (bytes, filled),
            };
            while let Some(rest) = bytes.get_mut(*filled..).filter(|rest| !rest.is_empty()) {
                let mut buffer = ReadBuf::new(rest);
                ready!(Pin::new(&mut self.stream).poll_read(cx, &mut buffer))?;
                match buffer.filled().len() {
                    0 => return Poll::Ready(Err(io::ErrorKind::UnexpectedEof.into())),
                    read => *filled += read,
                }
            }
            self.state = match &self.state {
                State::Prefix { bytes, .. } => {
                    let length = frame::length(*bytes).map_err(io::Error::other)?;
                    State::Body { bytes: vec![0; length], filled: 0 }
                }
                State::Body { bytes, .. } => match frame::decode(bytes).map_err(io::Error::other)? {
                    UpstreamAnswer::Ready => State::Open,
                    UpstreamAnswer::Refused(fault) => return Poll::Ready(Err(io::Error::other(Refused(fault)))),
                },
                State::Open => State::Open,
            };
        }
    }
}

impl<S: AsyncRead + Unpin> AsyncRead for Answered<S> {
    fn poll_read(self: Pin<&mut Self>, cx: &mut Context<'_>, buffer: &mut ReadBuf<'_>) -> Poll<io::Result<()>> {
        let this = self.get_mut();
        ready!(this.poll_answer(cx))?;
        Pin::new(&mut this.stream).poll_read(cx, buffer)
    }
}

impl<S: AsyncWrite + Unpin> AsyncWrite for Answered<S> {
    fn poll_write(self: Pin<&mut Self>, cx: &mut Context<'_>, bytes: &[u8]) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.get_mut().stream).poll_write(cx, bytes)
    }

    fn poll_write_vectored(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        slices: &[IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.get_mut().stream).poll_write_vectored(cx, slices)
    }

    fn is_write_vectored(&self) -> bool {
        self.stream.is_write_vectored()
    }

    fn poll_flush(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.get_mut().stream).poll_flush(cx)
    }

    fn poll_shutdown(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.get_mut().stream).poll_shutdown(cx)
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use hoop_model::{Retry, Side};
    use tokio::io::{AsyncReadExt, AsyncWriteExt};

    use super::*;

    #[tokio::test]
    async fn what_follows_a_ready_is_the_upstreams() {
        let (ours, mut theirs) = tokio::io::duplex(7);
        let answer = frame::encode(&UpstreamAnswer::Ready).unwrap();
        let agent = tokio::spawn(async move {
            theirs.write_all(&answer).await.unwrap();
            theirs.write_all(b"HTTP/1.1 200 OK").await.unwrap();
        });
        let mut text = String::new();
        Answered::new(ours).read_to_string(&mut text).await.unwrap();
        assert_eq!(text, "HTTP/1.1 200 OK");
        agent.await.unwrap();
    }

    #[tokio::test]
    async fn a_refusal_comes_out_as_its_fault() {
        let (ours, mut theirs) = tokio::io::duplex(4096);
        let fault = Fault::new(Side::Agent, "unknown_upstream", Retry::Useless, "no such upstream");
        theirs.write_all(&frame::encode(&UpstreamAnswer::Refused(fault.clone())).unwrap()).await.unwrap();
        let error = Answered::new(ours).read_u8().await.unwrap_err();
        assert_eq!(refusal(&error), Some(fault));
    }
}
