//! An answer that breaks off when its session ends, whatever the upstream still sends.

use std::{
    pin::Pin,
    task::{Context, Poll},
};

use axum::body::Body;
use bytes::Bytes;
use http_body::{Body as HttpBody, Frame, SizeHint};
use tokio_util::task::task_tracker::TaskTrackerToken;

use super::sessions::UnderWay;

pub(super) struct Cut {
    body: Body,
    ended: Pin<Box<dyn Future<Output = ()> + Send>>,
    /// Kept until the client has the answer.
    _under_way: (UnderWay, TaskTrackerToken),
}

impl Cut {
    pub(super) fn new(
        body: Body,
        ended: impl Future<Output = ()> + Send + 'static,
        under_way: (UnderWay, TaskTrackerToken),
    ) -> Self {
        Self { body, ended: Box::pin(ended), _under_way: under_way }
    }
}

/// Said to hyper, which closes the connection: the client sees that something is missing.
#[derive(Debug, thiserror::Error)]
#[error("the session has ended")]
pub(super) struct SessionEnded;

impl HttpBody for Cut {
    type Data = Bytes;
    type Error = axum::BoxError;

    fn poll_frame(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Result<Frame<Bytes>, Self::Error>>> {
        if self.ended.as_mut().poll(cx).is_ready() {
            return Poll::Ready(Some(Err(SessionEnded.into())));
        }
        Pin::new(&mut self.body).poll_frame(cx).map_err(Into::into)
    }

    fn is_end_stream(&self) -> bool {
        self.body.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.body.size_hint()
    }
}
