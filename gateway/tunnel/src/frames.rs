//! [`hoop_wire::frame`] on a stream.

use std::io;

use hoop_wire::frame::{self, FrameError, PREFIX};
use serde::{Serialize, de::DeserializeOwned};
use tokio::io::{AsyncReadExt, AsyncWriteExt};

use crate::stream::{ReceiveHalf, SendHalf, Stream};

#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum StreamError {
    #[error(transparent)]
    Frame(#[from] FrameError),
    /// The peer ended the stream where a message was due.
    #[error("the peer ended the stream before its message was complete")]
    Ended,
    #[error("the stream was lost: {0}")]
    Lost(#[from] io::Error),
}

impl ReceiveHalf {
    /// The next message; `None` if the peer ended the stream between messages. The announced length is checked before
    /// anything is allocated. Cancel-safe: what has arrived of a frame is kept for the next call.
    pub async fn next_frame<T: DeserializeOwned>(&mut self) -> Result<Option<T>, StreamError> {
        loop {
            let wanted = match self.held.first_chunk::<PREFIX>() {
                None => PREFIX,
                Some(prefix) => PREFIX + frame::length(*prefix)?,
            };
            if let Some(body) = self.held.get(PREFIX..wanted) {
                let message = frame::decode(body)?;
                self.held.clear();
                return Ok(Some(message));
            }
            let missing = wanted.saturating_sub(self.held.len());
            self.held.reserve_exact(missing);
            let mut rest = (&mut self.quic).take(missing as u64);
            if rest.read_buf(&mut self.held).await? == 0 {
                return if self.held.is_empty() { Ok(None) } else { Err(StreamError::Ended) };
            }
        }
    }

    /// As [`Self::next_frame`] where a message is due: the end of the stream is an error. Cancel-safe.
    pub async fn read_frame<T: DeserializeOwned>(&mut self) -> Result<T, StreamError> {
        self.next_frame().await?.ok_or(StreamError::Ended)
    }
}

impl SendHalf {
    /// Sends one message. Not cancel-safe: a cancelled call may leave half a frame, so drop the stream then.
    pub async fn write_frame<T: Serialize>(&mut self, message: &T) -> Result<(), StreamError> {
        let bytes = frame::encode(message)?;
        Ok(self.write_all(&bytes).await?)
    }
}

impl Stream {
    /// As [`ReceiveHalf::next_frame`]. Cancel-safe.
    pub async fn next_frame<T: DeserializeOwned>(&mut self) -> Result<Option<T>, StreamError> {
        self.halves().1.next_frame().await
    }

    /// As [`ReceiveHalf::read_frame`]. Cancel-safe.
    pub async fn read_frame<T: DeserializeOwned>(&mut self) -> Result<T, StreamError> {
        self.halves().1.read_frame().await
    }

    /// Lets one message leave together with what is written next, or with the end; a flush alone does not send it. One
    /// datagram fewer.
    ///
    /// # Errors
    /// [`StreamError::Frame`] if it is too long; what becomes of the stream shows as it is written.
    pub fn begin_with<T: Serialize>(&mut self, message: &T) -> Result<(), StreamError> {
        self.halves().0.begin_with(frame::encode(message)?);
        Ok(())
    }

    /// As [`SendHalf::write_frame`]. Not cancel-safe.
    pub async fn write_frame<T: Serialize>(&mut self, message: &T) -> Result<(), StreamError> {
        self.halves().0.write_frame(message).await
    }
}
